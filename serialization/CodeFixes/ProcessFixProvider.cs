using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace CloudScale.Serialization.CodeFixes;

/// <summary>What all fixes have in common: a place, its meaning, and replacements of one node by another.</summary>
public abstract class ProcessFixProvider : CodeFixProvider
{
    /// <inheritdoc/>
    public sealed override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        SyntaxNode? root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        SemanticModel? model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null)
            return;
        foreach (Diagnostic diagnostic in context.Diagnostics)
            Register(new FixPlace(context, diagnostic, root, model));
    }

    /// <summary>Offers what mends one diagnostic.</summary>
    private protected abstract void Register(FixPlace place);

    private protected static ImmutableArray<string> Ids(params string[] ids) => [.. ids];
}

/// <summary>One diagnostic in one document.</summary>
internal sealed class FixPlace(CodeFixContext context, Diagnostic diagnostic, SyntaxNode root, SemanticModel model)
{
    public Diagnostic Diagnostic { get; } = diagnostic;

    public SyntaxNode Root { get; } = root;

    public SemanticModel Model { get; } = model;

    public Solution Solution { get; } = context.Document.Project.Solution;

    public CancellationToken Cancellation { get; } = context.CancellationToken;

    /// <summary>The outermost node of the reported text.</summary>
    public SyntaxNode Node => Root.FindNode(Diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);

    public BodySyntax Body => BodySyntax.Around(Node, Model, Cancellation);

    public void Offer(string title, SyntaxNode old, SyntaxNode replacement) => Offer(title, () => Root.ReplaceNode(old, replacement));

    public void Offer(string title, Func<SyntaxNode> change) =>
        context.RegisterCodeFix(
            CodeAction.Create(title, _ => Task.FromResult(context.Document.WithSyntaxRoot(change())), equivalenceKey: title),
            Diagnostic
        );

    /// <summary>A change in the file where something is declared.</summary>
    public void OfferElsewhere(string title, SyntaxTree tree, Func<SyntaxNode, SyntaxNode> change)
    {
        if (Solution.GetDocument(tree) is not { } document)
            return;
        context.RegisterCodeFix(
            CodeAction.Create(
                title,
                async cancellation =>
                {
                    SyntaxNode? other = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
                    return other is null ? Solution : Solution.WithDocumentSyntaxRoot(document.Id, change(other));
                },
                equivalenceKey: title
            ),
            Diagnostic
        );
    }
}
