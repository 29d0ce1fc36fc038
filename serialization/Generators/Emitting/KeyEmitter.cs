using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>What maps and keyword lists share: members found by name, in any order.</summary>
internal static class KeyEmitter
{
    private const int BitsPerWord = 64;

    /// <summary>The method that finds a member by its key: its length first, then its bytes.</summary>
    public static void Emit(CodeWriter code, WireFormat format, ContractModel model)
    {
        // Both forms share it where their keys are the same bytes.
        if (format != WireFormat.Etf && format.MemberOf(model) == WireFormat.Etf.MemberOf(model))
            return;
        List<string> names = NamesOf(model);
        KeyForm keys = format.CompareAs(model.Keys);
        code.Line();
        code.Open($"private static int {format.MemberOf(model)}(ReadOnlySpan<byte> key)");
        if (names.Count > 0)
        {
            code.Open("switch (key.Length)");
            foreach (
                IGrouping<int, int> group in Enumerable
                    .Range(0, names.Count)
                    .GroupBy(i => TermBytes.KeyText(keys, names[i]).Length)
                    .OrderBy(group => group.Key)
            )
            {
                code.Line($"case {group.Key}:");
                foreach (int i in group)
                {
                    code.Inner($"if (key.SequenceEqual({TermBytes.Literal(keys, names[i])}))");
                    code.Inner($"    return {i};");
                }

                code.Inner("break;");
            }

            code.Close();
            code.Line();
        }

        code.Line("return -1;");
        code.Close();
    }

    /// <summary>Bytes of the object: absent members take some, and no bytes of the input.</summary>
    public static int AllotmentOf(ContractModel model)
    {
        const int HeadBytes = 16;
        const int MemberBytes = 16; // most types of members need 8 or 16
        return model.Type.IsValueType ? 0 : HeadBytes + (MemberBytes * model.Members.Count);
    }

    /// <summary>Asks for the memory of the object.</summary>
    public static void EmitAllotment(CodeWriter code, ContractModel model)
    {
        int bytes = AllotmentOf(model);
        if (bytes == 0)
            return;
        code.Line($"if ((status = reader.TryAllot({bytes})) != DecodeStatus.Ok)");
        code.Inner(ContractEmitter.Fail(model, null));
    }

    /// <summary>The variables for the members and for which of them have been seen.</summary>
    public static void EmitVariables(CodeWriter code, ContractModel model)
    {
        for (int word = 0; word * BitsPerWord < NamesOf(model).Count; word++)
            code.Line($"ulong seen{word} = 0;");
        foreach (MemberModel member in model.Members)
            code.Line(
                $"{member.Type.VariableName} {ContractEmitter.Local(member)} = {member.Default ?? "default"}{(member.Default is null or "default" ? "!" : "")};"
            );
    }

    /// <summary>The condition that a member has been seen.</summary>
    public static string Seen(int index) => $"(seen{index / BitsPerWord} & {Bit(index)}) != 0";

    /// <summary>The statement that notes that a member has been seen.</summary>
    public static string MarkSeen(int index) => $"seen{index / BitsPerWord} |= {Bit(index)};";

    /// <summary>Gives up where a member without default is missing.</summary>
    public static void EmitMissing(CodeWriter code, ContractModel model)
    {
        List<string> names = NamesOf(model);
        for (int word = 0; word * BitsPerWord < names.Count; word++)
        {
            int[] required =
            [
                .. Enumerable
                    .Range(word * BitsPerWord, Math.Min(BitsPerWord, names.Count - (word * BitsPerWord)))
                    .Where(i => i >= model.Members.Count || model.Members[i].Default is null),
            ];
            if (required.Length == 0)
                continue;
            ulong mask = required.Aggregate(0ul, (bits, i) => bits | (1ul << (i % BitsPerWord)));
            code.Open($"if ((seen{word} & 0x{mask:X}) != 0x{mask:X})");
            code.Open("string missing = global::System.Numerics.BitOperations.TrailingZeroCount(~seen" + word + $" & 0x{mask:X}) switch");
            foreach (int i in required.Take(required.Length - 1))
                code.Line($"{i % BitsPerWord} => {ContractEmitter.Quote(names[i])},");
            code.Line($"_ => {ContractEmitter.Quote(names[required[required.Length - 1]])},");
            code.Close("};");
            code.Line($"return reader.FailMissing(start, {ContractEmitter.Quote(model.Label)}, missing);");
            code.Close();
            code.Line();
        }
    }

    /// <summary>The keys, by the number of the member; the key of the tag or module comes last.</summary>
    public static List<string> NamesOf(ContractModel model)
    {
        List<string> names = [.. model.Members.Select(member => member.WireName)];
        if (model.TagKey is not null)
            names.Add(model.TagKey);
        return names;
    }

    private static string Bit(int index) => $"0x{1ul << (index % BitsPerWord):X}";
}
