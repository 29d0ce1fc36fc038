using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>Why a text may be anything; null where nothing says so.</summary>
internal sealed class TextOrigin(string text, bool isParameter = false)
{
    public string Text { get; } = text;

    /// <summary>Text is the name of a parameter, of which only callers know the bound.</summary>
    public bool IsParameter { get; } = isParameter;
}

/// <summary>Follows a text back to where it comes from, inside one function.</summary>
internal sealed class TextOrigins(ProcessSymbols? symbols)
{
    private const int MaxSteps = 12; // from one expression to the next

    private static readonly TextOrigin s_outside = new("text from outside the program");
    private static readonly TextOrigin s_message = new("the text of a message");
    private static readonly TextOrigin s_number = new("a name with a number that keeps changing");

    // Methods whose text comes from the world, by type; * for all of them.
    private static readonly Dictionary<string, string> s_outsideByType = new()
    {
        ["System.Console"] = "ReadLine",
        ["System.IO.File"] = "*",
        ["System.IO.TextReader"] = "*",
        ["System.IO.StreamReader"] = "*",
        ["System.IO.Path"] = "GetRandomFileName GetTempFileName",
        ["System.Text.Encoding"] = "GetString",
        ["System.Text.Json.JsonElement"] = "GetString ToString GetRawText",
        ["System.Text.Json.Utf8JsonReader"] = "GetString",
        ["System.Convert"] = "ToHexString ToHexStringLower ToBase64String",
        ["System.Guid"] = "ToString",
        ["System.Net.Http.HttpContent"] = "ReadAsStringAsync",
        ["System.Net.Http.HttpClient"] = "GetStringAsync",
        ["System.Random"] = "*",
        ["System.Security.Cryptography.RandomNumberGenerator"] = "*",
        ["CloudScale.Binary"] = "ToString",
    };

    // Values of which each new one is another text.
    private static readonly HashSet<string> s_changing =
    [
        "System.Guid",
        "System.DateTime",
        "System.DateTimeOffset",
        "CloudScale.Reference",
        "CloudScale.Pid",
    ];

    public TextOrigin? Of(IOperation text) => Of(text, MaxSteps);

    private TextOrigin? Of(IOperation? value, int steps)
    {
        if (value is null || steps == 0 || value.ConstantValue.HasValue)
            return null;
        IOperation text = Operations.Unwrap(value);
        if (text.Type is { } type && (type.TypeKind == TypeKind.Enum || type.SpecialType == SpecialType.System_Boolean || IsAtom(type)))
            return null;
        return text switch
        {
            IInterpolatedStringOperation interpolated => First(
                interpolated.Parts.OfType<IInterpolationOperation>().Select(part => OfHole(part.Expression, steps - 1))
            ),
            IBinaryOperation { OperatorKind: BinaryOperatorKind.Add } sum => First([
                OfHole(sum.LeftOperand, steps - 1),
                OfHole(sum.RightOperand, steps - 1),
            ]),
            ICoalesceOperation choice => First([Of(choice.Value, steps - 1), Of(choice.WhenNull, steps - 1)]),
            IConditionalOperation choice => First([Of(choice.WhenTrue, steps - 1), Of(choice.WhenFalse, steps - 1)]),
            IConditionalAccessOperation access => First([Of(access.Operation, steps - 1), Of(access.WhenNotNull, steps - 1)]),
            IAwaitOperation await => IsReceived(await.Operation) ? s_message : Of(await.Operation, steps - 1),
            IInvocationOperation call => OfCall(call, steps - 1),
            IArrayElementReferenceOperation element => Of(element.ArrayReference, steps - 1),
            IPropertyReferenceOperation property => OfProperty(property, steps - 1),
            ILocalReferenceOperation local => OfLocal(local, steps - 1),
            IParameterReferenceOperation parameter => OfParameter(parameter),
            _ => null,
        };
    }

    /// <summary>What a value adds to a text that is put together.</summary>
    private TextOrigin? OfHole(IOperation hole, int steps)
    {
        if (hole.ConstantValue.HasValue)
            return null;
        IOperation value = Operations.Unwrap(hole);
        if (value is IIncrementOrDecrementOperation || value is IInvocationOperation { TargetMethod.ContainingType.Name: "Interlocked" })
            return s_number;
        if (value.Type is { } type && s_changing.Contains(Operations.MetadataName(type)))
            return new TextOrigin("a name with a new " + type.Name + " in it");
        if (value is IPropertyReferenceOperation { Property: { Name: "TickCount" or "TickCount64", ContainingType.Name: "Environment" } })
            return s_number;
        return Of(value, steps);
    }

