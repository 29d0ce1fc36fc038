using System.Diagnostics;

namespace CloudScale.Scheduling;

/// <summary>Blocked schedulers: a body that holds its thread loses it to a spare.</summary>
/// <remarks>
/// The watchdog and the own thread must agree on who owns the queue, and the own thread may not pay for it. So the own thread marks its own code with plain stores
/// (<c>_inOwnCode</c>), and the watchdog sets the flag, then fences every core (<see cref="Interlocked.MemoryBarrierProcessWide"/>): after that, either the own thread is
/// seen inside its own code, and the watchdog gives up, or whenever it next enters its own code it sees the flag.
/// </remarks>
internal sealed partial class Scheduler
{
    private readonly object _blockLock = new(); // has points inside, see Interleaving
    private bool _blocked;
    private long _watchedSlice = -1;
    private int _watchedTicks;

    /// <summary>Whether a spare stands in for this scheduler. Any thread; a hint.</summary>
    internal bool IsBlocked => Volatile.Read(ref _blocked);

    /// <summary>Watchdog: whether something waits behind the running body. A hint.</summary>
    internal bool HoldsWork => Volatile.Read(ref _lifo) is not null || !Queue.IsEmpty;

    /// <summary>Watchdog: true if the same slice has been running for this many looks.</summary>
    internal bool IsStuck(int ticks)
    {
        long slice = Slices;
        if (Running is null || slice != _watchedSlice || IsBlocked)
        {
            _watchedSlice = slice;
            _watchedTicks = 0;
            return false;
        }

        return ++_watchedTicks >= ticks;
    }

    /// <summary>Watchdog: takes the queue away from a scheduler that is stuck in a body. False if it moved on meanwhile.</summary>
    internal bool TryMarkBlocked()
    {
        if (!MarkIfStuck())
            return false;
        System.OnBlocked(this);
        return true;
    }

    private bool MarkIfStuck()
    {
        Interleaving.Enter(_blockLock);
        try
        {
            long slice = Slices;
            if (_blocked || Running is null || !_group.MayActivateSpare)
                return false;

            Volatile.Write(ref _blocked, true);
            Interlocked.MemoryBarrierProcessWide();
            if (Volatile.Read(ref _inOwnCode) != 0 || Slices != slice)
            {
                Volatile.Write(ref _blocked, false);
                return false;
            }

            HandOver();
            return true;
        }
        finally
        {
            Monitor.Exit(_blockLock);
        }
    }

    /// <summary>Own thread, in a body that is about to block: hands the queue over at once.</summary>
    internal void MarkBlocked()
    {
        Interleaving.Enter(_blockLock);
        try
        {
            if (_blocked || !_group.MayActivateSpare)
                return;
            Volatile.Write(ref _blocked, true);
            HandOver();
        }
        finally
        {
            Monitor.Exit(_blockLock);
        }
    }

    /// <summary>
    /// With the lock held, and the own thread kept out: the LIFO slot goes to everybody, the timers to a spare. The run queue is open to thieves as it is. For a moment nobody turns
    /// the wheel, and the body may set a timer in that moment.
    /// </summary>
    private void HandOver()
    {
        if (_lifo is { } runnable)
        {
            _lifo = null;
            _group.InjectQueue.Enqueue(runnable);
        }

        TimerWheel? wheel = Wheel;
        Volatile.Write(ref Wheel, null);
        Interleaving.Point();
        _group.ActivateSpare(wheel!);
    }

    /// <summary>Own thread, back from a blocking body: its place is taken, so it becomes a spare. False if the thread shall end.</summary>
    private bool ReturnFromBlocked()
    {
        Interleaving.Enter(_blockLock);
        bool isBlocked = _blocked;
        Monitor.Exit(_blockLock);
        if (!isBlocked)
            return true; // the watchdog had second thoughts

        while (Queue.TryPop() is { } runnable)
            _group.InjectQueue.Enqueue(runnable);
        if (_searching)
            StopSearching();
        _group.WakeOneIfIdle();
        bool goOn = _group.WaitAsSpare(this);
        Interleaving.Enter(_blockLock);
        Volatile.Write(ref _blocked, false);
        Monitor.Exit(_blockLock);
        return goOn;
    }

    /// <summary>Own thread, retired: gives back what it holds.</summary>
    internal void Retire()
    {
        Debug.Assert(Queue.IsEmpty && _lifo is null, "a spare holds no process");
        Numbers.Empty();
    }
}
