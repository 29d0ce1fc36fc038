using Microsoft.CodeAnalysis;

namespace CloudScale.Serialization.Generators.Parsing;

/// <summary>
/// The least bytes that a contract's term has: a list that promises more elements than the input has bytes for is refused before anything is allocated.
/// </summary>
internal static class WireSize
{
    private const int AtomBytes = 2;

    public static int OfContract(INamedTypeSymbol type) => OfContract(type, new HashSet<ISymbol>(SymbolEqualityComparer.Default));

    /// <summary>The same in MessagePack, where most values have a form of one byte.</summary>
    public static int OfPackedContract(INamedTypeSymbol type) =>
        OfPackedContract(type, new HashSet<ISymbol>(SymbolEqualityComparer.Default));

    private static int OfPackedContract(INamedTypeSymbol type, HashSet<ISymbol> open)
    {
        AttributeData? attribute = Attributes.Find(type, Attributes.Term);
        if (attribute is null || type.TypeKind == TypeKind.Enum || !open.Add(type))
            return 1;
        bool isTuple = Attributes.Number(attribute, "Shape") is ShapeNumbers.Tuple or ShapeNumbers.Record;
        int size = 1 + (Attributes.Text(attribute) is null ? 0 : 1);
        if (isTuple)
            size += MemberFinder.Find(type)?.Sum(member => OfPackedType(member.Type, open)) ?? 0;
        open.Remove(type);
        return isTuple ? size : 1;
    }

    private static int OfPackedType(ITypeSymbol type, HashSet<ISymbol> open) =>
        type is INamedTypeSymbol named && named.NullableAnnotation != NullableAnnotation.Annotated ? OfPackedContract(named, open) : 1;

    private static int OfContract(INamedTypeSymbol type, HashSet<ISymbol> open)
    {
        AttributeData? attribute = Attributes.Find(type, Attributes.Term);
        if (attribute is null || !open.Add(type))
            return AtomBytes; // a union's case may be an atom; a contract in itself must end somewhere, in null or an empty list
        int size = Attributes.Number(attribute, "Shape") switch
        {
            ShapeNumbers.Map or ShapeNumbers.Struct => 5,
            ShapeNumbers.Keywords => 1,
            ShapeNumbers.Atom => AtomBytes,
            _ => 2
                + (Attributes.Text(attribute) is null ? 0 : AtomBytes)
                + (MemberFinder.Find(type)?.Sum(member => OfType(member.Type, open)) ?? 0),
        };
        open.Remove(type);
        return size;
    }

    private static int OfType(ITypeSymbol type, HashSet<ISymbol> open)
    {
        if (
            type is INamedTypeSymbol named
            && Attributes.Find(named, Attributes.Term) is not null
            && named.NullableAnnotation != NullableAnnotation.Annotated
        )
            return named.TypeKind == TypeKind.Enum ? AtomBytes : OfContract(named, open);
        return type.SpecialType switch
        {
            SpecialType.System_Object => 1,
            _ when type.NullableAnnotation == NullableAnnotation.Annotated => AtomBytes,
            _ when type.IsValueType => AtomBytes,
            _ => 1,
        };
    }
}

/// <summary>The numbers of <c>CloudScale.TermShape</c>.</summary>
internal static class ShapeNumbers
{
    public const int Tuple = 0;
    public const int Map = 1;
    public const int Record = 2;
    public const int Struct = 3;
    public const int Keywords = 4;
    public const int Atom = 5;
}
