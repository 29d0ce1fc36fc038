using System.Collections.Concurrent;
using CloudScale.Interop.Connections;
using Microsoft.Win32.SafeHandles;

namespace CloudScale.Interop.Transport;

/// <summary>The connections of a node that are read and written by whoever has nothing else to do.</summary>
/// <remarks>
/// Each connection has at most one read and one write that wait (see <see cref="PolledStream.GoOn"/>); whoever finds that there is something, or room, goes on with it and runs what follows. Those that nobody waits for,
/// because a read loop is at work or paused, are taken out of the set when they are met, so that nobody who sleeps on it is woken for them. Threads: any.
/// </remarks>
internal sealed class SocketWatch : IPolledInput
{
    private const int MaxHeldBuffers = 32; // connections that keep their buffer while nothing comes; the others pay one more call for each arrival

    private const int LookMilliseconds = 100; // of its own thread: so long, at most, it lives on after the last connection

    private readonly SafeFileHandle _set;
    private readonly ConcurrentDictionary<int, PolledStream> _streams = new();
    private readonly Lock _lock = new();
    private PolledStream? _only; // if there is but one: it can be asked without asking the set first
    private bool _isEmpty = true; // as the dictionary says, which takes all its locks to say so
    private int _numbers; // under the lock, as is what follows
    private bool _isAlone;
    private bool _hasThread;

    private SocketWatch(SafeFileHandle set) => _set = set;

    /// <summary>Null where the system cannot do it, or nobody will poll.</summary>
    internal static SocketWatch? TryMake(Func<IPolledInput, bool> pollBy)
    {
        if (!Epoll.TryMake(out SafeFileHandle? set))
            return null;
        SocketWatch watch = new(set);
        if (pollBy(watch))
            return watch;
        set.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public int Descriptor => (int)_set.DangerousGetHandle();

    /// <summary>Whether a read may keep its buffer while it waits.</summary>
    internal bool MayHoldBuffers => _streams.Count <= MaxHeldBuffers;

    /// <summary>Has a stream gone on with from here on, under the number that is returned; 0 if that cannot be. Nothing counts yet.</summary>
    internal int Add(PolledStream stream)
    {
        lock (_lock)
        {
            if (_isAlone)
                return 0;
            int number = ++_numbers;
            _streams[number] = stream;
            FindOnlyLocked();
            return number;
        }
    }

    /// <summary>Lets go of a stream, of which nothing counts any more.</summary>
    internal void Remove(int number)
    {
        lock (_lock)
        {
            if (!_streams.TryRemove(number, out _))
                return;
            FindOnlyLocked();
            if (_isAlone && _streams.IsEmpty && !_hasThread)
                _set.Dispose();
        }
    }

    /// <summary>Sets what counts of a stream's socket. For each stream one call at a time. False if it cannot be.</summary>
    internal bool TrySet(PolledStream stream, int number, Epoll.Interest before, Epoll.Interest now)
    {
        try
        {
            return Epoll.TrySet(_set, stream.Handle, number, before, now);
        }
        catch (ObjectDisposedException)
        {
            return false; // its connection has just ended
        }
    }

    /// <inheritdoc/>
    public int Poll()
    {
        if (Volatile.Read(ref _only) is { } only)
            return only.GoOn();
        return Volatile.Read(ref _isEmpty) ? 0 : Poll(0);
    }

    /// <inheritdoc/>
    public void PollAlone()
    {
        lock (_lock)
        {
            if (_isAlone)
                return;
            _isAlone = true;
            _hasThread = !_streams.IsEmpty;
            if (!_hasThread)
            {
                _set.Dispose();
                return;
            }
        }

        new Thread(LoopAlone) { IsBackground = true, Name = "reads the last connections of a node" }.Start();
    }

    private void LoopAlone()
    {
        while (true)
        {
            Poll(LookMilliseconds);
            lock (_lock)
            {
                if (!_streams.IsEmpty)
                    continue;
                _hasThread = false;
                _set.Dispose();
                return;
            }
        }
    }

    private int Poll(int milliseconds)
    {
        Span<int> ready = stackalloc int[Epoll.MaxReady];
        int count;
        try
        {
            count = Epoll.Wait(_set, ready, milliseconds);
        }
        catch (ObjectDisposedException)
        {
            return 0; // a last look at a node that has stopped
        }

        int much = 0;
        foreach (int number in ready[..count])
        {
            if (_streams.TryGetValue(number, out PolledStream? stream))
                much += stream.GoOn();
        }

        return much;
    }

    private void FindOnlyLocked()
    {
        Volatile.Write(ref _isEmpty, _streams.IsEmpty);
        Volatile.Write(ref _only, _streams.Count == 1 ? _streams.Values.First() : null);
    }
}
