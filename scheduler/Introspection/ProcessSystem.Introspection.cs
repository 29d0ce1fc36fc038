using Microsoft.Extensions.Logging;

namespace CloudScale.Scheduling;

/// <summary>What a node says about itself.</summary>
public sealed partial class ProcessSystem
{
    private const long ManyProcesses = 100_000;
    private const long SmallYoungGeneration = 32 << 20;
    private static int s_hinted; // the collector is one for the program

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

    /// <summary>
    /// Watchdog: says once what costs a host with many processes most, the size of the youngest generation: pauses grow with the number of old processes that were touched since the last
    /// collection, and a small young generation is collected a hundred times as often.
    /// </summary>
    internal void HintAtCollector()
    {
        if (Volatile.Read(ref s_hinted) != 0 || ProcessCount < ManyProcesses || Interlocked.Exchange(ref s_hinted, 1) != 0)
            return;
        long size = AppContext.TryGetSwitch("System.GC.Server", out bool server) && server ? long.MaxValue : YoungGenerationSetting();
        if (size < SmallYoungGeneration)
            LogCollector(_logger, ProcessCount);
    }

    /// <summary>The setting as the collector reads it: hexadecimal, in the environment.</summary>
    private static long YoungGenerationSetting()
    {
        string? setting = Environment.GetEnvironmentVariable("DOTNET_GCgen0size");
        if (setting is null)
            return 0;
        if (setting.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            setting = setting[2..];
        return long.TryParse(
            setting,
            global::System.Globalization.NumberStyles.HexNumber,
            global::System.Globalization.CultureInfo.InvariantCulture,
            out long size
        )
            ? size
            : 0;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Count} processes live here and the collector's youngest generation is small: expect many and long pauses. "
            + "Set DOTNET_GCgen0size=0x4000000 (64 MB) or more in the environment of this program; runtimeconfig.json has no key for it."
    )]
    private static partial void LogCollector(ILogger logger, long count);
}
