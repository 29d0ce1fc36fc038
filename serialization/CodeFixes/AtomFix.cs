using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CloudScale.Serialization.CodeFixes;

/// <summary>Takes an atom only if it exists, as <c>list_to_existing_atom</c> does.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(AtomFix)), Shared]
public sealed class AtomFix : ProcessFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = Ids("CSP015", "CSP016");

    private protected override void Register(FixPlace place)
    {
        if (place.Node.FirstAncestorOrSelf<ExpressionSyntax>() is not { } text)
            return;
        while (text.Parent is PostfixUnaryExpressionSyntax forgiven)
            text = forgiven;
        // Atom.Of(text), or a text where an atom is wanted.
        ExpressionSyntax whole = text.Parent
            is ArgumentSyntax
            {
                Parent.Parent: InvocationExpressionSyntax
                {
                    Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Of" }
                } call
            }
            ? call
            : text;
        // Parts of initializers have nowhere to declare a variable that others do not see, but it is legal there; a statement alone would be no statement.
        if (whole.Parent is ExpressionStatementSyntax)
            return;
        string name = FreeName(place, whole.SpanStart);
        string choice =
            $"Atom.TryGetExisting({text.WithoutTrivia().ToFullString()}, out Atom? {name}) ? {name} : throw new {Exception(place, whole)}(\"There is no such atom.\")";
        if (
            whole.Parent
            is not (
                EqualsValueClauseSyntax
                or ArrowExpressionClauseSyntax
                or ReturnStatementSyntax
                or ArgumentSyntax
                or AssignmentExpressionSyntax
            )
        )
            choice = $"({choice})";
        place.Offer("Take it only if it exists", whole, BodySyntax.Parse(choice).WithTriviaFrom(whole));
    }

    private static string Exception(FixPlace place, ExpressionSyntax at) =>
        place.Model.LookupNamespacesAndTypes(at.SpanStart, name: "ArgumentException").IsEmpty
            ? "System.ArgumentException"
            : "ArgumentException";

    private static string FreeName(FixPlace place, int position)
    {
        string name = "atom";
        for (int i = 2; !place.Model.LookupSymbols(position, name: name).IsEmpty; i++)
            name = "atom" + i;
        return name;
    }
}
