using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>Writes the code of a union: which case it is, told by tag and arity, never by trial.</summary>
internal static class UnionEmitter
{
    private const int MaxSketches = 8;

    public static string Emit(UnionModel model)
    {
        CodeWriter code = CodeWriter.Begin(model.Type.Namespace);
        string name = model.Type.Name;
        code.OpenType(model.Type, $"ITermContract<{name}>");
        code.Line("/// <summary>Writes the term of the case that the value is.</summary>");
        code.Open($"public static void WriteTerm(ref EtfWriter writer, {name} value)");
        code.Line("ArgumentNullException.ThrowIfNull(value);");
        code.Open("switch (value)");
        foreach (CaseModel item in model.Cases)
        {
            code.Line($"case {item.FullName} item:");
            code.Inner($"{item.FullName}.WriteTerm(ref writer, item);");
            code.Inner("break;");
        }

        code.Line("default:");
        code.Inner($"throw new ArgumentException($\"{{value.GetType()}} is no case of {name.Replace("{", "{{")}.\", nameof(value));");
        code.Close();
        code.CloseMember();
        code.Line("void ITermContract.WriteTerm(ref EtfWriter writer) => WriteTerm(ref writer, this);");
        code.Line();
        EmitRead(code, model, name);
        code.CloseType(model.Type);
        return code.ToString();
    }

    private static void EmitRead(CodeWriter code, UnionModel model, string name)
    {
        string wanted =
            "one of "
            + string.Join(", ", model.Cases.Take(MaxSketches).Select(item => item.Sketch))
            + (model.Cases.Count > MaxSketches ? ", …" : "");
        if (model.Cases.Count == 1)
            wanted = model.Cases[0].Sketch;
        code.Line("/// <summary>Reads the case that tag and arity name.</summary>");
        code.Open($"public static DecodeStatus TryReadTerm(ref EtfReader reader, out {name} value)");
        code.Line("value = null!;");
        code.Line("int start = reader.Position;");
        code.Line($"DecodeStatus status = reader.TryPeekHead({ContractEmitter.Quote(wanted)}, out ReadOnlySpan<byte> tag, out int arity);");
        code.Line("if (status != DecodeStatus.Ok)");
        code.Inner($"return reader.FailIn(status, start, {ContractEmitter.Quote(model.Label)});");
        code.Open("switch (tag.Length)");
        foreach (
            IGrouping<int, CaseModel> group in model
                .Cases.GroupBy(item => TermBytes.KeyText(KeyForm.Atom, item.Tag).Length)
                .OrderBy(group => group.Key)
        )
        {
            code.Line($"case {group.Key}:");
            foreach (CaseModel item in group)
            {
                code.Inner($"if (arity == {item.Arity} && tag.SequenceEqual({TermBytes.Literal(KeyForm.Atom, item.Tag)}))");
                code.Inner("{");
                code.Inner($"    status = {item.FullName}.TryReadTerm(ref reader, out {item.FullName} item);");
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
}
