using System.Diagnostics;
using System.IO.Pipelines;
using CloudScale.Interop.Channel;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Connections;

/// <summary>What became of a write.</summary>
internal enum WriteResult
{
    Queued,
    Busy,
    Closed,

    /// <summary>Not written, and the sender must know: the peer cannot start processes for others.</summary>
    Unsupported,
}

/// <summary>The sending half: two buffers, one lock, one pump.</summary>
/// <remarks>
/// Senders encode into <c>_filling</c> under the lock. The one that finds no pump at work starts it; the pump swaps the buffers and writes the full one as a whole,
/// so everything that gathers during one write is the next. An idle connection has no pump and no thread.
/// </remarks>
internal sealed partial class NodeConnection
{
    private const int MaxDeferredBytes = 64 << 10; // more is worth the thread that writes while others go on, where nobody looks
    private const int MaxBytesInOneGo = 128 << 10; // where somebody does; then it is time to look for what has come

    private const int ShortBytes = 16 << 10;
    private static readonly TimeSpan s_resumeAfter = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();

    // Under _gate.
    private OutputBuffer _filling = new();
    private OutputBuffer _draining = new();
    private readonly PacketWriter _writer;
    private readonly PacketCompressor? _compressor; // of whoever sends, outside the lock
    private int _drainingBytes;
    private MixedTraffic _leaves;
    private OfferedWindow _window;
    private ITimer? _resumption; // of long messages that are held back
    private bool _isPumping;
    private bool _isBusy;
    private Atom? _closeReason;
    private Atom? _finishReason;

    private long _sent; // packets and ticks; written under _gate, read by the tick timer

    public bool IsClosed => Volatile.Read(ref _closeReason) is not null;

    /// <summary>Whether more waits than the busy limit allows.</summary>
    public bool IsBusy => Volatile.Read(ref _isBusy);

    /// <summary>Whether so much waits that this sender should pause. Others may not have to.</summary>
    public bool IsBusyFor(Pid sender)
    {
        lock (_gate)
            return IsBusyLocked(sender);
    }

    // What waits in fragments holds up its senders; others pass between the fragments, as long as there is room there.
    private bool IsBusyLocked(Pid sender) =>
        _isBusy && (_filling.Count + _drainingBytes >= _options.BusyLimitBytes || _writer.Queue.IsEmpty || _writer.Queue.MustWait(sender));

    /// <summary>Encodes a signal behind all that wait. Never blocks for the network.</summary>
    /// <exception cref="ArgumentException">The payload is no term; nothing was written.</exception>
    public WriteResult Write(in ControlMessage message)
    {
        bool startPump;
        bool isBusy;
        long waiting;
        lock (_gate)
        {
            if (_closeReason is not null || _finishReason is not null)
                return WriteResult.Closed;
            int before = _filling.Count;
            bool isWritten = false;
            try
            {
                isWritten = _writer.TryWrite(_filling, message);
            }
            finally
            {
                if (!isWritten)
                    _filling.Truncate(before);
            }

            if (!isWritten) // the peer cannot be told; Erlang drops it in silence, too, unless somebody waits for an answer
                return message.Kind == ControlKind.SpawnRequest ? WriteResult.Unsupported : WriteResult.Queued;

            _sent++;
            if (!_writer.Queue.IsEmpty && _filling.Count - before is > 0 and < ShortBytes && _leaves.OnShort(NowMs))
                (_transport as ISocketConnection)?.NarrowOutput(isNarrow: true);
            waiting = _filling.Count + _drainingBytes + _writer.Queue.Bytes;
            _isBusy |= waiting >= _options.BusyLimitBytes;
            isBusy = IsBusyLocked(message.From);
            startPump = !_isPumping;
            _isPumping = true;
        }

        if (startPump && ((waiting > MaxDeferredBytes && !IsPolled) || _options.Defer is not { } defer || !defer(this)))
            RunPump();
        if (waiting > _options.SendLimitBytes)
        {
            Log.SendLimit(_logger, Info.Name.Name, waiting, _options.SendLimitBytes);
            Close(CloseReasons.ConnectionClosed);
        }

        return isBusy ? WriteResult.Busy : WriteResult.Queued;
    }

