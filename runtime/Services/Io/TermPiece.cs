namespace CloudScale.Runtime.Services.Io;

/// <summary>What a piece of a printed term is made of.</summary>
internal enum PieceKind
{
    /// <summary>Text that is not broken.</summary>
    Text,

    /// <summary>A list that is no string.</summary>
    List,

    /// <summary>A tuple.</summary>
    Tuple,

    /// <summary>A tuple of two elements and more whose first is an atom.</summary>
    TaggedTuple,

    /// <summary>A map; its parts are pairs.</summary>
    Map,

    /// <summary>A key and a value.</summary>
    Pair,

    /// <summary>A binary as numbers; its parts are their texts.</summary>
    Bytes,
}

/// <summary>A term, printed but for the line breaks: its texts, and how long the whole is on one line.</summary>
internal sealed class TermPiece
{
    internal static readonly TermPiece Dots = OfText("...");

    internal required PieceKind Kind { get; init; }

    /// <summary>Characters of the whole on one line, in code points.</summary>
    internal required int Length { get; init; }

    /// <summary>The text of a <see cref="PieceKind.Text"/>.</summary>
    internal string Text { get; init; } = "";

    /// <summary>Elements, pairs, key and value, or numbers.</summary>
    internal IReadOnlyList<TermPiece> Parts { get; init; } = [];

    /// <summary>What follows the last element: the tail of an improper list, or <see cref="Dots"/> where depth has ended.</summary>
    internal TermPiece? Tail { get; init; }

    internal bool IsText => Kind == PieceKind.Text;

    /// <summary>A pair both of whose halves are texts.</summary>
    internal bool IsPlainPair => Parts[0].IsText && Parts[1].IsText;

    internal static TermPiece OfText(string text) =>
        new()
        {
            Kind = PieceKind.Text,
            Text = text,
            Length = CharData.CountCodePoints(text),
        };

    /// <summary>A piece whose parts are separated by commas, between brackets of some characters together.</summary>
    internal static TermPiece Of(PieceKind kind, int brackets, IReadOnlyList<TermPiece> parts, TermPiece? tail = null)
    {
        int length = brackets + (tail is null ? 0 : tail.Length + (parts.Count > 0 ? 1 : 0));
        foreach (TermPiece part in parts)
            length += part.Length + 1;
        return new()
        {
            Kind = kind,
            Parts = parts,
            Tail = tail,
            Length = parts.Count > 0 ? length - 1 : length,
        };
    }

    internal static TermPiece PairOf(TermPiece key, TermPiece value) =>
        new()
        {
            Kind = PieceKind.Pair,
            Parts = [key, value],
            Length = key.Length + 4 + value.Length,
        };
}