    private TextOrigin? OfCall(IInvocationOperation call, int steps)
    {
        IMethodSymbol method = call.TargetMethod;
        for (ITypeSymbol? type = call.Instance?.Type ?? method.ContainingType; type is not null; type = type.BaseType)
            if (
                s_outsideByType.TryGetValue(Operations.MetadataName(type), out string? names)
                && (names == "*" || names.Split(' ').Contains(method.Name))
            )
                return s_outside;
        if (IsReceived(call))
            return s_message;
        if (method.Name == "TryGet" && Operations.MetadataName(method.ContainingType) == "CloudScale.Message")
            return s_message;
        if (method.ContainingType.SpecialType == SpecialType.System_String)
        {
            // Trim, Substring, Replace … of a text, and Concat, Join, Format of several.
            if (call.Instance is { } instance)
                return Of(instance, steps);
            return method.Name is "Concat" or "Join" or "Format"
                ? First(call.Arguments.SelectMany(Values).Select(part => OfHole(part, steps)))
                : null;
        }

        return method is { Name: "ToString", Parameters.Length: 0 } && call.Instance is { } number ? OfHole(number, steps) : null;
    }

    private static IEnumerable<IOperation> Values(IArgumentOperation argument) =>
        Operations.Unwrap(argument.Value) switch
        {
            IArrayCreationOperation { IsImplicit: true, Initializer: { } elements } => elements.ElementValues,
            ICollectionExpressionOperation { IsImplicit: true } elements => elements.Elements,
            { } value => [value],
        };

    private TextOrigin? OfProperty(IPropertyReferenceOperation property, int steps)
    {
        // A part of a message is as unbounded as the message. Numbers and names of other objects say nothing.
        IOperation? root = property;
        while (root is IPropertyReferenceOperation { Instance: { } instance })
        {
            root = Operations.Unwrap(instance);
            if (root.Type is { } type && IsAtom(type))
                return null;
        }

        TextOrigin? origin = root is ILocalReferenceOperation or IAwaitOperation or IParameterReferenceOperation ? Of(root, steps) : null;
        if (origin is { IsParameter: false })
            return origin;
        return property is { Property.Name: "Value" } && Operations.MetadataName(property.Property.ContainingType) == "CloudScale.Message"
            ? s_message
            : null;
    }

    /// <summary>The name of an atom that exists adds none.</summary>
    private static bool IsAtom(ITypeSymbol type) => type.Name == "Atom" && Operations.MetadataName(type) == "CloudScale.Atom";

    private TextOrigin? OfLocal(ILocalReferenceOperation local, int steps)
    {
        IOperation? initializer = Origins.InitializerOf(local);
        return initializer is IForEachLoopOperation loop ? Of(loop.Collection, steps) : Of(initializer, steps);
    }

    private static TextOrigin? OfParameter(IParameterReferenceOperation reference)
    {
        IParameterSymbol parameter = reference.Parameter;
        return
            parameter.Type.SpecialType == SpecialType.System_String
            && parameter.ContainingSymbol
                is IMethodSymbol
                {
                    MethodKind: MethodKind.Ordinary or MethodKind.Constructor,
                    DeclaredAccessibility: not Accessibility.Private
                }
            ? new TextOrigin(parameter.Name, isParameter: true)
            : null;
    }

    private bool IsReceived(IOperation awaited) =>
        symbols is not null
        && Operations.Unwrap(awaited)
            is IInvocationOperation { TargetMethod: { Name: "Receive" or "TryReceive" or "Call", ContainingType: { } type } }
        && symbols.IsSelf(type);

    /// <summary>A proof before a hint.</summary>
    private static TextOrigin? First(IEnumerable<TextOrigin?> origins)
    {
        TextOrigin? hint = null;
        foreach (TextOrigin? origin in origins)
        {
            if (origin is { IsParameter: false })
                return origin;
            hint ??= origin;
        }

        return hint;
    }
}
