using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace CloudScale.Interop.Transport;

/// <summary>Reads and writes that whoever comes by goes on with, instead of threads that wait for them.</summary>
/// <remarks>
/// One word says whether a read waits; who changes it from waiting to looking is the only one who touches socket, buffer and read loop until it waits again, so the order of what comes is kept whoever looks. Likewise whoever
/// takes out the write that waits is the only one who writes, and who runs what follows when there was room for all of it. What counts for the watch follows from the two and is told to it under a lock, by whoever
/// changes one of them and afterwards: so the last one tells it as it is.
/// </remarks>
internal sealed partial class PolledStream : IValueTaskSource<int>
{
    private const int None = 0; // no read waits: whoever reads is at work, or paused
    private const int Waiting = 1;
    private const int Looking = 2;

    private const int MaxBytesInOneGo = 128 << 10; // then whoever looked has other things to do; untuned

    private ManualResetValueTaskSourceCore<int> _source;
    private SocketWatch? _watch; // set once
    private int _number;
    private int _read;
    private int _taken; // packets, since the last look that read something
    private int _isIgnored; // 1: what comes is not to wake whoever sleeps
    private PendingWrite? _write; // what there was no room for; whoever takes it out goes on with it
    private readonly Lock _setGate = new();
    private Epoll.Interest _interest; // under the gate
    private bool _hasLeft; // set under the gate
    private Memory<byte> _buffer; // of the read that waits
    private int _left; // how many bytes may be read in this go
    private bool _isDrained; // the last read has taken all there was
    private int _isOver; // 1: both directions have been ended here

    internal SafeSocketHandle Handle => Socket.SafeHandle;

    /// <summary>From now on reads wait for <see cref="GoOn"/>. False if the watch takes no more.</summary>
    internal bool PollBy(SocketWatch watch)
    {
        _number = watch.Add(this);
        if (_number == 0)
            return false;
        Volatile.Write(ref _watch, watch);
        if (TryUpdateSet())
            return true;
        watch.Remove(_number);
        Volatile.Write(ref _watch, null);
        return false;
    }

    /// <summary>Whether reads and writes wait for <see cref="GoOn"/>.</summary>
    internal bool IsPolled => Volatile.Read(ref _watch) is not null;

    /// <summary>Tells the watch what counts. False if it cannot be told.</summary>
    private bool TryUpdateSet()
    {
        lock (_setGate)
        {
            Epoll.Interest now = Epoll.Interest.None;
            if (!_hasLeft && Volatile.Read(ref _isIgnored) == 0)
                now |= Epoll.Interest.Readable;
            if (!_hasLeft && Volatile.Read(ref _write) is not null)
                now |= Epoll.Interest.Writable;
            if (now == _interest)
                return true;
            if (_watch is not { } watch || !watch.TrySet(this, _number, _interest, now))
                return false;
            _interest = now;
            return true;
        }
    }

    /// <summary>Goes on with what waits, reading and writing, and runs what follows, if that can be; or what can be completed after <see cref="Hush"/>.</summary>
    /// <returns>How many packets or kilobytes that were, at least 1; 0 if nothing has gone on. Another may look by the time they are counted, so it is a hint.</returns>
    internal int GoOn()
    {
        int much = 0;
        if (TryGoOnReading()) // first, for answers are short, and what is written can be long
            much = Math.Max(1, Math.Max(Volatile.Read(ref _taken), (MaxBytesInOneGo - Volatile.Read(ref _left)) >> 10));
        return Volatile.Read(ref _write) is not null && TryGoOnWriting() ? Math.Max(1, much) : much;
    }

    /// <summary>Whoever reads has taken so many packets out of it.</summary>
    internal void OnTaken(int packets) => Volatile.Write(ref _taken, _taken + packets);

