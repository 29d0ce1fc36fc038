using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CloudScale.Serialization.CodeFixes;

/// <summary>Awaits a ProcessTask that was dropped.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ProcessTaskFix)), Shared]
public sealed class ProcessTaskFix : ProcessFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = Ids("CSP011");

    private protected override void Register(FixPlace place)
    {
        // What begins in the middle of a?.B() cannot be awaited by itself, and what gives nothing back has no place in a variable.
        if (place.Node is not InvocationExpressionSyntax { Parent: not ConditionalAccessExpressionSyntax } call || !place.Body.IsAsync)
            return;
        if (
            call.Parent is EqualsValueClauseSyntax
            && place.Model.GetTypeInfo(call, place.Cancellation).Type is not INamedTypeSymbol { IsGenericType: true }
        )
            return;
        // _ = Step(self); of a task without a result becomes a statement of its own.
        ExpressionSyntax old =
            call.Parent is AssignmentExpressionSyntax { Parent: ExpressionStatementSyntax } discard
            && place.Model.GetTypeInfo(call, place.Cancellation).Type is not INamedTypeSymbol { IsGenericType: true }
                ? discard
                : call;
        place.Offer("Await it", old, BodySyntax.Await(call, old));
    }
}
