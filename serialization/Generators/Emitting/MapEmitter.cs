using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>Maps, and the structs of Elixir, which are maps with a key for their module.</summary>
internal static class MapEmitter
{
    public static void EmitWrite(CodeWriter code, TypeEmitter types, ContractModel model, WriteSequence sequence)
    {
        // In the order of the keys, as BEAM writes maps of up to 32 entries: equal contracts, equal bytes.
        WireFormat format = types.Format;
        List<string> names = KeyEmitter.NamesOf(model);
        var entries = Order(model)
            .Select(index => (Key: names[index], Member: index < model.Members.Count ? model.Members[index] : null))
            .ToList();
        MemberModel[] omitted = [.. model.Members.Where(member => member.IsOmitted)];
        if (omitted.Length == 0)
        {
            sequence.Constant(format.MapHead(entries.Count), "#{");
        }
        else
        {
            EmitCount(code, entries.Count - omitted.Length, omitted);
            code.Line("writer.WriteMapHeader(count);");
        }

        foreach ((string key, MemberModel? member) in entries)
            EmitEntry(
                code,
                sequence,
                member,
                format.Key(model.Keys, key),
                key + " =>",
                model.Tag is null ? [] : format.Key(model.Keys, model.Tag),
                model.Tag
            );
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
        IEnumerable<byte> module,
        string? tag
    )
    {
        if (member is null)
        {
            sequence.Constant(key.Concat(module), $"{note} '{tag}'");
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
        int[] order = Order(model);
        // Mostly a map has just the keys that are written; then its head is known as well.
        code.Line("DecodeStatus status = DecodeStatus.Ok;");
        code.Line($"int count = {order.Length};");
        code.Line(
            $"if (!reader.TryTake({TermBytes.Literal(types.Format.MapHead(order.Length))}) && (status = reader.TryReadMapStart(2, out count)) != DecodeStatus.Ok)"
        );
        code.Inner(fail);
        KeyEmitter.EmitAllotment(code, model);
        KeyEmitter.EmitVariables(code, model);
        code.Open("for (int index = 0; index < count; index++)");
        EmitFind(code, types.Format, model, order, fail);
        code.Open("switch (member)");
        for (int place = 0; place < order.Length; place++)
            EmitCase(code, types, model, order[place], place + 1 < order.Length ? order[place + 1] : null);
        code.Line("default:");
        code.Inner("if ((status = reader.TrySkipTerm()) != DecodeStatus.Ok)");
        code.Inner("    " + fail);
        code.Inner("break;");
        code.Close();
        code.Close();
        code.Line();
        KeyEmitter.EmitMissing(code, model);
    }

    /// <summary>Adds the conditions that the bytes are those of all members in the order in which they are written.</summary>
    public static void AddTakes(List<string> conditions, WireFormat format, ContractModel model, bool isChecked, params byte[] before)
    {
        List<string> names = KeyEmitter.NamesOf(model);
        int[] order = Order(model);
        List<byte> constant = [.. before, .. format.MapHead(order.Length)];
        foreach (int index in order)
        {
            constant.AddRange(format.Key(model.Keys, names[index]));
            if (index == model.Members.Count)
            {
                constant.AddRange(format.Key(model.Keys, model.Tag!));
                continue;
            }

            conditions.Add(TakeEmitter.Constant(constant));
            constant.Clear();
            MemberModel member = model.Members[index];
            conditions.Add(TakeEmitter.Member(member, isChecked, member.Type.VariableName + " "));
        }

        if (constant.Count > 0)
            conditions.Add(TakeEmitter.Constant(constant));
    }

    // The first key, too, is mostly the first that is written.
    private static void EmitFind(CodeWriter code, WireFormat format, ContractModel model, int[] order, string fail)
    {
        string key = $"if ((status = reader.TryReadKey(TermKeys.{model.Keys}, out ReadOnlySpan<byte> key)) != DecodeStatus.Ok)";
        if (order.Length == 0)
        {
            code.Line(key);
            code.Inner(fail);
            code.Line($"int member = {format.MemberOf(model)}(key);");
            return;
        }

        string first = KeyEmitter.NamesOf(model)[order[0]];
        code.Line($"int member = {order[0]};");
        code.Open($"if (!reader.TryTake({TermBytes.Literal(format.Key(model.Keys, first))})) // {first} =>");
        code.Line(key);
        code.Inner(fail);
        code.Line($"member = {format.MemberOf(model)}(key);");
        code.Close();
        code.Line();
    }

    private static void EmitCase(CodeWriter code, TypeEmitter types, ContractModel model, int index, int? next)
    {
        List<string> names = KeyEmitter.NamesOf(model);
        string arguments = $"{ContractEmitter.Quote(model.Label)}, {ContractEmitter.Quote(names[index])}";
        string read =
            index < model.Members.Count
                ? types.Read(model.Members[index].Type, ContractEmitter.Local(model.Members[index]))
                : ReadTag(types.Format, model);
        code.Line($"case {index}:");
        code.Inner($"if ({KeyEmitter.Seen(index)})");
        code.Inner($"    return reader.FailDuplicate(start, {arguments});");
        code.Inner(KeyEmitter.MarkSeen(index));
        string take =
            index < model.Members.Count ? "" : $"!reader.TryTake({TermBytes.Literal(types.Format.Key(model.Keys, model.Tag!))}) && ";
        code.Inner($"if ({take}(status = {read}) != DecodeStatus.Ok)");
        code.Inner($"    return reader.FailIn(status, start, {arguments});");
        if (next is { } follows)
        {
            // Mostly the keys come as they are written, and then the next one is known.
            code.Inner(
                $"if (index + 1 < count && reader.TryTake({TermBytes.Literal(types.Format.Key(model.Keys, names[follows]))})) // {names[follows]} =>"
            );
            code.Inner("{");
            code.Inner("    index++;");
            code.Inner($"    goto case {follows};");
            code.Inner("}");
            code.Line();
        }

        code.Inner("break;");
    }

    private static string ReadTag(WireFormat format, ContractModel model) =>
        model.Shape == ContractShape.Struct
            ? $"reader.TryReadAtomOf({TermBytes.Literal(KeyForm.Atom, model.Tag!)}, {ContractEmitter.Quote($"'{model.Tag}'")})"
            : $"ContractTags.TryRead(ref reader, TermKeys.{model.Keys}, {TermBytes.Literal(format.CompareAs(model.Keys), model.Tag!)}, {ContractEmitter.Quote($"'{model.Tag}'")})";

    /// <summary>The numbers of the keys in the order in which they are written.</summary>
    private static int[] Order(ContractModel model)
    {
        List<string> names = KeyEmitter.NamesOf(model);
        int[] order = [.. Enumerable.Range(0, names.Count)];
        Array.Sort(
            order,
            (left, right) => Compare(TermBytes.KeyText(model.Keys, names[left]), TermBytes.KeyText(model.Keys, names[right]))
        );
        return order;
    }

    private static int Compare(byte[] left, byte[] right)
    {
        for (int i = 0; i < left.Length && i < right.Length; i++)
            if (left[i] != right[i])
                return left[i] - right[i];
        return left.Length - right.Length;
    }
}
