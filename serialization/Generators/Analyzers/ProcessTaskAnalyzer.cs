using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>Finds a ProcessTask that nobody awaits, and one that is awaited again.</summary>
/// <remarks>
/// Awaited again means: on every way to this await there was one before, or a loop leads back to it, with no new task in the variable. Two awaits on ways that exclude each other
/// are none.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ProcessTaskAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [ProcessRules.DroppedTask, ProcessRules.AwaitedTwice];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (ProcessSymbols.Of(start.Compilation) is not { } symbols)
                return;
            start.RegisterOperationAction(operation => OnStatement(operation, symbols), OperationKind.ExpressionStatement);
            start.RegisterOperationAction(operation => OnVariable(operation, symbols), OperationKind.VariableDeclarator);
            start.RegisterOperationBlockAction(block => OnBlocks(block, symbols));
        });
    }

    private static void OnStatement(OperationAnalysisContext context, ProcessSymbols symbols)
    {
        IOperation value = Operations.Unwrap(((IExpressionStatementOperation)context.Operation).Operation);
        if (value is ISimpleAssignmentOperation { Target: IDiscardOperation } discard)
            value = Operations.Unwrap(discard.Value);
        if (value is IConditionalAccessOperation access)
            value = access.WhenNotNull;
        if (value is IInvocationOperation { TargetMethod.Name: not "GetAwaiter" } call && symbols.IsProcessAwaitable(call.Type))
            Report(context, call);
    }

    private static void OnVariable(OperationAnalysisContext context, ProcessSymbols symbols)
    {
        var declarator = (IVariableDeclaratorOperation)context.Operation;
        if (!symbols.IsProcessAwaitable(declarator.Symbol.Type) || declarator.GetVariableInitializer() is not { } initializer)
            return;
        if (Operations.Unwrap(initializer.Value) is not IInvocationOperation call)
            return;
        IOperation root = declarator;
        while (root.Parent is { } parent)
            root = parent;
        foreach (IOperation part in root.Descendants())
            if (part is ILocalReferenceOperation reference && SymbolEqualityComparer.Default.Equals(reference.Local, declarator.Symbol))
                return;
        Report(context, call);
    }

    private static void Report(OperationAnalysisContext context, IInvocationOperation call) =>
        context.ReportDiagnostic(Diagnostic.Create(ProcessRules.DroppedTask, call.Syntax.GetLocation(), call.TargetMethod.Name));

    private static void OnBlocks(OperationBlockAnalysisContext context, ProcessSymbols symbols)
    {
        foreach (IOperation block in context.OperationBlocks)
        {
            // The flow is worth following only where a variable might be awaited twice at all.
            Dictionary<ISymbol, int>? awaited = null;
            foreach (IOperation part in block.Descendants())
            {
                if (
                    part is not IAwaitOperation await
                    || VariableOf(await) is not { } variable
                    || !symbols.IsProcessTask(await.Operation.Type)
                )
                    continue;
                awaited ??= new(SymbolEqualityComparer.Default);
                awaited.TryGetValue(variable, out int count);
                awaited[variable] = count + (IsInLoop(await) ? 2 : 1);
            }

            if (awaited is null || !awaited.Values.Any(static count => count > 1))
                continue;
            ControlFlowGraph graph = context.GetControlFlowGraph(block);
            foreach (KeyValuePair<ISymbol, int> entry in awaited)
                if (entry.Value > 1)
                    foreach (IAwaitOperation again in Graphs(graph).SelectMany(one => AwaitFlow.Repeated(one, entry.Key)))
                        context.ReportDiagnostic(
                            Diagnostic.Create(ProcessRules.AwaitedTwice, again.Operation.Syntax.GetLocation(), entry.Key.Name)
                        );
        }
    }

    internal static ISymbol? VariableOf(IAwaitOperation await) =>
        Operations.Unwrap(await.Operation) switch
        {
            ILocalReferenceOperation local => local.Local,
            IParameterReferenceOperation parameter => parameter.Parameter,
            _ => null,
        };

    private static bool IsInLoop(IOperation operation)
    {
        for (
            IOperation? at = operation.Parent;
            at is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation);
            at = at.Parent
        )
            if (at is ILoopOperation or ILabeledOperation)
                return true;
        return false;
    }

    /// <summary>A graph and those of the functions inside it.</summary>
    private static IEnumerable<ControlFlowGraph> Graphs(ControlFlowGraph graph)
    {
        yield return graph;
        foreach (IMethodSymbol local in graph.LocalFunctions)
        foreach (ControlFlowGraph inner in Graphs(graph.GetLocalFunctionControlFlowGraph(local)))
            yield return inner;
        foreach (
            IFlowAnonymousFunctionOperation lambda in graph.Blocks.SelectMany(AwaitFlow.Parts).OfType<IFlowAnonymousFunctionOperation>()
        )
        foreach (ControlFlowGraph inner in Graphs(graph.GetAnonymousFunctionControlFlowGraph(lambda)))
            yield return inner;
    }
}
