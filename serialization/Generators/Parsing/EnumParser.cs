using System.Collections.Immutable;
using CloudScale.Serialization.Generators.Models;
using Microsoft.CodeAnalysis;

namespace CloudScale.Serialization.Generators.Parsing;

/// <summary>Reads an enum marked with <c>[Term]</c>.</summary>
internal static class EnumParser
{
    /// <summary>The full name of the class that reads and writes an enum.</summary>
    public static string CodecOf(INamedTypeSymbol type) =>
        type.ContainingNamespace.IsGlobalNamespace
            ? "global::" + CodecName(type)
            : $"global::{type.ContainingNamespace.ToDisplayString()}.{CodecName(type)}";

    public static Parsed<EnumModel> Parse(GeneratorAttributeSyntaxContext source)
    {
        var type = (INamedTypeSymbol)source.TargetSymbol;
        var faults = ImmutableArray.CreateBuilder<DiagnosticInfo>();
        AttributeData attribute = source.Attributes[0];
        if (Attributes.Text(attribute) is not null || Attributes.Number(attribute, "Shape") != 0)
            faults.Add(
                DiagnosticInfo.Of(Diagnostics.BadShape, type, type.Name, "the members of an enum are atoms, it has no tag and no shape")
            );
        if (type.GetAttributes().Any(item => item.AttributeClass?.ToDisplayString() == "System.FlagsAttribute"))
            faults.Add(
                DiagnosticInfo.Of(Diagnostics.BadEnum, type, type.Name, "flags are several at once; a list of another enum says that")
            );

        var members = ImmutableArray.CreateBuilder<EnumMember>();
        var values = new HashSet<object>();
        foreach (IFieldSymbol field in type.GetMembers().OfType<IFieldSymbol>().Where(field => field.HasConstantValue))
        {
            if (!values.Add(field.ConstantValue!))
                continue; // another name of the same value: the first is the one
            string atom = Attributes.Text(Attributes.Find(field, Attributes.TermName)) ?? Names.ToSnakeCase(field.Name);
            if (Names.Fault(atom) is { } fault)
                faults.Add(DiagnosticInfo.Of(Diagnostics.BadName, field, atom, field.Name, fault));
            EnumMember? same = members.FirstOrDefault(member => member.Atom == atom);
            if (same is not null)
                faults.Add(DiagnosticInfo.Of(Diagnostics.SameName, field, same.Name, field.Name, atom));
            members.Add(new EnumMember(Names.Escape(field.Name), atom));
        }

        if (members.Count == 0)
            faults.Add(DiagnosticInfo.Of(Diagnostics.BadEnum, type, type.Name, "it has no members"));
        TypeIdentity identity = TypeIdentities.Of(type);
        if (!identity.IsReachable)
            faults.Add(
                DiagnosticInfo.Of(
                    Diagnostics.BadEnum,
                    type,
                    type.Name,
                    "its reader and writer stand beside it and must be able to name it: make it public or internal"
                )
            );
        return faults.Count > 0
            ? new Parsed<EnumModel>(null, new(faults.ToImmutable()))
            : new Parsed<EnumModel>(
                new EnumModel(identity, CodecName(type), IsPublic(type) ? "public" : "internal", new(members.ToImmutable())),
                default
            );
    }

    private static string CodecName(INamedTypeSymbol type)
    {
        string name = type.Name + "Term";
        for (INamedTypeSymbol? around = type.ContainingType; around is not null; around = around.ContainingType)
            name = around.Name + "_" + name;
        return name;
    }

    private static bool IsPublic(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? around = type; around is not null; around = around.ContainingType)
            if (around.DeclaredAccessibility != Accessibility.Public)
                return false;
        return true;
    }
}
