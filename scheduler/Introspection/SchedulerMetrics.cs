using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace CloudScale.Scheduling;

/// <summary>The counters of all running nodes of the program as .NET metrics, for OpenTelemetry and <c>dotnet-counters</c>.</summary>
/// <remarks>
/// Meter <c>CloudScale.Scheduler</c>. Everything is read when somebody collects, and costs nothing else. Names and units follow the OpenTelemetry conventions; each measurement
/// bears <c>cloudscale.node.name</c>, those of schedulers also <c>cloudscale.scheduler.index</c>.
/// </remarks>
internal static class SchedulerMetrics
{
    internal const string MeterName = "CloudScale.Scheduler";
    private const string NodeName = "cloudscale.node.name";
    private const string SchedulerIndex = "cloudscale.scheduler.index";

    private static readonly ConcurrentDictionary<ProcessSystem, byte> s_systems = new();
    private static readonly Meter s_meter = Create();

    internal static void Add(ProcessSystem system)
    {
        s_systems.TryAdd(system, 0);
        _ = s_meter; // made with the first node
    }

    internal static void Remove(ProcessSystem system) => s_systems.TryRemove(system, out _);

    private static Meter Create()
    {
        Meter meter = new(MeterName, typeof(SchedulerMetrics).Assembly.GetName().Version?.ToString(3));
        meter.CreateObservableUpDownCounter("cloudscale.process.count", () => Each(s => s.ProcessCount), "{process}", "Processes alive.");
        Count("cloudscale.process.spawned", "{process}", "Processes spawned.", s => s.Spawned);
        Count("cloudscale.process.exited", "{process}", "Processes exited.", s => s.Exited);
        Count("cloudscale.message.sent", "{message}", "Messages between processes of one node.", s => s.MessagesSent);
        meter.CreateObservableGauge(
            "cloudscale.run_queue.length",
            () => Each(s => (long)s.Statistics.RunQueueLength),
            "{process}",
            "Runnable processes, of all schedulers."
        );
        meter.CreateObservableUpDownCounter("cloudscale.timer.count", () => Each(s => (long)s.Statistics.Timers), "{timer}", "Timers set.");
        CountEach("cloudscale.scheduler.reductions", "{reduction}", "Reductions used.", s => s.Reductions);
        CountEach("cloudscale.scheduler.slices", "{slice}", "Times a scheduler looked for a process to run.", s => s.Slices);
        CountEach("cloudscale.scheduler.steals", "{steal}", "Times a scheduler took work from another.", s => s.Steals);
        CountEach("cloudscale.scheduler.parks", "{park}", "Times a scheduler went to sleep.", s => s.Parks);
        meter.CreateObservableCounter(
            "cloudscale.scheduler.parked_time",
            () => EachScheduler(s => s.ParkedTime.TotalSeconds),
            "s",
            "How long a scheduler has slept."
        );
        meter.CreateObservableUpDownCounter(
            "cloudscale.scheduler.blocked",
            () => Each(s => (long)s.Schedulers.Count(scheduler => scheduler.IsBlocked)),
            "{scheduler}",
            "Schedulers held by a body that does not give way."
        );
        return meter;

        void Count(string name, string unit, string description, Func<SchedulerStatistics, long> read) =>
            meter.CreateObservableCounter(name, () => Each(s => read(s.Statistics)), unit, description);

        void CountEach(string name, string unit, string description, Func<SchedulerInfo, long> read) =>
            meter.CreateObservableCounter(name, () => EachScheduler(read), unit, description);
    }

    private static IEnumerable<Measurement<T>> Each<T>(Func<ProcessSystem, T> read)
        where T : struct
    {
        foreach (ProcessSystem system in s_systems.Keys)
            yield return new Measurement<T>(read(system), new KeyValuePair<string, object?>(NodeName, system.Identity.Name.Name));
    }

    private static IEnumerable<Measurement<T>> EachScheduler<T>(Func<SchedulerInfo, T> read)
        where T : struct
    {
        foreach (ProcessSystem system in s_systems.Keys)
        {
            foreach (SchedulerInfo scheduler in system.Schedulers)
            {
                yield return new Measurement<T>(
                    read(scheduler),
                    new KeyValuePair<string, object?>(NodeName, system.Identity.Name.Name),
                    new KeyValuePair<string, object?>(SchedulerIndex, scheduler.Index)
                );
            }
        }
    }
}
