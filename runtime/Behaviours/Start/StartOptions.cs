namespace CloudScale;

/// <summary>How a behaviour's process is started: the options of OTP's <c>gen:start</c>.</summary>
public sealed record StartOptions
{
    internal static readonly StartOptions Default = new();

    /// <summary>The name it is registered under before <c>Init</c> runs; none by default.</summary>
    public ServerName? Name { get; init; }

    /// <summary>How long the start may take; beyond, the process is killed and the start fails with <c>timeout</c>. For ever by default, as in OTP.</summary>
    public TimeSpan Timeout { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>
    /// The process hibernates when no message has come for this long; never by default. It is measured from message to message without a timer for each, so hibernation begins
    /// after this time and before twice of it.
    /// </summary>
    public TimeSpan HibernateAfter { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>What holds for the process from its first instant: priority, label, bounds of its mailbox and the rest. Name and link come from the start itself.</summary>
    public SpawnOptions Spawn { get; init; }

    /// <summary>What <c>sys</c> shall watch from the start.</summary>
    public SysDebugOptions Debug { get; init; }
}

/// <summary>What <c>sys</c> watches of a process from its start: OTP's <c>debug</c> option.</summary>
[Flags]
public enum SysDebugOptions
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Each event is written to the node's logger: <c>trace</c>.</summary>
    Trace = 1,

    /// <summary>The last ten events are kept: <c>log</c>.</summary>
    Log = 2,

    /// <summary>Messages are counted: <c>statistics</c>.</summary>
    Statistics = 4,
}
