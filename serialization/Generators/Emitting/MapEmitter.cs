using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>Maps, and the structs of Elixir, which are maps with a key for their module.</summary>
internal static class MapEmitter
{
    private const string StructKey = "__struct__";

    public static void EmitWrite(CodeWriter code, TypeEmitter types, ContractModel model)
    {
        // In the order of the keys, as BEAM writes maps of up to 32 entries: equal contracts, equal bytes.
        var entries = model.Members.Select(member => (Key: member.WireName, Member: (MemberModel?)member)).ToList();
        if (model.Shape == ContractShape.Struct)
            entries.Add((StructKey, null));
        entries.Sort((left, right) => Compare(TermBytes.KeyText(model.Keys, left.Key), TermBytes.KeyText(model.Keys, right.Key)));

        var sequence = new WriteSequence(code, types);
        MemberModel[] omitted = [.. model.Members.Where(member => member.IsOmitted)];
        if (omitted.Length == 0)
        {
            sequence.Constant(TermBytes.MapHead(entries.Count), "#{");
        }
        else
        {
            EmitCount(code, entries.Count - omitted.Length, omitted);
            code.Line("writer.WriteMapHeader(count);");
        }

        foreach ((string key, MemberModel? member) in entries)
            EmitEntry(code, sequence, member, TermBytes.Key(model.Keys, key), key + " =>", model.Tag);
        sequence.Flush();
    }

    /// <summary>How many entries there are, where null is left out.</summary>
    public static void EmitCount(CodeWriter code, int always, MemberModel[] omitted)
    {
        code.Line($"int count = {always};");
        foreach (MemberModel member in omitted)
        {
            code.Line($"if (value.{member.Name} is not null)");
            code.Inner("count++;");
        }
    }

    /// <summary>An entry, under the condition that it is not left out.</summary>
    public static void EmitEntry(
        CodeWriter code,
        WriteSequence sequence,
        MemberModel? member,
        IEnumerable<byte> key,
        string note,
        string? tag
    )
    {
        if (member is null)
        {
            sequence.Constant(key.Concat(TermBytes.Atom(tag!)), $"{note} '{tag}'");
        }
        else if (!member.IsOmitted)
        {
            sequence.Constant(key, note);
            sequence.Value(member.Type, "value." + member.Name);
        }
        else
        {
            sequence.Flush();
            code.Open($"if (value.{member.Name} is not null)");
            sequence.Constant(key, note);
            string rest = member.Type.Form == TypeForm.NullableValue ? ".GetValueOrDefault()" : "";
            sequence.Value(member.Type.Element, $"value.{member.Name}{rest}");
            sequence.Flush();
            code.Close();
        }
    }

    public static void EmitRead(CodeWriter code, TypeEmitter types, ContractModel model)
    {
        string fail = ContractEmitter.Fail(model, null);
        code.Line("DecodeStatus status = reader.TryReadMapStart(2, out int count);");
        code.Line("if (status != DecodeStatus.Ok)");
        code.Inner(fail);
        KeyEmitter.EmitAllotment(code, model);
        KeyEmitter.EmitVariables(code, model);
        code.Open("for (int index = 0; index < count; index++)");
        code.Line($"if ((status = reader.TryReadKey(TermKeys.{model.Keys}, out ReadOnlySpan<byte> key)) != DecodeStatus.Ok)");
        code.Inner(fail);
        code.Open("switch (MemberOf(key))");
        for (int i = 0; i < model.Members.Count; i++)
            EmitCase(code, model, i, types.Read(model.Members[i].Type, ContractEmitter.Local(model.Members[i])));
        if (model.Shape == ContractShape.Struct)
        {
            string module = TermBytes.Literal(KeyForm.Atom, model.Tag!);
            EmitCase(code, model, model.Members.Count, $"reader.TryReadAtomOf({module}, {ContractEmitter.Quote($"'{model.Tag}'")})");
        }

        code.Line("default:");
        code.Inner("if ((status = reader.TrySkipTerm()) != DecodeStatus.Ok)");
        code.Inner("    " + fail);
        code.Inner("break;");
        code.Close();
        code.Close();
        code.Line();
        KeyEmitter.EmitMissing(code, model);
    }

    private static void EmitCase(CodeWriter code, ContractModel model, int index, string read)
    {
        string arguments = $"{ContractEmitter.Quote(model.Label)}, {ContractEmitter.Quote(KeyEmitter.NamesOf(model)[index])}";
        code.Line($"case {index}:");
        code.Inner($"if ({KeyEmitter.Seen(index)})");
        code.Inner($"    return reader.FailDuplicate(start, {arguments});");
        code.Inner(KeyEmitter.MarkSeen(index));
        code.Inner($"if ((status = {read}) != DecodeStatus.Ok)");
        code.Inner($"    return reader.FailIn(status, start, {arguments});");
        code.Inner("break;");
    }

    private static int Compare(byte[] left, byte[] right)
    {
        for (int i = 0; i < left.Length && i < right.Length; i++)
            if (left[i] != right[i])
                return left[i] - right[i];
        return left.Length - right.Length;
    }
}
