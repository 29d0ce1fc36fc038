using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>
/// Members that mostly have one of two or three forms are looked for in the bytes at once, without a call of the reader for each; where one has another form, or is wrong, the reader goes over them all.
/// </summary>
internal static class TakeEmitter
{
    private const int MostAtOnce = 16; // members; more are more code than they save. Untuned

    /// <summary>The members from one on that are taken together.</summary>
    public static MemberModel[] RunFrom(ContractModel model, WireFormat format, int first) =>
        format == WireFormat.Etf
            ? [.. model.Members.Skip(first).TakeWhile(member => TypeEmitter.IsTaken(member.Type)).Take(MostAtOnce)]
            : [];

    /// <summary>Whether a contract has no other members: then its usual form is all that its reader knows, and the rest is a method of its own.</summary>
    public static bool TakesAll(ContractModel model, WireFormat format) =>
        format == WireFormat.Etf
        && model.Members.Count is > 0 and <= MostAtOnce
        && model.Shape is ContractShape.TaggedTuple or ContractShape.PlainTuple or ContractShape.Map or ContractShape.Struct
        && model.Members.All(member => TypeEmitter.IsTaken(member.Type) && !member.IsOmitted);

    /// <summary>Whether there are texts among them.</summary>
    public static bool HasTexts(IEnumerable<MemberModel> members) => members.Any(member => TypeEmitter.IsTakenText(member.Type));

    /// <summary>The bytes, and where in them the first member stands.</summary>
    public static void EmitBytes(CodeWriter code, IEnumerable<MemberModel> members, int heap = 0)
    {
        int texts = members.Count(member => TypeEmitter.IsTakenText(member.Type));
        code.Line(
            texts == 0 && heap == 0
                ? "ReadOnlySpan<byte> rest = reader.RemainingBytes;"
                : $"ReadOnlySpan<byte> rest = reader.BytesFor({texts}{(heap == 0 ? "" : $", {heap}")});"
        );
        code.Line("int at = 0;");
        if (texts > 0)
            code.Line("int heap = 0;");
    }

    /// <summary>The condition that bytes that are always the same come next.</summary>
    public static string Constant(IEnumerable<byte> bytes) => $"EtfSpan.TryTake(rest, ref at, {TermBytes.Literal(bytes)})";

    /// <summary>The condition that a member comes next.</summary>
    public static string Member(MemberModel member, bool isChecked, string prefix = "") =>
        TypeEmitter.Take(member.Type, prefix + ContractEmitter.Local(member), isChecked);

    /// <summary>The statement that passes over what was taken, and counts what was allocated.</summary>
    public static string Advance(IEnumerable<MemberModel> members, int heap = 0) =>
        HasTexts(members) ? $"reader.AdvanceOver(at, heap{(heap == 0 ? "" : $" + {heap}")});"
        : heap > 0 ? $"reader.AdvanceOver(at, {heap});"
        : "reader.Advance(at);";

    /// <summary>Counts the texts that were made before it turned out that they must be made again.</summary>
    public static void EmitLoss(CodeWriter code, IEnumerable<MemberModel> members)
    {
        if (HasTexts(members))
            code.Line("reader.AdvanceOver(0, heap);");
    }

    /// <summary>The body of a reader that knows the usual form only, and opens the method that knows the others.</summary>
    public static void EmitWhole(CodeWriter code, TypeEmitter types, ContractModel model)
    {
        bool isMap = model.Shape is ContractShape.Map or ContractShape.Struct;
        int heap = isMap ? KeyEmitter.AllotmentOf(model) : 0;
        bool isChecked = heap > 0 || HasTexts(model.Members);
        EmitBytes(code, model.Members, heap);
        List<string> conditions = [];
        if (isMap)
            MapEmitter.AddTakes(conditions, types.Format, model, isChecked);
        else
            conditions.AddRange(
                model
                    .Members.Select(member => Member(member, isChecked, member.Type.VariableName + " "))
                    .Prepend(Constant(TupleEmitter.Head(types.Format, model)))
            );
        code.Line("if (");
        for (int i = 0; i < conditions.Count; i++)
            code.Inner((i == 0 ? "" : "&& ") + conditions[i]);
        code.Line(")");
        code.Open();
        code.Line(Advance(model.Members, heap));
        code.Line($"value = {ContractEmitter.Construct(model)};");
        code.Line("return DecodeStatus.Ok;");
        code.Close();
        code.Line();
        EmitLoss(code, model.Members);
        code.Line("return TryReadOtherForm(ref reader, out value);");
        code.CloseMember();
        code.Line(
            "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]"
        ); // the usual form is read with what registers there are
        code.Open($"private static DecodeStatus TryReadOtherForm(ref {types.Format.Reader} reader, out {model.Type.Name} value)");
    }
}
