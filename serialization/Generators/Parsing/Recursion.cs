using Microsoft.CodeAnalysis;

namespace CloudScale.Serialization.Generators.Parsing;

/// <summary>Whether a value of a contract may contain another value of it, over any way.</summary>
internal static class Recursion
{
    public static bool IsRecursive(INamedTypeSymbol contract)
    {
        var seen = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        return PartsOf(contract).Any(part => Reaches(part, contract, seen));
    }

    private static bool Reaches(ITypeSymbol type, INamedTypeSymbol target, HashSet<ISymbol> seen)
    {
        if (SymbolEqualityComparer.Default.Equals(type, target))
            return true;
        if (!seen.Add(type))
            return false;
        return type switch
        {
            IArrayTypeSymbol array => Reaches(array.ElementType, target, seen),
            // Of a contract that is not known yet anything may come.
            ITypeParameterSymbol => true,
            INamedTypeSymbol named => named.TypeArguments.Any(argument => Reaches(argument, target, seen))
                || PartsOf(named).Any(part => Reaches(part, target, seen)),
            _ => false,
        };
    }

    private static IEnumerable<ITypeSymbol> PartsOf(INamedTypeSymbol type)
    {
        if (Attributes.Find(type, Attributes.TermUnion) is { } union)
            return UnionParser.CasesOf(type, union);
        return Attributes.Find(type, Attributes.Term) is not null && type.TypeKind != TypeKind.Enum
            ? MemberFinder.Find(type)?.Select(member => member.Type) ?? []
            : [];
    }
}
