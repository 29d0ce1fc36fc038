using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>One thread that runs processes: its run queue, its LIFO slot, its timers.</summary>
/// <remarks>
/// Threads: the fields of the first group belong to the scheduler's own thread. The watchdog may declare a scheduler blocked (see <see cref="TryMarkBlocked"/>); from then
/// until the thread comes back, its thread touches none of them: what it makes runnable goes to the inject queue.
/// </remarks>
internal sealed partial class Scheduler
{
    private const int LowInterval = 8; // slices between turns of low-level processes; a power of two
    private const int LifoLimit = 3; // in a row; then the run queue gets its turn
    private const int InjectInterval = 64; // slices between looks at the inject queue and the timers; a power of two
    private const int LookInterval = 2 * Process.SliceBudget; // or reductions, for slices that use their whole budget: a few milliseconds

    /// <summary>Stack of a scheduler's thread, and how much of it counts as its own: less than all, so that no neighbour's frame can be taken for it.</summary>
    internal const int StackBytes = 8 << 20;
    private const nuint StackSpan = StackBytes - (64 << 10);

    [ThreadStatic]
    private static Scheduler? t_current;

    private readonly SchedulerGroup _group;
    internal readonly int Index;
    internal readonly RunQueue Queue = new();
    internal readonly NumberCache Numbers;
    internal readonly BoxPools Boxes = new();

    private nuint _stackTop; // set by the thread when it begins

    // Own thread.
    private object? _lifo; // as in the run queue
    private int _lifoRun;
    private long _reductionsAtLook;
    private uint _random;
    private bool _searching;
    private ulong _referenceNext;
    private ulong _referenceEnd;

    /// <summary>The timers this scheduler turns; whoever stands in for it takes them over. A spare has none.</summary>
    internal TimerWheel? Wheel;

    /// <summary>What is left to do when the slice has ended.</summary>
    internal AfterSlice AfterSlice { get; } = new();

    /// <summary>Own thread: the message that the running process has been resumed for; its receive takes it at once.</summary>
    internal Envelope? Hand;

    // Own thread writes, the watchdog and counters read.
    internal Process? Running;
    private long _slices;
    private long _spawned;
    private long _exited;
    private long _messages;
    private long _reductions;
    private long _steals;
    private long _parks;
    private int _inOwnCode = 1; // 1 outside of process bodies, see TryMarkBlocked

    internal Scheduler(SchedulerGroup group, int index, uint seed)
    {
        _group = group;
        Index = index;
        _random = seed == 0 ? 1 : seed;
        Numbers = new NumberCache(group.System.Table);
    }

