using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CloudScale.Serialization.Generators.Parsing;

/// <summary>A member as found: the property or field that holds it, and the parameter that sets it.</summary>
internal sealed class FoundMember(ISymbol holder, ITypeSymbol type, IParameterSymbol? parameter)
{
    public ISymbol Holder { get; } = holder;
    public ITypeSymbol Type { get; } = type;
    public IParameterSymbol? Parameter { get; } = parameter;

    /// <summary>What stands on it, on the property before the parameter.</summary>
    public AttributeData? Attribute =>
        Attributes.Find(Holder, Attributes.TermMember) ?? (Parameter is null ? null : Attributes.Find(Parameter, Attributes.TermMember));
}

/// <summary>Finds the members of a contract: the parameters of its constructor, then what else can be set.</summary>
internal static class MemberFinder
{
    /// <summary>The members in the order of their declaration, those of the constructor first; null where there is no constructor to use.</summary>
    public static List<FoundMember>? Find(INamedTypeSymbol type)
    {
        List<ISymbol> holders = Holders(type);
        IMethodSymbol? constructor = Constructor(type, holders);
        if (constructor is null)
            return null;

        var members = new List<FoundMember>();
        foreach (IParameterSymbol parameter in constructor.Parameters)
        {
            ISymbol holder = Match(holders, parameter)!;
            holders.Remove(holder);
            members.Add(new FoundMember(holder, parameter.Type, parameter));
        }

        foreach (ISymbol holder in holders)
        {
            if (holder is IPropertySymbol { SetMethod.DeclaredAccessibility: Accessibility.Public or Accessibility.Internal } property)
                members.Add(new FoundMember(property, property.Type, null));
            else if (holder is IFieldSymbol { IsReadOnly: false } field)
                members.Add(new FoundMember(field, field.Type, null));
        }

        return members;
    }

    /// <summary>The value of a member that is absent, in C#: the default of its parameter, or a constant its property starts with; null for neither.</summary>
    public static string? Default(FoundMember member, Compilation compilation)
    {
        if (member.Parameter is { } parameter)
            return parameter.HasExplicitDefaultValue ? Literal(parameter.ExplicitDefaultValue, parameter.Type) : null;

        ExpressionSyntax? value = member.Holder.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() switch
        {
            PropertyDeclarationSyntax property => property.Initializer?.Value,
            VariableDeclaratorSyntax field => field.Initializer?.Value,
            _ => null,
        };
        if (value is null || !compilation.ContainsSyntaxTree(value.SyntaxTree))
            return null;
        Optional<object?> constant = compilation.GetSemanticModel(value.SyntaxTree).GetConstantValue(value);
        return constant.HasValue ? Literal(constant.Value, member.Type) : null;
    }

    private static string Literal(object? value, ITypeSymbol type)
    {
        if (value is null)
            return "default";
        string literal = value switch
        {
            string text => SymbolDisplay.FormatLiteral(text, quote: true),
            bool truth => truth ? "true" : "false",
            double number => number.ToString("R", CultureInfo.InvariantCulture) + "d",
            float number => number.ToString("R", CultureInfo.InvariantCulture) + "f",
            decimal number => number.ToString(CultureInfo.InvariantCulture) + "m",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => "default",
        };
        return IsEnum(type) ? $"({Names.Full(type)})({literal})" : literal;
    }

    private static bool IsEnum(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Enum
        || (
            type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            && nullable.TypeArguments[0].TypeKind == TypeKind.Enum
        );

    // Of a base type first, so that what a derived record adds comes last, as it does in the constructor.
    private static List<ISymbol> Holders(INamedTypeSymbol type)
    {
        var holders = new List<ISymbol>();
        var chain = new Stack<INamedTypeSymbol>();
        for (
            INamedTypeSymbol? level = type;
            level is { SpecialType: not (SpecialType.System_Object or SpecialType.System_ValueType) };
            level = level.BaseType
        )
            chain.Push(level);
        foreach (INamedTypeSymbol level in chain)
        {
            foreach (ISymbol member in level.GetMembers())
            {
                if (!IsHolder(member))
                    continue;
                holders.RemoveAll(known => known.Name == member.Name);
                holders.Add(member);
            }
        }

        return holders;
    }

    private static bool IsHolder(ISymbol member) =>
        !member.IsStatic
        && member.DeclaredAccessibility == Accessibility.Public
        && member is IPropertySymbol { IsIndexer: false, GetMethod: not null } or IFieldSymbol { AssociatedSymbol: null }
        && Attributes.Find(member, Attributes.TermIgnore) is null;

    private static ISymbol? Match(List<ISymbol> holders, IParameterSymbol parameter) =>
        holders.Find(holder => holder.Name == parameter.Name && SameType(holder, parameter))
        ?? holders.Find(holder =>
            string.Equals(holder.Name, parameter.Name, StringComparison.OrdinalIgnoreCase) && SameType(holder, parameter)
        );

    private static bool SameType(ISymbol holder, IParameterSymbol parameter)
    {
        ITypeSymbol type = holder is IPropertySymbol property ? property.Type : ((IFieldSymbol)holder).Type;
        return SymbolEqualityComparer.Default.Equals(type, parameter.Type);
    }

    private static IMethodSymbol? Constructor(INamedTypeSymbol type, List<ISymbol> holders)
    {
        IMethodSymbol? best = null;
        foreach (IMethodSymbol constructor in type.InstanceConstructors)
        {
            bool isCopy =
                type.IsRecord
                && constructor.Parameters.Length == 1
                && SymbolEqualityComparer.Default.Equals(constructor.Parameters[0].Type, type);
            bool isPrimary = constructor.DeclaringSyntaxReferences.Any(reference => reference.GetSyntax() is TypeDeclarationSyntax);
            if (isCopy || (!isPrimary && constructor.DeclaredAccessibility != Accessibility.Public))
                continue;
            if (constructor.Parameters.Any(parameter => parameter.RefKind != RefKind.None || Match(holders, parameter) is null))
                continue;
            if (isPrimary)
                return constructor;
            if (best is null || constructor.Parameters.Length > best.Parameters.Length)
                best = constructor;
        }

        return best;
    }
}
