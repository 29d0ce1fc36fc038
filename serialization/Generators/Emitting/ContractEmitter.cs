using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>Writes the code of a contract.</summary>
internal static class ContractEmitter
{
    // Names that the generated methods use themselves.
    private static readonly HashSet<string> s_taken =
    [
        "reader",
        "value",
        "start",
        "status",
        "count",
        "index",
        "key",
        "hasValue",
        "member",
        "more",
        "missing",
        "end",
        "read",
        "rest",
        "at",
        "heap",
        "bytes",
        "context",
        "took",
        "given",
        "most",
        "values",
    ];

    /// <summary>The reader and writer of a contract in one form; that of terms also says that the type is a contract.</summary>
    public static string Emit(ContractModel model, WireFormat format)
    {
        CodeWriter code = CodeWriter.Begin(model.Type.Namespace);
        var types = new TypeEmitter(format);
        string name = model.Type.Name;
        bool isTerm = format == WireFormat.Etf;
        code.OpenType(model.Type, isTerm ? $"ITermContract<{name}>" : "");
        code.Line($"/// <summary>Writes <c>{Escape(model.Sketch)}</c>{(isTerm ? "" : " as MessagePack")}.</summary>");
        code.Open($"public static void {format.Write}(ref {format.Writer} writer, {name} value)");
        if (!model.Type.IsValueType)
            code.Line("ArgumentNullException.ThrowIfNull(value);");
        if (model.IsRecursive)
            code.Line("writer.Enter();");
        EmitWrite(code, types, model, new WriteSequence(code, types));
        code.CloseMember();
        if (isTerm)
        {
            code.Line("void ITermContract.WriteTerm(ref EtfWriter writer) => WriteTerm(ref writer, this);");
            code.Line();
            if (IsShort(types, model))
                EmitEncode(code, types, model);
        }

        EmitRead(code, types, model);
        types.EmitHelpers(code);
        code.CloseType(model.Type);
        return code.ToString();
    }

    /// <summary>The statement that gives up a contract at one of its members, or at its head.</summary>
    public static string Fail(ContractModel model, MemberModel? member) =>
        member is null
            ? $"return reader.FailIn(status, start, {Quote(model.Label)});"
            : $"return reader.FailIn(status, start, {Quote(model.Label)}, {Quote(member.WireName)});";

    public static string Quote(string text) => Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(text, quote: true);

    /// <summary>The local variable that holds a member while it is read.</summary>
    public static string Local(MemberModel member)
    {
        string name = member.Name.TrimStart('@');
        name = char.ToLowerInvariant(name[0]) + name.Substring(1);
        return s_taken.Contains(name) || name.StartsWith("seen", StringComparison.Ordinal) ? name + "Member" : Parsing.Names.Escape(name);
    }

    /// <summary>The expression that makes the contract of its members.</summary>
    public static string Construct(ContractModel model)
    {
        IEnumerable<string> arguments = model
            .Members.Where(member => member.Argument >= 0)
            .OrderBy(member => member.Argument)
            .Select(Local);
        string[] set = [.. model.Members.Where(member => member.Argument < 0).Select(member => $"{member.Name} = {Local(member)}")];
        string made = $"new {model.Type.Name}({string.Join(", ", arguments)})";
        return set.Length == 0 ? made : made + " { " + string.Join(", ", set) + " }";
    }

    // All of it has a bound once the values are known.
    private static bool IsShort(TypeEmitter types, ContractModel model) =>
        model.Shape is ContractShape.TaggedTuple or ContractShape.PlainTuple or ContractShape.Map or ContractShape.Struct
        && model.Members.Count > 0
        && !model.IsRecursive
        && !model.Members.Any(member => member.IsOmitted)
        && WriteSequence.IsOneRun(types, model.Members.Select(member => member.Type), MostConstant(types.Format, model));

    // As bytes of the buffer at once, without a writer that would hold on to the room between.
    private static void EmitEncode(CodeWriter code, TypeEmitter types, ContractModel model)
    {
        string name = model.Type.Name;
        code.Line("/// <inheritdoc/>");
        code.Line(
            "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]"
        ); // it has for itself what the JIT inlines at most
        code.Open($"static void ITermContract<{name}>.EncodeTo(global::System.Buffers.IBufferWriter<byte> output, {name} value)");
        code.Line("ArgumentNullException.ThrowIfNull(output);");
        if (!model.Type.IsValueType)
            code.Line("ArgumentNullException.ThrowIfNull(value);");
        var sequence = new WriteSequence(code, types, WriteSequence.Output);
        sequence.Constant([TermBytes.Version], "version");
        EmitWrite(code, types, model, sequence);
        code.CloseMember();
    }

    private static int MostConstant(WireFormat format, ContractModel model) =>
        1
        + (
            model.Shape is ContractShape.Map or ContractShape.Struct
                ? format.MapHead(0).Count()
                    + KeyEmitter.NamesOf(model).Sum(name => format.Key(model.Keys, name).Count())
                    + (model.Tag is null ? 0 : format.Key(model.Keys, model.Tag).Count())
                : TupleEmitter.Head(format, model).Count()
        );

    private static void EmitWrite(CodeWriter code, TypeEmitter types, ContractModel model, WriteSequence sequence)
    {
        switch (model.Shape)
        {
            case ContractShape.Map or ContractShape.Struct:
                MapEmitter.EmitWrite(code, types, model, sequence);
                break;
            case ContractShape.Keywords:
                KeywordsEmitter.EmitWrite(code, types, model);
                break;
            default:
                TupleEmitter.EmitWrite(types, model, sequence);
                break;
        }
    }

    private static void EmitRead(CodeWriter code, TypeEmitter types, ContractModel model)
    {
        string name = model.Type.Name;
        WireFormat format = types.Format;
        code.Line($"/// <summary>Reads <c>{Escape(model.Sketch)}</c>{(format == WireFormat.Etf ? "" : " from MessagePack")}.</summary>");
        code.Open($"public static DecodeStatus {format.Read}(ref {format.Reader} reader, out {name} value)");
        if (model.IsRecursive)
        {
            // What may contain itself is counted, and its parts read by another method, so that each way out of that one ends the count.
            code.Line("DecodeStatus status = reader.TryEnter();");
            code.Open("if (status != DecodeStatus.Ok)");
            code.Line("value = default!;");
            code.Line(Fail(model, null).Replace("start", "reader.Position"));
            code.Close();
            code.Line();
            code.Line("status = TryReadParts(ref reader, out value);");
            code.Line("reader.Leave();");
            code.Line("return status;");
            code.CloseMember();
            code.Line(
                "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]"
            ); // it has one caller
            code.Open($"private static DecodeStatus TryReadParts(ref {format.Reader} reader, out {name} value)");
        }

        if (TakeEmitter.TakesAll(model, format))
            TakeEmitter.EmitWhole(code, types, model);
        code.Line("value = default!;");
        code.Line("int start = reader.Position;");
        switch (model.Shape)
        {
            case ContractShape.Map or ContractShape.Struct:
                MapEmitter.EmitRead(code, types, model);
                break;
            case ContractShape.Keywords:
                KeywordsEmitter.EmitRead(code, types, model);
                break;
            default:
                TupleEmitter.EmitRead(code, types, model);
                break;
        }

        code.Line($"value = {Construct(model)};");
        code.Line("return DecodeStatus.Ok;");
        code.Close();
        if (model.Shape is ContractShape.Map or ContractShape.Struct or ContractShape.Keywords)
            KeyEmitter.Emit(code, format, model);
    }

    private static string Escape(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;");
}
