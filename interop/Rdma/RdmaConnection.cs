using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Rdma;

/// <summary>A stream of bytes over a queue pair.</summary>
/// <remarks>
/// Each side lends the other a ring of memory. Bytes are written into it by the other side's device, with a number beside them that says how many; credits say how many have been taken. Threads: one reader, one writer, the
/// poller, the events' thread; <c>_sendGate</c> guards what goes out, <c>_readGate</c> what has come in. When it breaks, the queue pair is put into error, and it is over when all its receives have come
/// back: so nothing is lost that had arrived.
/// </remarks>
internal sealed partial class RdmaConnection : RdmaEnd, ITransportConnection, ISocketConnection
{
    private const int Receives = 128;
    private const int Sends = 64;
    private readonly RdmaTransportOptions _options;

    // Made once the device is known.
    private RegisteredBlock? _ring;
    private MemoryRegionHandle? _ringRegion;
    private RegisteredBlock? _outgoing;

    private bool _isIntroduced;
    private int _disposed;

    private RdmaConnection(RdmaTransport transport, RdmaEvents events, string remote)
        : base(transport, events, remote)
    {
        _options = transport.Options;
        Input = new RdmaPipeReader(this);
        Output = new RdmaPipeWriter(this);
    }

    private RdmaConnection(RdmaTransport transport, RdmaEvents events, nint requested)
        : base(transport, events, requested)
    {
        _options = transport.Options;
        Input = new RdmaPipeReader(this);
        Output = new RdmaPipeWriter(this);
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <summary>Names the connection that moves here, as the caller has said it; 0 for none.</summary>
    internal UInt128 Token { get; private init; }

    /// <summary>Finds the other side and connects. Owner: the caller; <paramref name="events"/> is held by him for the connection.</summary>
    internal static async Task<RdmaConnection> ConnectAsync(
        RdmaTransport transport,
        RdmaEvents events,
        System.Net.IPEndPoint endPoint,
        UInt128 token,
        CancellationToken cancellationToken
    )
    {
        RdmaConnection connection = Make(
            transport,
            events,
            () => new RdmaConnection(transport, events, $"rdma:{endPoint}") { Token = token }
        );
        try
        {
            await connection.FindAsync(endPoint, cancellationToken);
            connection.MakeQueues();
            await connection.StepAsync(_ => connection.Introduce(), "connect", cancellationToken);
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
        RdmaConnection connection = Make(transport, events, () => new RdmaConnection(transport, events, requested) { Token = hello.Token });
        try
        {
            connection.MakeQueues();
            connection.SetPeer(hello);
            if (connection.Introduce() >= 0)
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
            await Step.WaitAsync(cancellationToken);
        }
        catch (IOException e) when (e is not TransportException)
        {
            throw new TransportException($"The RDMA connection with {RemoteDescription} did not come about: {e.Message}", e);
        }
    }

    /// <remarks>It waits for completions, whoever looks for them.</remarks>
    public bool PollBy(SocketWatch watch)
    {
        UseRuntime();
        return true;
    }

    public void ReadOnThisThread() => UseRuntime();

    /// <remarks>
    /// What reads and writes of a node is run by the poller: one wake-up less, and neither waits for anything but bytes and room. What is written in one go is what there is room for, since credits wait, too.
    /// </remarks>
    public void UseRuntime()
    {
        ContinueReadsInline();
        ContinueWritesInline();
    }

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
        if (RdmaPoller.IsAnyCurrent)
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // others wait for the poller
        if (!IsBroken && _isIntroduced && Step.IsCompletedSuccessfully && FinishSending() is { } arrival)
            await Task.WhenAny(arrival, Drained.Task, Task.Delay(_options.Linger));
        Break("it was closed here");
        await DrainAsync();
        Release();
    }

    protected override bool TryTakeAnswer(ReadOnlySpan<byte> data)
    {
        if (!RdmaHello.TryRead(data, out RdmaHello hello))
            return false;
        SetPeer(hello);
        return true;
    }

    protected override void OnCompleted(in WorkCompletion completion)
    {
        if ((completion.Id & 3) == ReceiveId)
            OnReceived(completion);
        else if (completion.Status == CompletionStatus.Success && OnSent() == MarkKind.Read)
            OnFetched();
    }

    protected override void OnBatch()
    {
        bool isBroken = IsBroken;
        if (!isBroken)
            PostReceives();
        if (_wasTaken)
        {
            _wasTaken = false;
            _flush.SetResult(default);
        }

        if (_hasNewRoom)
        {
            _hasNewRoom = false;
            ContinueSending();
        }

        Fetch();
        if (isBroken && _receivesPosted == 0)
            OnDrained();
        TellNews();
    }

    /// <summary>All receives have come back: nothing more arrives, and nothing more will be sent.</summary>
    private void OnDrained()
    {
        if (!Drained.TrySetResult())
            return;
        FailSending();
        lock (_readGate)
            _isAllHere = true;
    }

    /// <summary>Memory, queue pair and receives; the id knows its device by now.</summary>
    private void MakeQueues()
    {
        RdmaDevice device = HoldDevice();
        _ring = device.Pool.Rent(_options.RingBytes);
        _ring.GetSpan().Clear(); // nothing of another connection's may be taken for this one's
        _ringRegion = device.Pool.RegisterForPeer(_ring, MemoryAccess.LocalWrite | MemoryAccess.RemoteWrite);
        _outgoing = device.Pool.Rent(_options.RingBytes);
        MakeQueuePair(
            device.Domain,
            new QueuePairLimits
            {
                Sends = Sends,
                Receives = Receives,
                SendSges = 1,
                ReceiveSges = 1,
                InlineBytes = (uint)_options.InlineBytes,
            }
        );
        PostReceives();
    }

    /// <summary>Connects or accepts, and tells the other side where to write.</summary>
    private unsafe int Introduce()
    {
        Verbs.Check(Verbs.csn_mr_query(_ringRegion!, out MemoryRegionInfo info), "ask for a memory region");
        byte* data = stackalloc byte[RdmaHello.MaxLengthBytes];
        RdmaHello hello = new(Receives, _options.RingBytes, info.RemoteKey, info.Address, IsCaller ? Token : 0);
        hello.Write(new Span<byte>(data, RdmaHello.MaxLengthBytes));
        _isIntroduced = true;
        return Introduce(data, hello.WrittenBytes, maxReads: Blocks);
    }

    private void Release()
    {
        BeginRelease();
        OnDrained(); // also if the device has kept something back
        WakeReader();
        ReleaseQueuePair();
        ReleaseFetched();
        _ringRegion?.Dispose();
        _ring?.Return();
        _outgoing?.Return();
        ReleaseSpilled();
        Transport.Count(new RdmaStatistics(_posted, _doorbells + _receiveDoorbells, 0, (long)_sentBytes));
        Transport.Release(Device, Events);
    }
}
