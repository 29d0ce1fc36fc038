using System.Collections.Immutable;
using CloudScale.Serialization.CodeFixes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace CloudScale.Analyzers.Tests;

/// <summary>Applies fixes as an editor does, in a workspace.</summary>
internal static class CheckFix
{
    private static readonly CodeFixProvider[] s_providers =
    [
        .. typeof(BlockingCallFix)
            .Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(CodeFixProvider)) && !type.IsAbstract)
            .Select(type => (CodeFixProvider)Activator.CreateInstance(type)!),
    ];

    public static IReadOnlyList<CodeFixProvider> Providers => s_providers;

    /// <summary>The first diagnostic of an id, mended by the fix of a title: the program is then exactly the one given, compiles, and the diagnostic is gone.</summary>
    public static async Task Mends(string id, string title, string source, string mended)
    {
        using AdhocWorkspace workspace = Open(source, out Document document);
        Diagnostic diagnostic = (await Found(document)).First(found => found.Id == id);
        CodeAction? action = (await Offered(document, diagnostic)).FirstOrDefault(offered => offered.Title == title);
        Assert.That(
            action,
            Is.Not.Null,
            $"no fix '{title}', only: {string.Join(", ", (await Offered(document, diagnostic)).Select(offered => offered.Title))}"
        );
        ImmutableArray<CodeActionOperation> operations = await action!.GetOperationsAsync(CancellationToken.None);
        Document changed = operations.OfType<ApplyChangesOperation>().Single().ChangedSolution.GetDocument(document.Id)!;

        Assert.That((await changed.GetTextAsync()).ToString(), Is.EqualTo(mended));
        Check.AssertCompiles((await changed.Project.GetCompilationAsync())!);
        Assert.That((await Found(changed)).Where(found => found.Id == id), Is.Empty, "the diagnostic is still there");
    }

    /// <summary>Only these fixes are offered for the first diagnostic of an id.</summary>
    public static async Task Offers(string id, string source, params string[] titles)
    {
        using AdhocWorkspace workspace = Open(source, out Document document);
        Diagnostic diagnostic = (await Found(document)).First(found => found.Id == id);
        Assert.That((await Offered(document, diagnostic)).Select(offered => offered.Title), Is.EqualTo(titles));
    }

    private static AdhocWorkspace Open(string source, out Document document)
    {
        var workspace = new AdhocWorkspace();
        Project project = workspace
            .AddProject("Sample", LanguageNames.CSharp)
            .WithCompilationOptions(Check.Options)
            .WithParseOptions(Check.ParseOptions)
            .WithMetadataReferences(Check.References);
        document = project.AddDocument("Sample.cs", source, filePath: "Sample.cs");
        return workspace;
    }

    private static async Task<ImmutableArray<Diagnostic>> Found(Document document)
    {
        Compilation compilation = (await document.Project.GetCompilationAsync())!;
        Check.AssertCompiles(compilation);
        return await Check.Run(compilation);
    }

    private static async Task<List<CodeAction>> Offered(Document document, Diagnostic diagnostic)
    {
        List<CodeAction> actions = [];
        foreach (CodeFixProvider provider in s_providers.Where(one => one.FixableDiagnosticIds.Contains(diagnostic.Id)))
            await provider.RegisterCodeFixesAsync(
                new CodeFixContext(document, diagnostic, (action, _) => actions.Add(action), CancellationToken.None)
            );
        return actions;
    }
}
