namespace CloudScale.Scheduling;

/// <summary>Counters of a node's schedulers since it started, and their queues now.</summary>
public sealed record SchedulerStatistics
{
    /// <summary>Processes spawned.</summary>
    public required long Spawned { get; init; }

    /// <summary>Processes exited.</summary>
    public required long Exited { get; init; }

    /// <summary>Messages sent to local processes by processes; those from host threads and other nodes are not counted.</summary>
    public required long MessagesSent { get; init; }

    /// <summary>Reductions used.</summary>
    public required long Reductions { get; init; }

    /// <summary>Times a scheduler looked for a process to run.</summary>
    public required long Slices { get; init; }

    /// <summary>Times a scheduler took work from another.</summary>
    public required long Steals { get; init; }

    /// <summary>Times a scheduler went to sleep.</summary>
    public required long Parks { get; init; }

    /// <summary>Runnable processes now.</summary>
    public required int RunQueueLength { get; init; }

    /// <summary>Timers set now.</summary>
    public required int Timers { get; init; }

    /// <summary>Scheduler threads now: running, blocked and spare.</summary>
    public required int Threads { get; init; }
}
