using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;
using CloudScale.Serialization.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace CloudScale.Tool.Tests;

/// <summary>Imported contracts, compiled with the generator and loaded.</summary>
internal sealed class CompiledContracts
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

    private readonly Assembly _assembly;

    private CompiledContracts(Assembly assembly) => _assembly = assembly;

    /// <summary>Compiles files; a warning is as good as an error.</summary>
    public static CompiledContracts Compile(IEnumerable<string> texts) =>
        new(AssemblyLoadContext.Default.LoadFromStream(new MemoryStream(Emit(texts))));

    /// <summary>Compiles files into an assembly.</summary>
    public static byte[] Emit(IEnumerable<string> texts)
    {
        CSharpCompilation compilation = CSharpCompilation.Create(
            $"Imported{Guid.NewGuid():N}",
            texts
                // What the package of the terms tells every project that uses it.
                .Prepend("global using System; global using Tuple = CloudScale.Tuple; global using List = CloudScale.List;")
                .Select((text, index) => CSharpSyntaxTree.ParseText(text, s_parse, $"Source{index}.cs")),
            s_references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable)
        );
        CSharpGeneratorDriver
            .Create([new TermContractGenerator().AsSourceGenerator()], parseOptions: s_parse)
            .RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out ImmutableArray<Diagnostic> complaints);
        Diagnostic[] faults = [.. complaints.Concat(output.GetDiagnostics()).Where(item => item.Severity > DiagnosticSeverity.Hidden)];
        Assert.That(faults.Take(10).Select(fault => fault.ToString()), Is.Empty, $"{faults.Length} in all");
        using MemoryStream image = new();
        Assert.That(output.Emit(image).Success);
        return image.ToArray();
    }

    /// <summary>The contract with this tag in a namespace.</summary>
    public Type? Find(string space, string tag) =>
        Array.Find(
            _assembly.GetTypes(),
            type =>
                type.Namespace == space
                && type.DeclaringType is null
                && type.GetCustomAttribute<TermAttribute>() is { Tag: not null, Shape: TermShape.Record } term
                && term.Tag == tag
        );

    /// <summary>The contracts, unions and enums that stand by themselves.</summary>
    public IEnumerable<Type> TopLevel =>
        _assembly
            .GetTypes()
            .Where(type =>
                type.DeclaringType is null
                && (type.GetCustomAttribute<TermAttribute>() is not null || type.GetCustomAttribute<TermUnionAttribute>() is not null)
            );

    /// <summary>The members of all contracts, also of those in unions.</summary>
    public IEnumerable<PropertyInfo> Members =>
        _assembly
            .GetTypes()
            .Where(type => !type.IsEnum && type.GetCustomAttribute<TermAttribute>() is not null)
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly));

    /// <summary>Reads a term as a contract; null with what was wrong.</summary>
    public static object? Read(Type contract, byte[] bytes, out string? error) =>
        Invoke(nameof(ReadOf), contract, [bytes, null], out error);

    /// <summary>Reads a term as a contract and writes it again; null with what was wrong.</summary>
    public static byte[]? Again(Type contract, byte[] bytes, out string? error) =>
        (byte[]?)Invoke(nameof(AgainOf), contract, [bytes, null], out error);

    private static object? Invoke(string method, Type contract, object?[] arguments, out string? error)
    {
        object? result = typeof(CompiledContracts)
            .GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(contract)
            .Invoke(null, arguments);
        error = (string?)arguments[^1];
        return result;
    }

    private static object? ReadOf<T>(byte[] bytes, out string? error)
        where T : ITermContract<T> =>
        ExternalTerm.TryDecode<T>(bytes, new EtfDecodeContext(EtfLimits.Trusted), out T? value, out _, out error) == DecodeStatus.Ok
            ? value
            : null;

    private static byte[]? AgainOf<T>(byte[] bytes, out string? error)
        where T : ITermContract<T> =>
        ExternalTerm.TryDecode<T>(bytes, new EtfDecodeContext(EtfLimits.Trusted), out T? value, out _, out error) == DecodeStatus.Ok
            ? ExternalTerm.Encode(value!)
            : null;
}
