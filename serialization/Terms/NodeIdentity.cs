namespace CloudScale;

/// <summary>One incarnation of a node: its name and the creation number it got at its start.</summary>
/// <remarks>
/// Every <see cref="Pid"/>, <see cref="Reference"/> and <see cref="Port"/> points at the identity of the node that made it. The identity object of a running
/// node is a singleton, so "is this mine?" is one reference comparison; identities that came over the wire are compared by value.
/// </remarks>
public sealed class NodeIdentity : IEquatable<NodeIdentity>
{
    /// <summary>Makes the identity of a node.</summary>
    /// <param name="name">Full node name, <c>name@host</c>.</param>
    /// <param name="creation">Tells incarnations of one name apart; 0 means a node that is not distributed.</param>
    public NodeIdentity(Atom name, uint creation)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
        Creation = creation;
    }

    /// <summary>Full node name, <c>name@host</c>.</summary>
    public Atom Name { get; }

    /// <summary>Tells incarnations of one name apart.</summary>
    public uint Creation { get; }

    /// <inheritdoc/>
    public bool Equals(NodeIdentity? other) =>
        ReferenceEquals(this, other) || (other is not null && ReferenceEquals(Name, other.Name) && Creation == other.Creation);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NodeIdentity);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name.GetHashCode(), Creation);

    /// <inheritdoc/>
    public override string ToString() => $"{Name.Name}#{Creation}";
}
