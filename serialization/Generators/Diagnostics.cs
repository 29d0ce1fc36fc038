using Microsoft.CodeAnalysis;

namespace CloudScale.Serialization.Generators;

/// <summary>What the generator refuses; README.md has a line for each.</summary>
internal static class Diagnostics
{
    private const string Category = "CloudScale.Contracts";
    private const string Help = "serialization/Generators/README.md";

    public static readonly DiagnosticDescriptor NotPartial = Error(
        "CST001",
        "A contract must be partial",
        "'{0}' needs the modifier 'partial' here, so that its reader and writer can be added"
    );

    public static readonly DiagnosticDescriptor UnsupportedType = Error(
        "CST002",
        "The type has no form as a term",
        "'{0}' has the type '{1}', which stands for no term{2}"
    );

    public static readonly DiagnosticDescriptor NoConstructor = Error(
        "CST003",
        "A contract needs a constructor whose parameters are properties",
        "'{0}' has no constructor all of whose parameters have a public property of their name"
    );

    public static readonly DiagnosticDescriptor SameName = Error(
        "CST004",
        "Two members have one name",
        "'{0}' and '{1}' are both '{2}' in the term"
    );

    public static readonly DiagnosticDescriptor Position = Error(
        "CST005",
        "The positions do not fit together",
        "'{0}' cannot stand at position {1}: {2}"
    );

    public static readonly DiagnosticDescriptor BadName = Error(
        "CST006",
        "The name cannot be that of a term",
        "'{0}' is no name for '{1}': {2}"
    );

    public static readonly DiagnosticDescriptor BadShape = Error("CST007", "The shape does not fit", "'{0}' cannot have this shape: {1}");

    public static readonly DiagnosticDescriptor BadUnion = Error(
        "CST008",
        "The union is not closed or not clear",
        "'{0}' cannot be a union: {1}"
    );

    public static readonly DiagnosticDescriptor BadOption = Error("CST009", "The option does not apply", "'{0}' cannot have {1}: {2}");

    public static readonly DiagnosticDescriptor BadEnum = Error("CST010", "The enum cannot be atoms", "'{0}' cannot be atoms: {1}");

    public static readonly DiagnosticDescriptor BadFunction = Error(
        "CST011",
        "The method cannot be a function of Erlang",
        "'{0}' cannot be exported: {1}"
    );

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help);
}
