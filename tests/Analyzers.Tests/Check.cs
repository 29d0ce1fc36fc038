using System.Collections.Immutable;
using CloudScale.Serialization.Generators.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace CloudScale.Analyzers.Tests;

/// <summary>Compiles a program against the real assemblies and runs every analyzer over it, so that a case of one rule guards against all the others.</summary>
/// <remarks>What is expected stands in the program: <c>{|CSP005:Thread.Sleep|}(1)</c>.</remarks>
internal static class Check
{
    private static readonly ImmutableArray<MetadataReference> s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private static readonly AsyncLocal<string?> s_switchedOn = new();

    public static ImmutableArray<DiagnosticAnalyzer> Analyzers { get; } =
    [
        .. typeof(BlockingCallAnalyzer)
            .Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(DiagnosticAnalyzer)))
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    public static CSharpCompilationOptions Options { get; } =
        new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true);

    public static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.CSharp14);

    // Read once: what a reference holds is bound by the first case, and shared by the others.
    private static readonly CSharpCompilation s_empty = CSharpCompilation.Create("Sample", [], s_references, Options);

    public static IEnumerable<MetadataReference> References => s_references;

    /// <summary>Statements of a process body, in a program with the usual usings and a few types to send.</summary>
    public static string Body(string statements, string members = "", string types = "") =>
        $$"""
            using System;
            using System.Collections.Concurrent;
            using System.Collections.Generic;
            using System.Collections.Immutable;
            using System.Diagnostics;
            using System.IO;
            using System.Linq;
            using System.Net.Http;
            using System.Net.Sockets;
            using System.Text;
            using System.Threading;
            using System.Threading.Tasks;
            using CloudScale;
            using CloudScale.Scheduling;
            using Tuple = CloudScale.Tuple;

            {{types}}
            [Term] public sealed partial record Ask(Pid From, int N);
            public sealed record Plain(int N);

            public static class Program
            {
                {{members}}

                public static async ProcessTask Run(Self self, Pid other, CancellationToken token)
                {
                    await self.Yield();
                    {{statements}}
                }
            }
            """;

    /// <summary>The program, with exactly the marked diagnostics; their messages too, where given.</summary>
    public static async Task Finds(string marked, params string[] messages)
    {
        (string source, List<(string Id, TextSpan Span)> expected) = Parse(marked);
        Assert.That(expected, Is.Not.Empty, "a case that expects nothing says so with FindsNothing");
        ImmutableArray<Diagnostic> actual = await Run(source);
        Assert.That(
            actual.Select(found => Describe(source, found.Id, found.Location.SourceSpan)),
            Is.EqualTo(expected.Select(one => Describe(source, one.Id, one.Span)))
        );
        if (messages.Length > 0)
            Assert.That(actual.Select(found => found.GetMessage()), Is.EqualTo(messages));
    }

    public static async Task FindsNothing(string source) =>
        Assert.That(
            (await Run(source)).Select(found => $"{Describe(source, found.Id, found.Location.SourceSpan)}: {found.GetMessage()}"),
            Is.Empty
        );

    public static (string Source, List<(string Id, TextSpan Span)> Expected) Parse(string marked)
    {
        var source = new System.Text.StringBuilder();
        List<(string, TextSpan)> expected = [];
        Stack<(string Id, int Start)> open = new();
        for (int i = 0; i < marked.Length; i++)
        {
            if (marked[i] == '{' && i + 1 < marked.Length && marked[i + 1] == '|')
            {
                int colon = marked.IndexOf(':', i);
                open.Push((marked[(i + 2)..colon], source.Length));
                i = colon;
            }
            else if (marked[i] == '|' && i + 1 < marked.Length && marked[i + 1] == '}' && open.Count > 0)
            {
                (string id, int start) = open.Pop();
                expected.Add((id, TextSpan.FromBounds(start, source.Length)));
                i++;
            }
            else
                source.Append(marked[i]);
        }

        return (source.ToString(), [.. expected.OrderBy(one => one.Item2.Start).ThenBy(one => one.Item1, StringComparer.Ordinal)]);
    }

    public static async Task<ImmutableArray<Diagnostic>> Run(string source)
    {
        CSharpCompilation compilation = s_empty.AddSyntaxTrees(CSharpSyntaxTree.ParseText(source, ParseOptions, "Sample.cs"));
        if (s_switchedOn.Value is { } id)
            compilation = compilation.WithOptions(Options.WithSpecificDiagnosticOptions([new(id, ReportDiagnostic.Warn)]));
        AssertCompiles(compilation);
        return await Run(compilation);
    }

    /// <summary>A rule that is off by default, switched on for the running test.</summary>
    public static string? SwitchedOn
    {
        set => s_switchedOn.Value = value;
    }

    public static async Task<ImmutableArray<Diagnostic>> Run(Compilation compilation)
    {
        List<string> crashes = [];
        CompilationWithAnalyzers with = compilation.WithAnalyzers(
            Analyzers,
            new CompilationWithAnalyzersOptions(
                new AnalyzerOptions([]),
                onAnalyzerException: (exception, _, _) => crashes.Add(exception.ToString()),
                concurrentAnalysis: true,
                logAnalyzerExecutionTime: false
            )
        );
        ImmutableArray<Diagnostic> found = await with.GetAnalyzerDiagnosticsAsync();
        Assert.That(crashes, Is.Empty, "an analyzer threw");
        return [.. found.OrderBy(one => one.Location.SourceSpan.Start).ThenBy(one => one.Id, StringComparer.Ordinal)];
    }

    public static void AssertCompiles(Compilation compilation) =>
        Assert.That(compilation.GetDiagnostics().Where(one => one.Severity == DiagnosticSeverity.Error), Is.Empty, "the case must compile");

    private static string Describe(string source, string id, TextSpan span) =>
        $"{id} at {span.Start}: {source.Substring(span.Start, span.Length)}";
}
