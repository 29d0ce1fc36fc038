using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CloudScale.Serialization.CodeFixes;

/// <summary>Makes a blocking call one that waits: sleep by the process, await of the task or of the method's asynchronous twin, or a call in <c>Blocking</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(BlockingCallFix)), Shared]
public sealed class BlockingCallFix : ProcessFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = Ids("CSP005", "CSP007");

    private protected override void Register(FixPlace place)
    {
        if (place.Node.FirstAncestorOrSelf<ExpressionSyntax>() is not { } node)
            return;
        // The report is about the name of a call, or the whole of a property.
        ExpressionSyntax whole = node.Parent is InvocationExpressionSyntax call && call.Expression == node ? call : node;
        BodySyntax body = place.Body;
        if (body is { IsAsync: true, Self: { } self } && AsSleep(whole, self, place) is { } sleep)
        {
            if (place.Diagnostic.Id == "CSP007")
                place.Offer("Sleep by the process", whole, sleep.WithTriviaFrom(whole));
            else
                place.Offer("Sleep by the process", whole, BodySyntax.Await(sleep, whole));
            return;
        }

        if (place.Diagnostic.Id != "CSP005")
            return;
        if (body.IsAsync && Awaited(whole, place) is { } awaited)
            place.Offer("Await it", whole, BodySyntax.Await(awaited, whole));
        if (body.Self is { } own && CanMove(whole, place))
            place.Offer(
                "Run it in Blocking",
                whole,
                BodySyntax.Parse($"{own}.Blocking(() => {whole.WithoutTrivia().ToFullString()})").WithTriviaFrom(whole)
            );
    }

    /// <summary><c>Thread.Sleep</c> and <c>Task.Delay</c> as the process's own, which takes a TimeSpan.</summary>
    private static ExpressionSyntax? AsSleep(ExpressionSyntax whole, string self, FixPlace place)
    {
        if (
            whole is not InvocationExpressionSyntax { ArgumentList.Arguments: { Count: 1 } arguments }
            || place.Model.GetSymbolInfo(whole, place.Cancellation).Symbol
                is not IMethodSymbol { ContainingType.Name: "Thread" or "Task", Name: "Sleep" or "Delay" } method
        )
            return null;
        string duration = arguments[0].Expression.WithoutTrivia().ToFullString();
        if (method.Parameters[0].Type.SpecialType == SpecialType.System_Int32)
            duration = $"{TimeSpanName(place, whole.SpanStart)}.FromMilliseconds({duration})";
        return BodySyntax.Parse($"{self}.Sleep({duration})");
    }

    /// <summary>What to await in the place of a call that blocks; null if there is no such thing.</summary>
    private static ExpressionSyntax? Awaited(ExpressionSyntax whole, FixPlace place)
    {
        ISymbol? symbol = place.Model.GetSymbolInfo(whole, place.Cancellation).Symbol;
        if (whole is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Result" } result)
            return result.Expression;
        if (
            whole is not InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } call
            || symbol is not IMethodSymbol method
        )
            return null;
        switch (method.Name)
        {
            case "GetResult"
                when access.Expression
                    is InvocationExpressionSyntax
                    {
                        Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "GetAwaiter" } awaiter
                    }:
                return awaiter.Expression;
            case "Wait" when method is { ContainingType.Name: "Task", Parameters.Length: 0 }:
                return access.Expression;
            case "WaitAll" or "WaitAny" when method is { ContainingType.Name: "Task", Parameters.Length: 1 }:
                return Renamed(call, access, method.Name == "WaitAll" ? "WhenAll" : "WhenAny");
            default:
                return HasTwin(method) ? Renamed(call, access, method.Name + "Async") : null;
        }
    }

    private static InvocationExpressionSyntax Renamed(InvocationExpressionSyntax call, MemberAccessExpressionSyntax access, string name) =>
        call.WithExpression(access.WithName(SyntaxFactory.IdentifierName(name)));

    /// <summary>An asynchronous method that takes the same arguments, and perhaps some that may be left out.</summary>
    private static bool HasTwin(IMethodSymbol method)
    {
        for (ITypeSymbol? type = method.ContainingType; type is not null; type = type.BaseType)
            foreach (IMethodSymbol twin in type.GetMembers(method.Name + "Async").OfType<IMethodSymbol>())
                if (twin.IsStatic == method.IsStatic && twin.ReturnType.Name is "Task" or "ValueTask" && Takes(twin, method))
                    return true;
        return false;
    }

    private static bool Takes(IMethodSymbol twin, IMethodSymbol method)
    {
        if (twin.Parameters.Length < method.Parameters.Length)
            return false;
        for (int i = 0; i < twin.Parameters.Length; i++)
        {
            if (i >= method.Parameters.Length ? !twin.Parameters[i].IsOptional : !Same(twin.Parameters[i], method.Parameters[i]))
                return false;
        }

        return true;
    }

    private static bool Same(IParameterSymbol one, IParameterSymbol other) =>
        one.RefKind == other.RefKind && SymbolEqualityComparer.Default.Equals(one.Type, other.Type);

    /// <summary>A lambda can hold neither an await nor a by-reference variable.</summary>
    private static bool CanMove(ExpressionSyntax whole, FixPlace place) =>
        !whole.DescendantNodes().Any(static node => node is AwaitExpressionSyntax)
        && !whole
            .DescendantNodesAndSelf()
            .OfType<IdentifierNameSyntax>()
            .Any(name =>
                place.Model.GetSymbolInfo(name, place.Cancellation).Symbol switch
                {
                    IParameterSymbol parameter => parameter.RefKind != RefKind.None || parameter.Type.IsRefLikeType,
                    ILocalSymbol local => local.RefKind != RefKind.None || local.Type.IsRefLikeType,
                    _ => false,
                }
            );

    private static string TimeSpanName(FixPlace place, int position) =>
        place.Model.LookupNamespacesAndTypes(position, name: "TimeSpan").IsEmpty ? "System.TimeSpan" : "TimeSpan";
}
