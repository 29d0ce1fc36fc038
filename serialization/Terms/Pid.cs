namespace CloudScale;

/// <summary>The identity of a process, on this node or any other.</summary>
/// <remarks>
/// A value of two words: sending one costs no box. Wire: <c>88 | node | id:u32 | serial:u32 | creation:u32</c> (NEW_PID_EXT), where <see cref="Number"/> holds
/// <c>serial &lt;&lt; 32 | id</c>.
/// </remarks>
public readonly struct Pid : IEquatable<Pid>
{
    /// <summary>Makes a pid from its parts.</summary>
    public Pid(NodeIdentity node, ulong number)
    {
        Node = node;
        Number = number;
    }

    /// <summary>The node the process lives on; null only in <c>default</c>.</summary>
    public NodeIdentity Node { get; }

    /// <summary><c>serial &lt;&lt; 32 | id</c> of the wire form.</summary>
    public ulong Number { get; }

    /// <summary>The <c>ID</c> field of the wire form.</summary>
    public uint Id => (uint)Number;

    /// <summary>The <c>Serial</c> field of the wire form.</summary>
    public uint Serial => (uint)(Number >> 32);

    /// <summary>True for <c>default</c>, which names no process.</summary>
    public bool IsNone => Node is null;

    /// <inheritdoc/>
    public bool Equals(Pid other) =>
        Number == other.Number && (ReferenceEquals(Node, other.Node) || (Node is not null && Node.Equals(other.Node)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Pid other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Number.GetHashCode();

    /// <summary>Whether both name one process.</summary>
    public static bool operator ==(Pid left, Pid right) => left.Equals(right);

    /// <summary>Whether they name two processes.</summary>
    public static bool operator !=(Pid left, Pid right) => !left.Equals(right);

    /// <summary>The pid with its node's name, <c>&lt;name@host.id.serial&gt;</c>: unlike Erlang's own form it is the same on every node.</summary>
    public override string ToString() => Term.Format(this);
}
