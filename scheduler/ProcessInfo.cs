namespace CloudScale;

/// <summary>What a process is doing.</summary>
public enum ProcessStatus
{
    /// <summary>On a scheduler now.</summary>
    Running,

    /// <summary>In a run queue.</summary>
    Runnable,

    /// <summary>Waits for a message, a time-out, a task or I/O.</summary>
    Waiting,

    /// <summary>Has accepted an exit signal and unwinds.</summary>
    Exiting,
}

/// <summary>A process as it was at one moment; Erlang's <c>process_info/1</c>.</summary>
public sealed record ProcessInfo
{
    /// <summary>The process.</summary>
    public required Pid Pid { get; init; }

    /// <summary>What it is doing.</summary>
    public required ProcessStatus Status { get; init; }

    /// <summary>Its registered name, if any.</summary>
    public Atom? RegisteredName { get; init; }

    /// <summary>Messages in its mailbox; an estimate while it runs.</summary>
    public required int MessageQueueLength { get; init; }

    /// <summary>Reductions used since it started: one for each message received or sent.</summary>
    public required long Reductions { get; init; }

    /// <summary>Whether exit signals become messages.</summary>
    public required bool TrapExit { get; init; }

    /// <summary>The async method it will resume in, or its handler's type, where known.</summary>
    public string? CurrentFunction { get; init; }

    /// <summary>Processes it is linked to.</summary>
    public required IReadOnlyList<Pid> Links { get; init; }

    /// <summary>What it monitors: a <see cref="CloudScale.Pid"/> each, or <c>{Name, Node}</c>.</summary>
    public required IReadOnlyList<object> Monitors { get; init; }

    /// <summary>Processes that monitor it.</summary>
    public required IReadOnlyList<Pid> MonitoredBy { get; init; }
}
