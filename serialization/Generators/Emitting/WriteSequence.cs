using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>Statements that write one thing after another. What has a bound, one behind the other, shares one reservation in the buffer.</summary>
internal sealed class WriteSequence(CodeWriter code, TypeEmitter types)
{
    private readonly List<byte> _constant = [];
    private readonly List<string> _notes = [];
    private readonly List<(string Put, string Write, int MaxBytes)> _pieces = [];

    /// <summary>Bytes that are always the same, and what they are in a word or two.</summary>
    public void Constant(IEnumerable<byte> bytes, string note)
    {
        _constant.AddRange(bytes);
        _notes.Add(note);
    }

    /// <summary>The value of an expression.</summary>
    public void Value(TypeModel type, string expression)
    {
        int maxBytes = types.Format.MaxBytes(type);
        if (maxBytes == 0)
        {
            Flush();
            code.Line(types.Write(type, expression));
            return;
        }

        EndConstant();
        _pieces.Add(($"at = {types.Put(type, expression)};", types.Write(type, expression), maxBytes));
    }

    /// <summary>Ends the current run.</summary>
    public void Flush()
    {
        EndConstant();
        if (_pieces.Count == 1)
            code.Line(_pieces[0].Write);
        else if (_pieces.Count > 1)
            Reserve();
        _pieces.Clear();
    }

    private void Reserve()
    {
        code.Open();
        code.Line($"Span<byte> span = writer.GetSpan({_pieces.Sum(piece => piece.MaxBytes)});");
        code.Line("int at = 0;");
        foreach ((string put, _, _) in _pieces)
            code.Line(put);
        code.Line("writer.Advance(at);");
        code.Close();
    }

    private void EndConstant()
    {
        if (_constant.Count == 0)
            return;
        string literal = TermBytes.Literal(_constant);
        string note = string.Join(" ", _notes);
        _pieces.Add(
            ($"at = {types.Format.Span}.Put(span, at, {literal}); // {note}", $"writer.WriteRun({literal}); // {note}", _constant.Count)
        );
        _constant.Clear();
        _notes.Clear();
    }
}
