namespace CloudScale;

/// <summary>A monitored process, name or node is gone. To Erlang: <c>{'DOWN', Reference, process, Object, Reason}</c>.</summary>
/// <param name="Reference">What <c>Monitor</c> returned.</param>
/// <param name="Object">The pid, or the tuple <c>{Name, Node}</c> where the monitor was set by name.</param>
/// <param name="Reason">The exit reason; <c>noproc</c> if there was no such process, <c>noconnection</c> if its node was lost.</param>
public sealed record Down(Reference Reference, object Object, object Reason) : ITermConvertible
{
    /// <inheritdoc/>
    public object ToTerm() => Tuple.Of(Atoms.Down, Reference, Atoms.Process, Object, Reason);
}

/// <summary>An exit signal that a process with trap_exit received as a message. To Erlang: <c>{'EXIT', From, Reason}</c>.</summary>
/// <param name="From">The process that exited or sent the signal.</param>
/// <param name="Reason">The exit reason.</param>
public sealed record Exit(Pid From, object Reason) : ITermConvertible
{
    /// <inheritdoc/>
    public object ToTerm() => Tuple.Of(Atoms.Exit, From, Reason);
}

/// <summary>
/// A message of another node whose bytes, when they were looked at, were no term or more than is allowed. The connection it came over is closed. To Erlang: <c>{undecodable, Error}</c>.
/// </summary>
/// <param name="Error">What was wrong, for people.</param>
public sealed record Undecodable(string Error) : ITermConvertible
{
    private static readonly Atom s_tag = Atom.Of("undecodable");

    /// <inheritdoc/>
    public object ToTerm() => Tuple.Of(s_tag, Error);
}

/// <summary>A node became connected. To Erlang: <c>{nodeup, Node}</c>, or <c>{nodeup, Node, Info}</c>.</summary>
/// <param name="Node">The node's name.</param>
public sealed record NodeUp(Atom Node) : ITermConvertible
{
    /// <summary>What the subscriber asked to be told besides the name; null if it asked for nothing.</summary>
    public NodeStatus? Info { get; init; }

    /// <inheritdoc/>
    public object ToTerm() => Info is null ? Tuple.Of(Atoms.NodeUp, Node) : Tuple.Of(Atoms.NodeUp, Node, Info.ToTerm());
}

/// <summary>The connection to a node was lost. To Erlang: <c>{nodedown, Node}</c>, or <c>{nodedown, Node, Info}</c>.</summary>
/// <param name="Node">The node's name.</param>
public sealed record NodeDown(Atom Node) : ITermConvertible
{
    /// <inheritdoc cref="NodeUp.Info"/>
    public NodeStatus? Info { get; init; }

    /// <inheritdoc/>
    public object ToTerm() => Info is null ? Tuple.Of(Atoms.NodeDown, Node) : Tuple.Of(Atoms.NodeDown, Node, Info.ToTerm());
}
