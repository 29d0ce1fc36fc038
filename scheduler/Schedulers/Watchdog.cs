using System.Diagnostics;

namespace CloudScale.Scheduling;

/// <summary>Looks every few milliseconds for a scheduler that is stuck in a body while others wait, and has a spare take its place.</summary>
/// <remarks>
/// This is the node's preemption: a body that computes or blocks without awaiting delays nobody else by more than about two looks, and the longer pause before them if nobody ran then. Threads: one of its own,
/// which parks when all schedulers have been parked for a while, so an idle node uses no processor time.
/// </remarks>
internal sealed class Watchdog
{
    private const long Millisecond = 1_000_000; // ns
    private const long Interval = 5 * Millisecond;
    private const int StuckLooks = 2; // a slice that outlives two looks has run for 10 ms
    private const long PressedInterval = Millisecond;
    private const long IdleInterval = 20 * Millisecond; // while no body runs: each look costs who searches some 30 µs
    private const int LooksBeforeParking = 5; // by then idle for 100 ms
    private const long HintInterval = 1_000 * Millisecond;

    private readonly SchedulerGroup _group;
    private readonly Parker _parker = new(); // a wait on a monitor costs this thread, and whoever it interrupts, several times as much
    private readonly Thread _thread;
    private bool _parked;
    private bool _stopped;

    internal Watchdog(SchedulerGroup group)
    {
        _group = group;
        _thread = new Thread(Loop) { IsBackground = true, Name = $"watchdog of {group.System.Identity.Name.Name}" };
        _thread.Start();
    }

    internal void Stop()
    {
        Volatile.Write(ref _stopped, true);
        _parker.Nudge();
        _thread.Join();
    }

    /// <summary>Called with the group's idle lock held, whenever a scheduler leaves its park.</summary>
    internal void WakeUp()
    {
        if (!Volatile.Read(ref _parked))
            return;
        Volatile.Write(ref _parked, false);
        _parker.Nudge();
    }

    private void Loop()
    {
        int idleLooks = 0;
        long sinceHint = 0;
        bool pressed = false; // bodies that block seem to queue up: look closer
        while (true)
        {
            _parker.ForgetNudges(); // and then look what they may have been for
            bool allIdle = false;
            _group.IfAllIdle(() => allIdle = true);
            idleLooks = allIdle ? idleLooks + 1 : 0;
            if (idleLooks >= LooksBeforeParking)
                _group.IfAllIdle(() => Volatile.Write(ref _parked, true)); // under the idle lock, so nobody leaves its park unseen

            long interval =
                pressed ? PressedInterval
                : IsAnyAtWork() ? Interval
                : IdleInterval;
            if (!Volatile.Read(ref _parked) && !Volatile.Read(ref _stopped))
                _parker.Sleep(interval);
            while (Volatile.Read(ref _parked) && !Volatile.Read(ref _stopped))
            {
                idleLooks = 0;
                _parker.Sleep(long.MaxValue);
                _parker.ForgetNudges();
            }

            if (Volatile.Read(ref _stopped))
                return;

            sinceHint += interval;
            if (sinceHint >= HintInterval)
            {
                sinceHint = 0;
                _group.System.HintAtCollector();
            }

            pressed = ReplaceStuck(pressed ? 1 : StuckLooks);
        }
    }

    /// <summary>Whether the next look may find what has outlived this one.</summary>
    private bool IsAnyAtWork()
    {
        foreach (Scheduler scheduler in _group.All)
        {
            if ((scheduler.Running is not null && !scheduler.IsBlocked) || scheduler.AfterSlice.Any)
                return true;
        }

        return false;
    }

    private bool ReplaceStuck(int looks)
    {
        bool replaced = false;
        if (_group.Input.IsOverdue())
            _group.Input.Poll(Stopwatch.GetTimestamp()); // all are held up in bodies; the other nodes must not take this one for dead
        foreach (Scheduler scheduler in _group.All)
        {
            if (scheduler.AfterSlice.IsOverdue(scheduler.Slices))
                scheduler.AfterSlice.Run();
            if (scheduler.IsStuck(looks) && WorkWaits(scheduler))
                replaced |= scheduler.TryMarkBlocked();
        }

        return replaced;
    }

    private bool WorkWaits(Scheduler stuck)
    {
        if (
            stuck.HoldsWork
            || !_group.InjectQueue.IsEmpty
            || _group.PriorityQueues.Count > 0
            || Volatile.Read(ref stuck.Wheel)?.NextDue <= _group.System.Clock.Now
        )
            return true;
        foreach (Scheduler scheduler in _group.All)
        {
            if (!scheduler.Queue.IsEmpty)
                return true;
        }

        return false;
    }
}
