using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>Keyword lists and proplists.</summary>
internal static class KeywordsEmitter
{
    public static void EmitWrite(CodeWriter code, TypeEmitter types, ContractModel model)
    {
        if (types.Format != WireFormat.Etf)
        {
            EmitWriteMap(code, types, model);
            return;
        }

        var sequence = new WriteSequence(code, types);
        MemberModel[] omitted = [.. model.Members.Where(member => member.IsOmitted)];
        if (omitted.Length > 0)
        {
            MapEmitter.EmitCount(code, model.Members.Count - omitted.Length, omitted);
            code.Line("if (count > 0)");
            code.Inner("writer.WriteListHeader(count);");
        }
        else if (model.Members.Count > 0)
        {
            sequence.Constant(TermBytes.ListHead(model.Members.Count), "[");
        }

        foreach (MemberModel member in model.Members)
            MapEmitter.EmitEntry(
                code,
                sequence,
                member,
                TermBytes.TupleHead(2).Concat(TermBytes.Atom(member.WireName)),
                "{" + member.WireName,
                [],
                null
            );
        sequence.Constant([TermBytes.Nil], "]");
        sequence.Flush();
    }

    // A list of pairs is a map to whoever has no keyword lists.
    private static void EmitWriteMap(CodeWriter code, TypeEmitter types, ContractModel model)
    {
        var sequence = new WriteSequence(code, types);
        MemberModel[] omitted = [.. model.Members.Where(member => member.IsOmitted)];
        if (omitted.Length > 0)
        {
            MapEmitter.EmitCount(code, model.Members.Count - omitted.Length, omitted);
            code.Line("writer.WriteMapHeader(count);");
        }
        else
        {
            sequence.Constant(types.Format.MapHead(model.Members.Count), "#{");
        }

        foreach (MemberModel member in model.Members)
            MapEmitter.EmitEntry(
                code,
                sequence,
                member,
                types.Format.Key(KeyForm.Atom, member.WireName),
                member.WireName + " =>",
                [],
                null
            );
        sequence.Flush();
    }

    public static void EmitRead(CodeWriter code, TypeEmitter types, ContractModel model)
    {
        string fail = ContractEmitter.Fail(model, null);
        bool isTerm = types.Format == WireFormat.Etf;
        code.Line(
            isTerm
                ? "DecodeStatus status = reader.TryReadListStart(1, out int more);"
                : "DecodeStatus status = reader.TryReadKeywordsStart(out int count, out bool isMap);"
        );
        code.Line("if (status != DecodeStatus.Ok)");
        code.Inner(fail);
        KeyEmitter.EmitAllotment(code, model);
        KeyEmitter.EmitVariables(code, model);
        if (isTerm)
        {
            code.Line("int read = 0;");
            code.Open("do");
        }

        code.Open(isTerm ? "for (int end = read + more; read < end; read++)" : "for (int index = 0; index < count; index++)");
        string place = isTerm ? "" : "isMap, ";
        code.Line($"if ((status = reader.TryReadKeyword({place}out ReadOnlySpan<byte> key, out bool hasValue)) != DecodeStatus.Ok)");
        code.Inner(fail);
        code.Open("switch (MemberOf(key))");
        for (int i = 0; i < model.Members.Count; i++)
            EmitCase(code, types, model, i);
        code.Line("default:");
        code.Inner("if (hasValue && (status = reader.TrySkipTerm()) != DecodeStatus.Ok)");
        code.Inner("    " + fail);
        code.Inner("break;");
        code.Close();
        code.Close();
        code.Line();
        if (isTerm)
        {
            code.Line("if ((status = reader.TryReadListEnd(1, read, out more)) != DecodeStatus.Ok)");
            code.Inner(fail);
            code.Close("} while (more > 0);");
            code.Line();
        }

        KeyEmitter.EmitMissing(code, model);
    }

    // The first of two entries counts, as for proplists:get_value and Keyword.get.
    private static void EmitCase(CodeWriter code, TypeEmitter types, ContractModel model, int index)
    {
        MemberModel member = model.Members[index];
        string local = ContractEmitter.Local(member);
        TypeModel type = member.Type.IsNullable ? member.Type.Element : member.Type;
        code.Line($"case {index} when !({KeyEmitter.Seen(index)}):");
        code.Inner(KeyEmitter.MarkSeen(index));
        code.Inner("if (!hasValue)");
        code.Inner(
            type.Form == TypeForm.Boolean
                ? $"    {local} = true;"
                : $"    {ContractEmitter.Fail(model, member).Replace("status,", "reader.FailAlone(),")}"
        );
        code.Inner($"else if ((status = {types.Read(member.Type, local)}) != DecodeStatus.Ok)");
        code.Inner("    " + ContractEmitter.Fail(model, member));
        code.Inner("break;");
    }
}
