using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>Where the value of a local variable comes from, if that can be seen in its function.</summary>
internal static class Origins
{
    /// <summary>What a local is declared with; for a variable of a pattern what the pattern looks at, for an out variable the call that sets it.</summary>
    public static IOperation? InitializerOf(ILocalReferenceOperation reference)
    {
        IOperation root = reference;
        while (root.Parent is { } parent)
            root = parent;
        foreach (IOperation part in root.Descendants())
        {
            switch (part)
            {
                case IVariableDeclaratorOperation declarator when Same(declarator.Symbol, reference.Local):
                    return declarator.GetVariableInitializer() is { } initializer
                        ? Operations.Unwrap(initializer.Value)
                        : LoopOf(declarator);
                case IDeclarationPatternOperation pattern when Same(pattern.DeclaredSymbol, reference.Local):
                    return MatchedBy(pattern);
                case IRecursivePatternOperation pattern when Same(pattern.DeclaredSymbol, reference.Local):
                    return MatchedBy(pattern);
                case IListPatternOperation pattern when Same(pattern.DeclaredSymbol, reference.Local):
                    return MatchedBy(pattern);
                case IDeclarationExpressionOperation { Expression: ILocalReferenceOperation declared } expression
                    when Same(declared.Local, reference.Local):
                    return expression.Parent is IArgumentOperation { Parent: { } call } ? call : null;
            }
        }

        return null;
    }

    /// <summary>A loop over a collection, for the variable it declares.</summary>
    private static IOperation? LoopOf(IOperation declarator)
    {
        for (IOperation? at = declarator.Parent; at is not null; at = at.Parent)
            if (at is IForEachLoopOperation loop)
                return loop;
            else if (at is IBlockOperation)
                return null;
        return null;
    }

    private static IOperation? MatchedBy(IOperation pattern)
    {
        for (IOperation? at = pattern.Parent; at is not null; at = at.Parent)
        {
            switch (at)
            {
                case IIsPatternOperation match:
                    return Operations.Unwrap(match.Value);
                case ISwitchOperation match:
                    return Operations.Unwrap(match.Value);
                case ISwitchExpressionOperation match:
                    return Operations.Unwrap(match.Value);
                case IBlockOperation:
                    return null;
            }
        }

        return null;
    }

    private static bool Same(ISymbol? one, ISymbol other) => SymbolEqualityComparer.Default.Equals(one, other);
}
