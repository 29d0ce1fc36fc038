using System.Collections.Immutable;
using CloudScale.Serialization.Generators.Models;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CloudScale.Serialization.Generators.Parsing;

/// <summary>Names a type and says how to open it again.</summary>
internal static class TypeIdentities
{
    public static TypeIdentity Of(INamedTypeSymbol type)
    {
        string space = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString();
        var outer = ImmutableArray.CreateBuilder<string>();
        for (INamedTypeSymbol? around = type.ContainingType; around is not null; around = around.ContainingType)
            outer.Insert(0, Header(around));
        return new TypeIdentity(
            space,
            new EquatableArray<string>(outer.ToImmutable()),
            Header(type),
            NameOf(type),
            Names.Full(type),
            HintName(type),
            type.IsValueType,
            IsReachable(type)
        );
    }

    /// <summary>The first of the type and those around it that is not partial; null if all are.</summary>
    public static INamedTypeSymbol? NotPartial(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? around = type; around is not null; around = around.ContainingType)
        {
            bool isPartial = around
                .DeclaringSyntaxReferences.Select(reference => reference.GetSyntax())
                .OfType<TypeDeclarationSyntax>()
                .All(declaration => declaration.Modifiers.Any(SyntaxKind.PartialKeyword));
            if (!isPartial)
                return around;
        }

        return null;
    }

    private static string Header(INamedTypeSymbol type)
    {
        string keyword = (type.IsRecord, type.TypeKind) switch
        {
            (true, TypeKind.Struct) => "record struct",
            (true, _) => "record",
            (_, TypeKind.Struct) => "struct",
            (_, TypeKind.Interface) => "interface",
            _ => "class",
        };
        return $"partial {keyword} {NameOf(type)}";
    }

    private static string NameOf(INamedTypeSymbol type) =>
        type.TypeParameters.IsEmpty
            ? Names.Escape(type.Name)
            : $"{Names.Escape(type.Name)}<{string.Join(", ", type.TypeParameters.Select(parameter => Names.Escape(parameter.Name)))}>";

    private static string HintName(INamedTypeSymbol type)
    {
        string name = type.Arity == 0 ? type.Name : type.Name + "_" + type.Arity;
        for (INamedTypeSymbol? around = type.ContainingType; around is not null; around = around.ContainingType)
            name = (around.Arity == 0 ? around.Name : around.Name + "_" + around.Arity) + "." + name;
        return type.ContainingNamespace.IsGlobalNamespace ? name : type.ContainingNamespace.ToDisplayString() + "." + name;
    }

    private static bool IsReachable(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? around = type; around is not null; around = around.ContainingType)
        {
            bool isOpen =
                around.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal;
            if (!isOpen || around.Arity > 0 || around.IsFileLocal)
                return false;
        }

        return true;
    }
}
