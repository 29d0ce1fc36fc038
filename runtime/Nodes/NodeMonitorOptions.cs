namespace CloudScale;

/// <summary>Of which nodes a process is told.</summary>
public enum NodeTypes
{
    /// <summary>Of the visible ones.</summary>
    Visible,

    /// <summary>Of the hidden ones.</summary>
    Hidden,

    /// <summary>Of both.</summary>
    All,
}

/// <summary>Of which nodes a process is told, and what; Erlang's options of <c>net_kernel:monitor_nodes/2</c>.</summary>
/// <remarks>Two of them are the same subscription if they are equal.</remarks>
public sealed record NodeMonitorOptions
{
    internal static readonly NodeMonitorOptions None = new();

    /// <summary>Of which nodes; null stands for the visible ones, and leaves out which kind one is.</summary>
    public NodeTypes? Types { get; init; }

    /// <summary>Whether <see cref="NodeDown"/> tells why.</summary>
    public bool WithReason { get; init; }

    /// <summary>Whether the connection's number is told.</summary>
    public bool WithConnectionId { get; init; }

    /// <summary>Whether what is told is a map to Erlang, in place of a list.</summary>
    public bool AsMap { get; init; }

    internal bool Includes(bool isHidden) =>
        Types switch
        {
            NodeTypes.All => true,
            NodeTypes.Hidden => isHidden,
            _ => !isHidden,
        };

    /// <summary>What is told of a node; null for its name alone.</summary>
    internal NodeStatus? StatusOf(bool isHidden, long connectionId, object? reason) =>
        this == None
            ? null
            : new NodeStatus
            {
                ConnectionId = WithConnectionId ? connectionId : null,
                DownReason = WithReason ? reason : null,
                IsHidden = Types is null ? null : isHidden,
                IsMap = AsMap,
            };
}