    private bool TryGoOnReading()
    {
        int before = Interlocked.CompareExchange(ref _read, Looking, Waiting);
        if (before != Waiting)
        {
            if (before == None)
                Ignore();
            return false;
        }

        int read = 0;
        _left = MaxBytesInOneGo;
        _isDrained = false;
        _taken = 0;
        try
        {
            if (_buffer.IsEmpty ? !Socket.Poll(0, SelectMode.SelectRead) : !TryReceiveSome(_buffer.Span, out read))
            {
                Volatile.Write(ref _read, Waiting);
                return false;
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            _buffer = default;
            Volatile.Write(ref _read, None);
            _source.SetException(Broken(exception));
            return true;
        }

        _buffer = default;
        Volatile.Write(ref _read, None);
        _source.SetResult(read);
        return true;
    }

    private bool TryGoOnWriting()
    {
        if (Interlocked.Exchange(ref _write, null) is not { } write)
            return false;
        if (!write.TrySend(out bool hasSent))
        {
            WaitForRoom(write);
            return hasSent;
        }

        write.Complete(); // what follows may wait for room again
        TryUpdateSet();
        return true;
    }

    /// <summary>Leaves a write to whoever looks when there is room.</summary>
    private void WaitForRoom(PendingWrite write)
    {
        Interlocked.Exchange(ref _write, write); // from here on it may be anybody's; fence, then look whether anybody is left
        if (!TryUpdateSet())
            TakeBack()?.RunBy(_writer); // nobody would be woken for it
        else if (Volatile.Read(ref _hasLeft))
            TakeBack()?.Fail();
    }

    /// <summary>Completes at a look, when there is room: a write of nothing.</summary>
    internal ValueTask AwaitLookAsync()
    {
        if (!IsPolled || WriterThread.IsCurrent)
            return default;
        PendingWrite nothing = new(this, default);
        WaitForRoom(nothing);
        return new ValueTask(nothing.Done);
    }

    private PendingWrite? TakeBack() => Interlocked.Exchange(ref _write, null);

    private ValueTask<int> ReadPolledAsync(Memory<byte> buffer, SocketWatch watch)
    {
        try
        {
            if (buffer.IsEmpty && watch.MayHoldBuffers)
                return new ValueTask<int>(0);
            if (_left > 0 && !_isDrained && !buffer.IsEmpty && TryReceiveSome(buffer.Span, out int read))
                return new ValueTask<int>(read);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return ValueTask.FromException<int>(Broken(exception));
        }

        _source.Reset();
        _buffer = buffer;
        ValueTask<int> result = new(this, _source.Version);
        Interlocked.Exchange(ref _read, Waiting); // from here on it may be anybody's; fence, then look whether it is ignored, or over
        if (Volatile.Read(ref _isIgnored) != 0 && Interlocked.Exchange(ref _isIgnored, 0) != 0)
            TryUpdateSet();
        if (Volatile.Read(ref _isOver) != 0)
            GoOnSoon();
        return result;
    }

    private bool TryReceiveSome(Span<byte> buffer, out int read)
    {
        if (!TryReceive(buffer, out read))
            return false;
        _left -= read;
        _isDrained = read < buffer.Length;
        return true;
    }

    /// <summary>Something may have come, and nobody waits for it: whoever sleeps is not to be woken for it.</summary>
    private void Ignore()
    {
        if (_watch is null || Interlocked.CompareExchange(ref _isIgnored, 1, 0) != 0)
            return;
        if (Volatile.Read(ref _read) != None)
            Volatile.Write(ref _isIgnored, 0); // a read has begun to wait meanwhile
        TryUpdateSet();
    }

    /// <summary>Both directions have ended, or the socket is gone: the read that waits learns it on a thread of the pool, for there may be nobody any more who looks.</summary>
    private void GoOnSoon() => ThreadPool.UnsafeQueueUserWorkItem(static stream => stream.GoOnToTheEnd(), this, preferLocal: false);

    private void GoOnToTheEnd()
    {
        SpinWait spin = default;
        while (true)
        {
            int before = Volatile.Read(ref _read);
            if (TryGoOnReading() || before != Looking)
                break; // a read that begins to wait from now on sees that it is over, and who begins to look, the end
            spin.SpinOnce(); // who looks may have looked before the end, and then waits again: not before it is known what he has seen
        }

        TryGoOnWriting(); // one that is taken out at the moment is met again: the socket counts as ready from now on
    }

    /// <summary>Before the socket is disposed.</summary>
    private void StopPolling()
    {
        if (_watch is not { } watch)
            return;
        lock (_setGate)
            Volatile.Write(ref _hasLeft, true);
        TryUpdateSet();
        watch.Remove(_number);
        TakeBack()?.Fail(); // one that is taken out at the moment fails with whoever has it
    }

    int IValueTaskSource<int>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => _source.OnCompleted(continuation, state, token, flags);
}
