using System.Collections.Immutable;
using CloudScale.Serialization.Generators.Emitting;
using CloudScale.Serialization.Generators.Models;
using CloudScale.Serialization.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace CloudScale.Serialization.Generators;

/// <summary>Writes the reader and the writer of each type marked with <c>[Term]</c> or <c>[TermUnion]</c>, and the exports of each class marked with <c>[ErlangModule]</c>.</summary>
/// <remarks>
/// Symbols become models that are equal when nothing changed, so an edit elsewhere writes nothing anew. Diagnostics take a way of their own: they know where they stand, and
/// that changes with each line typed above.
/// </remarks>
[Generator(LanguageNames.CSharp)]
public sealed class TermContractGenerator : IIncrementalGenerator
{
    /// <summary>The steps by which tests follow what ran again.</summary>
    internal const string ContractsStep = "Contracts";
    internal const string EnumsStep = "Enums";
    internal const string UnionsStep = "Unions";
    internal const string RegistryStep = "Registry";
    internal const string ModulesStep = "Modules";

    private const string MessagePackPart = ".MessagePack";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<ContractModel> contracts = Models(
            context,
            context.SyntaxProvider.ForAttributeWithMetadataName(
                Attributes.Term,
                static (node, _) => node is TypeDeclarationSyntax,
                static (source, _) => ContractParser.Parse(source)
            ),
            ContractsStep
        );
        IncrementalValuesProvider<EnumModel> enums = Models(
            context,
            context.SyntaxProvider.ForAttributeWithMetadataName(
                Attributes.Term,
                static (node, _) => node is EnumDeclarationSyntax,
                static (source, _) => EnumParser.Parse(source)
            ),
            EnumsStep
        );
        IncrementalValuesProvider<UnionModel> unions = Models(
            context,
            context.SyntaxProvider.ForAttributeWithMetadataName(
                Attributes.TermUnion,
                static (node, _) => node is TypeDeclarationSyntax,
                static (source, _) => UnionParser.Parse(source)
            ),
            UnionsStep
        );

        IncrementalValuesProvider<ModuleModel> modules = Models(
            context,
            context.SyntaxProvider.ForAttributeWithMetadataName(
                Attributes.ErlangModule,
                static (node, _) => node is ClassDeclarationSyntax or RecordDeclarationSyntax,
                static (source, _) => ModuleParser.Parse(source)
            ),
            ModulesStep
        );

        context.RegisterSourceOutput(
            modules,
            static (output, model) => Add(output, model.Type.HintName + ".Functions", ModuleEmitter.Emit(model))
        );
        context.RegisterSourceOutput(
            contracts,
            static (output, model) =>
            {
                Add(output, model.Type.HintName, ContractEmitter.Emit(model, WireFormat.Etf));
                Add(output, model.Type.HintName + MessagePackPart, ContractEmitter.Emit(model, WireFormat.MessagePack));
            }
        );
        context.RegisterSourceOutput(
            enums,
            static (output, model) =>
            {
                Add(output, model.Type.HintName, EnumEmitter.Emit(model));
                Add(output, model.Type.HintName + MessagePackPart, EnumEmitter.EmitMessagePack(model));
            }
        );
        context.RegisterSourceOutput(
            unions,
            static (output, model) =>
            {
                Add(output, model.Type.HintName, UnionEmitter.Emit(model, WireFormat.Etf));
                Add(output, model.Type.HintName + MessagePackPart, UnionEmitter.Emit(model, WireFormat.MessagePack));
            }
        );

        IncrementalValueProvider<EquatableArray<RegistryEntry>> registry = contracts
            .Select(static (model, _) => RegistryEmitter.EntryOf(model))
            .Where(static entry => entry is not null)
            .Collect()
            .Select(static (entries, _) => new EquatableArray<RegistryEntry>([.. entries.OfType<RegistryEntry>()]))
            .WithTrackingName(RegistryStep);
        context.RegisterSourceOutput(
            registry,
            static (output, entries) =>
            {
                if (entries.Count > 0)
                    Add(output, RegistryEmitter.HintName, RegistryEmitter.Emit(entries));
            }
        );
    }

    private static IncrementalValuesProvider<T> Models<T>(
        IncrementalGeneratorInitializationContext context,
        IncrementalValuesProvider<Parsed<T>> parsed,
        string step
    )
        where T : class
    {
        context.RegisterSourceOutput(
            parsed.SelectMany(static (item, _) => item.Diagnostics.ToImmutableArray()),
            static (output, fault) => output.ReportDiagnostic(fault.ToDiagnostic())
        );
        return parsed.Where(static item => item.Model is not null).Select(static (item, _) => item.Model!).WithTrackingName(step);
    }

    private static void Add(SourceProductionContext output, string name, string source) =>
        output.AddSource(name + ".g.cs", SourceText.From(source, System.Text.Encoding.UTF8));
}
