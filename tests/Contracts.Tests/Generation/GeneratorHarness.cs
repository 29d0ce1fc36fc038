using System.Collections.Immutable;
using CloudScale.Serialization.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace CloudScale.Contracts.Tests;

/// <summary>Runs the generator on sources, as the compiler does.</summary>
internal static class GeneratorHarness
{
    private static readonly CSharpParseOptions s_parse = new(LanguageVersion.CSharp14);

    private static readonly ImmutableArray<MetadataReference> s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path =>
                Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal)
                || path.EndsWith("CloudScale.Serialization.dll", StringComparison.Ordinal)
            )
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    // What every project with implicit usings has, and what the package of the terms adds.
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using CloudScale;
        global using Tuple = CloudScale.Tuple;
        """;

    public static CSharpCompilation Compile(params IEnumerable<string> sources) =>
        CSharpCompilation.Create(
            "Generated",
            sources.Prepend(Usings).Select((source, index) => CSharpSyntaxTree.ParseText(source, s_parse, $"Source{index}.cs")),
            s_references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable)
        );

    public static SyntaxTree Parse(string source) => CSharpSyntaxTree.ParseText(source, s_parse);

    /// <summary>A driver that notes what each step did.</summary>
    public static GeneratorDriver Driver() =>
        CSharpGeneratorDriver.Create(
            [new TermContractGenerator().AsSourceGenerator()],
            parseOptions: s_parse,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true)
        );

    /// <summary>Runs the generator; what comes out must compile without a warning unless the generator itself complains.</summary>
    public static GeneratorRunResult Run(params IEnumerable<string> sources)
    {
        GeneratorDriver driver = Driver()
            .RunGeneratorsAndUpdateCompilation(Compile(sources), out Compilation output, out ImmutableArray<Diagnostic> complaints);
        GeneratorRunResult result = driver.GetRunResult().Results.Single();
        Assert.That(result.Exception, Is.Null);
        if (complaints.IsEmpty)
            Assert.That(output.GetDiagnostics().Where(item => item.Severity > DiagnosticSeverity.Hidden), Is.Empty);
        return result;
    }
}
