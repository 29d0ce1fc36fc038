using System.Numerics;

namespace CloudScale.Tool.Contracts.Erlang;

/// <summary>A type as Erlang declares it.</summary>
internal abstract record ErlangType;

/// <summary>A type by name: <c>integer()</c>, <c>list(T)</c>, a declared one, or one of another module.</summary>
internal sealed record NamedType(string? Module, string Name, IReadOnlyList<ErlangType> Arguments) : ErlangType
{
    public static NamedType Any { get; } = new(null, "any", []);

    public bool Is(string name, int arity = 0) => Module is null && Name == name && Arguments.Count == arity;
}

/// <summary>One atom.</summary>
internal sealed record AtomType(string Name) : ErlangType;

/// <summary>One integer, or a range of them.</summary>
internal sealed record IntegerType : ErlangType;

/// <summary><c>{A, B}</c>.</summary>
internal sealed record TupleType(IReadOnlyList<ErlangType> Elements) : ErlangType;

/// <summary>One of several.</summary>
internal sealed record UnionType(IReadOnlyList<ErlangType> Members) : ErlangType;

/// <summary><c>#name{…}</c>.</summary>
internal sealed record RecordType(string Name) : ErlangType;

/// <summary><c>#{k := V, o => V}</c>.</summary>
internal sealed record MapType(IReadOnlyList<MapEntryType> Entries) : ErlangType;

/// <summary>An entry of a map's type.</summary>
/// <param name="Key">Of the key.</param>
/// <param name="Value">Of the value.</param>
/// <param name="IsRequired">Whether it is always there.</param>
internal sealed record MapEntryType(ErlangType Key, ErlangType Value, bool IsRequired);

/// <summary>A type's parameter, or a name that a spec gives to part of it.</summary>
internal sealed record VariableType(string Name) : ErlangType;

/// <summary>A field of a record.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What it is declared as; null if not.</param>
/// <param name="Default">What it is where nothing is said: an atom, number, string or empty list; null where that is <c>undefined</c>.</param>
/// <param name="HasDefault">Whether it has one; it may be an expression that is not known here.</param>
internal sealed record RecordField(string Name, ErlangType? Type, ErlangLiteral? Default, bool HasDefault);

/// <summary>A literal in a default.</summary>
internal abstract record ErlangLiteral;

/// <summary>An atom.</summary>
internal sealed record AtomLiteral(string Name) : ErlangLiteral;

/// <summary>An integer.</summary>
internal sealed record IntegerLiteral(BigInteger Value) : ErlangLiteral;

/// <summary>A float.</summary>
internal sealed record FloatLiteral(double Value) : ErlangLiteral;

/// <summary>A string; the empty list is the empty one.</summary>
internal sealed record TextLiteral(string Value) : ErlangLiteral;

/// <summary><c>-record</c>.</summary>
internal sealed record RecordDeclaration(string Name, IReadOnlyList<RecordField> Fields);

/// <summary><c>-type</c>, <c>-opaque</c> or <c>-nominal</c>.</summary>
internal sealed record TypeDeclaration(string Name, IReadOnlyList<string> Parameters, ErlangType Type);

/// <summary>What a <c>-spec</c> says that a function returns; of one with several clauses, all of it.</summary>
internal sealed record SpecDeclaration(string Function, int Arity, ErlangType Result);

/// <summary>What a file declares.</summary>
internal sealed class Declarations
{
    /// <summary>The records, in their order.</summary>
    public List<RecordDeclaration> Records { get; } = [];

    /// <summary>The types, in their order.</summary>
    public List<TypeDeclaration> Types { get; } = [];

    /// <summary>The specs, in their order.</summary>
    public List<SpecDeclaration> Specs { get; } = [];

    /// <summary>Adds what another file declares; what has the same name is there already.</summary>
    public void Add(Declarations other)
    {
        Records.AddRange(other.Records.Where(record => !Records.Exists(known => known.Name == record.Name)));
        Types.AddRange(
            other.Types.Where(type => !Types.Exists(known => known.Name == type.Name && known.Parameters.Count == type.Parameters.Count))
        );
        Specs.AddRange(other.Specs);
    }
}
