using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>What a call sends, and whether it names another node.</summary>
internal static class SentMessages
{
    /// <summary>The messages, requests, answers and exit reasons among the arguments of a call on a process or its node; what stands in a tuple, list or map made there, piece by piece.</summary>
    public static IEnumerable<IOperation> PartsOf(IInvocationOperation call, ProcessSymbols symbols)
    {
        if (!symbols.IsSelf(call.TargetMethod.ContainingType) && !symbols.IsSystem(call.TargetMethod.ContainingType))
            yield break;
        foreach (IArgumentOperation argument in call.Arguments)
        {
            if (argument.ArgumentKind == ArgumentKind.DefaultValue)
                continue;
            if (argument.Parameter is { Name: "message" or "request" or "reply" or "reason" } parameter && MayBeAnything(parameter))
                foreach (IOperation part in Pieces(argument.Value, symbols))
                    yield return part;
        }
    }

    // Any term, or what a typed pid says.
    private static bool MayBeAnything(IParameterSymbol parameter) =>
        parameter.Type.SpecialType == SpecialType.System_Object || parameter.OriginalDefinition.Type is ITypeParameterSymbol;

    /// <summary>Whether the receiver is named with a node of its own: it may be this one, but the code is written for others.</summary>
    public static bool NamesNode(IInvocationOperation call) =>
        Operations.Argument(call, "node") is { } node && Operations.Unwrap(node).ConstantValue is not { HasValue: true, Value: null };

    private static IEnumerable<IOperation> Pieces(IOperation value, ProcessSymbols symbols)
    {
        IOperation piece = Operations.Unwrap(value);
        switch (piece)
        {
            case IInvocationOperation { TargetMethod: { IsStatic: true } method } made
                when symbols.IsOurs(method.ContainingType) && method.ContainingType.Name is "Tuple" or "List" or "Map":
                foreach (IArgumentOperation argument in made.Arguments)
                foreach (IOperation inner in Pieces(argument.Value, symbols))
                    yield return inner;
                break;
            case IArrayCreationOperation { IsImplicit: true, Initializer: { } initializer }:
                foreach (IOperation element in initializer.ElementValues)
                foreach (IOperation inner in Pieces(element, symbols))
                    yield return inner;
                break;
            case ICollectionExpressionOperation collection
                when collection.IsImplicit || (collection.Type is { } type && symbols.IsOurs(type)):
                foreach (IOperation element in collection.Elements)
                foreach (IOperation inner in Pieces(element, symbols))
                    yield return inner;
                break;
            default:
                yield return piece;
                break;
        }
    }
}
