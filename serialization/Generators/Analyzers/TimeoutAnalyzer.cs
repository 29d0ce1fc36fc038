using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>Finds waits for another node that nothing ends: a request followed by a receive without time-out, and a call that is told to wait for ever.</summary>
/// <remarks>
/// A request is a message to a name on a node that carries the sender's own pid. The receive must be the next thing the same block awaits. A function that monitors, links or sets
/// a timer is trusted to know.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class TimeoutAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [ProcessRules.ReceiveWithoutTimeout, ProcessRules.CallWithoutTimeout];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (ProcessSymbols.Of(start.Compilation) is not { } symbols)
                return;
            start.RegisterOperationAction(operation => OnCall(operation, symbols), OperationKind.Invocation);
            start.RegisterOperationAction(operation => OnBlock(operation, symbols), OperationKind.Block);
        });
    }

    private static void OnCall(OperationAnalysisContext context, ProcessSymbols symbols)
    {
        var call = (IInvocationOperation)context.Operation;
        if (
            call.TargetMethod.Name == "Call"
            && symbols.IsSelf(call.TargetMethod.ContainingType)
            && SentMessages.NamesNode(call)
            && Operations.Argument(call, "timeout") is { } timeout
            && IsInfinite(timeout)
        )
            context.ReportDiagnostic(Diagnostic.Create(ProcessRules.CallWithoutTimeout, Operations.Unwrap(timeout).Syntax.GetLocation()));
    }

    private static void OnBlock(OperationAnalysisContext context, ProcessSymbols symbols)
    {
        ImmutableArray<IOperation> statements = ((IBlockOperation)context.Operation).Operations;
        for (int i = 0; i + 1 < statements.Length; i++)
        {
            if (statements[i] is not IExpressionStatementOperation { Operation: IInvocationOperation send } || !IsRequest(send, symbols))
                continue;
            for (int j = i + 1; j < statements.Length; j++)
            {
                if (FirstAwait(statements[j]) is not { } await)
                    continue;
                if (
                    IsAtOnce(await, statements[j])
                    && Operations.Unwrap(await.Operation) is IInvocationOperation receive
                    && IsEndlessReceive(receive, symbols)
                    && !KnowsTheEnd(send, symbols)
                )
                {
                    string name = Operations.Argument(send, "name")!.Syntax.ToString();
                    context.ReportDiagnostic(Diagnostic.Create(ProcessRules.ReceiveWithoutTimeout, receive.Syntax.GetLocation(), name));
                }

                break;
            }
        }
    }

    /// <summary>A message to a name on a node that says whom to answer.</summary>
    private static bool IsRequest(IInvocationOperation send, ProcessSymbols symbols) =>
        send.TargetMethod.Name == "Send"
        && symbols.IsSelf(send.TargetMethod.ContainingType)
        && SentMessages.NamesNode(send)
        && Operations.Argument(send, "message") is { } message
        && message
            .DescendantsAndSelf()
            .Any(part =>
                IsOwnPid(part, symbols) || (part is ILocalReferenceOperation local && IsOwnPid(Origins.InitializerOf(local), symbols))
            );

    private static bool IsOwnPid(IOperation? operation, ProcessSymbols symbols) =>
        operation is IPropertyReferenceOperation { Property.Name: "Pid", Instance: { } instance } && symbols.IsSelf(instance.Type);

    private static IAwaitOperation? FirstAwait(IOperation statement)
    {
        IAwaitOperation? first = null;
        foreach (IOperation part in Operations.OwnParts(statement))
            if (part is IAwaitOperation await && (first is null || await.Syntax.SpanStart < first.Syntax.SpanStart))
                first = await;
        return first;
    }

    /// <summary>The statement begins with the await: it stands in no block, case or loop inside it.</summary>
    private static bool IsAtOnce(IOperation await, IOperation statement)
    {
        for (IOperation? at = await; at is not null && at != statement; at = at.Parent)
            if (at is IBlockOperation or ISwitchCaseOperation or ILoopOperation or ITryOperation)
                return false;
        return statement is not (ILoopOperation or ITryOperation or IBlockOperation);
    }

    private static bool IsEndlessReceive(IInvocationOperation receive, ProcessSymbols symbols) =>
        receive.TargetMethod.Name == "Receive"
        && symbols.IsSelf(receive.TargetMethod.ContainingType)
        && (Operations.Argument(receive, "timeout") is not { } timeout || IsInfinite(timeout));

    private static bool KnowsTheEnd(IOperation send, ProcessSymbols symbols) =>
        Operations
            .OwnParts(Operations.FunctionRootOf(send))
            .Any(part =>
                part
                    is IInvocationOperation
                    {
                        TargetMethod: { Name: "Monitor" or "Link" or "SendAfter" or "StartTimer", ContainingType: { } type }
                    }
                && (symbols.IsSelf(type) || symbols.IsSystem(type))
            );

    private static bool IsInfinite(IOperation timeout) =>
        Operations.Unwrap(timeout) switch
        {
            IFieldReferenceOperation { Field: { Name: "InfiniteTimeSpan", ContainingType.Name: "Timeout" } } => true,
            { ConstantValue: { HasValue: true, Value: null } } => true,
            _ => false,
        };
}
