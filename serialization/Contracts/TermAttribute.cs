namespace CloudScale;

/// <summary>Makes a type a contract: the reader and writer of its term are generated when the program is built.</summary>
/// <remarks>
/// The type is partial: a class, struct or record. See serialization/Contracts/README.md for shapes, member types and wire forms, and serialization/Generators/README.md
/// for what the generator refuses.
/// </remarks>
/// <param name="tag">The atom that names the term; null for terms without a tag.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum, Inherited = false)]
public sealed class TermAttribute(string? tag = null) : Attribute
{
    /// <summary>The atom that names the term; null for terms without a tag.</summary>
    public string? Tag { get; } = tag;
}