    /// <summary>The scheduler whose thread this is; null on any other thread.</summary>
    internal static Scheduler? Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => t_current;
    }

    /// <summary>
    /// Whether the caller runs on this scheduler's thread: its frame lies on that stack. Dearer ways were a thread static, read and followed twice a hop (ring: 70 ns before, 46 to 55 after).
    /// </summary>
    internal unsafe bool IsThisThread
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            byte here;
            return _stackTop - (nuint)(&here) < StackSpan;
        }
    }

    private unsafe void Enter()
    {
        byte here;
        _stackTop = (nuint)(&here);
        t_current = this;
    }

    internal ProcessSystem System => _group.System;

    internal long Slices => Volatile.Read(ref _slices);

    internal long Spawned => Volatile.Read(ref _spawned);

    internal long Exited => Volatile.Read(ref _exited);

    internal long Messages => Volatile.Read(ref _messages);

    internal long Reductions => Volatile.Read(ref _reductions);

    internal long Steals => Volatile.Read(ref _steals);

    internal long Parks => Volatile.Read(ref _parks);

    internal void CountSpawn() => _spawned++;

    internal void CountExit() => _exited++;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void CountMessage() => _messages++;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void CountReductions(int reductions) => _reductions += reductions;

    /// <summary>Own thread: a number for a reference; unique in this incarnation of the node.</summary>
    internal ulong NextReference()
    {
        if (_referenceNext == _referenceEnd)
            (_referenceNext, _referenceEnd) = System.ReserveReferences();
        return _referenceNext++;
    }

    /// <summary>Own thread: makes a process runnable that a running one has just woken: next on this scheduler, while the message is in the cache.</summary>
    internal void ScheduleNext(Process process) => ScheduleNext(process, null);

    /// <summary>Own thread: the same, with the message that woke it, which is not in its mailbox.</summary>
    internal void ScheduleNext(Process process, Envelope? message)
    {
        if (process.Priority != ProcessPriority.Normal)
        {
            process.AppendIfAny(message);
            _group.Inject(process);
            return;
        }

        int wasInOwnCode = _inOwnCode;
        _inOwnCode = 1;
        Interleaving.Point();
#if EXPLORATION
        if (Volatile.Read(ref _blocked) && !Mutations.Is(Mutation.BlockedNotSeen))
#else
        if (Volatile.Read(ref _blocked))
#endif
        {
            _inOwnCode = wasInOwnCode;
            process.AppendIfAny(message);
            _group.Inject(process);
            return;
        }

        object? displaced = _lifo;
        _lifo = message is null ? process : Runnable.Of(process, message);
        if (displaced is not null)
            PushLocal(displaced);
        _inOwnCode = wasInOwnCode;
    }

    /// <summary>Own thread: makes a process runnable behind all others.</summary>
    internal void ScheduleLast(Process process)
    {
        if (process.Priority != ProcessPriority.Normal)
        {
            _group.Inject(process);
            return;
        }

        int wasInOwnCode = _inOwnCode;
        _inOwnCode = 1;
        Interleaving.Point();
        if (Volatile.Read(ref _blocked))
        {
            _inOwnCode = wasInOwnCode;
            _group.Inject(process);
            return;
        }

        PushLocal(process);
        _inOwnCode = wasInOwnCode;
    }

    private void PushLocal(object runnable)
    {
        if (!Queue.TryPush(runnable))
            PushOverflow(runnable);
        _group.WakeOneIfIdle();
    }

    /// <summary>A full queue gives half of itself to everybody, so that the next pushes are cheap again.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PushOverflow(object runnable)
    {
        for (int i = 0; i < RunQueue.Capacity / 2 && Queue.TryPop() is { } oldest; i++)
            _group.InjectQueue.Enqueue(oldest);
        _group.InjectQueue.Enqueue(runnable);
    }

    /// <summary>The life of the thread: run what there is, search, park.</summary>
    internal void Loop()
    {
        Enter();
        while (!_group.Stopping && RunSome()) { }
        AfterSlice.Run();
        t_current = null;
        _group.GiveBack(this);
    }

    /// <summary>A number of slices. A method of its own, called again and again and not part of the loop, so that the JIT compiles it at its best. False if the thread shall end.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool RunSome()
    {
        for (int i = 0; i < InjectInterval; i++)
        {
            if ((NextOwn() ?? Search()) is { } runnable)
                Run(runnable);
            else
                Park();
            if (Volatile.Read(ref _blocked) && !ReturnFromBlocked())
                return false;
        }

        return true;
    }

    /// <summary>Own thread: what to run next; where there is nothing, what was said to other nodes leaves now.</summary>
    private object? NextOwn()
    {
        object? next = NextLocal();
        if (next is null && AfterSlice.Any)
        {
            AfterSlice.Run();
            next = NextLocal(); // senders that were held, for there is room again
        }

        return next;
    }

    /// <summary>Own thread: what to run next out of what this scheduler holds; looks at the inject queue and the clock now and then.</summary>
    private object? NextLocal()
    {
        PriorityQueues levels = _group.PriorityQueues;
        if (levels.HasUrgent && levels.TakeUrgent() is { } urgent)
            return urgent;
        bool isTime = (++_slices & (InjectInterval - 1)) == 0 || _reductions - _reductionsAtLook > LookInterval;
        if (isTime && LookAround() is { } injected)
            return injected;
        if (levels.HasLow && (_slices & (LowInterval - 1)) == 0 && levels.TakeLow() is { } low)
            return low;

        object? newest = _lifo;
        if (newest is not null)
        {
            if (_lifoRun++ < LifoLimit)
            {
                _lifo = null;
                return newest;
            }

            // The slot has had its run: it joins the queue, which never starves.
            _lifo = null;
            _lifoRun = 0;
            if (Queue.IsEmpty)
                return newest;
            PushLocal(newest);
        }

        _lifoRun = 0;
        return Queue.TryPop();
    }

    /// <summary>
    /// Timers, and a share of what waits in the inject queue. A share, not one: a process that yields all the time would otherwise take turns with it alone.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private object? LookAround()
    {
        _reductionsAtLook = _reductions;
        TurnWheel();
        if (_group.Input.Any)
            _group.Input.PollIfDue();
        return _group.InjectQueue.IsEmpty ? null : _group.InjectQueue.Take(Queue, _group.ActiveCount);
    }

    /// <summary>Own thread: runs one slice.</summary>
    internal void Run(object runnable)
    {
        if (_searching)
            StopSearching();

        Process process = Runnable.Split(runnable, out Envelope? message);

        Running = process;
        SystemMonitor? watch = System.Watch;
        Volatile.Write(ref _inOwnCode, 0);
        Interleaving.Point();
        SliceEnd end = watch is null ? process.RunSlice(this, Process.SliceBudget, message) : RunWatched(process, message, watch);
        Interleaving.Point();
        Volatile.Write(ref _inOwnCode, 1);
        Running = null;
        if (end == SliceEnd.Yielded)
            ScheduleLast(process);
        if (AfterSlice.Any && AfterSlice.IsDue())
            AfterSlice.Run();
    }

    private SliceEnd RunWatched(Process process, Envelope? message, SystemMonitor watch)
    {
        Pid pid = process.Pid;
        process.AppendIfAny(message);
        watch.BeforeSlice(process);
        long began = Stopwatch.GetTimestamp();
        SliceEnd end = process.RunSlice(this, Process.SliceBudget);
        watch.AfterSlice(pid, Stopwatch.GetElapsedTime(began)); // the process may be another's by now
        return end;
    }

    /// <summary>Any thread: this scheduler as it is.</summary>
    internal SchedulerInfo Describe() =>
        new()
        {
            Index = Index,
            IsBlocked = IsBlocked,
            Running = Running?.Pid ?? default,
            RunQueueLength = Queue.Count + (Volatile.Read(ref _lifo) is null ? 0 : 1),
            Reductions = Reductions,
            Slices = Slices,
            Steals = Steals,
            Parks = Parks,
            ParkedTime = ParkedTime,
            MessagesSent = Messages,
            Timers = Volatile.Read(ref Wheel)?.Count ?? 0,
        };

    private bool TurnWheel(long timestamp) =>
        Volatile.Read(ref Wheel) is { IsEmpty: false } wheel && wheel.Advance(System.Clock.At(timestamp)) > 0;

    private bool TurnWheel() => Volatile.Read(ref Wheel) is { IsEmpty: false } wheel && wheel.Advance(System.Clock.Now) > 0;

    /// <summary>
    /// Own thread, in a body or out of it: begins to work on its own wheel. False, with nothing begun, if the wheel is another's or this scheduler is blocked, so that a spare
    /// may have it.
    /// </summary>
    internal bool TryBeginTimers(TimerWheel wheel, out int wasInOwnCode)
    {
        wasInOwnCode = _inOwnCode;
        _inOwnCode = 1;
        if (!Volatile.Read(ref _blocked) && ReferenceEquals(Wheel, wheel))
            return true;
        _inOwnCode = wasInOwnCode;
        return false;
    }

    internal void EndTimers(int wasInOwnCode) => _inOwnCode = wasInOwnCode;

    /// <summary>Own thread: one step of a scheduler without a thread of its own; see <see cref="Stepper"/>.</summary>
    internal bool Step()
    {
        Enter();
        try
        {
            TurnWheel();
            object? runnable = NextLocal() ?? TakeElsewhere();
            if (runnable is null)
                return false;
            Run(runnable);
            return true;
        }
        finally
        {
            t_current = null;
        }
    }

    /// <summary>Xorshift; the order in which victims are tried.</summary>
    private uint NextRandom()
    {
        uint x = _random;
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        return _random = x;
    }
}
