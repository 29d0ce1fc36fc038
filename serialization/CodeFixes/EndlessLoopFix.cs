using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace CloudScale.Serialization.CodeFixes;

/// <summary>Lets others run once a turn of a loop.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(EndlessLoopFix)), Shared]
public sealed class EndlessLoopFix : ProcessFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = Ids("CSP008");

    private protected override void Register(FixPlace place)
    {
        if (place.Body is not { IsAsync: true, Self: { } self })
            return;
        StatementSyntax? body = place.Node.FirstAncestorOrSelf<StatementSyntax>(static at =>
            at is WhileStatementSyntax or ForStatementSyntax or DoStatementSyntax
        ) switch
        {
            WhileStatementSyntax loop => loop.Statement,
            ForStatementSyntax loop => loop.Statement,
            DoStatementSyntax loop => loop.Statement,
            _ => null,
        };
        // At the beginning, so that no continue passes it by.
        StatementSyntax yield = SyntaxFactory
            .ParseStatement($"await {self}.Yield();")
            .WithTrailingTrivia(SyntaxFactory.ElasticLineFeed)
            .WithAdditionalAnnotations(Formatter.Annotation);
        StatementSyntax? mended = body switch
        {
            null => null,
            BlockSyntax block => block.WithStatements(block.Statements.Insert(0, yield)),
            EmptyStatementSyntax => yield.WithTriviaFrom(body),
            _ => SyntaxFactory.Block(yield, body.WithoutTrivia()).WithTriviaFrom(body),
        };
        if (mended is not null)
            place.Offer("Yield in each turn", body!, mended.WithAdditionalAnnotations(Formatter.Annotation));
    }
}
