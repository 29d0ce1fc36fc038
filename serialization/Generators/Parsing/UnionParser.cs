using System.Collections.Immutable;
using CloudScale.Serialization.Generators.Models;
using Microsoft.CodeAnalysis;

namespace CloudScale.Serialization.Generators.Parsing;

/// <summary>Reads an abstract class marked with <c>[TermUnion]</c>.</summary>
internal static class UnionParser
{
    /// <summary>The cases: nested types that derive from it, then those that the attribute lists.</summary>
    public static IEnumerable<INamedTypeSymbol> CasesOf(INamedTypeSymbol type, AttributeData attribute)
    {
        IEnumerable<INamedTypeSymbol> nested = type.GetTypeMembers()
            .Where(item => Derives(item, type) && Attributes.Find(item, Attributes.Term) is not null);
        IEnumerable<INamedTypeSymbol> listed =
            attribute.ConstructorArguments.Length > 0 && attribute.ConstructorArguments[0].Kind == TypedConstantKind.Array
                ? attribute.ConstructorArguments[0].Values.Select(value => value.Value).OfType<INamedTypeSymbol>()
                : [];
        return nested.Concat(listed).Distinct<INamedTypeSymbol>(SymbolEqualityComparer.Default);
    }

    /// <summary>The key by which the unions that a type is a case of tell maps apart; null for none.</summary>
    public static string? KeyFor(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? level = type.BaseType; level is not null; level = level.BaseType)
            if (Attributes.Named(Attributes.Find(level, Attributes.TermUnion), "Key") is { } key)
                return key;
        return null;
    }

    public static Parsed<UnionModel> Parse(GeneratorAttributeSyntaxContext source)
    {
        var type = (INamedTypeSymbol)source.TargetSymbol;
        var faults = ImmutableArray.CreateBuilder<DiagnosticInfo>();
        if (TypeIdentities.NotPartial(type) is { } closed)
            faults.Add(DiagnosticInfo.Of(Diagnostics.NotPartial, closed, closed.Name));
        if (!type.IsAbstract)
            faults.Add(
                DiagnosticInfo.Of(Diagnostics.BadUnion, type, type.Name, "it is not abstract, so a value might be none of its cases")
            );
        if (Attributes.Find(type, Attributes.Term) is not null)
            faults.Add(DiagnosticInfo.Of(Diagnostics.BadUnion, type, type.Name, "it has [Term] too; its cases have"));

        string? key = Attributes.Named(source.Attributes[0], "Key");
        if (key is not null && Names.Fault(key) is { } keyFault)
            faults.Add(DiagnosticInfo.Of(Diagnostics.BadName, type, key, type.Name, keyFault));
        var cases = ImmutableArray.CreateBuilder<CaseModel>();
        foreach (INamedTypeSymbol item in CasesOf(type, source.Attributes[0]))
        {
            if (ParseCase(type, item, faults) is not { } parsed)
                continue;
            CaseModel? same = cases.FirstOrDefault(other => other.Tag == parsed.Tag && other.Arity == parsed.Arity);
            if (same is not null)
                faults.Add(DiagnosticInfo.Of(Diagnostics.BadUnion, item, type.Name, $"two cases are {parsed.Sketch}"));
            cases.Add(parsed);
        }

        if (cases.Count == 0 && faults.Count == 0)
            faults.Add(
                DiagnosticInfo.Of(
                    Diagnostics.BadUnion,
                    type,
                    type.Name,
                    "it has no cases: nest types in it that derive from it and have [Term]"
                )
            );
        KeyForm[] keys = [.. cases.Where(item => item.Arity == CaseModel.MapArity).Select(item => item.Keys).Distinct()];
        if (keys.Length > 1)
            faults.Add(DiagnosticInfo.Of(Diagnostics.BadUnion, type, type.Name, "the keys of its maps are of several kinds"));
        if (key is not null && keys.Length == 0 && faults.Count == 0)
            faults.Add(DiagnosticInfo.Of(Diagnostics.BadUnion, type, type.Name, $"it has a key, '{key}', and no maps with a tag"));
        return faults.Count > 0
            ? new Parsed<UnionModel>(null, new(faults.ToImmutable()))
            : new Parsed<UnionModel>(
                new UnionModel(TypeIdentities.Of(type), Names.ToSnakeCase(type.Name), new(cases.ToImmutable()), key, keys.FirstOrDefault()),
                default
            );
    }

    private static CaseModel? ParseCase(INamedTypeSymbol union, INamedTypeSymbol type, ImmutableArray<DiagnosticInfo>.Builder faults)
    {
        AttributeData? attribute = Attributes.Find(type, Attributes.Term);
        string? fault = attribute is null ? $"its case {type.Name} has no [Term]" : null;
        fault ??= Derives(type, union) ? null : $"its case {type.Name} does not derive from it";
        ContractShape shape = attribute is null ? default : ContractParser.ShapeOf(attribute);
        string? key = shape == ContractShape.Map && Attributes.Text(attribute) is not null ? KeyFor(type) : null;
        fault ??=
            (shape == ContractShape.Map && key is null) || shape is ContractShape.Keywords or ContractShape.PlainTuple
                ? $"its case {type.Name} has no tag to be told by"
                : null;
        if (fault is not null)
        {
            faults.Add(DiagnosticInfo.Of(Diagnostics.BadUnion, type, union.Name, fault));
            return null;
        }

        // What is wrong with a case itself is told where the case is parsed.
        string tag = ContractParser.TagOf(attribute!, shape) ?? "";
        List<FoundMember> members = MemberFinder.Find(type) ?? [];
        int arity = shape switch
        {
            ContractShape.Atom => 0,
            ContractShape.Struct => -1,
            ContractShape.Map => CaseModel.MapArity,
            _ => members.Count + 1,
        };
        string sketch = Sketches.Of(shape, tag, members.Select(ContractParser.WireName), key);
        return new CaseModel(Names.Full(type), tag, arity, sketch, (KeyForm)Attributes.Number(attribute, "Keys"));
    }

    private static bool Derives(INamedTypeSymbol type, INamedTypeSymbol parent)
    {
        for (INamedTypeSymbol? level = type.BaseType; level is not null; level = level.BaseType)
            if (SymbolEqualityComparer.Default.Equals(level, parent))
                return true;
        return false;
    }
}
