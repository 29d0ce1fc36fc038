namespace CloudScale;

/// <summary>When a node counts as healthy.</summary>
public sealed class NodeHealthOptions
{
    /// <summary>Nodes that should be connected, by full name; degraded while one is not.</summary>
    public IList<string> ExpectedNodes { get; } = [];

    /// <summary>A new process that waits longer for a scheduler makes the node degraded.</summary>
    public TimeSpan DegradedLatency { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>And unhealthy if it waits longer than this.</summary>
    public TimeSpan UnhealthyLatency { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>More failures that supervisors report within a minute make the node degraded.</summary>
    public int DegradedFailures { get; set; } = 10;

    /// <summary>And unhealthy if there are more than these.</summary>
    public int UnhealthyFailures { get; set; } = 100;
}
