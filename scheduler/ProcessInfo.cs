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

    /// <summary>Held by a tool; see <see cref="Self.Suspend"/>.</summary>
    Suspended,

    /// <summary>Has accepted an exit signal and unwinds.</summary>
    Exiting,
}

/// <summary>What <see cref="ProcessInfo"/> is to hold beyond what is cheap.</summary>
[Flags]
public enum ProcessDetails
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The messages in the mailbox.</summary>
    Messages = 1,

    /// <summary>The process dictionary.</summary>
    Dictionary = 2,

    /// <summary>The methods its body is in.</summary>
    Stack = 4,
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

    /// <summary>What it says it is; see <see cref="Self.Label"/>.</summary>
    public object? Label { get; init; }

    /// <summary>The process that spawned it; none if that was host code.</summary>
    public Pid Parent { get; init; }

    /// <summary>The process that serves its input and output.</summary>
    public Pid GroupLeader { get; init; }

    /// <summary>Its level.</summary>
    public ProcessPriority Priority { get; init; }

    /// <summary>Messages in its mailbox; an estimate while it runs.</summary>
    public required int MessageQueueLength { get; init; }

    /// <summary>Messages that have ever reached its mailbox.</summary>
    public long MessagesReceived { get; init; }

    /// <summary>Messages that its full mailbox has dropped.</summary>
    public long MessagesDropped { get; init; }

    /// <summary>The bound of its mailbox; null for none.</summary>
    public MailboxLimit? MailboxLimit { get; init; }

    /// <summary>Reductions used since it started: one for each message received or sent.</summary>
    public required long Reductions { get; init; }

    /// <summary>Whether exit signals become messages.</summary>
    public required bool TrapExit { get; init; }

    /// <summary>The async method it will resume in, or its handler's type, where known.</summary>
    public string? CurrentFunction { get; init; }

    /// <summary>The outermost method of its body, or its handler's type, where known.</summary>
    public string? InitialFunction { get; init; }

    /// <summary>Processes it is linked to.</summary>
    public required IReadOnlyList<Pid> Links { get; init; }

    /// <summary>What it monitors: a <see cref="CloudScale.Pid"/> each, or <c>{Name, Node}</c>.</summary>
    public required IReadOnlyList<object> Monitors { get; init; }

    /// <summary>Processes that monitor it.</summary>
    public required IReadOnlyList<Pid> MonitoredBy { get; init; }

    /// <summary>Its active aliases.</summary>
    public IReadOnlyList<Reference> Aliases { get; init; } = [];

    /// <summary>Processes it suspends, once for each time.</summary>
    public IReadOnlyList<Pid> Suspending { get; init; } = [];

    /// <summary>An estimate of the bytes it holds for itself: the process, its queue, its suspended frames. What messages and frames refer to may be shared and is not counted.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>The messages in its mailbox, oldest first; empty unless asked for.</summary>
    public IReadOnlyList<object> Messages { get; init; } = [];

    /// <summary>Its dictionary; empty unless asked for.</summary>
    public IReadOnlyList<KeyValuePair<object, object>> Dictionary { get; init; } = [];

    /// <summary>The methods its body is in, innermost first; empty unless asked for.</summary>
    public IReadOnlyList<string> Stack { get; init; } = [];
}
