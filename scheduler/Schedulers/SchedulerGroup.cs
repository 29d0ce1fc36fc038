namespace CloudScale.Scheduling;

/// <summary>The schedulers of one node, and what they share: the inject queue, who is idle, who searches, the spares.</summary>
/// <remarks>Threads: any. Lock order: a scheduler's block lock, then the spare lock, then the idle lock; none is taken on the way of a local send.</remarks>
internal sealed class SchedulerGroup
{
    private const int Reserve = 8; // spares made beforehand, see AddLocked

    private static readonly TimeSpan s_spareLife = TimeSpan.FromSeconds(10);

    internal readonly ProcessSystem System;
    internal readonly InjectQueue InjectQueue = new();
    internal readonly PriorityQueues PriorityQueues = new();
    internal readonly InputWatch Input = new();
    private readonly int _maxBlocked;
    private readonly bool _threaded;
    private readonly uint _seed;
    private readonly List<Thread> _threads = [];

    private readonly Lock _idleLock = new();
    private readonly List<Scheduler> _idle = [];
    private int _idleCount;
    private int _searching;

    private readonly TimerWheel[] _wheels; // for each that runs at a time one; they change hands

    private readonly object _spareLock = new();
    private readonly List<Spare> _spares = [];
    private Scheduler[] _all = [];
    private readonly List<Scheduler> _made = []; // all there ever were
    private readonly Stack<Scheduler> _cold = new(); // those without a thread
    private Watchdog? _watchdog;

    internal SchedulerGroup(ProcessSystem system, ProcessSystemOptions options)
    {
        System = system;
        ActiveCount = options.Schedulers;
        _maxBlocked = options.MaxBlockedSchedulers;
        _threaded = !options.Stepped;
        _seed = options.Seed;
        _wheels = [.. Enumerable.Range(0, ActiveCount).Select(_ => new TimerWheel(system, system.Clock.Now))];
        lock (_spareLock)
        {
            foreach (TimerWheel wheel in _wheels)
                AddLocked(wheel);
            for (int i = 0; _threaded && i < Math.Min(_maxBlocked, Reserve); i++)
                _cold.Push(MakeLocked());
        }
    }

    /// <summary>How many schedulers run at a time; blocked ones and spares not counted.</summary>
    internal int ActiveCount { get; }

    /// <summary>Every scheduler that may hold a process: running, blocked or spare. Replaced when it changes.</summary>
    internal Scheduler[] All => Volatile.Read(ref _all);

    internal bool Stopping { get; private set; }

    /// <summary>Runnable processes in queues; an estimate.</summary>
    internal int RunQueueLength => InjectQueue.Count + PriorityQueues.Count + All.Sum(scheduler => scheduler.Queue.Count);

    internal int TimerCount => _wheels.Sum(wheel => wheel.Count);

    internal void Start()
    {
        if (!_threaded)
            return;
        lock (_spareLock)
        {
            foreach (Scheduler scheduler in _all)
                StartThreadLocked(scheduler);
        }

#if EXPLORATION
        _watchdog = null; // a thread that acts when time passes; exploration plays its part where it needs it
#else
        _watchdog = new Watchdog(this);
#endif
    }

    internal void Stop()
    {
        Stopping = true;
        foreach (Scheduler scheduler in All)
            scheduler.Nudge();
        Thread[] threads;
        lock (_spareLock)
        {
            Interleaving.PulseAll(_spareLock);
            threads = [.. _threads];
        }

        _watchdog?.Stop();
        foreach (Thread thread in threads)
        {
            if (thread != Thread.CurrentThread)
                thread.Join(TimeSpan.FromSeconds(1)); // one stuck in a body is a background thread: it cannot keep the program alive
        }

        Input.Stop();
    }

    // ---- input ----

    /// <summary>Has the schedulers look at a source from now on. False: the owner has to look himself.</summary>
    internal bool TryAddInput(IInputSource source)
    {
        if (!_threaded || Stopping || !Input.TryAdd(source))
            return false;
        foreach (Scheduler scheduler in All)
            scheduler.Nudge(); // one of those that sleep shall sleep there
        return true;
    }

    // ---- runnable processes from outside of a scheduler ----

