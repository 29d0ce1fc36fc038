using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Rdma;

/// <summary>A stream of bytes over a queue pair.</summary>
/// <remarks>
/// Each side lends the other a ring of memory. Bytes are written into it by the other side's device, with a number beside them that says how many; credits say how many have been taken. Threads: one reader, one writer, the
/// poller, the events' thread; <c>_sendGate</c> guards what goes out, <c>_readGate</c> what has come in, <c>_stateGate</c> the handles. When it breaks, the queue pair is put into error, and it is over when all its receives have come
/// back: so nothing is lost that had arrived.
/// </remarks>
internal sealed partial class RdmaConnection : ITransportConnection, ISocketConnection, IConnectionEventTarget
{
    private const int Receives = 128;
    private const int Sends = 64;
    private const byte SilenceRetries = 6; // rdma_rxe takes 7 for "without end", as it is for a receiver that is not ready
    private const byte ReceiverNotReadyRetries = 7; // without end: credits keep it from happening

    /// <summary>Receives came back before the request that has failed; a better reason takes its place.</summary>
    private const string UnknownReason = "its queue pair has failed";

    private static readonly TimeSpan s_drainLimit = TimeSpan.FromSeconds(1);

    private readonly RdmaTransport _transport;
    private readonly RdmaTransportOptions _options;
    private readonly RdmaEvents _events;
    private readonly ConnectionIdHandle _id;
    private readonly ulong _tag;
    private readonly Lock _stateGate = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _step = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Made once the device is known.
    private RdmaDevice? _device;
    private RdmaPoller? _poller;
    private ulong _idBase;
    private QueuePairHandle? _queuePair;
    private RegisteredBlock? _ring;
    private MemoryRegionHandle? _ringRegion;
    private RegisteredBlock? _outgoing;

    private string? _broken; // why; set once, under _stateGate
    private bool _isReleased; // under _stateGate
    private bool _isIntroduced;
    private bool _isTouched; // in this batch; the poller's
    private int _disposed;

    private RdmaConnection(RdmaTransport transport, RdmaEvents events, string remote)
    {
        _transport = transport;
        _options = transport.Options;
        _events = events;
        RemoteDescription = remote;
        Input = new RdmaPipeReader(this);
        Output = new RdmaPipeWriter(this);
        _id = events.CreateId(this, out _tag);
    }

