using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>Tuples with a tag, without one, and the tag alone.</summary>
internal static class TupleEmitter
{
    public static void EmitWrite(CodeWriter code, TypeEmitter types, ContractModel model)
    {
        var sequence = new WriteSequence(code, types);
        sequence.Constant(Head(types.Format, model), HeadNote(model));
        foreach (MemberModel member in model.Members)
            sequence.Value(member.Type, "value." + member.Name);
        sequence.Flush();
    }

    public static void EmitRead(CodeWriter code, TypeEmitter types, ContractModel model)
    {
        code.Line("DecodeStatus status;");
        MemberModel[] first =
            types.Format == WireFormat.Etf ? [.. model.Members.TakeWhile(member => TypeEmitter.IsTaken(member.Type))] : [];
        if (first.Length > 0)
        {
            EmitTake(code, types, model, first);
        }
        else
        {
            EmitReadHead(code, types, model);
        }

        for (int i = first.Length; i < model.Members.Count; )
        {
            MemberModel[] run =
                types.Format == WireFormat.Etf ? [.. model.Members.Skip(i).TakeWhile(member => TypeEmitter.IsTaken(member.Type))] : [];
            if (run.Length > 1)
            {
                EmitTake(code, types, model, run, withHead: false);
                i += run.Length;
                continue;
            }

            MemberModel member = model.Members[i++];
            EmitReadMember(code, types, model, member, $"{member.Type.VariableName} {ContractEmitter.Local(member)}");
        }
    }

    /// <summary>Members that mostly have one of two or three forms are looked for at once, without a call of the reader for each; where one has another form, or is wrong, the reader goes over them all.</summary>
    private static void EmitTake(CodeWriter code, TypeEmitter types, ContractModel model, MemberModel[] members, bool withHead = true)
    {
        foreach (MemberModel member in members)
            code.Line($"{member.Type.VariableName} {ContractEmitter.Local(member)};");
        code.Open();
        code.Line("ReadOnlySpan<byte> rest = reader.RemainingBytes;");
        code.Line("int at = 0;");
        IEnumerable<string> takes = members.Select(member => TypeEmitter.Take(member.Type, ContractEmitter.Local(member)));
        if (withHead)
            takes = takes.Prepend($"EtfSpan.TryTake(rest, ref at, {TermBytes.Literal(Head(types.Format, model))})");
        code.Line($"if ({string.Join(" && ", takes)})");
        code.Inner("reader.Advance(at);");
        code.Line("else");
        code.Open();
        if (withHead)
            EmitReadHead(code, types, model);
        foreach (MemberModel member in members)
            EmitReadMember(code, types, model, member, ContractEmitter.Local(member));
        code.Close();
        code.Close();
    }

    private static void EmitReadHead(CodeWriter code, TypeEmitter types, ContractModel model)
    {
        code.Line(
            $"if (!reader.TryTake({TermBytes.Literal(Head(types.Format, model))}) && (status = {SlowHead(model)}) != DecodeStatus.Ok)"
        );
        code.Inner(ContractEmitter.Fail(model, null));
    }

    private static void EmitReadMember(CodeWriter code, TypeEmitter types, ContractModel model, MemberModel member, string target)
    {
        code.Line($"if ((status = {types.Read(member.Type, target)}) != DecodeStatus.Ok)");
        code.Inner(ContractEmitter.Fail(model, member));
    }

    private static IEnumerable<byte> Head(WireFormat format, ContractModel model) =>
        model.Shape switch
        {
            ContractShape.Atom => format.Name(model.Tag!),
            ContractShape.PlainTuple => format.TupleHead(model.Members.Count),
            _ => format.TupleHead(model.Members.Count + 1).Concat(format.Name(model.Tag!)),
        };

    private static string HeadNote(ContractModel model) =>
        model.Shape switch
        {
            ContractShape.Atom => model.Tag!,
            ContractShape.PlainTuple => "{",
            _ => "{" + model.Tag,
        };

    // Every other encoding of the same head.
    private static string SlowHead(ContractModel model)
    {
        string wanted = ContractEmitter.Quote(model.Sketch);
        return model.Shape switch
        {
            ContractShape.Atom => $"reader.TryReadAtomOf({TermBytes.Literal(KeyForm.Atom, model.Tag!)}, {wanted})",
            ContractShape.PlainTuple => $"reader.TryReadTupleHead({model.Members.Count}, {wanted})",
            _ => $"reader.TryReadTupleHead({model.Members.Count + 1}, {TermBytes.Literal(KeyForm.Atom, model.Tag!)}, {wanted})",
        };
    }
}
