using System.Collections.Immutable;
using CloudScale.Serialization.Generators.Models;
using Microsoft.CodeAnalysis;

namespace CloudScale.Serialization.Generators.Parsing;

/// <summary>Finds out what term the type of a member stands for.</summary>
/// <param name="text">What strings are.</param>
/// <param name="nullAtom">The atom that null is.</param>
/// <param name="time">What points in time and durations are.</param>
/// <param name="guid">What GUIDs are.</param>
/// <param name="number">What decimal numbers are.</param>
internal sealed class TypeParser(string text, string nullAtom, string time, string guid, string number)
{
    private const int IntBytes = 5;
    private const int LongBytes = 11;
    private const int FloatBytes = 9;
    private const int BooleanBytes = 7;
    private const int StructBytes = 5;
    private const int NullBytes = 2; // a reference to an atom of a distribution header

    /// <summary>Whether a string, a time, a GUID or a nullable has been met: an option without one is a mistake.</summary>
    public bool SawText { get; private set; }

    public bool SawTime { get; private set; }

    public bool SawGuid { get; private set; }

    public bool SawDecimal { get; private set; }

    public bool SawNullable { get; private set; }

    /// <summary>Why the last type was refused, where there is more to say than that it stands for no term.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>The model of a type; null where it stands for no term.</summary>
    public TypeModel? Parse(ITypeSymbol type)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
            return Nullable(TypeForm.NullableValue, ParseRest(nullable.TypeArguments[0]));
        if (type.NullableAnnotation == NullableAnnotation.Annotated && !type.IsValueType)
            return Nullable(TypeForm.NullableReference, ParseRest(type));
        return ParseRest(type);
    }

    private TypeModel? Nullable(TypeForm form, TypeModel? rest)
    {
        SawNullable = true;
        return rest is null
            ? null
            : new TypeModel(
                form,
                rest.Name,
                "Nullable" + rest.HelperName,
                Math.Min(rest.MinBytes, NullBytes),
                0,
                "",
                nullAtom,
                Parts(rest),
                ""
            );
    }

    private TypeModel? ParseRest(ITypeSymbol type) =>
        type switch
        {
            IArrayTypeSymbol { Rank: 1 } array when array.ElementType.SpecialType == SpecialType.System_Byte => Leaf(
                TypeForm.Bytes,
                type,
                "Bytes",
                5
            ),
            IArrayTypeSymbol { Rank: 1 } array => Collection(TypeForm.Array, type, "ArrayOf", array.ElementType),
            ITypeParameterSymbol parameter => TypeParameter(parameter),
            INamedTypeSymbol named => Special(named) ?? Known(named) ?? (Reason.Length > 0 ? null : Marked(named)),
            _ => null,
        };

    private TypeModel? Special(INamedTypeSymbol type)
    {
        switch (type.SpecialType)
        {
            case SpecialType.System_SByte
            or SpecialType.System_Byte
            or SpecialType.System_Int16
            or SpecialType.System_UInt16
            or SpecialType.System_Int32:
                return Leaf(TypeForm.Integer, type, type.Name, 2, IntBytes);
            case SpecialType.System_UInt32 or SpecialType.System_Int64:
                return Leaf(TypeForm.Integer, type, type.Name, 2, LongBytes);
            case SpecialType.System_UInt64:
                return Leaf(TypeForm.Integer, type, type.Name, 2);
            case SpecialType.System_Double:
                return Leaf(TypeForm.Double, type, "Double", 2, FloatBytes);
            case SpecialType.System_Single:
                return Leaf(TypeForm.Single, type, "Single", 2, FloatBytes);
            case SpecialType.System_Decimal:
                SawDecimal = true;
                return number == "Elixir"
                    ? Leaf(TypeForm.Decimal, type, "ElixirDecimal", StructBytes, 0, number)
                    : Leaf(TypeForm.Decimal, type, "Decimal", 2);
            case SpecialType.System_Boolean:
                return Leaf(TypeForm.Boolean, type, "Boolean", 2, BooleanBytes);
            case SpecialType.System_Object:
                return Leaf(TypeForm.Object, type, "Object", 1);
            case SpecialType.System_String:
                SawText = true;
                return Leaf(
                    TypeForm.Text,
                    type,
                    text == "Binary" ? "Text" : text + "Text",
                    text == "Binary" ? 5
                        : text == "Atom" ? 2
                        : 1,
                    0,
                    text
                );
            case SpecialType.System_DateTime:
                return Time(TypeForm.Moment, type);
            default:
                return null;
        }
    }

    private TypeModel? Known(INamedTypeSymbol type)
    {
        if (type.IsTupleType)
            return Tuple(type);
        switch (type.OriginalDefinition.ToDisplayString())
        {
            case "CloudScale.Atom":
                return Leaf(TypeForm.Atom, type, "Atom", 2);
            case "CloudScale.Pid":
                return Leaf(TypeForm.Pid, type, "Pid", 13);
            case "CloudScale.Pid<TMessage>":
                return Leaf(TypeForm.TypedPid, type, "PidOf" + type.TypeArguments[0].Name, 13);
            case "CloudScale.Reference":
                return Leaf(TypeForm.Reference, type, "Reference", 8);
            case "CloudScale.Port":
                return Leaf(TypeForm.Port, type, "Port", 8);
            case "CloudScale.Binary":
                return Leaf(TypeForm.Binary, type, "Binary", 5);
            case "CloudScale.Tuple"
            or "CloudScale.List"
            or "CloudScale.Map"
            or "CloudScale.BitString"
            or "CloudScale.ExternalFun"
            or "CloudScale.Fun"
            or "CloudScale.NativeRecord":
                return Leaf(TypeForm.Term, type, type.Name, 1);
            case "System.Numerics.BigInteger":
                return Leaf(TypeForm.BigInteger, type, "BigInteger", 2);
            case "System.Guid":
                SawGuid = true;
                return Leaf(TypeForm.Guid, type, "Guid", 5, 0, guid);
            case "System.DateTimeOffset":
                return Time(TypeForm.Moment, type);
            case "System.TimeSpan":
                if (time is "Calendar" or "Elixir")
                    return Refuse(": a duration has no calendar");
                return Time(TypeForm.Duration, type);
            case "System.DateOnly":
                return Calendar(TypeForm.Date, type);
            case "System.TimeOnly":
                return Calendar(TypeForm.TimeOfDay, type);
            case "System.ReadOnlyMemory<T>" when IsByte(type.TypeArguments[0]):
                return Leaf(TypeForm.Memory, type, "Memory", 5);
            case "System.Collections.Immutable.ImmutableArray<T>" when IsByte(type.TypeArguments[0]):
                return Leaf(TypeForm.ImmutableBytes, type, "ImmutableBytes", 5);
            case "System.Collections.Generic.List<T>":
                return Collection(TypeForm.List, type, "ListOf", type.TypeArguments[0]);
            case "System.Collections.Immutable.ImmutableArray<T>":
                return Collection(TypeForm.ImmutableArray, type, "ImmutableArrayOf", type.TypeArguments[0]);
            case "System.Collections.Generic.IReadOnlyList<T>"
            or "System.Collections.Generic.IReadOnlyList<out T>"
            or "System.Collections.Generic.IReadOnlyCollection<T>"
            or "System.Collections.Generic.IReadOnlyCollection<out T>"
            or "System.Collections.Generic.IEnumerable<T>"
            or "System.Collections.Generic.IEnumerable<out T>":
                return Collection(TypeForm.ReadOnlyList, type, "ReadOnlyListOf", type.TypeArguments[0]);
            case "System.Collections.Generic.HashSet<T>":
                return Collection(TypeForm.HashSet, type, "SetOf", type.TypeArguments[0]);
            case "System.Collections.Generic.Dictionary<TKey, TValue>":
                return Dictionary(TypeForm.Dictionary, type, "MapOf");
            case "System.Collections.Generic.IReadOnlyDictionary<TKey, TValue>":
                return Dictionary(TypeForm.ReadOnlyDictionary, type, "ReadOnlyMapOf");
            case "System.Collections.Immutable.ImmutableDictionary<TKey, TValue>":
                return Dictionary(TypeForm.ImmutableDictionary, type, "ImmutableMapOf");
            default:
                return null;
        }
    }

    private TypeModel? Marked(INamedTypeSymbol type)
    {
        bool isContract = Attributes.Find(type, Attributes.Term) is not null;
        if (type.TypeKind == TypeKind.Enum)
        {
            return isContract
                ? Leaf(TypeForm.Enum, type, type.Name, 2) with
                {
                    Codec = EnumParser.CodecOf(type),
                }
                : Refuse(": mark the enum with [Term], and its members are atoms");
        }

        if (!isContract && Attributes.Find(type, Attributes.TermUnion) is null)
            return Refuse(type.TypeKind == TypeKind.Error ? "" : ": mark it with [Term], or hold the term as an object");
        return Leaf(TypeForm.Contract, type, HelperName(type), WireSize.OfContract(type)) with
        {
            Codec = Names.Full(type),
            MinPackedBytes = WireSize.OfPackedContract(type),
            ReadsInRows = Rows.MayHave(type),
        };
    }

    private TypeModel? TypeParameter(ITypeParameterSymbol type)
    {
        bool isContract = type.ConstraintTypes.Any(constraint =>
            constraint.OriginalDefinition.ToDisplayString() == "CloudScale.Serialization.Contracts.ITermContract<TSelf>"
        );
        return isContract
            ? Leaf(TypeForm.Contract, type, type.Name, 1) with
            {
                Codec = Names.Full(type),
            }
            : Refuse($": it needs the constraint 'where {type.Name} : ITermContract<{type.Name}>'");
    }

    private TypeModel? Collection(TypeForm form, ITypeSymbol type, string prefix, ITypeSymbol element)
    {
        TypeModel? model = Parse(element);
        return model is null ? null : Leaf(form, type, prefix + model.HelperName, 1) with { Parts = Parts(model) };
    }

    private TypeModel? Dictionary(TypeForm form, INamedTypeSymbol type, string prefix)
    {
        TypeModel? key = Parse(type.TypeArguments[0]);
        TypeModel? value = Parse(type.TypeArguments[1]);
        if (key is null || value is null)
            return null;
        if (key.IsNullable)
            return Refuse(": a key cannot be null");
        return Leaf(form, type, prefix + key.HelperName + "To" + value.HelperName, 5) with { Parts = Parts(key, value) };
    }

    private TypeModel? Tuple(INamedTypeSymbol type)
    {
        var parts = ImmutableArray.CreateBuilder<TypeModel>();
        foreach (IFieldSymbol element in type.TupleElements)
        {
            if (Parse(element.Type) is not { } part)
                return null;
            parts.Add(part);
        }

        // Without the names of the elements: they do not make another tuple.
        string name = "(" + string.Join(", ", parts.Select(part => part.VariableName)) + ")";
        string helper = "TupleOf" + string.Concat(parts.Select(part => part.HelperName));
        return new TypeModel(
            TypeForm.ValueTuple,
            name,
            helper,
            2 + parts.Sum(part => part.MinBytes),
            0,
            "",
            "",
            new(parts.ToImmutable()),
            "",
            1 + parts.Sum(part => part.MinPackedBytes)
        );
    }

    private TypeModel Time(TypeForm form, ITypeSymbol type)
    {
        SawTime = true;
        return Leaf(form, type, type.Name + (time == "Default" ? "" : time), 2, 0, time == "Default" ? "Milliseconds" : time);
    }

    private TypeModel? Calendar(TypeForm form, ITypeSymbol type)
    {
        SawTime = true;
        if (time == "Elixir")
            return Leaf(form, type, type.Name + time, StructBytes, 0, time);
        return time is "Default" or "Calendar" ? Leaf(form, type, type.Name, 8) : Refuse(": it is no number of " + time.ToLowerInvariant());
    }

    private TypeModel? Refuse(string reason)
    {
        Reason = reason;
        return null;
    }

    private static TypeModel Leaf(TypeForm form, ITypeSymbol type, string helperName, int min, int max = 0, string option = "") =>
        new(form, Names.Full(type), helperName, min, max, option, "", default, "");

    private static EquatableArray<TypeModel> Parts(params TypeModel[] parts) => new([.. parts]);

    private static bool IsByte(ITypeSymbol type) => type.SpecialType == SpecialType.System_Byte;

    private static string HelperName(INamedTypeSymbol type) =>
        type.Name + string.Concat(type.TypeArguments.Select(argument => argument.Name));
}
