using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>Writes the code of a union: which case it is, told by tag and arity, never by trial.</summary>
internal static class UnionEmitter
{
    private const int MaxSketches = 8;

    /// <summary>The reader and writer of a union in one form; that of terms also says that the type is a contract.</summary>
    public static string Emit(UnionModel model, WireFormat format)
    {
        CodeWriter code = CodeWriter.Begin(model.Type.Namespace);
        string name = model.Type.Name;
        bool isTerm = format == WireFormat.Etf;
        code.OpenType(model.Type, isTerm ? $"ITermContract<{name}>" : "");
        code.Line(
            $"/// <summary>Writes {(isTerm ? "the term of " : "")}the case that the value is{(isTerm ? "" : " as MessagePack")}.</summary>"
        );
        code.Open($"public static void {format.Write}(ref {format.Writer} writer, {name} value)");
        code.Line("ArgumentNullException.ThrowIfNull(value);");
        code.Open("switch (value)");
        foreach (CaseModel item in model.Cases)
        {
            code.Line($"case {item.FullName} item:");
            code.Inner($"{item.FullName}.{format.Write}(ref writer, item);");
            code.Inner("break;");
        }

        code.Line("default:");
        code.Inner($"throw new ArgumentException($\"{{value.GetType()}} is no case of {name.Replace("{", "{{")}.\", nameof(value));");
        code.Close();
        code.CloseMember();
        if (isTerm)
        {
            code.Line("void ITermContract.WriteTerm(ref EtfWriter writer) => WriteTerm(ref writer, this);");
            code.Line();
        }

        EmitRead(code, format, model, name);
        code.CloseType(model.Type);
        return code.ToString();
    }

    private static void EmitRead(CodeWriter code, WireFormat format, UnionModel model, string name)
    {
        string wanted =
            "one of "
            + string.Join(", ", model.Cases.Take(MaxSketches).Select(item => item.Sketch))
            + (model.Cases.Count > MaxSketches ? ", …" : "");
        if (model.Cases.Count == 1)
            wanted = model.Cases[0].Sketch;
        code.Line("/// <summary>Reads the case that tag and arity name.</summary>");
        code.Open($"public static DecodeStatus {format.Read}(ref {format.Reader} reader, out {name} value)");
        code.Line("value = null!;");
        code.Line("int start = reader.Position;");
        string peek = model.Key is null
            ? $"reader.TryPeekHead({ContractEmitter.Quote(wanted)}"
            : $"ContractTags.TryPeek(ref reader, TermKeys.{model.Keys}, {TermBytes.Literal(format.CompareAs(model.Keys), model.Key)}, {ContractEmitter.Quote(wanted)}";
        code.Line($"DecodeStatus status = {peek}, out ReadOnlySpan<byte> tag, out int arity);");
        code.Line("if (status != DecodeStatus.Ok)");
        code.Inner($"return reader.FailIn(status, start, {ContractEmitter.Quote(model.Label)});");
        code.Open("switch (tag.Length)");
        foreach (IGrouping<int, CaseModel> group in model.Cases.GroupBy(item => TagText(format, item).Length).OrderBy(group => group.Key))
        {
            code.Line($"case {group.Key}:");
            foreach (CaseModel item in group)
            {
                code.Inner($"if (arity == {item.Arity} && tag.SequenceEqual({TermBytes.Literal(TagForm(format, item), item.Tag)}))");
                code.Inner("{");
                code.Inner($"    status = {item.FullName}.{format.Read}(ref reader, out {item.FullName} item);");
                code.Inner("    value = item;");
                code.Inner("    return status;");
                code.Inner("}");
                code.Line();
            }

            code.Inner("break;");
        }

        code.Close();
        code.Line();
        code.Line(
            $"return reader.FailIn(reader.FailExpected({ContractEmitter.Quote(wanted)}), start, {ContractEmitter.Quote(model.Label)});"
        );
        code.Close();
    }

    // The tag of a map is of the kind of its keys, and so are its bytes.
    private static KeyForm TagForm(WireFormat format, CaseModel item) =>
        item.Arity == CaseModel.MapArity ? format.CompareAs(item.Keys) : KeyForm.Atom;

    private static byte[] TagText(WireFormat format, CaseModel item) => TermBytes.KeyText(TagForm(format, item), item.Tag);
}
