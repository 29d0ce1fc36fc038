using System.Diagnostics;

namespace CloudScale.Scheduling;

/// <summary>Looks every few milliseconds for a scheduler that is stuck in a body while others wait, and has a spare take its place.</summary>
/// <remarks>
/// This is the node's preemption: a body that computes or blocks without awaiting delays nobody else by more than about two looks. Threads: one of its own, which parks
/// when all schedulers have been parked for a while, so an idle node uses no processor time.
/// </remarks>
internal sealed class Watchdog
{
    private const int IntervalMs = 5;
    private const int StuckLooks = 2; // a slice that outlives two looks has run for 10 ms
    private const int PressedIntervalMs = 1;
    private const int LooksBeforeParking = 20;
    private const int LooksBetweenHints = 200; // about a second

    private readonly SchedulerGroup _group;
    private readonly object _lock = new();
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
        lock (_lock)
        {
            _stopped = true;
            Monitor.Pulse(_lock);
        }

        _thread.Join();
    }

    /// <summary>Called with the group's idle lock held, whenever a scheduler leaves its park.</summary>
    internal void WakeUp()
    {
        if (!Volatile.Read(ref _parked))
            return;
        lock (_lock)
        {
            _parked = false;
            Monitor.Pulse(_lock);
        }
    }

    private void Loop()
    {
        int idleLooks = 0;
        int looks = 0;
        bool pressed = false; // bodies that block seem to queue up: look closer
        while (true)
        {
            bool allIdle = false;
            _group.IfAllIdle(() => allIdle = true);
            idleLooks = allIdle ? idleLooks + 1 : 0;
            if (idleLooks >= LooksBeforeParking)
                _group.IfAllIdle(() => Volatile.Write(ref _parked, true)); // under the idle lock, so nobody leaves its park unseen

            lock (_lock)
            {
                if (!_stopped && !Volatile.Read(ref _parked))
                    Monitor.Wait(_lock, pressed ? PressedIntervalMs : IntervalMs);
                while (_parked && !_stopped)
                {
                    idleLooks = 0;
                    Monitor.Wait(_lock);
                }

                if (_stopped)
                    return;
            }

            if (++looks % LooksBetweenHints == 0)
                _group.System.HintAtCollector();
            pressed = ReplaceStuck(pressed ? 1 : StuckLooks);
        }
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
