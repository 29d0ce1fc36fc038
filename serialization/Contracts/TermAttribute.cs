namespace CloudScale;

/// <summary>Makes a type a contract: the reader and writer of its term are generated when the program is built.</summary>
/// <remarks>
/// <para>On a partial class, struct or record. Its members are the parameters of its constructor (the primary one, or the one with most parameters that all have a property
/// of their name), then its other public properties and fields that can be set. Named in the term as in C#, in snake_case.</para>
/// <para>On an enum: its members are atoms, by default their names in snake_case; <see cref="TermNameAttribute"/> names them otherwise.</para>
/// <para>See serialization/Contracts/README.md for shapes, member types and wire forms, serialization/Generators/README.md for what the generator refuses.</para>
/// </remarks>
/// <param name="tag">The atom that names the term; null for terms without a tag.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum, Inherited = false)]
public sealed class TermAttribute(string? tag = null) : Attribute
{
    /// <summary>
    /// The atom that names the term; null for terms without a tag. Of a struct the module: <c>Shop.Order</c> and <c>Elixir.Shop.Order</c> are the same.
    /// </summary>
    public string? Tag { get; } = tag;

    /// <summary>What kind of term it is; a tuple by default.</summary>
    public TermShape Shape { get; set; }

    /// <summary>What the keys of a <see cref="TermShape.Map"/> are; atoms by default.</summary>
    public TermKeys Keys { get; set; }

    /// <summary>Which atom null is, for all members that do not say it themselves.</summary>
    public TermNull Null { get; set; }
}

/// <summary>Makes an abstract class or record the closed set of its cases, which are contracts: a term is read as the case that its tag and arity name.</summary>
/// <remarks>
/// The cases are the types nested in it that derive from it and have <see cref="TermAttribute"/>, and those listed here. Tagged tuples, records, bare atoms and structs may be
/// cases, no two with the same tag and arity; and maps with a tag, where there is a <see cref="Key"/>.
/// </remarks>
/// <param name="cases">Cases that are not nested in the type.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class TermUnionAttribute(params Type[] cases) : Attribute
{
    /// <summary>Cases that are not nested in the type.</summary>
    public IReadOnlyList<Type> Cases { get; } = cases;

    /// <summary>
    /// The key whose value tells maps apart: with <c>Key = "type"</c>, <c>[Term("circle", Shape = TermShape.Map)]</c> is <c>#{type => circle, …}</c>. The value is of the kind of the keys.
    /// </summary>
    public string? Key { get; set; }
}

/// <summary>How a member of a contract stands in the term. On a parameter of a record's primary constructor, or <c>[property: …]</c> there; on a property; on a field.</summary>
/// <param name="name">The member's name in the term; null for its C# name in snake_case.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Parameter)]
public sealed class TermMemberAttribute(string? name = null) : Attribute
{
    /// <summary>The member's name in the term; null for its C# name in snake_case.</summary>
    public string? Name { get; } = name;

    /// <summary>In tuples: its place among the members, counted from 1; the tag does not count. 0: as it comes.</summary>
    public int Position { get; set; }

    /// <summary>In maps and keyword lists: it may be absent, and then has the default of its parameter or type; null is left out when writing.</summary>
    public bool Optional { get; set; }

    /// <summary>What a string is; also the strings in a collection.</summary>
    public TermText Text { get; set; }

    /// <summary>Which atom null is.</summary>
    public TermNull Null { get; set; }

    /// <summary>What a point in time or a duration is.</summary>
    public TermTime Time { get; set; }

    /// <summary>What a <see cref="System.Guid"/> is.</summary>
    public TermGuid Guid { get; set; }

    /// <summary>What a <see cref="decimal"/> is.</summary>
    public TermDecimal Decimal { get; set; }
}

/// <summary>The atom that a member of an enum is.</summary>
/// <param name="name">The atom's text.</param>
[AttributeUsage(AttributeTargets.Field)]
public sealed class TermNameAttribute(string name) : Attribute
{
    /// <summary>The atom's text.</summary>
    public string Name { get; } = name;
}

/// <summary>Leaves a property or field out of its contract.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class TermIgnoreAttribute : Attribute;
