using System.IO.Pipelines;
using System.Net;
using CloudScale.Interop.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudScale.Interop.Rdma;

/// <summary>A connection by TCP that goes on by RDMA as soon as both sides can, in the middle of whatever it carries.</summary>
/// <remarks>
/// After the handshake the caller makes an RDMA connection to where the other side has said, with the token it has said, and the two tell each other over it that they have it. From then on each direction moves by itself: its writer ends the stream
/// of TCP, which is the mark behind which nothing comes, and begins that of RDMA with how many bytes went before. The reader turns to RDMA at the end of TCP, and only if it has had so many. Until a writer has ended TCP nothing has changed: what
/// fails up to there is tried again. Threads: one reader, one writer, the one task that moves; <c>_gate</c> guards what they share.
/// </remarks>
internal sealed class MovableConnection : ITransportConnection, ISocketConnection, IMovableConnection
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100); // the other side may not have finished its part of the handshake

    private readonly AutoTransport _auto;
    private readonly ITransportConnection _tcp;
    private readonly ISocketConnection _socket;
    private readonly bool _isCaller;
    private readonly RdmaOffer _offer; // ours, if we were called
    private readonly MovableReader _reader;
    private readonly MovableWriter _writer;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();

    // Under _gate.
    private RdmaConnection? _rdma; // stands, and both sides know
    private Task<RdmaConnection?> _moving = Task.FromResult<RdmaConnection?>(null);
    private Task _loop = Task.CompletedTask; // the caller's
    private bool _isInUse; // a direction has moved: there is no way back
    private bool _isEnded; // no new ones are taken

    private bool _readsInline;
    private int _moved; // directions
    private int _disposed;
    private ILogger _logger = NullLogger.Instance;
    private string _node = "";
    private IPEndPoint? _to;
    private UInt128 _token;

    /// <param name="auto">Whose options hold.</param>
    /// <param name="tcp">Owner: this.</param>
    /// <param name="listener">Where we listen by RDMA, if we were called.</param>
    internal MovableConnection(AutoTransport auto, ITransportConnection tcp, IPEndPoint? listener)
    {
        _auto = auto;
        _tcp = tcp;
        _socket = (ISocketConnection)tcp;
        _isCaller = listener is null;
        _offer = listener is null ? default : RdmaOffer.Of(listener);
        _reader = new MovableReader(this, tcp.Input);
        _writer = new MovableWriter(this, tcp.Output);
    }

    public PipeReader Input => _reader;

    public PipeWriter Output => _writer;

    public string RemoteDescription => _tcp.RemoteDescription;

    public ReadOnlyMemory<byte> Offer => _isCaller ? default : _offer.ToBytes();

    public ITransportConnection Unmoved => _tcp;

    /// <summary>Whether the next write may move: for tests.</summary>
    internal bool CanMove => Volatile.Read(ref _rdma) is not null;

    /// <summary>Whether both directions go by RDMA: for tests.</summary>
    internal bool HasMoved => Volatile.Read(ref _moved) == 2;

    public ValueTask OpenAsync(CancellationToken cancellationToken) => _tcp.OpenAsync(cancellationToken);

    public bool MayBe(string host) => _tcp.MayBe(host);

    public void Agree(ReadOnlyMemory<byte> offer, string node, ILogger logger)
    {
        _logger = logger;
        _node = node;
        if (!_isCaller)
        {
            _auto.Expect(_offer.Token, this);
            if (Volatile.Read(ref _disposed) != 0)
                _auto.ExpectNoMore(_offer.Token);
            return;
        }

        if (!RdmaOffer.TryRead(offer.Span, out RdmaOffer theirs) || !IPEndPoint.TryParse(_tcp.RemoteDescription, out IPEndPoint? called))
            return; // it cannot be called by RDMA
        IPAddress address = theirs.Address ?? called.Address;
        _to = new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, theirs.Port);
        _token = theirs.Token;
        lock (_gate)
            _loop = _isEnded ? _loop : Task.Run(MoveAsync);
    }

    public bool PollBy(SocketWatch watch)
    {
        _readsInline = true;
        return _socket.PollBy(watch);
    }

    public void ReadOnThisThread()
    {
        _readsInline = true;
        _socket.ReadOnThisThread();
    }

    public void UseRuntime()
    {
        _readsInline = true;
        _socket.UseRuntime();
    }

    public bool TryRunWriter(IThreadPoolWorkItem work) => !_writer.HasMoved && _socket.TryRunWriter(work);

    public ValueTask<int> ReadAsync(Memory<byte> buffer) => _reader.ReadPastAsync(_socket, buffer);

    public void Abort()
    {
        RdmaConnection? rdma;
        lock (_gate)
        {
            _isEnded = true;
            rdma = _rdma;
        }

        rdma?.Abort();
        _tcp.Abort();
        try
        {
            _ = _stop.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has just been disposed.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _auto.ExpectNoMore(_offer.Token);
        Task loop;
        Task<RdmaConnection?> moving;
        lock (_gate)
        {
            _isEnded = true;
            loop = _loop;
            moving = _moving;
        }

        await _stop.CancelAsync();
        await loop;
        await moving;
        RdmaConnection? rdma;
        lock (_gate)
            rdma = _rdma;
        if (rdma is not null)
            await rdma.DisposeAsync();
        await _tcp.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>The other side has called by RDMA, with our token. Owner of the connection: this.</summary>
    internal async Task TakeAsync(RdmaConnection rdma)
    {
        TaskCompletionSource<RdmaConnection?> moving = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RdmaConnection? unwanted = rdma;
        lock (_gate)
        {
            if (!_isEnded && !_isInUse && _moving.IsCompleted && _rdma is null or { IsBroken: true })
            {
                unwanted = _rdma; // the caller has found that out first
                Volatile.Write(ref _rdma, null);
                _moving = moving.Task;
            }
        }

        if (unwanted is not null)
            await unwanted.DisposeAsync();
        if (unwanted != rdma)
            await MeetAsync(moving, _ => Task.FromResult(rdma), rdma.RemoteDescription);
    }

    /// <summary>For a writer that is about to write: where it goes on from now on, or null.</summary>
    internal RdmaConnection? TryLeaveTcp()
    {
        if (Volatile.Read(ref _rdma) is null)
            return null;
        RdmaConnection? broken;
        lock (_gate)
        {
            if (_rdma is null or { IsBroken: false } || _isInUse)
            {
                _isInUse = _rdma is not null;
                return _rdma;
            }

            // It came to nothing before it was used: TCP is as good as ever.
            broken = _rdma;
            Volatile.Write(ref _rdma, null);
            if (_isCaller && !_isEnded)
                _loop = Task.Run(MoveAsync);
        }

        _ = broken.DisposeAsync().AsTask();
        return null;
    }

    /// <summary>For a reader that has come to the end of TCP: where it goes on, or null if that was the end.</summary>
    internal async ValueTask<RdmaConnection?> FollowAsync()
    {
        Task<RdmaConnection?> moving;
        lock (_gate)
            moving = _moving;
        if (await moving is null)
            return null;
        lock (_gate)
        {
            _isInUse = _rdma is not null;
            return _rdma;
        }
    }

    /// <summary>A direction goes by RDMA from now on; with the second one TCP is done with.</summary>
    internal void HasMovedOne(RdmaConnection rdma, bool isReader)
    {
        if (isReader && _readsInline)
            rdma.UseRuntime();
        if (Interlocked.Increment(ref _moved) != 2)
            return;
        Log.ConnectionMoved(_logger, _node, rdma.RemoteDescription);
        _ = _tcp.DisposeAsync().AsTask(); // both streams have been read to their end
    }

    /// <summary>The writer has completed; who would move it later completes RDMA, too.</summary>
    internal void CompleteUnused()
    {
        lock (_gate)
            _rdma?.Output.Complete();
    }

    /// <summary>The caller's: until it has moved, or the connection has ended.</summary>
    private async Task MoveAsync()
    {
        for (TimeSpan pause = s_firstPause; ; pause = pause * 2 < _auto.RetryAfter ? pause * 2 : _auto.RetryAfter)
        {
            TaskCompletionSource<RdmaConnection?> moving = new(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_gate)
            {
                if (_isEnded || _rdma is not null)
                    return;
                _moving = moving.Task;
            }

            if (await MeetAsync(moving, limit => _auto.ConnectByRdmaAsync(_to!, _token, limit), _to!.ToString()))
                return;
            await Task.Delay(pause, _auto.Time, _stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>Makes sure that both sides have the RDMA connection, and offers it to reader and writer.</summary>
    private async Task<bool> MeetAsync(
        TaskCompletionSource<RdmaConnection?> moving,
        Func<CancellationToken, Task<RdmaConnection>> connect,
        string where
    )
    {
        RdmaConnection? rdma = null;
        try
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            limit.CancelAfter(_auto.RdmaTimeout);
            rdma = await connect(limit.Token);
            await rdma.OpenAsync(limit.Token);
            // The called side speaks first; it has accepted, which the caller cannot know otherwise. Then the caller's word says that it has not given up meanwhile.
            if (_isCaller)
                await MovingMark.ReadAsync(rdma.Input, limit.Token);
            await MovingMark.WriteAsync(rdma.Output);
            if (!_isCaller)
                await MovingMark.ReadAsync(rdma.Input, limit.Token);
            lock (_gate)
            {
                if (_isEnded)
                    throw new IOException("The connection has ended.");
                Volatile.Write(ref _rdma, rdma);
                if (_writer.IsComplete)
                    rdma.Output.Complete();
            }

            moving.SetResult(rdma);
            return true;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            if (!_stop.IsCancellationRequested)
                Log.ConnectionNotMoved(
                    _logger,
                    _node,
                    where,
                    e is IOException ? e.Message : $"no answer within {_auto.RdmaTimeout.TotalSeconds} s"
                );
            if (rdma is not null)
                await rdma.DisposeAsync();
            moving.SetResult(null);
            return false;
        }
    }
}