    private RdmaConnection(RdmaTransport transport, RdmaEvents events, nint requested)
    {
        _transport = transport;
        _options = transport.Options;
        _events = events;
        _id = events.Adopt(requested);
        _tag = events.Redirect(_id, this);
        Verbs.csn_id_address(_id, out _, out RdmaAddress remote);
        RemoteDescription = $"rdma:{remote.ToEndPoint()?.ToString() ?? "an unknown address"}";
        Input = new RdmaPipeReader(this);
        Output = new RdmaPipeWriter(this);
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public string RemoteDescription { get; }

    /// <summary>Finds the other side and connects. Owner: the caller; <paramref name="events"/> is held by him for the connection.</summary>
    internal static async Task<RdmaConnection> ConnectAsync(
        RdmaTransport transport,
        RdmaEvents events,
        System.Net.IPEndPoint endPoint,
        CancellationToken cancellationToken
    )
    {
        RdmaConnection connection = Make(transport, events, () => new RdmaConnection(transport, events, $"rdma:{endPoint}"));
        try
        {
            int timeoutMs = (int)transport.Options.ResolveTimeout.TotalMilliseconds;
            await connection.StepAsync(
                id => Verbs.csn_id_resolve_address(id, RdmaAddress.Of(endPoint), timeoutMs),
                "resolve an RDMA address",
                cancellationToken
            );
            await connection.StepAsync(id => Verbs.csn_id_resolve_route(id, timeoutMs), "find an RDMA route", cancellationToken);
            connection.MakeQueues();
            await connection.StepAsync(id => connection.Introduce(id, isCaller: true), "connect", cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Accepts a request. The connection stands when <see cref="OpenAsync"/> has ended.</summary>
    /// <returns>Null if the caller is gone.</returns>
    /// <exception cref="IOException">There is no room for it; the other side has been told.</exception>
    internal static async Task<RdmaConnection?> AcceptAsync(RdmaTransport transport, RdmaEvents events, nint requested, RdmaHello hello)
    {
        RdmaConnection connection = Make(transport, events, () => new RdmaConnection(transport, events, requested));
        try
        {
            connection.MakeQueues();
            connection.SetPeer(hello);
            if (connection.Introduce(connection._id, isCaller: false) >= 0)
                return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }

    private static RdmaConnection Make(RdmaTransport transport, RdmaEvents events, Func<RdmaConnection> make)
    {
        try
        {
            return make();
        }
        catch
        {
            transport.Release(null, events);
            throw;
        }
    }

    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _step.Task.WaitAsync(cancellationToken);
        }
        catch (IOException e) when (e is not TransportException)
        {
            throw new TransportException($"The RDMA connection with {RemoteDescription} did not come about: {e.Message}", e);
        }
    }

    public void ReadOnThisThread() => UseRuntime();

    /// <remarks>The read loop of a node is run by the poller: one wake-up less, and it never waits for anything but the next bytes.</remarks>
    public void UseRuntime() => ContinueReadsInline();

    /// <remarks>A write never waits for the other side; the poller goes on with it.</remarks>
    public bool TryRunWriter(IThreadPoolWorkItem work) => false;

    /// <remarks>From the ring to where the bytes belong.</remarks>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    async ValueTask<int> ISocketConnection.ReadAsync(Memory<byte> buffer)
    {
        ReadResult result = await Input.ReadAsync();
        int length = (int)Math.Min(buffer.Length, result.Buffer.Length);
        ReadOnlySequence<byte> taken = result.Buffer.Slice(0, length);
        taken.CopyTo(buffer.Span);
        Input.AdvanceTo(taken.End);
        return length;
    }

    public void Abort() => Break("it was aborted here");

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        if (_poller is { IsCurrent: true })
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // others wait for the poller
        if (Volatile.Read(ref _broken) is null && _isIntroduced && _step.Task.IsCompletedSuccessfully && FinishSending() is { } arrival)
            await Task.WhenAny(arrival, _drained.Task, Task.Delay(_options.Linger));
        Break("it was closed here");
        if (_queuePair is not null)
            await Task.WhenAny(_drained.Task, Task.Delay(s_drainLimit));
        Release();
    }

    void IConnectionEventTarget.OnEvent(in ConnectionEvent taken)
    {
        switch (taken.Kind)
        {
            case ConnectionEventKind.Address or ConnectionEventKind.Route:
                _step.TrySetResult();
                break;
            case ConnectionEventKind.Established when _peer.RingBytes != 0: // we have accepted
                _step.TrySetResult();
                break;
            case ConnectionEventKind.Established when RdmaHello.TryRead(taken.Data, out RdmaHello hello):
                SetPeer(hello);
                _step.TrySetResult();
                break;
            case ConnectionEventKind.Established:
                Break("the other side is no node of this kind");
                break;
            case ConnectionEventKind.Disconnected:
                Break("it was closed by the other side");
                break;
            case ConnectionEventKind.DeviceRemoved:
                Break("its RDMA device is gone");
                break;
            case ConnectionEventKind.Rejected:
                Break("nobody listens there, or has no room");
                break;
            case ConnectionEventKind.AddressError or ConnectionEventKind.RouteError:
                Break("no RDMA device leads there");
                break;
            case ConnectionEventKind.Unreachable or ConnectionEventKind.ConnectError:
                Break("the other side does not answer");
                break;
            default:
                break;
        }
    }

    /// <summary>Whether work of that id is this connection's, and not of one that had its place before.</summary>
    internal bool Owns(ulong id) => (id & ~3ul) == _idBase;

    /// <summary>One completion, on the poller's thread.</summary>
    /// <returns>Whether this is the first of the batch.</returns>
    internal bool OnCompletion(in WorkCompletion completion)
    {
        if (completion.Status is not (CompletionStatus.Success or CompletionStatus.Flushed))
            Break(Reason(completion.Status));
        if ((completion.Id & 3) == ReceiveId)
            OnReceived(completion);
        else if (completion.Status == CompletionStatus.Success)
            OnSent();
        bool isFirst = !_isTouched;
        _isTouched = true;
        return isFirst;
    }

    /// <summary>What a batch of completions comes to.</summary>
    internal void OnBatchEnd()
    {
        _isTouched = false;
        bool isBroken = Volatile.Read(ref _broken) is not null;
        if (!isBroken)
            PostReceives();
        if (_hasNewRoom)
        {
            _hasNewRoom = false;
            ContinueSending();
        }

        if (isBroken && _receivesPosted == 0)
            OnDrained();
        WakeReader();
    }

    /// <summary>The first reason counts. Any thread, any number of times.</summary>
    private void Break(string reason)
    {
        TaskCompletionSource step;
        lock (_stateGate)
        {
            if (_isReleased || (_broken is not null && _broken != UnknownReason))
                return;
            bool isNews = _broken is null;
            Volatile.Write(ref _broken, reason);
            if (!isNews)
                return;
            Verbs.csn_id_disconnect(_id); // says so to the other side, if there is one yet
            if (_queuePair is not null)
                Verbs.csn_qp_fail(_queuePair);
            else
                _drained.TrySetResult();
            step = _step;
        }

        step.TrySetException(new IOException($"{char.ToUpperInvariant(reason[0])}{reason[1..]}."));
        _ = step.Task.Exception; // looked at, whether or not somebody waits
    }

    private IOException BrokenException() => new($"The RDMA connection with {RemoteDescription} is broken: {_broken}.");

    /// <summary>All receives have come back: nothing more arrives, and nothing more will be sent.</summary>
    private void OnDrained()
    {
        if (!_drained.TrySetResult())
            return;
        FailSending();
        lock (_readGate)
            _isAllHere = true;
    }

    private async Task StepAsync(Func<ConnectionIdHandle, int> begin, string action, CancellationToken cancellationToken)
    {
        lock (_stateGate)
            if (_broken is null && _step.Task.IsCompleted)
                _step = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            else if (_broken is not null)
                throw BrokenException();
        Verbs.Check(begin(_id), action);
        await _step.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Memory, queue pair and receives; the id knows its device by now.</summary>
    private void MakeQueues()
    {
        _device = _transport.HoldDevice(_id);
        _ring = _device.Pool.Rent(_options.RingBytes);
        _ring.GetSpan().Clear(); // nothing of another connection's may be taken for this one's
        _ringRegion = _device.Pool.RegisterForPeer(_ring, MemoryAccess.LocalWrite | MemoryAccess.RemoteWrite);
        _outgoing = _device.Pool.Rent(_options.RingBytes);
        _poller = _device.Add(this, Receives + Sends, out _idBase);
        QueuePairLimits limits = new()
        {
            Sends = Sends,
            Receives = Receives,
            SendSges = 1,
            ReceiveSges = 1,
            InlineBytes = (uint)_options.InlineBytes,
        };
        Verbs.Check(
            Verbs.csn_qp_create(_id, _device.Domain, _poller.Queue, _poller.Queue, 0, ref limits, out nint value),
            "make an RDMA queue pair"
        );
        lock (_stateGate)
            _queuePair = new QueuePairHandle(value, _id, _device.Domain, _poller.Queue);
        PostReceives();
    }

    /// <summary>Connects or accepts, and tells the other side where to write.</summary>
    private unsafe int Introduce(ConnectionIdHandle id, bool isCaller)
    {
        Verbs.Check(Verbs.csn_mr_query(_ringRegion!, out MemoryRegionInfo info), "ask for a memory region");
        byte* data = stackalloc byte[RdmaHello.LengthBytes];
        new RdmaHello(Receives, _options.RingBytes, info.RemoteKey, info.Address).Write(new Span<byte>(data, RdmaHello.LengthBytes));
        ConnectionParameters parameters = new()
        {
            Data = data,
            DataBytes = RdmaHello.LengthBytes,
            Retries = SilenceRetries,
            ReceiverNotReadyRetries = ReceiverNotReadyRetries,
            MaxReads = 1,
            MaxReadsInitiated = 1,
        };
        _isIntroduced = true;
        return isCaller ? Verbs.csn_id_connect(id, parameters) : Verbs.csn_id_accept(id, parameters);
    }

    private void Release()
    {
        lock (_stateGate)
        {
            Debug.Assert(!_isReleased, "disposed once");
            _isReleased = true;
        }

        OnDrained(); // also if the device has kept something back
        WakeReader();
        _queuePair?.Dispose();
        _poller?.Remove(_idBase, Receives + Sends);
        _events.Forget(_tag);
        _id.Dispose();
        _ringRegion?.Dispose();
        _ring?.Return();
        _outgoing?.Return();
        ReleaseSpilled();
        _transport.Release(_device, _events);
    }

    private static string Reason(CompletionStatus status) =>
        status switch
        {
            CompletionStatus.RetryExceeded => "the other side is silent",
            CompletionStatus.ReceiverNotReady => "the other side has no receive for what was sent",
            CompletionStatus.RemoteAccess => "the other side does not let us write where it said",
            _ => $"a work request failed ({status})",
        };
}
