namespace CloudScale;

/// <summary>What <see cref="NodeUp"/> and <see cref="NodeDown"/> tell besides the node's name, as far as their receiver asked for it.</summary>
/// <remarks>Wire: a proper list of pairs, or a map, with the keys <c>connection_id</c>, <c>nodedown_reason</c> and <c>node_type</c>. Source: OTP kernel, <c>net_kernel:monitor_nodes/2</c>.</remarks>
public sealed record NodeStatus : ITermConvertible
{
    private static readonly Atom s_connectionId = Atom.Of("connection_id");
    private static readonly Atom s_downReason = Atom.Of("nodedown_reason");
    private static readonly Atom s_nodeType = Atom.Of("node_type");
    private static readonly Atom s_hidden = Atom.Of("hidden");
    private static readonly Atom s_visible = Atom.Of("visible");

    /// <summary>Tells the connections of a node apart.</summary>
    public long? ConnectionId { get; init; }

    /// <summary>
    /// Why the connection ended: <c>connection_closed</c>, <c>net_tick_timeout</c>, <c>disconnect</c> or <c>net_kernel_terminated</c>. Null with <see cref="NodeUp"/>, too.
    /// </summary>
    public object? DownReason { get; init; }

    /// <summary>Whether it is a hidden node.</summary>
    public bool? IsHidden { get; init; }

    /// <summary>Whether Erlang sees a map, in place of a list.</summary>
    public bool IsMap { get; init; }

    /// <inheritdoc/>
    public object ToTerm()
    {
        List<(object Key, object Value)> items = [];
        if (ConnectionId is { } id)
            items.Add((s_connectionId, id));
        if (DownReason is { } reason)
            items.Add((s_downReason, reason));
        if (IsHidden is { } isHidden)
            items.Add((s_nodeType, isHidden ? s_hidden : s_visible));
        return IsMap ? Map.Of([.. items]) : List.Of([.. items.Select(item => (object)Tuple.Of(item.Key, item.Value))]);
    }
}
