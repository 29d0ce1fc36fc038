using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CloudScale.Serialization.CodeFixes;

/// <summary>Closes the member through which a message can change: <c>set</c> becomes <c>init</c>, a field becomes readonly.</summary>
/// <remarks>A private setter or field is written by its own type after construction, or it would not have been reported: that is for its author to undo. So is the choice of a collection.</remarks>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ImmutableMessageFix)), Shared]
public sealed class ImmutableMessageFix : ProcessFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = Ids("CSP001", "CSP002");

    private protected override void Register(FixPlace place)
    {
        if (place.Diagnostic.AdditionalLocations is not { Count: > 0 } places || places[0] is not { SourceTree: { } tree } location)
            return;
        SyntaxNode? member = tree.GetRoot(place.Cancellation)
            .FindNode(location.SourceSpan)
            .AncestorsAndSelf()
            .FirstOrDefault(static at => at is PropertyDeclarationSyntax or FieldDeclarationSyntax);
        switch (member)
        {
            case PropertyDeclarationSyntax property
                when SetterOf(property) is { } setter && !setter.Modifiers.Any(SyntaxKind.PrivateKeyword):
                place.OfferElsewhere(
                    $"Let '{property.Identifier.ValueText}' be set at construction only",
                    tree,
                    root =>
                        root.ReplaceNode(
                            setter,
                            SyntaxFactory
                                .AccessorDeclaration(
                                    SyntaxKind.InitAccessorDeclaration,
                                    setter.AttributeLists,
                                    setter.Modifiers,
                                    setter.Body,
                                    setter.ExpressionBody
                                )
                                .WithKeyword(SyntaxFactory.Token(SyntaxKind.InitKeyword).WithTriviaFrom(setter.Keyword))
                                .WithSemicolonToken(setter.SemicolonToken)
                        )
                );
                break;
            case FieldDeclarationSyntax field when IsOpen(field):
                place.OfferElsewhere(
                    $"Make '{field.Declaration.Variables[0].Identifier.ValueText}' readonly",
                    tree,
                    root =>
                        root.ReplaceNode(
                            field,
                            field.AddModifiers(SyntaxFactory.Token(SyntaxKind.ReadOnlyKeyword).WithTrailingTrivia(SyntaxFactory.Space))
                        )
                );
                break;
        }
    }

    private static AccessorDeclarationSyntax? SetterOf(PropertyDeclarationSyntax property) =>
        property.AccessorList?.Accessors.FirstOrDefault(static accessor => accessor.IsKind(SyntaxKind.SetAccessorDeclaration));

    private static bool IsOpen(FieldDeclarationSyntax field) =>
        !field.Modifiers.Any(SyntaxKind.ReadOnlyKeyword)
        && !field.Modifiers.Any(SyntaxKind.VolatileKeyword)
        && field.Modifiers.Any(static modifier =>
            modifier.Kind() is SyntaxKind.PublicKeyword or SyntaxKind.InternalKeyword or SyntaxKind.ProtectedKeyword
        );
}
