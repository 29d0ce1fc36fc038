namespace CloudScale;

/// <summary>The supervisor of what a host declares.</summary>
public sealed class HostTreeOptions
{
    /// <summary>The name it is registered under.</summary>
    public const string SupervisorName = "host_sup";

    /// <summary>Whom the failure of a child concerns.</summary>
    public RestartStrategy Strategy { get; set; } = RestartStrategy.OneForOne;

    /// <summary>How many restarts are borne within <see cref="Period"/>.</summary>
    public int Intensity { get; set; } = 3;

    /// <summary>The time in which they are counted.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether the host stops when the supervisor has given up. True by default: a program without its processes is better started anew by whoever started it.
    /// </summary>
    public bool StopHostOnFailure { get; set; } = true;
}
