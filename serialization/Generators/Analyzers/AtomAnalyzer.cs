using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>Finds atoms made of text that has no bound: each name stays for the life of the program, and there is room for a million.</summary>
/// <remarks>
/// Warns on evidence only: text from outside (input, files, the network, bytes), text of a message, and names with a counter, an id or a time in them. A parameter of a method that
/// others can call is a hint. A property, a field or the result of an unknown call says nothing.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class AtomAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [ProcessRules.UnboundedAtom, ProcessRules.ParameterAtom];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName("CloudScale.Atom") is not { } atom)
                return;
            var origins = new TextOrigins(ProcessSymbols.Of(start.Compilation));
            start.RegisterOperationAction(
                operation =>
                {
                    if (
                        operation.Operation
                            is IInvocationOperation { TargetMethod: { Name: "Of", IsStatic: true } method, Arguments.Length: 1 } call
                        && SymbolEqualityComparer.Default.Equals(method.ContainingType, atom)
                    )
                        Look(operation, call.Arguments[0].Value, origins);
                },
                OperationKind.Invocation
            );
            start.RegisterOperationAction(
                operation =>
                {
                    if (
                        operation.Operation is IConversionOperation { OperatorMethod: { } method } conversion
                        && SymbolEqualityComparer.Default.Equals(method.ContainingType, atom)
                    )
                        Look(operation, conversion.Operand, origins);
                },
                OperationKind.Conversion
            );
        });
    }

    private static void Look(OperationAnalysisContext context, IOperation text, TextOrigins origins)
    {
        if (text.ConstantValue.HasValue)
            return;
        if (origins.Of(text) is not { } origin)
            return;
        context.ReportDiagnostic(
            Diagnostic.Create(
                origin.IsParameter ? ProcessRules.ParameterAtom : ProcessRules.UnboundedAtom,
                text.Syntax.GetLocation(),
                origin.Text
            )
        );
    }
}
