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
        code.Line(
            $"if (!reader.TryTake({TermBytes.Literal(Head(types.Format, model))}) && (status = {SlowHead(model)}) != DecodeStatus.Ok)"
        );
        code.Inner(ContractEmitter.Fail(model, null));
        foreach (MemberModel member in model.Members)
        {
            string target = $"{member.Type.VariableName} {ContractEmitter.Local(member)}";
            code.Line($"if ((status = {types.Read(member.Type, target)}) != DecodeStatus.Ok)");
            code.Inner(ContractEmitter.Fail(model, member));
        }
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
