using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using CloudScale.Scheduling;

namespace CloudScale.Runtime.Supervision;

/// <summary>How often supervisors of a node have reported a child that failed: in all as a metric, and in the last minute.</summary>
/// <remarks>Threads: any. Meter <c>CloudScale.Runtime</c>, counter <c>cloudscale.supervisor.failures</c>.</remarks>
internal sealed class FailureCounts
{
    internal const string MeterName = "CloudScale.Runtime";
    private const int Seconds = 60;

    private static readonly Meter s_meter = new(MeterName, typeof(FailureCounts).Assembly.GetName().Version?.ToString(3));
    private static readonly Counter<long> s_failures = s_meter.CreateCounter<long>(
        "cloudscale.supervisor.failures",
        "{failure}",
        "Children that ended by failure, or could not be started."
    );
    private static readonly ConditionalWeakTable<ProcessSystem, FailureCounts> s_all = [];

    private readonly ProcessSystem _system;
    private readonly Lock _lock = new();
    private readonly int[] _perSecond = new int[Seconds];
    private long _lastSecond;

    private FailureCounts(ProcessSystem system) => _system = system;

    internal static FailureCounts Of(ProcessSystem system) => s_all.GetValue(system, static key => new FailureCounts(key));

    /// <summary>Failures of the last minute.</summary>
    internal int LastMinute
    {
        get
        {
            lock (_lock)
            {
                MoveLocked();
                return _perSecond.Sum();
            }
        }
    }

    internal void Add()
    {
        s_failures.Add(1, new KeyValuePair<string, object?>("cloudscale.node.name", _system.Identity.Name.Name));
        lock (_lock)
        {
            MoveLocked();
            _perSecond[_lastSecond % Seconds]++;
        }
    }

    /// <summary>Empties the seconds that have passed since.</summary>
    private void MoveLocked()
    {
        long now = (long)_system.MonotonicTime.TotalSeconds;
        for (long second = Math.Max(_lastSecond + 1, now - Seconds + 1); second <= now; second++)
            _perSecond[second % Seconds] = 0;
        _lastSecond = Math.Max(now, _lastSecond);
    }
}
