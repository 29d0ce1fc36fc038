namespace CloudScale.Scheduling;

/// <summary>One scheduler thread as it was at one moment; the counters only grow.</summary>
public sealed record SchedulerInfo
{
    /// <summary>Its number; those beyond the configured count stand in for blocked ones.</summary>
    public required int Index { get; init; }

    /// <summary>Whether a body holds it, so that another stands in for it.</summary>
    public required bool IsBlocked { get; init; }

    /// <summary>The process it runs; none while it runs none.</summary>
    public required Pid Running { get; init; }

    /// <summary>Processes in its queue.</summary>
    public required int RunQueueLength { get; init; }

    /// <summary>Reductions its processes have used.</summary>
    public required long Reductions { get; init; }

    /// <summary>Times it looked for a process to run.</summary>
    public required long Slices { get; init; }

    /// <summary>Times it took work from another.</summary>
    public required long Steals { get; init; }

    /// <summary>Times it went to sleep.</summary>
    public required long Parks { get; init; }

    /// <summary>How long it has slept; the rest of the time it ran processes or looked for some. Erlang's <c>scheduler_wall_time</c>, the other way round.</summary>
    public required TimeSpan ParkedTime { get; init; }

    /// <summary>Messages its processes have sent to processes of this node by the short way.</summary>
    public required long MessagesSent { get; init; }

    /// <summary>Timers it keeps.</summary>
    public required int Timers { get; init; }
}
