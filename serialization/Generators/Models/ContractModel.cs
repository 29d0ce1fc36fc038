namespace CloudScale.Serialization.Generators.Models;

/// <summary>What term a contract stands for. Records of Erlang are tagged tuples here.</summary>
internal enum ContractShape
{
    PlainTuple,
    TaggedTuple,
    Map,
    Struct,
    Keywords,
    Atom,
}

/// <summary>What the keys of a map are; the values are those of <c>CloudScale.TermKeys</c>.</summary>
internal enum KeyForm
{
    Atom,
    Binary,
    Charlist,
}

/// <summary>A type that gets code: how to name it, and how to open it again.</summary>
/// <param name="Namespace">Empty for the global one.</param>
/// <param name="Outer">The heads of the types around it, outermost first: <c>partial class Shop</c>.</param>
/// <param name="Header">Its own head: <c>partial record struct Point</c>.</param>
/// <param name="Name">Its name inside itself: <c>Box&lt;T&gt;</c>.</param>
/// <param name="FullName">Its name anywhere: <c>global::Shop.Box&lt;T&gt;</c>.</param>
/// <param name="HintName">The name of the generated file.</param>
/// <param name="IsValueType">Whether it cannot be null.</param>
/// <param name="IsReachable">Whether other code of the assembly may name it, without type arguments.</param>
internal sealed record TypeIdentity(
    string Namespace,
    EquatableArray<string> Outer,
    string Header,
    string Name,
    string FullName,
    string HintName,
    bool IsValueType,
    bool IsReachable
);

/// <summary>A contract, as far as its code depends on it. No symbols: it must be equal to the model of an unchanged type in the next compilation.</summary>
/// <param name="Type">The type.</param>
/// <param name="Shape">What term it stands for.</param>
/// <param name="Tag">The tag, or the module of a struct; null without one.</param>
/// <param name="Label">How errors name it.</param>
/// <param name="Keys">What the keys of a map are.</param>
/// <param name="Members">The members, in the order of the term.</param>
/// <param name="ArgumentCount">How many of them are arguments of the constructor.</param>
/// <param name="IsRecursive">Whether a value may contain another value of the type.</param>
/// <param name="TagKey">The key that the tag stands under, of structs and of maps that are told apart by one.</param>
internal sealed record ContractModel(
    TypeIdentity Type,
    ContractShape Shape,
    string? Tag,
    string Label,
    KeyForm Keys,
    EquatableArray<MemberModel> Members,
    int ArgumentCount,
    bool IsRecursive,
    string? TagKey
)
{
    /// <summary>The term in a few words, for comments and errors.</summary>
    public string Sketch => Sketches.Of(Shape, Tag, Members.Select(member => member.WireName), TagKey);
}

/// <summary>A member of a contract.</summary>
/// <param name="Name">Its name in C#.</param>
/// <param name="WireName">Its name in the term, and in errors.</param>
/// <param name="Type">What it is.</param>
/// <param name="Argument">Which argument of the constructor it is; -1 for none.</param>
/// <param name="Default">Its value where it is absent, in C#; null where it must not be.</param>
/// <param name="IsOmitted">Whether null is left out when writing.</param>
internal sealed record MemberModel(string Name, string WireName, TypeModel Type, int Argument, string? Default, bool IsOmitted);

/// <summary>A closed set of contracts.</summary>
/// <param name="Type">The type.</param>
/// <param name="Label">How errors name it.</param>
/// <param name="Cases">The contracts.</param>
/// <param name="Key">The key whose value tells maps apart; null without such.</param>
/// <param name="Keys">What the keys of these maps are.</param>
internal sealed record UnionModel(TypeIdentity Type, string Label, EquatableArray<CaseModel> Cases, string? Key, KeyForm Keys);

/// <summary>A case of a union: what it is told by.</summary>
/// <param name="FullName">The type.</param>
/// <param name="Tag">The tag, or the module of a struct.</param>
/// <param name="Arity">The arity of the tuple with its tag; 0 for an atom, -1 for a struct, -2 for another map.</param>
/// <param name="Sketch">The term in a few words.</param>
/// <param name="Keys">What the keys of a map are.</param>
internal sealed record CaseModel(string FullName, string Tag, int Arity, string Sketch, KeyForm Keys)
{
    public const int MapArity = -2;
}

/// <summary>An enum whose members are atoms.</summary>
/// <param name="Type">The enum.</param>
/// <param name="CodecName">The class that reads and writes it.</param>
/// <param name="Accessibility">Of that class.</param>
/// <param name="Members">Its members, no two of one value.</param>
internal sealed record EnumModel(TypeIdentity Type, string CodecName, string Accessibility, EquatableArray<EnumMember> Members);

/// <summary>A member of an enum and its atom.</summary>
internal sealed record EnumMember(string Name, string Atom);

/// <summary>What the registry of an assembly says of one contract.</summary>
internal sealed record RegistryEntry(string FullName, string Tag, int Arity);