    /// <summary>Makes a process runnable from a thread that is no scheduler of this group, or from a blocked one; or one whose level is not normal, from anywhere.</summary>
    internal void Inject(Process process)
    {
        if (System.Director is { } director)
        {
            director.Offer(process);
            return;
        }

        if (process.Priority == ProcessPriority.Normal)
            InjectQueue.Enqueue(process);
        else
            PriorityQueues.Enqueue(process);
        Interlocked.MemoryBarrier(); // enqueue, fence, look for sleepers; pairs with AnnounceIdle, fence, look for work
        WakeOneIfIdle();
    }

    // ---- idle and searching ----

    internal bool IsSearching => Volatile.Read(ref _searching) > 0;

    internal bool TryStartSearching()
    {
        int working = ActiveCount - Volatile.Read(ref _idleCount);
        if (2 * Volatile.Read(ref _searching) >= working)
            return false;
        Interleaving.Point();
        Interlocked.Increment(ref _searching);
        return true;
    }

    /// <summary>One search less; true if it was the last.</summary>
    internal bool EndSearching() => Interlocked.Decrement(ref _searching) == 0;

    internal void AnnounceIdle(Scheduler scheduler, bool wasSearching)
    {
        Interleaving.Point();
        lock (_idleLock)
        {
            _idle.Add(scheduler);
            Volatile.Write(ref _idleCount, _idle.Count);
        }

        Interleaving.Point();
        if (wasSearching)
            Interlocked.Decrement(ref _searching);
        Interlocked.MemoryBarrier();
    }

    /// <summary>Takes a scheduler off the idle list; false if somebody has picked it to wake.</summary>
    internal bool WithdrawIdle(Scheduler scheduler)
    {
        lock (_idleLock)
        {
            bool was = _idle.Remove(scheduler);
            Volatile.Write(ref _idleCount, _idle.Count);
            _watchdog?.WakeUp();
            return was;
        }
    }

    /// <summary>Wakes a parked scheduler to search, unless one searches already or none is parked.</summary>
    internal void WakeOneIfIdle()
    {
        Interleaving.Point();
        if (Volatile.Read(ref _idleCount) > 0 && Volatile.Read(ref _searching) == 0)
            WakeOne();
    }

    private void WakeOne()
    {
        Scheduler scheduler;
        Interleaving.Point();
        lock (_idleLock)
        {
            if (_idle.Count == 0 || Interlocked.CompareExchange(ref _searching, 1, 0) != 0)
                return;
            scheduler = _idle[^1];
            _idle.RemoveAt(_idle.Count - 1);
            Volatile.Write(ref _idleCount, _idle.Count);
            _watchdog?.WakeUp();
        }

        scheduler.WakeUp();
    }

    /// <summary>Watchdog: calls <paramref name="park"/> with the idle lock held if every scheduler is parked.</summary>
    internal void IfAllIdle(Action park)
    {
        lock (_idleLock)
        {
            if (_idle.Count >= ActiveCount)
                park();
        }
    }

    // ---- timers from outside ----

    /// <summary>The wheel for a timer that is set up on a scheduler, or on no scheduler of this group, or on one whose wheel has just been taken.</summary>
    internal TimerWheel WheelFor(Scheduler? current)
    {
#if EXPLORATION
        if (Mutations.Is(Mutation.WheelLookedForAtItsOwners))
            return All.Select(scheduler => scheduler.Wheel).FirstOrDefault(wheel => wheel is not null)!;
#endif
        return current is not null && Volatile.Read(ref current.Wheel) is { } own ? own : _wheels[0];
    }

    /// <summary>Adds a timer from any thread; a parked scheduler learns that it must wake earlier. A wheel that nobody has for the moment is looked at by whoever gets it.</summary>
    internal void AddTimer(TimerWheel wheel, TimerEntry entry, long due)
    {
        if (Scheduler.Current is { } current && current.TryBeginTimers(wheel, out int was))
        {
            wheel.Add(entry, due);
            current.EndTimers(was);
            return;
        }

        if (!wheel.PostAdd(entry, due))
            return;
        foreach (Scheduler scheduler in All)
        {
            if (ReferenceEquals(Volatile.Read(ref scheduler.Wheel), wheel))
                scheduler.Nudge();
        }
    }

    /// <summary>Takes a timer that has been cancelled out of its wheel, now or soon.</summary>
    internal static void RemoveTimer(TimerWheel wheel, TimerEntry entry)
    {
        if (Scheduler.Current is { } current && current.TryBeginTimers(wheel, out int was))
        {
            wheel.Remove(entry);
            current.EndTimers(was);
        }
        else
        {
            wheel.PostRemove(entry);
        }
    }

