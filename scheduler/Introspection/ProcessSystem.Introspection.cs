namespace CloudScale.Scheduling;

/// <summary>What a node says about itself.</summary>
public sealed partial class ProcessSystem
{
    private SystemMonitor? _systemMonitor;

    /// <summary>The scheduler threads: running, blocked and spare.</summary>
    public IReadOnlyList<SchedulerInfo> Schedulers => [.. Group.All.Select(scheduler => scheduler.Describe())];

    /// <summary>Counters of all schedulers, summed; each only grows.</summary>
    public SchedulerStatistics Statistics
    {
        get
        {
            Counts counts = Group.Totals();
            return new SchedulerStatistics
            {
                Spawned = counts.Spawned + Volatile.Read(ref _spawnedByHosts),
                Exited = counts.Exited,
                MessagesSent = counts.Messages,
                Reductions = counts.Reductions,
                Slices = counts.Slices,
                Steals = counts.Steals,
                Parks = counts.Parks,
                RunQueueLength = Group.RunQueueLength,
                Timers = Group.TimerCount,
                Threads = Group.All.Length,
            };
        }
    }

    /// <summary>Watches for what is out of the ordinary. One watch at a time: a new one replaces the old, null ends it.</summary>
    /// <param name="options">What to look for; null to end the watch.</param>
    /// <param name="tell">Called where it happens, which waits: be short, or send to a process.</param>
    public void MonitorSystem(SystemMonitorOptions? options, Action<SystemEvent>? tell = null)
    {
        if (options is not null)
            ArgumentNullException.ThrowIfNull(tell);
        SystemMonitor? monitor = options is null ? null : new SystemMonitor(options, tell!);
        Volatile.Write(ref _systemMonitor, monitor);
        ShortCut = Director is null && monitor is not { WatchesMessages: true } ? Identity : null;
    }

    internal SystemMonitor? Watch => _systemMonitor;

    internal void OnBlocked(Scheduler scheduler)
    {
        Pid pid = scheduler.Running?.Pid ?? default;
        Watch?.OnBlocked(scheduler.Index, pid);
        if (SchedulerEventSource.Log.IsEnabled())
            SchedulerEventSource.Log.SchedulerBlocked(scheduler.Index, pid.ToString());
    }

    /// <summary>Watchdog: says once if the collector is set up for fewer processes than live here.</summary>
    internal void HintAtCollector() => CollectorHint.OfThisProgram.Look(ProcessCount, _logger);
}