    /// <summary>Ends the connection; the first reason counts. What waits to be sent is lost.</summary>
    public void Close(Atom reason)
    {
        lock (_gate)
        {
            if (_closeReason is not null)
                return;
            Volatile.Write(ref _closeReason, _finishReason ?? reason);
            _resumption?.Dispose();
        }

        _ended.TrySetResult();
        _transport.Abort();
    }

    /// <summary>Sends what waits, then ends our half of the connection; the other side ends its own when it has read everything. Nothing can be written any more.</summary>
    public void Finish(Atom reason)
    {
        lock (_gate)
        {
            _finishReason ??= reason;
            if (_isPumping)
                return; // the pump does it when it has nothing left
            _isPumping = true;
        }

        RunPump();
    }

    // What is said because of what was read leaves from the thread that reads, when it has read all there is.
    private void RunPump()
    {
        if (!ReaderThread.TryDefer(this))
            RunWriter();
    }

    private void RunWriter()
    {
        if (_transport is not ISocketConnection socket || !socket.TryRunWriter(this))
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private bool IsPolled => _transport is ISocketConnection { IsPolled: true };

    /// <remarks>On a thread that has put it off it sends what has gathered, once; what comes meanwhile is not its business, but of whoever looks at the connection, or of the thread that writes.</remarks>
    void IThreadPoolWorkItem.Execute() => _ = PumpAsync(once: !WriterThread.IsCurrent && !Thread.CurrentThread.IsThreadPoolThread);

    internal bool IsWriting
    {
        get
        {
            lock (_gate)
                return _isPumping;
        }
    }

    // Who sends atoms by number is spared the whole of them, too.
    private void CacheAtoms()
    {
        _cachesAtoms = true;
        lock (_gate)
            _writer.UseAtomCache();
    }

    private void WriteTick()
    {
        lock (_gate)
        {
            if (_closeReason is not null || _isPumping)
                return; // what is on its way already says that we live
            _filling.FillUInt32(_filling.ReserveUInt32(), 0);
            _sent++;
            _isPumping = true;
        }

        RunPump();
    }

    private async Task PumpAsync(bool once)
    {
        int left = MaxBytesInOneGo;
        try
        {
            bool isLast;
            while (
                TryTake(
                    out ReadOnlyMemory<byte> batch,
                    out ReadOnlyMemory<byte> fragment,
                    out ReadOnlyMemory<byte> referred,
                    out bool more,
                    out isLast
                )
            )
            {
                await SendAsync(batch, fragment, referred, more);
                if (!once || WriterThread.IsCurrent)
                    continue;
                left -= batch.Length + fragment.Length + referred.Length;
                if ((IsPolled && left > 0) || !HasMore())
                    continue;
                if (!IsPolled)
                {
                    RunWriter();
                    return;
                }

                await ((ISocketConnection)_transport).AwaitLookAsync();
                left = MaxBytesInOneGo;
            }

            if (isLast)
                await _transport.Output.CompleteAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException || IsClosed)
        {
            Close(CloseReasons.ConnectionClosed);
        }
        catch (Exception e)
        {
            Log.SendBug(_logger, Info.Name.Name, e);
            Close(CloseReasons.ConnectionClosed);
        }
    }

    private bool HasMore()
    {
        lock (_gate)
            return _filling.Count > 0 || _writer.Queue.Bytes > 0;
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> batch, ReadOnlyMemory<byte> fragment, ReadOnlyMemory<byte> referred, bool more)
    {
        if (_compressor is null && _transport is IGatheringConnection socket)
            return socket.WriteAsync(new Parts(batch, fragment, referred, more));
        Debug.Assert(referred.IsEmpty, "only what is sent as it is may lie elsewhere");
        return _compressor is null && fragment.IsEmpty ? SendAsync(batch) : SendBothAsync(batch, fragment);
    }

    private async ValueTask SendBothAsync(ReadOnlyMemory<byte> batch, ReadOnlyMemory<byte> fragment)
    {
        if (!batch.IsEmpty)
            await SendAsync(_compressor is null ? batch : _compressor.Compress(batch));
        if (!fragment.IsEmpty)
            await SendAsync(_compressor is null ? fragment : _compressor.Compress(fragment));
    }

    // Mostly there is room at once.
    private ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        ValueTask<FlushResult> flush = _transport.Output.WriteAsync(bytes);
        if (!flush.IsCompletedSuccessfully)
            return AwaitAsync(flush);
        RequireOpen(flush.Result);
        return default;
    }

