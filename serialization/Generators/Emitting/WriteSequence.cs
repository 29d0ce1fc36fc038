using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>Statements that write one thing after another. What has a bound, also one that is known only with the value, shares one reservation in the buffer with what comes before and after.</summary>
/// <param name="code">Where the statements go.</param>
/// <param name="types">How values are written.</param>
/// <param name="target">What gives the room: the writer, or the buffer itself.</param>
internal sealed class WriteSequence(CodeWriter code, TypeEmitter types, string target = WriteSequence.Writer)
{
    /// <summary>The variable that holds the writer.</summary>
    public const string Writer = "writer";

    /// <summary>The variable that holds the buffer.</summary>
    public const string Output = "output";

    private const int MostAtOnce = 1024; // bytes of constants and numbers; untuned

    private readonly List<byte> _constant = [];
    private readonly List<string> _notes = [];
    private readonly List<Piece> _pieces = [];
    private int _locals;

    /// <summary>Whether values of some types, between constants, share one reservation and need no writer.</summary>
    public static bool IsOneRun(TypeEmitter types, IEnumerable<TypeModel> values, int constants)
    {
        int bytes = constants;
        foreach (TypeModel type in values)
        {
            Room room = types.RoomFor(type);
            if (!room.IsBounded || types.Put(type, "").Contains(Writer + "."))
                return false;
            bytes += room.MaxBytes;
        }

        return bytes <= MostAtOnce;
    }

    /// <summary>Bytes that are always the same, and what they are in a word or two.</summary>
    public void Constant(IEnumerable<byte> bytes, string note)
    {
        _constant.AddRange(bytes);
        _notes.Add(note);
    }

    /// <summary>The value of an expression.</summary>
    public void Value(TypeModel type, string expression)
    {
        Room room = types.RoomFor(type);
        if (!room.IsBounded)
        {
            Flush();
            code.Line(types.Write(type, expression));
            return;
        }

        EndConstant();
        if (_pieces.Sum(piece => piece.Room.MaxBytes) > MostAtOnce)
            Flush();
        // What is asked for its room and then written must be one value, so it is looked up once.
        string? local = room.DependsOnValue || type.IsNullable ? $"part{++_locals}" : null;
        _pieces.Add(
            new Piece(
                $"at = {types.Put(type, local ?? expression)};",
                () => types.Write(type, expression),
                room,
                local,
                local is null ? null : $"{type.VariableName} {local} = {expression};"
            )
        );
    }

    /// <summary>Ends the current run.</summary>
    public void Flush()
    {
        EndConstant();
        if (_pieces.Count == 1)
            code.Line(_pieces[0].Write());
        else if (_pieces.Count > 1)
            Reserve();
        _pieces.Clear();
        _locals = 0;
    }

    private void Reserve()
    {
        code.Open();
        foreach (Piece piece in _pieces)
            if (piece.Declaration is not null)
                code.Line(piece.Declaration);
        int maxBytes = _pieces.Sum(piece => piece.Room.MaxBytes);
        IEnumerable<string> rooms = _pieces
            .Where(piece => piece.Room.DependsOnValue)
            .Select(piece => string.Format(System.Globalization.CultureInfo.InvariantCulture, piece.Room.Expression, piece.Local));
        code.Line($"Span<byte> span = {target}.GetSpan({string.Join(" + ", rooms.Prepend($"{maxBytes}"))});");
        code.Line("int at = 0;");
        foreach (Piece piece in _pieces)
            code.Line(piece.Put);
        code.Line($"{target}.Advance(at);");
        code.Close();
    }

    private void EndConstant()
    {
        if (_constant.Count == 0)
            return;
        string literal = TermBytes.Literal(_constant);
        string note = string.Join(" ", _notes);
        _pieces.Add(
            new Piece(
                $"at = {types.Format.Span}.Put(span, at, {literal}); // {note}",
                () => $"writer.WriteRun({literal}); // {note}",
                new Room(_constant.Count),
                null,
                null
            )
        );
        _constant.Clear();
        _notes.Clear();
    }

    /// <param name="Put">The statement that puts it into the room.</param>
    /// <param name="Write">Makes the statement that writes it alone.</param>
    /// <param name="Room">How much it may take.</param>
    /// <param name="Local">The variable that holds it, if it has one.</param>
    /// <param name="Declaration">The statement that declares that.</param>
    private sealed record Piece(string Put, Func<string> Write, Room Room, string? Local, string? Declaration);
}

/// <summary>How many bytes a value may take.</summary>
/// <param name="MaxBytes">Those that it may take whatever it is.</param>
/// <param name="Expression">Of what depends on the value, the expression that says how many more; <c>{0}</c> is the value.</param>
internal sealed record Room(int MaxBytes, string Expression = "")
{
    /// <summary>Nobody knows how much.</summary>
    public static readonly Room Unknown = new(0);

    public bool IsBounded => MaxBytes > 0 || DependsOnValue;

    public bool DependsOnValue => Expression.Length > 0;
}