    // ---- spares ----

    internal bool MayActivateSpare => _threaded && !Stopping && All.Length - ActiveCount < _maxBlocked;

    /// <summary>Puts a spare in the place of a scheduler that has just been marked blocked; it takes over the timers.</summary>
    internal void ActivateSpare(TimerWheel wheel)
    {
        lock (_spareLock)
        {
            if (_spares.Count > 0)
            {
                Spare spare = _spares[^1];
                _spares.RemoveAt(_spares.Count - 1);
                Volatile.Write(ref spare.Scheduler.Wheel, wheel);
                spare.Activated = true;
                Interleaving.PulseAll(_spareLock);
                return;
            }

            StartThreadLocked(AddLocked(wheel));
        }
    }

    /// <summary>A scheduler whose place is taken waits to take another's. False: it has waited long enough, or the node stops, and its thread shall end.</summary>
    internal bool WaitAsSpare(Scheduler scheduler)
    {
        Spare spare = new(scheduler);
        long deadline = Environment.TickCount64 + (long)s_spareLife.TotalMilliseconds;
        lock (_spareLock)
        {
            _spares.Add(spare);
            while (!spare.Activated && !Stopping)
            {
                long left = deadline - Environment.TickCount64;
                if (left <= 0)
                    break;
                Interleaving.Wait(_spareLock, (int)left);
            }

            if (spare.Activated)
                return true;
            _spares.Remove(spare);
            Volatile.Write(ref _all, [.. _all.Where(other => other != scheduler)]);
            scheduler.Retire();
            return false;
        }
    }

    /// <summary>The thread of a scheduler that is none any more: its last word.</summary>
    internal void GiveBack(Scheduler scheduler)
    {
        lock (_spareLock)
            _cold.Push(scheduler);
    }

    /// <summary>Totals over all schedulers that are or were.</summary>
    internal Counts Totals()
    {
        lock (_spareLock)
        {
            Counts sum = default;
            foreach (Scheduler scheduler in _made)
                sum += Counts.Of(scheduler);
            return sum;
        }
    }

    /// <summary>
    /// A scheduler for a thread to come, mostly one that was made with the node: a process leads to the scheduler that runs it, and a million processes that lead to a young object are
    /// a million cards for the collector to look behind at each pause.
    /// </summary>
    private Scheduler AddLocked(TimerWheel wheel)
    {
        Scheduler scheduler = _cold.TryPop(out Scheduler? cold) ? cold : MakeLocked();
        Volatile.Write(ref scheduler.Wheel, wheel);
        Volatile.Write(ref _all, [.. _all, scheduler]);
        return scheduler;
    }

    private Scheduler MakeLocked()
    {
        int index = _made.Count;
        Scheduler scheduler = new(this, index, _seed + (uint)(index * 0x9E3779B9L));
        _made.Add(scheduler);
        return scheduler;
    }

    private void StartThreadLocked(Scheduler scheduler)
    {
#if EXPLORATION
        if (Interleaving.Start($"scheduler {scheduler.Index}", scheduler.Loop))
            return;
#endif
        Thread thread = new(scheduler.Loop, Scheduler.StackBytes)
        {
            IsBackground = true,
            Name = $"scheduler {scheduler.Index} of {System.Identity.Name.Name}",
        };
        _threads.RemoveAll(old => !old.IsAlive && old.ThreadState != global::System.Threading.ThreadState.Unstarted);
        _threads.Add(thread);
        thread.Start();
    }

    private sealed class Spare(Scheduler scheduler)
    {
        internal readonly Scheduler Scheduler = scheduler;
        internal bool Activated;
    }
}

/// <summary>Event counts, summed over schedulers.</summary>
internal readonly record struct Counts(long Spawned, long Exited, long Messages, long Reductions, long Slices, long Steals, long Parks)
{
    internal static Counts Of(Scheduler scheduler) =>
        new(
            scheduler.Spawned,
            scheduler.Exited,
            scheduler.Messages,
            scheduler.Reductions,
            scheduler.Slices,
            scheduler.Steals,
            scheduler.Parks
        );

    public static Counts operator +(Counts a, Counts b) =>
        new(
            a.Spawned + b.Spawned,
            a.Exited + b.Exited,
            a.Messages + b.Messages,
            a.Reductions + b.Reductions,
            a.Slices + b.Slices,
            a.Steals + b.Steals,
            a.Parks + b.Parks
        );
}
