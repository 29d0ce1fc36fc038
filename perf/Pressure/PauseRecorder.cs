using System.Diagnostics;
using System.Diagnostics.Tracing;

namespace CloudScale.Perf.Pressure;

/// <summary>Every pause of the whole program, as the runtime's own events tell: from the request to suspend until all threads run again.</summary>
internal sealed class PauseRecorder : EventListener
{
    private const EventKeywords Collector = (EventKeywords)1; // GCKeyword
    private const int SuspendBegin = 9; // GCSuspendEEBegin
    private const int RestartEnd = 3; // GCRestartEEEnd

    private readonly Lock _lock = new();
    private readonly List<(DateTime At, double Milliseconds)> _pauses = [];
    private readonly DateTime _began = DateTime.UtcNow;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly TimeSpan _totalBefore = GC.GetTotalPauseDuration();
    private readonly int[] _collectionsBefore = [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)];
    private DateTime _suspended;

    /// <summary>Adds percentiles, total and counts since the recorder was made.</summary>
    /// <returns>The 99th percentile in milliseconds, and the collector's total as a part of the time.</returns>
    public async Task<(double P99, double Part)> Report(Findings findings)
    {
        TimeSpan total = GC.GetTotalPauseDuration() - _totalBefore;
        double part = total / Stopwatch.GetElapsedTime(_start);
        int collections = GC.CollectionCount(0) - _collectionsBefore[0];
        DateTime end = DateTime.UtcNow;

        // Events reach a listener some time after they happen, in order.
        double[] pauses = [];
        for (int tries = 0; tries < 200; tries++)
        {
            lock (_lock)
                pauses = [.. _pauses.Where(pause => pause.At >= _began && pause.At <= end).Select(pause => pause.Milliseconds).Order()];
            if (pauses.Length >= collections)
                break;
            await Task.Delay(10);
        }

        double p99 = At(pauses, 99);
        findings.Add("pauses", pauses.Length, "");
        findings.Add("pause p50", At(pauses, 50), "ms");
        findings.Add("pause p99", p99, "ms");
        findings.Add("pause max", At(pauses, 100), "ms");
        findings.Add("paused in all", 100 * part, "% of the time");
        for (int generation = 0; generation < 3; generation++)
            findings.Add($"collections, generation {generation}", Own(generation), "");
        return (p99, part);
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
            EnableEvents(eventSource, EventLevel.Informational, Collector);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventId == SuspendBegin)
        {
            _suspended = eventData.TimeStamp;
        }
        else if (eventData.EventId == RestartEnd && _suspended != default)
        {
            lock (_lock)
                _pauses.Add((eventData.TimeStamp, (eventData.TimeStamp - _suspended).TotalMilliseconds));
        }
    }

    // A collection of generation n counts for those below it too.
    private int Own(int generation)
    {
        int Count(int g) => GC.CollectionCount(g) - _collectionsBefore[g];
        return Count(generation) - (generation < 2 ? Count(generation + 1) : 0);
    }

    private static double At(double[] sorted, int percent) =>
        sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length * percent / 100, sorted.Length - 1)];
}
