namespace CloudScale;

/// <summary>The process that references may be aliases of; one object serves all the aliases of a process.</summary>
/// <remarks>BEAM lays the process into the reference too, so that a message to an alias finds its receiver without a table. Threads: any; it never changes.</remarks>
public sealed class AliasOrigin(NodeIdentity node, ulong process) : IEquatable<AliasOrigin>
{
    /// <summary>The node of the process.</summary>
    public NodeIdentity Node { get; } = node;

    /// <summary>The <see cref="Pid.Number"/> of the process, if the reference was made by a node that lays it out as we do.</summary>
    public ulong Process { get; } = process;

    /// <inheritdoc/>
    public bool Equals(AliasOrigin? other) => other is not null && Process == other.Process && Node.Equals(other.Node);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AliasOrigin);

    /// <inheritdoc/>
    public override int GetHashCode() => Process.GetHashCode();
}
