using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>Finds what holds a scheduler's thread in the body of a process: waits of the base library, and locks held across an await.</summary>
/// <remarks>
/// A body is a function that returns a ProcessTask or takes a Self; only what stands in it directly is looked at. What stands in a lambda inside it may run anywhere, also in
/// <c>self.Blocking</c>, so nothing is said about it.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class BlockingCallAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [ProcessRules.BlockingCall, ProcessRules.LockAcrossAwait, ProcessRules.TaskDelay];

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
            start.RegisterOperationAction(operation => OnProperty(operation, symbols), OperationKind.PropertyReference);
            start.RegisterOperationAction(operation => OnAwait(operation, symbols), OperationKind.Await);
        });
    }

    private static void OnCall(OperationAnalysisContext context, ProcessSymbols symbols)
    {
        var call = (IInvocationOperation)context.Operation;
        bool blocks = BlockingMembers.Contains(call.Instance?.Type, call.TargetMethod);
        if (!blocks && !IsLock(call.TargetMethod))
            return;
        if (BodyOf(call, context.ContainingSymbol, symbols) is null)
            return;
        if (blocks)
        {
            if (!IsPoll(call) && !IsDone(call.Instance))
                Report(context, call, call.TargetMethod);
        }
        else if (IsHeldAtAwait(call))
            context.ReportDiagnostic(
                Diagnostic.Create(ProcessRules.LockAcrossAwait, Operations.NameLocation(call), Name(call.TargetMethod))
            );
    }

    private static void OnProperty(OperationAnalysisContext context, ProcessSymbols symbols)
    {
        var property = (IPropertyReferenceOperation)context.Operation;
        if (
            property.Property.Name == "Result"
            && property.Parent is not INameOfOperation
            && BlockingMembers.Contains(property.Instance?.Type, property.Property)
            && BodyOf(property, context.ContainingSymbol, symbols) is not null
            && !IsDone(property.Instance)
        )
            Report(context, property, property.Property);
    }

    private static void OnAwait(OperationAnalysisContext context, ProcessSymbols symbols)
    {
        var await = (IAwaitOperation)context.Operation;
        if (
            await.Operation is IInvocationOperation { TargetMethod: { Name: "Delay", Parameters.Length: 1 } method } call
            && Operations.MetadataName(method.ContainingType) == "System.Threading.Tasks.Task"
            && BodyOf(await, context.ContainingSymbol, symbols) is { } body
            && symbols.SelfOf(body) is not null
        )
            context.ReportDiagnostic(Diagnostic.Create(ProcessRules.TaskDelay, call.Syntax.GetLocation()));
    }

    private static IMethodSymbol? BodyOf(IOperation operation, ISymbol containing, ProcessSymbols symbols) =>
        Operations.FunctionOf(operation, containing) is { } function && symbols.IsBody(function) ? function : null;

    private static void Report(OperationAnalysisContext context, IOperation operation, ISymbol member) =>
        context.ReportDiagnostic(
            Diagnostic.Create(
                ProcessRules.BlockingCall,
                Operations.NameLocation(operation),
                Name(member),
                member.Name == "Sleep" ? ": use its own Sleep" : ": await instead, or wrap it in Blocking"
            )
        );

    private static string Name(ISymbol member) => member.ContainingType.Name + "." + member.Name;

    /// <summary>A wait with a constant time-out of zero only looks.</summary>
    private static bool IsPoll(IInvocationOperation call)
    {
        foreach (IArgumentOperation argument in call.Arguments)
        {
            if (argument.ArgumentKind == ArgumentKind.DefaultValue)
                continue;
            IOperation value = Operations.Unwrap(argument.Value);
            if (
                value.ConstantValue is { HasValue: true, Value: 0 }
                && argument.Parameter?.Name.IndexOf("illiseconds", StringComparison.Ordinal) > 0
            )
                return true;
            if (value is IFieldReferenceOperation { Field: { Name: "Zero", ContainingType.Name: "TimeSpan" } })
                return true;
        }

        return false;
    }

    /// <summary>Whether a task was awaited, or asked whether it is done, earlier in the function: then its result is there.</summary>
    private static bool IsDone(IOperation? task)
    {
        // GetAwaiter() and ConfigureAwait() are about the task they are called on.
        IOperation? root = task;
        while (root is IInvocationOperation { TargetMethod.Name: "GetAwaiter" or "ConfigureAwait", Instance: { } instance })
            root = instance;
        ISymbol? variable = VariableOf(root);
        if (variable is null)
            return false;
        int position = task!.Syntax.SpanStart;
        foreach (IOperation part in Operations.OwnParts(Operations.FunctionRootOf(task)))
        {
            if (part.Syntax.SpanStart >= position || !SymbolEqualityComparer.Default.Equals(VariableOf(part), variable))
                continue;
            for (IOperation? at = part.Parent; at is not null; at = at.Parent)
            {
                if (at is IAwaitOperation)
                    return true;
                if (
                    at is IPropertyReferenceOperation
                    {
                        Property.Name: "IsCompleted" or "IsCompletedSuccessfully" or "IsFaulted" or "Status"
                    }
                )
                    return true;
                if (at is IExpressionStatementOperation or IVariableDeclarationOperation or IBlockOperation)
                    break;
            }
        }

        return false;
    }

    private static ISymbol? VariableOf(IOperation? operation) =>
        operation switch
        {
            ILocalReferenceOperation local => local.Local,
            IParameterReferenceOperation parameter => parameter.Parameter,
            IFieldReferenceOperation field => field.Field,
            _ => null,
        };

    private static bool IsLock(IMethodSymbol method) =>
        Operations.MetadataName(method.ContainingType) switch
        {
            "System.Threading.Monitor" or "System.Threading.Lock" => method.Name == "Enter",
            "System.Threading.ReaderWriterLockSlim" => method.Name is "EnterReadLock" or "EnterWriteLock" or "EnterUpgradeableReadLock",
            _ => false,
        };

    /// <summary>Whether an await stands between this Enter and the next Exit of its kind.</summary>
    private static bool IsHeldAtAwait(IInvocationOperation enter)
    {
        int from = enter.Syntax.Span.End;
        int exit = int.MaxValue;
        int firstAwait = int.MaxValue;
        foreach (IOperation part in Operations.OwnParts(Operations.FunctionRootOf(enter)))
        {
            int position = part.Syntax.SpanStart;
            if (position < from)
                continue;
            if (part is IAwaitOperation)
                firstAwait = Math.Min(firstAwait, position);
            else if (
                part is IInvocationOperation { TargetMethod: { } method }
                && method.Name.StartsWith("Exit", StringComparison.Ordinal)
                && SymbolEqualityComparer.Default.Equals(method.ContainingType, enter.TargetMethod.ContainingType)
            )
                exit = Math.Min(exit, position);
        }

        return exit != int.MaxValue && firstAwait < exit;
    }
}
