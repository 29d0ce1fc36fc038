using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>Ways about a tree of operations.</summary>
internal static class Operations
{
    /// <summary>The innermost function that an operation is part of: a lambda, a local function, or the method itself.</summary>
    public static IMethodSymbol? FunctionOf(IOperation operation, ISymbol containing)
    {
        for (IOperation? at = operation.Parent; at is not null; at = at.Parent)
        {
            switch (at)
            {
                case IAnonymousFunctionOperation lambda:
                    return lambda.Symbol;
                case ILocalFunctionOperation local:
                    return local.Symbol;
            }
        }

        return containing as IMethodSymbol;
    }

    /// <summary>The operation of the innermost function: its parts are what runs there.</summary>
    public static IOperation FunctionRootOf(IOperation operation)
    {
        IOperation at = operation;
        while (at.Parent is { } parent && at is not (IAnonymousFunctionOperation or ILocalFunctionOperation))
            at = parent;
        return at;
    }

    /// <summary>An operation and all below it, but not what stands in functions inside it: that runs elsewhere or at another time.</summary>
    public static IEnumerable<IOperation> OwnParts(IOperation root)
    {
        var open = new Stack<IOperation>();
        open.Push(root);
        while (open.Count > 0)
        {
            IOperation next = open.Pop();
            yield return next;
            foreach (IOperation child in next.ChildOperations.Reverse())
                if (child is not (IAnonymousFunctionOperation or ILocalFunctionOperation))
                    open.Push(child);
        }
    }

    /// <summary>What is inside the conversions that nobody wrote down, and parentheses.</summary>
    public static IOperation Unwrap(IOperation operation)
    {
        IOperation at = operation;
        while (true)
        {
            switch (at)
            {
                case IConversionOperation { OperatorMethod: null } conversion:
                    at = conversion.Operand;
                    break;
                case IParenthesizedOperation parentheses:
                    at = parentheses.Operand;
                    break;
                default:
                    return at;
            }
        }
    }

    public static bool IsTrue(IOperation? condition) => condition?.ConstantValue is { HasValue: true, Value: true };

    public static IOperation? Argument(IInvocationOperation call, string parameter)
    {
        foreach (IArgumentOperation argument in call.Arguments)
            if (argument.Parameter?.Name == parameter && argument.ArgumentKind != ArgumentKind.DefaultValue)
                return argument.Value;
        return null;
    }

    /// <summary>Where the name of what is called stands: <c>Sleep</c> of <c>Thread.Sleep(5)</c> needs the whole of <c>Thread.Sleep</c>.</summary>
    public static Location NameLocation(IOperation operation) =>
        operation.Syntax is InvocationExpressionSyntax call ? call.Expression.GetLocation() : operation.Syntax.GetLocation();

    public static string Display(ITypeSymbol type) =>
        type.ToDisplayString(
            SymbolDisplayFormat.MinimallyQualifiedFormat.WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.UseSpecialTypes)
        );

    /// <summary>Namespace and name with arity, as tables of types have it.</summary>
    public static string MetadataName(ITypeSymbol type)
    {
        ITypeSymbol definition = type.OriginalDefinition;
        string name = definition.MetadataName;
        for (INamedTypeSymbol? outer = definition.ContainingType; outer is not null; outer = outer.ContainingType)
            name = outer.MetadataName + "+" + name;
        return definition.ContainingNamespace is { IsGlobalNamespace: false } space ? space.ToDisplayString() + "." + name : name;
    }
}
