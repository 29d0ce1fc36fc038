namespace CloudScale.Serialization.Generators.Models;

/// <summary>What kinds of types a member may have.</summary>
internal enum TypeForm
{
    Integer,
    BigInteger,
    Double,
    Single,
    Decimal,
    Boolean,
    Text,
    Atom,
    Pid,
    TypedPid,
    Reference,
    Port,
    Bytes,
    Memory,
    ImmutableBytes,
    Binary,
    Term,
    Object,
    Guid,
    Moment,
    Duration,
    Date,
    TimeOfDay,
    Enum,
    Contract,
    NullableValue,
    NullableReference,
    Array,
    List,
    ImmutableArray,
    ReadOnlyList,
    HashSet,
    Dictionary,
    ReadOnlyDictionary,
    ImmutableDictionary,
    ValueTuple,
}

/// <summary>The type of a member, or of what is in it.</summary>
/// <param name="Form">Its kind.</param>
/// <param name="Name">Its name in C#, without question mark.</param>
/// <param name="HelperName">Its name as part of the name of a method.</param>
/// <param name="MinBytes">Least bytes of its term.</param>
/// <param name="MaxBytes">Most bytes of its term where that is few; else 0.</param>
/// <param name="Option">A text's, time's or GUID's form, as a member of its enum.</param>
/// <param name="Null">The atom that null is.</param>
/// <param name="Parts">Of a collection the element, of a dictionary key and value, of a tuple its elements, of a nullable the rest.</param>
/// <param name="Codec">The class that reads and writes it, for contracts and enums.</param>
/// <param name="MinPackedBytes">Least bytes of its value in MessagePack.</param>
/// <param name="ReadsInRows">Whether it is a contract that reads several of its kind at once.</param>
internal sealed record TypeModel(
    TypeForm Form,
    string Name,
    string HelperName,
    int MinBytes,
    int MaxBytes,
    string Option,
    string Null,
    EquatableArray<TypeModel> Parts,
    string Codec,
    int MinPackedBytes = 1,
    bool ReadsInRows = false
)
{
    public TypeModel Element => Parts[0];

    public TypeModel Value => Parts[1];

    /// <summary>The type of a variable that holds it.</summary>
    public string VariableName => Form is TypeForm.NullableValue or TypeForm.NullableReference ? Name + "?" : Name;

    /// <summary>Whether it is one of Elixir's own structs.</summary>
    public bool IsElixir => Option == "Elixir";

    public bool IsNullable => Form is TypeForm.NullableValue or TypeForm.NullableReference;

    /// <summary>Whether reading and writing it takes a method of its own.</summary>
    public bool NeedsHelper => Form >= TypeForm.NullableValue && !(IsBulk && Form is TypeForm.Array or TypeForm.List);

    /// <summary>Integers and floats in a row go through the library's loops.</summary>
    public bool IsBulk =>
        Form is TypeForm.Array or TypeForm.List or TypeForm.ImmutableArray or TypeForm.ReadOnlyList
        && Element.Form is TypeForm.Integer or TypeForm.Double
        && !(Form is TypeForm.ImmutableArray && Element.Name == "byte");

    /// <summary>Lists of anything, too.</summary>
    public bool IsTerms =>
        Form is TypeForm.Array or TypeForm.List or TypeForm.ImmutableArray or TypeForm.ReadOnlyList && Element.Form == TypeForm.Object;
}
