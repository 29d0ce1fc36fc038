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
        int texts = TextsIn(members);
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
        int heap = AllotmentOf(model);
        EmitBytes(code, model.Members, heap);
        code.Line("if (");
        EmitConditions(code, types.Format, model);
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
        EmitRow(code, types, model);
        EmitDecode(code, types, model);
        code.Line(
            "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]"
        ); // the usual form is read with what registers there are
        code.Open($"private static DecodeStatus TryReadOtherForm(ref {types.Format.Reader} reader, out {model.Type.Name} value)");
    }

    // The elements of a list: the loop is around the members, so that the reader is opened and closed once for all of them.
    private static void EmitRow(CodeWriter code, TypeEmitter types, ContractModel model)
    {
        string name = model.Type.Name;
        int heap = AllotmentOf(model);
        int texts = TextsIn(model.Members);
        bool isChecked = texts > 0 || heap > 0;
        code.Line("/// <inheritdoc/>");
        code.Open(
            $"static DecodeStatus ITermContract<{name}>.TryReadTerms(ref {types.Format.Reader} reader, Span<{name}> values, out int read)"
        );
        code.Line("read = 0;");
        code.Open("while (true)");
        code.Line(
            isChecked
                ? $"ReadOnlySpan<byte> rest = reader.BytesFor({texts}, {heap}, out int most);"
                : "ReadOnlySpan<byte> rest = reader.RemainingBytes;"
        );
        code.Line("int given = rest.Length;");
        if (isChecked)
            code.Line("int heap = 0;");
        code.Line("int index = read;");
        code.Open($"for (; index < values.Length{(isChecked ? " && heap <= most" : "")}; index++)");
        code.Line("int at = 0;");
        code.Line("if (!(");
        EmitConditions(code, types.Format, model);
        code.Line("))");
        code.Inner("break;");
        code.Line($"values[index] = {ContractEmitter.Construct(model)};");
        code.Line("rest = rest.Slice(at);"); // offsets in an element are numbers mostly
        if (heap > 0)
            code.Line($"heap += {heap};");
        code.Close();
        code.Line();
        code.Line(isChecked ? "reader.AdvanceOver(given - rest.Length, heap);" : "reader.Advance(given - rest.Length);");
        code.Line("read = index;");
        code.Line("if (read == values.Length)");
        code.Inner("return DecodeStatus.Ok;");
        code.Line("DecodeStatus status = TryReadOtherForm(ref reader, out values[read]);");
        code.Line("if (status != DecodeStatus.Ok)");
        code.Inner("return status;");
        code.Line("read++;");
        code.Close();
        code.CloseMember();
    }

    // A term that stands alone: of its usual form nothing is known that a reader would have to keep.
    private static void EmitDecode(CodeWriter code, TypeEmitter types, ContractModel model)
    {
        string name = model.Type.Name;
        int heap = AllotmentOf(model);
        int texts = TextsIn(model.Members);
        code.Line("/// <inheritdoc/>");
        code.Line($"static bool ITermContract<{name}>.HasUsualForm => true;");
        code.Line();
        code.Line("/// <inheritdoc/>");
        code.Open(
            $"static bool ITermContract<{name}>.TryDecodeUsual(ReadOnlySpan<byte> bytes, EtfDecodeContext context, out {name} value, out int took)"
        );
        code.Line(
            texts == 0 && heap == 0
                ? "ReadOnlySpan<byte> rest = bytes;"
                : $"ReadOnlySpan<byte> rest = context.BytesFor(bytes, {texts}, {heap});"
        );
        code.Line("int at = 0;");
        if (texts > 0)
            code.Line("int heap = 0;");
        code.Line("if (");
        EmitConditions(code, types.Format, model, TermBytes.Version);
        code.Line(")");
        code.Open();
        code.Line("took = at;");
        code.Line($"value = {ContractEmitter.Construct(model)};");
        code.Line("return true;");
        code.Close();
        code.Line();
        code.Line($"took = {(texts > 0 ? "heap" : "0")};");
        code.Line("value = default!;");
        code.Line("return false;");
        code.CloseMember();
    }

    private static int AllotmentOf(ContractModel model) =>
        model.Shape is ContractShape.Map or ContractShape.Struct ? KeyEmitter.AllotmentOf(model) : 0;

    private static int TextsIn(IEnumerable<MemberModel> members) => members.Count(member => TypeEmitter.IsTakenText(member.Type));

    // That all members come next in their usual form, behind some bytes.
    private static void EmitConditions(CodeWriter code, WireFormat format, ContractModel model, params byte[] before)
    {
        bool isChecked = AllotmentOf(model) > 0 || HasTexts(model.Members);
        List<string> conditions = [];
        if (model.Shape is ContractShape.Map or ContractShape.Struct)
            MapEmitter.AddTakes(conditions, format, model, isChecked, before);
        else
            conditions.AddRange(
                model
                    .Members.Select(member => Member(member, isChecked, member.Type.VariableName + " "))
                    .Prepend(Constant([.. before, .. TupleEmitter.Head(format, model)]))
            );
        for (int i = 0; i < conditions.Count; i++)
            code.Inner((i == 0 ? "" : "&& ") + conditions[i]);
    }
}
