using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>Writes the class that reads and writes an enum as atoms: an enum itself cannot have methods.</summary>
internal static class EnumEmitter
{
    private const int MaxNames = 8;

    public static string Emit(EnumModel model)
    {
        CodeWriter code = CodeWriter.Begin(model.Type.Namespace);
        string type = model.Type.FullName;
        code.Line($"/// <summary>The members of <see cref=\"{type}\"/> as atoms.</summary>");
        code.Open($"{model.Accessibility} static partial class {model.CodecName}");
        foreach (EnumMember member in model.Members)
            code.Line($"private static readonly Atom s_{member.Name.TrimStart('@')} = Atom.Of({ContractEmitter.Quote(member.Atom)});");
        code.Line();
        EmitToAtom(code, model, type);
        EmitWrite(code, WireFormat.Etf, model, type);
        EmitRead(code, WireFormat.Etf, model, type);
        code.Close();
        return code.ToString();
    }

    /// <summary>The part of the class that reads and writes MessagePack.</summary>
    public static string EmitMessagePack(EnumModel model)
    {
        CodeWriter code = CodeWriter.Begin(model.Type.Namespace);
        code.Open($"{model.Accessibility} static partial class {model.CodecName}");
        EmitWrite(code, WireFormat.MessagePack, model, model.Type.FullName);
        EmitRead(code, WireFormat.MessagePack, model, model.Type.FullName);
        code.Close();
        return code.ToString();
    }

    private static void EmitToAtom(CodeWriter code, EnumModel model, string type)
    {
        code.Line("/// <summary>The atom of a member.</summary>");
        code.Line("/// <exception cref=\"ArgumentException\">It is no member.</exception>");
        code.Line($"public static Atom ToAtom(this {type} value) =>");
        code.Inner("value switch");
        code.Inner("{");
        foreach (EnumMember member in model.Members)
            code.Inner($"    {type}.{member.Name} => s_{member.Name.TrimStart('@')},");
        code.Inner($"    _ => throw {NoMember(model)},");
        code.Inner("};");
        code.Line();
    }

    private static void EmitWrite(CodeWriter code, WireFormat format, EnumModel model, string type)
    {
        code.Line("/// <summary>Writes the atom of a member.</summary>");
        code.Line("/// <exception cref=\"ArgumentException\">It is no member.</exception>");
        code.Open($"public static void {format.Write}(ref {format.Writer} writer, {type} value)");
        code.Open("switch (value)");
        foreach (EnumMember member in model.Members)
        {
            code.Line($"case {type}.{member.Name}:");
            code.Inner($"writer.WriteRun({TermBytes.Literal(format.Name(member.Atom))}); // {member.Atom}");
            code.Inner("break;");
        }

        code.Line("default:");
        code.Inner($"throw {NoMember(model)};");
        code.Close();
        code.CloseMember();
    }

    private static void EmitRead(CodeWriter code, WireFormat format, EnumModel model, string type)
    {
        string[] names = [.. model.Members.Take(MaxNames).Select(member => member.Atom)];
        string wanted = (names.Length == 1 ? "" : "one of ") + string.Join(", ", names) + (model.Members.Count > MaxNames ? ", …" : "");
        code.Line("/// <summary>Reads the atom of a member.</summary>");
        code.Open($"public static DecodeStatus {format.Read}(ref {format.Reader} reader, out {type} value)");
        code.Line("value = default;");
        code.Line($"{format.Reader} atom = reader;");
        code.Line("DecodeStatus status = atom.TryReadAtomText(out ReadOnlySpan<byte> name);");
        code.Line("if (status == DecodeStatus.Ok)");
        code.Open();
        code.Open("switch (name.Length)");
        foreach (
            IGrouping<int, EnumMember> group in model
                .Members.GroupBy(member => TermBytes.KeyText(KeyForm.Atom, member.Atom).Length)
                .OrderBy(group => group.Key)
        )
        {
            code.Line($"case {group.Key}:");
            foreach (EnumMember member in group)
            {
                code.Inner($"if (name.SequenceEqual({TermBytes.Literal(KeyForm.Atom, member.Atom)}))");
                code.Inner("{");
                code.Inner($"    value = {type}.{member.Name};");
                code.Inner("    reader = atom;");
                code.Inner("    return status;");
                code.Inner("}");
                code.Line();
            }

            code.Inner("break;");
        }

        code.Close();
        code.Close();
        code.Line();
        code.Line($"return reader.FailExpected({ContractEmitter.Quote(wanted)});");
        code.Close();
    }

    private static string NoMember(EnumModel model) =>
        $"new ArgumentException($\"{{value}} is no member of {model.Type.Name}.\", nameof(value))";
}
