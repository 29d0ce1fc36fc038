using System.Collections.Immutable;
using System.Composition;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CloudScale.Serialization.CodeFixes;

/// <summary>Makes a type a contract: <c>[Term("name")]</c>, and partial as the generator needs it, its outer types too.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ContractFix)), Shared]
public sealed class ContractFix : ProcessFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = Ids("CSP003", "CSP004");

    private protected override void Register(FixPlace place)
    {
        if (place.Diagnostic.AdditionalLocations is not { Count: > 0 } places || places[0] is not { SourceTree: { } tree } location)
            return;
        BaseTypeDeclarationSyntax? type = tree.GetRoot(place.Cancellation)
            .FindNode(location.SourceSpan)
            .FirstAncestorOrSelf<BaseTypeDeclarationSyntax>();
        if (type is null or InterfaceDeclarationSyntax)
            return;
        string attribute = IsImported(place, tree, type.SpanStart) ? "Term" : "CloudScale.Term";
        SyntaxNode[] changed = [type, .. type.Ancestors().OfType<TypeDeclarationSyntax>()];
        place.OfferElsewhere(
            $"Make '{type.Identifier.ValueText}' a contract",
            tree,
            root =>
                root.ReplaceNodes(
                    changed,
                    (old, current) =>
                        old == type ? Marked((BaseTypeDeclarationSyntax)current, attribute) : Partial((BaseTypeDeclarationSyntax)current)
                )
        );
    }

    private static BaseTypeDeclarationSyntax Marked(BaseTypeDeclarationSyntax type, string attribute)
    {
        string argument = type is EnumDeclarationSyntax ? "" : $"(\"{SnakeCase(type.Identifier.ValueText)}\")";
        SyntaxTriviaList leading = type.GetLeadingTrivia();
        BaseTypeDeclarationSyntax open = Partial(type).WithLeadingTrivia(Indent(leading));
        AttributeListSyntax list = SyntaxFactory
            .ParseCompilationUnit($"[{attribute}{argument}] class X;")
            .Members[0]
            .AttributeLists[0]
            .WithLeadingTrivia(leading)
            .WithTrailingTrivia(SyntaxFactory.LineFeed);
        return (BaseTypeDeclarationSyntax)open.WithAttributeLists(open.AttributeLists.Insert(0, list));
    }

    private static BaseTypeDeclarationSyntax Partial(BaseTypeDeclarationSyntax type)
    {
        if (type is EnumDeclarationSyntax || type.Modifiers.Any(SyntaxKind.PartialKeyword))
            return type;
        SyntaxToken partial = SyntaxFactory.Token(SyntaxKind.PartialKeyword).WithTrailingTrivia(SyntaxFactory.Space);
        if (type.Modifiers.Count > 0 || type is not TypeDeclarationSyntax declaration)
            return (BaseTypeDeclarationSyntax)type.WithModifiers(type.Modifiers.Add(partial));
        // The first word of the declaration carries what stands before it.
        SyntaxTriviaList leading = declaration.Keyword.LeadingTrivia;
        return declaration
            .WithKeyword(declaration.Keyword.WithLeadingTrivia())
            .WithModifiers(SyntaxFactory.TokenList(partial.WithLeadingTrivia(leading)));
    }

    /// <summary>The white space before the first word, without comments and what stands above.</summary>
    private static SyntaxTriviaList Indent(SyntaxTriviaList leading) =>
        leading.Count > 0 && leading[leading.Count - 1].IsKind(SyntaxKind.WhitespaceTrivia) ? [leading[leading.Count - 1]] : [];

    /// <summary>By usings of the file or of the whole project.</summary>
    private static bool IsImported(FixPlace place, SyntaxTree tree, int position) =>
        place.Model.Compilation.ContainsSyntaxTree(tree)
        && !place.Model.Compilation.GetSemanticModel(tree).LookupNamespacesAndTypes(position, name: "TermAttribute").IsEmpty;

    /// <summary>As the generator names what has no name of its own.</summary>
    private static string SnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        for (int i = 0; i < name.Length; i++)
        {
            if (
                char.IsUpper(name[i])
                && i > 0
                && name[i - 1] != '_'
                && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])))
            )
                text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }
}
