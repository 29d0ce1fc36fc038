using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>How a value of each type is written and read. What takes more than one call gets a method of its own, once in a contract.</summary>
internal sealed class TypeEmitter(WireFormat format)
{
    private readonly Dictionary<TypeModel, string> _names = [];
    private readonly Queue<TypeModel> _helpers = new();
    private readonly HashSet<(TypeModel Type, bool IsRead)> _used = [];
    private readonly HashSet<(TypeModel Type, bool IsRead)> _wanted = [];

    /// <summary>The form in which they go over the wire.</summary>
    public WireFormat Format => format;

    /// <summary>The statement that writes a value.</summary>
    public string Write(TypeModel type, string value) =>
        type.Form switch
        {
            _ when type.IsElixir => $"ElixirTerms.Write(ref writer, {value});",
            TypeForm.Integer when type.Name == "ulong" => $"writer.WriteULong({value});",
            TypeForm.Integer => $"writer.WriteLong({value});",
            TypeForm.BigInteger => $"writer.WriteBigInteger({value});",
            TypeForm.Double or TypeForm.Single => $"writer.{format.WriteFloat}({value});",
            TypeForm.Decimal => $"writer.WriteDecimal({value});",
            TypeForm.Boolean => $"writer.WriteBoolean({value});",
            TypeForm.Text => type.Option switch
            {
                "Atom" => $"writer.WriteAtomText({value});",
                "Charlist" => $"writer.WriteCharlist({value});",
                _ => $"writer.WriteString({value});",
            },
            TypeForm.Atom => $"writer.WriteAtom({value});",
            TypeForm.Pid => $"writer.WritePid({value});",
            TypeForm.TypedPid => $"writer.WritePid({value}.Untyped);",
            TypeForm.Reference => $"writer.WriteReference({value});",
            TypeForm.Port => $"writer.WritePort({value});",
            TypeForm.Memory => format.WriteMemory(value),
            TypeForm.Binary => format.WriteBinary(value),
            TypeForm.Bytes or TypeForm.ImmutableBytes => $"writer.WriteBinary(ContractSpans.Of({value}));",
            TypeForm.Term or TypeForm.Object => $"writer.WriteTerm({value});",
            TypeForm.Guid => $"ValueTerms.Write(ref writer, {value}, TermGuid.{type.Option});",
            TypeForm.Moment or TypeForm.Duration => $"ValueTerms.Write(ref writer, {value}, TermTime.{type.Option});",
            TypeForm.Date or TypeForm.TimeOfDay => $"ValueTerms.Write(ref writer, {value});",
            TypeForm.Enum or TypeForm.Contract => $"{type.Codec}.{format.Write}(ref writer, {value});",
            _ when type.NeedsHelper => $"Write{Helper(type, isRead: false)}(ref writer, {value});",
            _ => WriteBulk(type, value),
        };

    /// <summary>How much room a value may take.</summary>
    public Room RoomFor(TypeModel type)
    {
        int maxBytes = format.MaxBytes(type);
        if (maxBytes > 0)
            return new Room(maxBytes);
        if (!type.IsNullable)
            return new Room(0, format.RoomOf(type));
        Room room = RoomFor(type.Element);
        int nullBytes = format.Null(type).Count();
        if (!room.DependsOnValue)
            return room.IsBounded ? new Room(Math.Max(room.MaxBytes, nullBytes)) : room;
        string rest = room.Expression.Replace("{0}", Inner(type, "{0}"));
        return new Room(0, $"({{0}} is null ? {nullBytes} : {rest})");
    }

    /// <summary>The expression that puts a value with a bound into a span, and gives the offset behind it.</summary>
    public string Put(TypeModel type, string value) =>
        type.Form switch
        {
            TypeForm.NullableValue or TypeForm.NullableReference =>
                $"{value} is null ? {format.Span}.Put(span, at, {TermBytes.Literal(format.Null(type))}) : {Put(type.Element, Inner(type, value))}",
            TypeForm.Boolean => $"{format.Span}.PutBoolean(span, at, {value})",
            TypeForm.Double or TypeForm.Single => $"{format.Span}.PutDouble(span, at, {value})",
            TypeForm.Text when type.Option == "Atom" => $"{format.Span}.PutAtomText(span, at, {value})",
            TypeForm.Text => $"{format.Span}.PutText(span, at, {value})",
            TypeForm.Atom => $"writer.PutAtom(span, at, {value})",
            TypeForm.Pid => $"writer.PutPid(span, at, {value})",
            TypeForm.TypedPid => $"writer.PutPid(span, at, {value}.Untyped)",
            TypeForm.Reference => $"writer.PutReference(span, at, {value})",
            _ when type.MaxBytes == 5 => $"{format.Span}.PutInt(span, at, {value})",
            _ => $"{format.Span}.PutLong(span, at, {value})",
        };

    private static string Inner(TypeModel type, string value) =>
        type.Form == TypeForm.NullableValue ? value + ".GetValueOrDefault()" : value;

