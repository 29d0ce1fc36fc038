using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>Who writes a private member: only its own type can, so its text tells.</summary>
internal static class Writes
{
    /// <summary>Whether a private field or setter is written after construction. What is filled when first asked for (<c>??=</c>) counts as constant.</summary>
    public static bool Outlive(INamedTypeSymbol owner, ISymbol member)
    {
        foreach (SyntaxReference reference in owner.DeclaringSyntaxReferences)
        foreach (SyntaxNode node in reference.GetSyntax().DescendantNodes())
            if (node is SimpleNameSyntax name && name.Identifier.ValueText == member.Name && IsWritten(name) && !IsInConstructor(name))
                return true;
        return false;
    }

    private static bool IsWritten(SimpleNameSyntax name)
    {
        ExpressionSyntax target = name.Parent is MemberAccessExpressionSyntax access && access.Name == name ? access : name;
        // A member of a deconstruction is written as much as the whole.
        SyntaxNode whole = target;
        while (whole.Parent is ArgumentSyntax { Parent: TupleExpressionSyntax tuple })
            whole = tuple;
        return whole.Parent switch
        {
            AssignmentExpressionSyntax assignment => assignment.Left == whole
                && !assignment.IsKind(SyntaxKind.CoalesceAssignmentExpression)
                && assignment.Parent is not InitializerExpressionSyntax,
            PrefixUnaryExpressionSyntax unary => unary.Kind()
                is SyntaxKind.PreIncrementExpression
                    or SyntaxKind.PreDecrementExpression
                    or SyntaxKind.AddressOfExpression,
            PostfixUnaryExpressionSyntax unary => unary.Kind() is SyntaxKind.PostIncrementExpression or SyntaxKind.PostDecrementExpression,
            ArgumentSyntax argument => !argument.RefKindKeyword.IsKind(SyntaxKind.None)
                && !argument.RefKindKeyword.IsKind(SyntaxKind.InKeyword),
            RefExpressionSyntax => true,
            _ => false,
        };
    }

    private static bool IsInConstructor(SyntaxNode node)
    {
        for (SyntaxNode? at = node.Parent; at is not null; at = at.Parent)
        {
            switch (at)
            {
                case AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax:
                    return false;
                case ConstructorDeclarationSyntax or AccessorDeclarationSyntax { RawKind: (int)SyntaxKind.InitAccessorDeclaration }:
                    return true;
                case MemberDeclarationSyntax:
                    return false;
            }
        }

        return false;
    }
}
