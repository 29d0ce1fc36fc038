using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CloudScale.Serialization.CodeFixes;

/// <summary>The function around a piece of code, as far as fixes have to know it.</summary>
internal sealed class BodySyntax
{
    private BodySyntax(SyntaxNode? function, bool isAsync, string? self)
    {
        Function = function;
        IsAsync = isAsync;
        Self = self;
    }

    public SyntaxNode? Function { get; }

    /// <summary>Whether an await may be written here.</summary>
    public bool IsAsync { get; }

    /// <summary>The name of the parameter that is the process's Self; null if there is none.</summary>
    public string? Self { get; }

    public static BodySyntax Around(SyntaxNode node, SemanticModel model, CancellationToken cancellation)
    {
        SyntaxNode? function = node.Ancestors()
            .FirstOrDefault(static at =>
                at is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or BaseMethodDeclarationSyntax
            );
        (bool isAsync, IMethodSymbol? symbol) = function switch
        {
            AnonymousFunctionExpressionSyntax lambda => (
                lambda.AsyncKeyword.IsKind(SyntaxKind.AsyncKeyword),
                model.GetSymbolInfo(lambda, cancellation).Symbol as IMethodSymbol
            ),
            LocalFunctionStatementSyntax local => (
                local.Modifiers.Any(SyntaxKind.AsyncKeyword),
                model.GetDeclaredSymbol(local, cancellation)
            ),
            BaseMethodDeclarationSyntax method => (
                method.Modifiers.Any(SyntaxKind.AsyncKeyword),
                model.GetDeclaredSymbol(method, cancellation)
            ),
            _ => (false, null),
        };
        string? self = symbol?.Parameters.FirstOrDefault(static parameter => IsSelf(parameter.Type))?.Name;
        return new BodySyntax(function, isAsync, self);
    }

    public static bool IsSelf(ITypeSymbol type) =>
        type is { Name: "Self", ContainingNamespace: { Name: "CloudScale", ContainingNamespace.IsGlobalNamespace: true } };

    /// <summary>Awaits an expression, in parentheses where what stands around it would bind tighter.</summary>
    public static ExpressionSyntax Await(ExpressionSyntax awaited, ExpressionSyntax replaced)
    {
        ExpressionSyntax operand = awaited.WithoutTrivia();
        if (operand is BinaryExpressionSyntax or ConditionalExpressionSyntax or AssignmentExpressionSyntax or SwitchExpressionSyntax)
            operand = SyntaxFactory.ParenthesizedExpression(operand);
        ExpressionSyntax result = SyntaxFactory.AwaitExpression(
            SyntaxFactory.Token(SyntaxKind.AwaitKeyword).WithTrailingTrivia(SyntaxFactory.Space),
            operand
        );
        bool bindsTighter = replaced.Parent switch
        {
            MemberAccessExpressionSyntax access => access.Expression == replaced,
            ElementAccessExpressionSyntax access => access.Expression == replaced,
            InvocationExpressionSyntax call => call.Expression == replaced,
            ConditionalAccessExpressionSyntax access => access.Expression == replaced,
            PostfixUnaryExpressionSyntax => true,
            _ => false,
        };
        if (bindsTighter)
            result = SyntaxFactory.ParenthesizedExpression(result);
        return result.WithTriviaFrom(replaced);
    }

    public static ExpressionSyntax Parse(string text) => SyntaxFactory.ParseExpression(text);
}
