namespace CloudScale;

/// <summary>The identity of a port of an Erlang node. CloudScale nodes have none of their own; they carry those of others.</summary>
/// <remarks>Wire: <c>120 | node | id:u64 | creation:u32</c> (V4_PORT_EXT).</remarks>
public readonly struct Port : IEquatable<Port>
{
    /// <summary>Makes a port from its parts.</summary>
    public Port(NodeIdentity node, ulong number)
    {
        Node = node;
        Number = number;
    }

    /// <summary>The node that owns the port; null only in <c>default</c>.</summary>
    public NodeIdentity Node { get; }

    /// <summary>The <c>ID</c> field of the wire form.</summary>
    public ulong Number { get; }

    /// <inheritdoc/>
    public bool Equals(Port other) =>
        Number == other.Number && (ReferenceEquals(Node, other.Node) || (Node is not null && Node.Equals(other.Node)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Port other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Number.GetHashCode();

    /// <summary>Whether both name one port.</summary>
    public static bool operator ==(Port left, Port right) => left.Equals(right);

    /// <summary>Whether they name two ports.</summary>
    public static bool operator !=(Port left, Port right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => Term.Format(this);
}
