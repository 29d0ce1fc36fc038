using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>Tuples with a tag, without one, and the tag alone.</summary>
internal static class TupleEmitter
{
    public static void EmitWrite(TypeEmitter types, ContractModel model, WriteSequence sequence)
    {
        sequence.Constant(Head(types.Format, model), HeadNote(model));
        foreach (MemberModel member in model.Members)
            sequence.Value(member.Type, "value." + member.Name);
        sequence.Flush();
    }

    public static void EmitRead(CodeWriter code, TypeEmitter types, ContractModel model)
    {
        code.Line("DecodeStatus status;");
        // Where all of them may be taken, they have been tried already.
        bool isTaken = TakeEmitter.TakesAll(model, types.Format);
        int next = 0;
        if (!isTaken && TakeEmitter.RunFrom(model, types.Format, 0) is { Length: > 0 } first)
        {
            EmitTake(code, types, model, first);
            next = first.Length;
        }
        else
        {
            EmitReadHead(code, types, model);
        }

        while (next < model.Members.Count)
        {
            if (!isTaken && TakeEmitter.RunFrom(model, types.Format, next) is { Length: > 1 } run)
            {
                EmitTake(code, types, model, run, withHead: false);
                next += run.Length;
                continue;
            }

            MemberModel member = model.Members[next++];
            EmitReadMember(code, types, model, member, $"{member.Type.VariableName} {ContractEmitter.Local(member)}");
        }
    }

    private static void EmitTake(CodeWriter code, TypeEmitter types, ContractModel model, MemberModel[] members, bool withHead = true)
    {
        foreach (MemberModel member in members)
            code.Line($"{member.Type.VariableName} {ContractEmitter.Local(member)};");
        code.Open();
        bool isChecked = TakeEmitter.HasTexts(members);
        TakeEmitter.EmitBytes(code, members);
        IEnumerable<string> takes = members.Select(member => TakeEmitter.Member(member, isChecked));
        if (withHead)
            takes = takes.Prepend(TakeEmitter.Constant(Head(types.Format, model)));
        code.Line($"if ({string.Join(" && ", takes)})");
        code.Inner(TakeEmitter.Advance(members));
        code.Line("else");
        code.Open();
        TakeEmitter.EmitLoss(code, members);
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

    /// <summary>The head of the tuple, with its tag.</summary>
    public static IEnumerable<byte> Head(WireFormat format, ContractModel model) =>
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