    /// <summary>The expression that reads a value into a variable and gives the status.</summary>
    public string Read(TypeModel type, string target) =>
        type.Form switch
        {
            _ when type.IsElixir => $"ElixirTerms.TryRead(ref reader, out {target})",
            TypeForm.Integer => $"reader.TryReadInteger(out {target})",
            TypeForm.BigInteger => $"reader.TryReadBigInteger(out {target})",
            TypeForm.Double or TypeForm.Single => $"reader.TryReadNumber(out {target})",
            TypeForm.Decimal => $"reader.TryReadDecimal(out {target})",
            TypeForm.Boolean => $"reader.TryReadBoolean(out {target})",
            TypeForm.Text => type.Option switch
            {
                "Atom" => $"reader.TryReadAtomText(out {target})",
                "Charlist" => $"reader.TryReadCharlist(out {target})",
                _ => $"reader.TryReadText(out {target})",
            },
            TypeForm.Atom => $"reader.TryReadAtom(out {target})",
            TypeForm.Pid => $"reader.TryReadPid(out {target})",
            TypeForm.Reference => $"reader.TryReadReference(out {target})",
            TypeForm.Port => $"reader.TryReadPort(out {target})",
            TypeForm.Bytes => $"reader.TryReadBytes(out {target})",
            TypeForm.Memory or TypeForm.ImmutableBytes or TypeForm.Date or TypeForm.TimeOfDay or TypeForm.TypedPid =>
                $"ValueTerms.TryRead(ref reader, out {target})",
            TypeForm.Binary or TypeForm.Term or TypeForm.Object => $"reader.TryReadTerm<{type.Name}>(out {target})",
            TypeForm.Guid => $"ValueTerms.TryRead(ref reader, TermGuid.{type.Option}, out {target})",
            TypeForm.Moment or TypeForm.Duration => $"ValueTerms.TryRead(ref reader, TermTime.{type.Option}, out {target})",
            TypeForm.Enum or TypeForm.Contract => $"{type.Codec}.{format.Read}(ref reader, out {target})",
            _ when type.NeedsHelper => $"TryRead{Helper(type, isRead: true)}(ref reader, out {target})",
            _ => $"{ReadBulk(type)}(out {target})",
        };

    /// <summary>Whether a value has a form so usual that it is looked for in a span.</summary>
    public static bool IsTaken(TypeModel type) =>
        !type.IsElixir && (type.Form is TypeForm.Integer or TypeForm.Double or TypeForm.Boolean || IsTakenText(type));

    /// <summary>Whether it is a text, or a text or null, that is looked for in a span.</summary>
    public static bool IsTakenText(TypeModel type) =>
        type.Form == TypeForm.NullableReference
            ? IsTakenText(type.Element)
            : type.Form == TypeForm.Text && type.Option is not ("Atom" or "Charlist");

    /// <summary>The expression that takes such a value from a span.</summary>
    /// <param name="type">The type.</param>
    /// <param name="target">The variable.</param>
    /// <param name="isChecked">Whether the limits of the reader have been looked at.</param>
    public static string Take(TypeModel type, string target, bool isChecked) =>
        type.Form switch
        {
            TypeForm.Boolean => $"EtfSpan.TryTakeBoolean(rest, ref at, out {target})",
            TypeForm.Double => $"EtfSpan.TryTakeDouble(rest, ref at, out {target})",
            TypeForm.Text => $"EtfSpan.TryTakeText(rest, ref at, ref heap, out {target})",
            TypeForm.NullableReference =>
                $"EtfSpan.TryTakeText(rest, ref at, ref heap, {TermBytes.Literal(TermBytes.Atom(type.Null))}, out {target})",
            _ when isChecked && type.Name == "long" => $"EtfSpan.TryTakeLong(rest, ref at, out {target})",
            _ => $"EtfSpan.TryTakeInteger(rest, ref at, out {target})",
        };

    /// <summary>The method that reads a row of numbers.</summary>
    public static string ReadBulk(TypeModel type) =>
        type.Element.Form == TypeForm.Double ? "reader.TryReadDoubles" : "reader.TryReadIntegers";

    /// <summary>The statement that writes a row of numbers.</summary>
    public static string WriteBulk(TypeModel type, string value) =>
        type.Element.Form == TypeForm.Double
            ? $"writer.WriteDoubles(ContractSpans.Of({value}));"
            : $"writer.WriteIntegers(ContractSpans.Of({value}));";

    /// <summary>Adds the methods that were used.</summary>
    public void EmitHelpers(CodeWriter code)
    {
        while (_helpers.Count > 0)
        {
            TypeModel type = _helpers.Dequeue();
            foreach (bool isRead in new[] { false, true })
                if (_wanted.Remove((type, isRead)))
                    HelperEmitter.Emit(code, this, type, _names[type], isRead);
        }
    }

    private string Helper(TypeModel type, bool isRead)
    {
        if (_used.Add((type, isRead)))
        {
            _wanted.Add((type, isRead));
            _helpers.Enqueue(type);
        }

        if (_names.TryGetValue(type, out string? name))
            return name;
        name = type.HelperName;
        for (int i = 2; _names.ContainsValue(name); i++)
            name = type.HelperName + i;
        _names.Add(type, name);
        return name;
    }
}
