using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>Finds loops in the body of a process that have neither an end nor an await, and loops that only wait for a variable to change.</summary>
/// <remarks>A loop that may be left, by a condition, a jump, a return or a throw, is taken to be left.</remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class EndlessLoopAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [ProcessRules.EndlessLoop];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (ProcessSymbols.Of(start.Compilation) is { } symbols)
                start.RegisterOperationAction(operation => OnLoop(operation, symbols), OperationKind.Loop);
        });
    }

    private static void OnLoop(OperationAnalysisContext context, ProcessSymbols symbols)
    {
        var loop = (ILoopOperation)context.Operation;
        (bool endless, IOperation? condition) = loop switch
        {
            IWhileLoopOperation { ConditionIsUntil: false } @while => (Operations.IsTrue(@while.Condition), @while.Condition),
            IForLoopOperation @for => (@for.Condition is null || Operations.IsTrue(@for.Condition), @for.Condition),
            _ => (false, null),
        };
        if (!endless && !(condition is not null && IsIdle(loop.Body) && Waits(loop, condition)))
            return;
        if (Operations.FunctionOf(loop, context.ContainingSymbol) is not { } function || !symbols.IsBody(function))
            return;
        if (endless && GivesWay(loop))
            return;
        context.ReportDiagnostic(Diagnostic.Create(ProcessRules.EndlessLoop, Keyword(loop)));
    }

    private static bool GivesWay(ILoopOperation loop)
    {
        foreach (IOperation part in Operations.OwnParts(loop))
        {
            switch (part)
            {
                case IAwaitOperation or IReturnOperation or IThrowOperation:
                case IForEachLoopOperation { IsAsynchronous: true }:
                case IUsingOperation { IsAsynchronous: true }:
                case IUsingDeclarationOperation { IsAsynchronous: true }:
                case IBranchOperation branch when Leaves(branch, loop):
                case IInvocationOperation call when NeverReturns(call.TargetMethod):
                    return true;
            }
        }

        return false;
    }

    /// <summary>A break out of this loop, or a goto: wherever that goes, it may be outside.</summary>
    private static bool Leaves(IBranchOperation branch, ILoopOperation loop) =>
        branch.BranchKind switch
        {
            BranchKind.Break => SymbolEqualityComparer.Default.Equals(branch.Target, loop.ExitLabel)
                || Encloses(loop, branch, static (at, target) => at.ExitLabel, branch.Target),
            BranchKind.Continue => Encloses(loop, branch, static (at, target) => at.ContinueLabel, branch.Target),
            _ => true,
        };

    /// <summary>Whether a jump is about a loop further out than this one.</summary>
    private static bool Encloses(
        ILoopOperation loop,
        IBranchOperation branch,
        Func<ILoopOperation, ILabelSymbol, ILabelSymbol> label,
        ILabelSymbol target
    )
    {
        for (IOperation? at = loop.Parent; at is not null; at = at.Parent)
            if (at is ILoopOperation outer && SymbolEqualityComparer.Default.Equals(label(outer, target), target))
                return true;
        return false;
    }

    private static bool NeverReturns(IMethodSymbol method) =>
        method.GetAttributes().Any(static attribute => attribute.AttributeClass?.Name == "DoesNotReturnAttribute")
        || (method is { Name: "Exit", ContainingType.Name: "Environment" });

    /// <summary>Nothing, or only what passes the time.</summary>
    private static bool IsIdle(IOperation? body) =>
        body switch
        {
            null or IEmptyOperation => true,
            IBlockOperation block => block.Operations.All(IsIdle),
            IExpressionStatementOperation
            {
                Operation: IInvocationOperation { TargetMethod: { ContainingType.Name: "Thread", Name: "SpinWait" or "Yield" or "Sleep" } }
            } => true,
            IExpressionStatementOperation
            {
                Operation: IInvocationOperation { TargetMethod: { ContainingType.Name: "SpinWait", Name: "SpinOnce" } }
            } => true,
            _ => false,
        };

    /// <summary>A condition that only looks at variables or asks an object: another thread has to change them.</summary>
    private static bool Waits(ILoopOperation loop, IOperation condition) =>
        loop is IWhileLoopOperation
        && condition
            .DescendantsAndSelf()
            .All(static part =>
                part
                    is IFieldReferenceOperation
                        or IPropertyReferenceOperation
                        or ILocalReferenceOperation
                        or IParameterReferenceOperation
                        or IInstanceReferenceOperation
                        or ILiteralOperation
                        or IUnaryOperation
                        or IBinaryOperation
                        or IConversionOperation
                        or IArgumentOperation
                || part is IInvocationOperation { TargetMethod: { Name: "Read", ContainingType.Name: "Volatile" } }
            );

    private static Location Keyword(ILoopOperation loop) =>
        loop.Syntax switch
        {
            WhileStatementSyntax @while => @while.WhileKeyword.GetLocation(),
            ForStatementSyntax @for => @for.ForKeyword.GetLocation(),
            DoStatementSyntax @do => @do.DoKeyword.GetLocation(),
            _ => loop.Syntax.GetLocation(),
        };
}
