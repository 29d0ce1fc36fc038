using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CloudScale.Serialization.CodeFixes;

/// <summary>Puts what is valid in the place of a foreign Self: the body's own, the node to send from, or the Pid to send.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ForeignSelfFix)), Shared]
public sealed class ForeignSelfFix : ProcessFixProvider
{
    // What a node offers with the same parameters.
    private static readonly string[] s_ofTheNode =
    [
        "Send",
        "SendAfter",
        "Exit",
        "Spawn",
        "Register",
        "Unregister",
        "WhereIs",
        "MakeReference",
    ];

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = Ids("CSP009");

    private protected override void Register(FixPlace place)
    {
        if (place.Node.FirstAncestorOrSelf<IdentifierNameSyntax>() is not { } name)
            return;
        // The innermost function with a Self of its own is the process that runs here.
        foreach (AnonymousFunctionExpressionSyntax lambda in name.Ancestors().OfType<AnonymousFunctionExpressionSyntax>())
        {
            IParameterSymbol? own = (
                place.Model.GetSymbolInfo(lambda, place.Cancellation).Symbol as IMethodSymbol
            )?.Parameters.FirstOrDefault(static parameter => BodySyntax.IsSelf(parameter.Type));
            if (own is null || own.Name == name.Identifier.ValueText || own.Name == "_")
                continue;
            place.Offer($"Use '{own.Name}', the process's own", name, SyntaxFactory.IdentifierName(own.Name).WithTriviaFrom(name));
            return;
        }

        switch (name.Parent)
        {
            case ArgumentSyntax argument when IsSent(argument, place):
                place.Offer("Send its Pid", name, BodySyntax.Parse(name.Identifier.Text + ".Pid").WithTriviaFrom(name));
                break;
            case MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax call } access
                when access.Expression == name && IsOfferedByTheNode(call, place):
                place.Offer("Let the node do it", name, BodySyntax.Parse(name.Identifier.Text + ".System").WithTriviaFrom(name));
                break;
        }
    }

    private static bool IsSent(ArgumentSyntax argument, FixPlace place) =>
        argument.Parent?.Parent is { } call
        && place.Model.GetSymbolInfo(call, place.Cancellation).Symbol
            is IMethodSymbol { ContainingType: { Name: "Self" or "ProcessSystem" or "Tuple" or "List" or "Map" } };

    private static bool IsOfferedByTheNode(InvocationExpressionSyntax call, FixPlace place)
    {
        if (
            place.Model.GetSymbolInfo(call, place.Cancellation).Symbol is not IMethodSymbol method
            || Array.IndexOf(s_ofTheNode, method.Name) < 0
        )
            return false;
        INamedTypeSymbol? node = place.Model.Compilation.GetTypeByMetadataName("CloudScale.Scheduling.ProcessSystem");
        return node is not null
            && node.GetMembers(method.Name)
                .OfType<IMethodSymbol>()
                .Any(twin =>
                    twin.DeclaredAccessibility == Accessibility.Public
                    && twin.Parameters.Length >= call.ArgumentList.Arguments.Count
                    && twin.Parameters.Skip(call.ArgumentList.Arguments.Count).All(static rest => rest.IsOptional)
                    && twin.Parameters.Zip(
                            method.Parameters.Take(call.ArgumentList.Arguments.Count),
                            static (one, other) => Fits(one.Type, other.Type)
                        )
                        .All(static fits => fits)
                );
    }

    // An integer or pid that goes without a box from a process goes as an object from the node.
    private static bool Fits(ITypeSymbol taken, ITypeSymbol given) =>
        taken.SpecialType == SpecialType.System_Object || SymbolEqualityComparer.Default.Equals(taken, given);
}
