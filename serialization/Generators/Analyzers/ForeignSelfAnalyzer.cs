using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>Finds a Self that gets into code that does not run on its process, into a message, or into a field.</summary>
/// <remarks>
/// Only functions handed directly to what is known to run them elsewhere count: thread pool, threads, timers, continuations, events, and the bodies of other processes. Its Pid
/// and its System may be used anywhere. A handler may keep its Self in a field: it belongs to one process.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ForeignSelfAnalyzer : DiagnosticAnalyzer
{
    private static readonly Dictionary<string, string[]> s_runsElsewhere = new()
    {
        ["System.Threading.Tasks.Task"] = ["Run", "ContinueWith", ".ctor"],
        ["System.Threading.Tasks.Task`1"] = ["ContinueWith", ".ctor"],
        ["System.Threading.Tasks.TaskFactory"] = ["StartNew", "ContinueWhenAll", "ContinueWhenAny"],
        ["System.Threading.Tasks.TaskFactory`1"] = ["StartNew", "ContinueWhenAll", "ContinueWhenAny"],
        ["System.Threading.Tasks.Parallel"] = ["For", "ForEach", "ForAsync", "ForEachAsync", "Invoke"],
        ["System.Threading.ThreadPool"] = ["QueueUserWorkItem", "UnsafeQueueUserWorkItem", "RegisterWaitForSingleObject"],
        ["System.Threading.Thread"] = [".ctor"],
        ["System.Threading.Timer"] = [".ctor"],
        ["System.Threading.CancellationToken"] = ["Register", "UnsafeRegister"],
        ["System.Threading.SynchronizationContext"] = ["Post", "Send"],
        ["System.TimeProvider"] = ["CreateTimer"],
    };

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [ProcessRules.ForeignSelf, ProcessRules.StoredSelf];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (ProcessSymbols.Of(start.Compilation) is not { } symbols)
                return;
            start.RegisterOperationAction(
                operation => OnReference(operation, symbols),
                OperationKind.ParameterReference,
                OperationKind.LocalReference
            );
            start.RegisterOperationAction(operation => OnSend(operation, symbols), OperationKind.Invocation);
            start.RegisterSymbolAction(symbol => OnMember(symbol, symbols), SymbolKind.Field, SymbolKind.Property);
        });
    }

    private static void OnReference(OperationAnalysisContext context, ProcessSymbols symbols)
    {
        IOperation reference = context.Operation;
        if (!symbols.IsSelf(reference.Type) || IsFree(reference))
            return;
        ISymbol variable = reference is ILocalReferenceOperation local ? local.Local : ((IParameterReferenceOperation)reference).Parameter;
        for (IOperation? at = reference.Parent; at is not null; at = at.Parent)
        {
            IMethodSymbol? function = at switch
            {
                IAnonymousFunctionOperation lambda => lambda.Symbol,
                ILocalFunctionOperation inner => inner.Symbol,
                _ => null,
            };
            if (function is null)
                continue;
            if (SymbolEqualityComparer.Default.Equals(function, variable.ContainingSymbol))
                return;
            if (Destination(at, symbols) is { } place)
            {
                context.ReportDiagnostic(Diagnostic.Create(ProcessRules.ForeignSelf, reference.Syntax.GetLocation(), variable.Name, place));
                return;
            }
        }
    }

    /// <summary>Its Pid and its System may be read anywhere, and a name is not a use.</summary>
    private static bool IsFree(IOperation reference)
    {
        if (reference.Parent is IPropertyReferenceOperation { Property.Name: "Pid" or "System" })
            return true;
        for (IOperation? at = reference.Parent; at is not null; at = at.Parent)
            if (at is INameOfOperation)
                return true;
        return false;
    }

    /// <summary>Where a function runs, if that is known not to be this process.</summary>
    private static string? Destination(IOperation function, ProcessSymbols symbols)
    {
        if (function is not ILocalFunctionOperation local)
            return DestinationOfValue(function, symbols);
        IOperation root = function;
        while (root.Parent is { } parent)
            root = parent;
        foreach (IOperation part in root.Descendants())
            if (part is IMethodReferenceOperation method && SymbolEqualityComparer.Default.Equals(method.Method, local.Symbol))
                if (DestinationOfValue(method, symbols) is { } place)
                    return place;
        return null;
    }

    private static string? DestinationOfValue(IOperation function, ProcessSymbols symbols)
    {
        IOperation? at = function.Parent;
        while (at is IDelegateCreationOperation or IConversionOperation or IParenthesizedOperation)
            at = at.Parent;
        if (at is IEventAssignmentOperation { Adds: true, EventReference: IEventReferenceOperation reference })
            return $"is used in a handler of '{reference.Event.Name}'";
        // A params argument stands in an array: Parallel.Invoke.
        while (at is IArrayInitializerOperation or IArrayCreationOperation)
            at = at.Parent;
        if (at is not IArgumentOperation { Parameter: { } parameter } argument)
            return null;
        IMethodSymbol? method = argument.Parent switch
        {
            IInvocationOperation call => call.TargetMethod,
            IObjectCreationOperation creation => creation.Constructor,
            _ => null,
        };
        if (method is null)
            return null;
        if (method.Name.StartsWith("Spawn", StringComparison.Ordinal) && IsBodyType(parameter.Type, symbols))
            return "is used in the body of another process";
        return
            s_runsElsewhere.TryGetValue(Operations.MetadataName(method.ContainingType), out string[]? names)
            && Array.IndexOf(names, method.Name) >= 0
            ? $"is used in what '{method.ContainingType.Name}{(method.MethodKind == MethodKind.Constructor ? "" : "." + method.Name)}' runs"
            : null;
    }

    private static bool IsBodyType(ITypeSymbol type, ProcessSymbols symbols) =>
        type is INamedTypeSymbol { DelegateInvokeMethod: { } invoke }
        && symbols.IsProcessTask(invoke.ReturnType)
        && symbols.SelfOf(invoke) is not null;

    private static void OnSend(OperationAnalysisContext context, ProcessSymbols symbols)
    {
        foreach (IOperation part in SentMessages.PartsOf((IInvocationOperation)context.Operation, symbols))
            if (symbols.IsSelf(part.Type))
                context.ReportDiagnostic(
                    Diagnostic.Create(
                        ProcessRules.ForeignSelf,
                        part.Syntax.GetLocation(),
                        part.Syntax.ToString(),
                        "is sent to another process"
                    )
                );
    }

    private static void OnMember(SymbolAnalysisContext context, ProcessSymbols symbols)
    {
        ISymbol member = context.Symbol;
        ITypeSymbol type = member is IPropertySymbol property ? property.Type : ((IFieldSymbol)member).Type;
        if (!symbols.IsSelf(type) || member.ContainingType.IsRefLikeType || !IsState(member))
            return;
        Location place = member.Locations[0];
        if (member.IsStatic)
            context.ReportDiagnostic(
                Diagnostic.Create(ProcessRules.ForeignSelf, place, member.Name, "is kept in a static field, open to all processes")
            );
        else if (!symbols.DerivesFromHandler(member.ContainingType))
            context.ReportDiagnostic(Diagnostic.Create(ProcessRules.StoredSelf, place, member.Name));
    }

    /// <summary>A field, or a property that keeps its value in one.</summary>
    private static bool IsState(ISymbol member) =>
        member is IFieldSymbol
        || member
            .ContainingType.GetMembers()
            .Any(other => other is IFieldSymbol field && SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, member));
}