    private static async ValueTask AwaitAsync(ValueTask<FlushResult> flush) => RequireOpen(await flush);

    private static void RequireOpen(FlushResult result)
    {
        if (result.IsCompleted)
            throw new IOException("The peer has closed the connection."); // the read loop may not know yet
    }

    /// <summary>All that has gathered, and one fragment of a long message: so whatever is said between two fragments passes between them.</summary>
    private bool TryTake(
        out ReadOnlyMemory<byte> batch,
        out ReadOnlyMemory<byte> fragment,
        out ReadOnlyMemory<byte> referred,
        out bool more,
        out bool isLast
    )
    {
        bool isNoLongerBusy;
        bool goesOn;
        isLast = false;
        batch = default;
        lock (_gate)
        {
            _draining.Clear();
            _drainingBytes = 0;
            bool isHeldBack = HoldsBackLocked();
            fragment = isHeldBack ? default : _writer.Queue.Take();
            referred = isHeldBack ? default : _writer.Queue.Referred;
            more = !isHeldBack && _writer.Queue.Bytes > 0;
            isNoLongerBusy =
                _isBusy && _filling.Count + fragment.Length + referred.Length + _writer.Queue.Bytes <= _options.BusyLimitBytes / 2;
            if (isNoLongerBusy)
                _isBusy = false;

            goesOn = _closeReason is null && (_filling.Count > 0 || !fragment.IsEmpty);
            if (goesOn)
            {
                (_filling, _draining) = (_draining, _filling);
                batch = _draining.Written;
                _drainingBytes = batch.Length + fragment.Length + referred.Length;
            }
            else if (isHeldBack)
            {
                _isPumping = false;
                ResumeLaterLocked();
            }
            else if (_closeReason is null)
            {
                _filling.Trim();
                _draining.Trim();
                _writer.Queue.Trim();
                isLast = _isPumping = _finishReason is not null; // after the last pump there is no other
            }
        }

        if (isNoLongerBusy)
            _owner.OnNotBusy(this);
        return goesOn;
    }

    // Beside short messages a long one waits while so much lies unread over there that they would be late.
    private bool HoldsBackLocked()
    {
        if (_writer.Queue.IsEmpty || _closeReason is not null || _finishReason is not null)
            return false;
        long now = NowMs;
        if (_leaves.OnLong(now))
            (_transport as ISocketConnection)?.NarrowOutput(isNarrow: false);
        return _leaves.IsMixed && (_transport as ISocketConnection)?.PeerWindow is { } window && _window.IsFull(window, now);
    }

    private long NowMs => (long)_options.TimeProvider.GetElapsedTime(_start).TotalMilliseconds;

    private void ResumeLaterLocked()
    {
        _resumption ??= _options.TimeProvider.CreateTimer(
            static connection => ((NodeConnection)connection!).Resume(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
        _resumption.Change(s_resumeAfter, Timeout.InfiniteTimeSpan);
    }

    private void Resume()
    {
        lock (_gate)
        {
            if (_isPumping || _closeReason is not null)
                return;
            _isPumping = true;
        }

        RunPump();
    }
}
