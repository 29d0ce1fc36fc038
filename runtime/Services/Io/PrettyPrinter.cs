using System.Text;

namespace CloudScale.Runtime.Services.Io;

/// <summary>Lays a term out over lines as <c>~p</c> does.</summary>
/// <remarks>
/// A part that fits on the rest of its line stands there; one that does not begins a line of its own, indented under what holds it. Elements of tagged tuples stand behind the tag, or,
/// where that would push them past the middle of the line, four columns or one from its brace: each is tried, without writing, before the layout is written.
/// Columns count from 1. Source: what <c>io_lib_pretty</c> of OTP 25 to 28 prints.
/// </remarks>
internal sealed class PrettyPrinter
{
    private readonly StringBuilder? _text; // null while a layout is only tried
    private readonly int _lineLength;
    private readonly int _maxCharacters;
    private readonly int _tagIndent; // of the elements of a tagged tuple; -1 for behind the tag

    private PrettyPrinter(StringBuilder? text, int lineLength, int maxCharacters, int tagIndent)
    {
        _text = text;
        _lineLength = lineLength;
        _maxCharacters = maxCharacters;
        _tagIndent = tagIndent;
    }

    private bool IsTrial => _text is null;

    /// <summary>Writes a piece.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="piece">What.</param>
    /// <param name="column">The column that it begins at.</param>
    /// <param name="lineLength">The length of a line; 0 for one line without end.</param>
    internal static void Print(StringBuilder text, TermPiece piece, int column, int lineLength)
    {
        column = Math.Max(column, 1);
        if (piece.IsText || lineLength == 0 || piece.Length < lineLength - column)
        {
            Flat(text, piece);
            return;
        }

        int indent =
            new PrettyPrinter(null, lineLength, piece.Length, -1).Lay(piece, column, 0, 0, 0) ? -1
            : new PrettyPrinter(null, lineLength, piece.Length, 4).Lay(piece, column, 0, 0, 0) ? 4
            : 1;
        new PrettyPrinter(text, lineLength, piece.Length, indent).Lay(piece, column, column - 1, 0, 0);
    }

    /// <summary>Writes a piece on one line.</summary>
    internal static void Flat(StringBuilder text, TermPiece piece)
    {
        switch (piece.Kind)
        {
            case PieceKind.Text:
                text.Append(piece.Text);
                return;
            case PieceKind.Pair:
                Flat(text, piece.Parts[0]);
                text.Append(" => ");
                Flat(text, piece.Parts[1]);
                return;
        }

        (string open, string close, char beforeTail) = Brackets(piece.Kind);
        text.Append(open);
        for (int i = 0; i < piece.Parts.Count; i++)
        {
            if (i > 0)
                text.Append(',');
            Flat(text, piece.Parts[i]);
        }

        if (piece.Tail is not null)
        {
            if (piece.Parts.Count > 0)
                text.Append(beforeTail);
            Flat(text, piece.Tail);
        }

        text.Append(close);
    }

    private static (string Open, string Close, char BeforeTail) Brackets(PieceKind kind) =>
        kind switch
        {
            PieceKind.List => ("[", "]", '|'),
            PieceKind.Map => ("#{", "}", ','),
            PieceKind.Bytes => ("<<", ">>", ','),
            _ => ("{", "}", ','),
        };

    private bool Fits(TermPiece piece, int column, int closing, int width) =>
        piece.Length < _lineLength - column - closing && piece.Length + width + closing <= _maxCharacters;

    /// <summary>Whether a comma and a text fit behind what stands on the line.</summary>
    private bool FitsBehind(TermPiece piece, int column, int closing, int width)
    {
        int length = piece.Length + 1;
        return closing == 0
            ? length + 1 < _lineLength - column && width + length + 1 <= _maxCharacters
            : length < _lineLength - column - closing && width + length + closing <= _maxCharacters;
    }

    /// <summary>Lays out a piece.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="column">Where it begins.</param>
    /// <param name="indent">Spaces before what comes on a new line.</param>
    /// <param name="closing">Brackets that close right behind it.</param>
    /// <param name="width">Characters on this line so far, without indentation.</param>
    /// <returns>False if the layout is tried and does not do.</returns>
    private bool Lay(TermPiece piece, int column, int indent, int closing, int width)
    {
        if (Fits(piece, column, closing, width))
        {
            WriteFlat(piece);
            return true;
        }

        (string open, string close, char beforeTail) = Brackets(piece.Kind);
        switch (piece.Kind)
        {
            case PieceKind.Text:
                Write(piece.Text);
                return true;
            case PieceKind.Bytes:
                LayBytes(piece, column + 2, indent + 2, closing, width);
                return true;
            case PieceKind.Map:
                Write(open);
                if (!LayMap(piece, column + 2, indent + 2, closing, width + (IsTrial ? 2 : 1)))
                    return false;
                break;
            case PieceKind.TaggedTuple:
                Write(open);
                if (!LayTagged(piece, column, indent, closing, width + 1))
                    return false;
                break;
            default:
                Write(open);
                if (!LayElements(piece, 0, column + 1, indent + 1, closing, beforeTail, width + 1))
                    return false;
                break;
        }

        Write(close);
        return true;
    }

    private bool LayTagged(TermPiece piece, int column, int indent, int closing, int width)
    {
        TermPiece tag = piece.Parts[0];
        int behindTag = tag.Length + 2;
        int tagColumn = column + behindTag;
        Write(tag.Text);
        if (_tagIndent > 0 && behindTag > _tagIndent)
        {
            int under = column + _tagIndent;
            if (IsTrial && _maxCharacters + under > _lineLength && under > _lineLength / 2)
                return false;
            return LayRest(piece, 1, under, tagColumn, indent + _tagIndent, closing, ',', width + tag.Length);
        }

        if (IsTrial && _maxCharacters + tagColumn >= _lineLength && tagColumn >= _lineLength / 2)
            return false;
        Write(",");
        return LayElements(piece, 1, tagColumn, indent + behindTag, closing, ',', width + tag.Length + 1);
    }

    private bool LayElements(TermPiece piece, int first, int column, int indent, int closing, char beforeTail, int width)
    {
        if (first == piece.Parts.Count)
        {
            WriteFlat(piece.Tail!); // nothing but dots
            return true;
        }

        return LayElement(piece.Parts[first], column, indent, Closing(piece, first, closing), width, out int used)
            && LayRest(piece, first + 1, column, column + used, indent, closing, beforeTail, width + used);
    }

    /// <summary>How many brackets close behind an element: none if another follows it.</summary>
    private static int Closing(TermPiece piece, int index, int closing) => index + 1 < piece.Parts.Count ? 0 : closing + 1;

    /// <summary>Lays out the elements from one on, which are not the first on their line.</summary>
    /// <param name="piece">What holds them.</param>
    /// <param name="index">The first of them.</param>
    /// <param name="start">The column at which a new line begins.</param>
    /// <param name="column">The column behind the one before.</param>
    /// <param name="indent">Spaces before that.</param>
    /// <param name="closing">Brackets that close behind the piece.</param>
    /// <param name="beforeTail">What stands before a tail.</param>
    /// <param name="width">Characters on this line so far.</param>
    private bool LayRest(TermPiece piece, int index, int start, int column, int indent, int closing, char beforeTail, int width)
    {
        for (; index < piece.Parts.Count; index++)
        {
            TermPiece element = piece.Parts[index];
            int behind = Closing(piece, index, closing);
            if (element.IsText && FitsBehind(element, column, behind, width))
            {
                Write(",");
                Write(element.Text);
                column += element.Length + 1;
                width += element.Length + 1;
                continue;
            }

            Write(",");
            NewLine(indent);
            if (!LayElement(element, start, indent, behind, 0, out int used))
                return false;
            column = start + used;
            width = used;
        }

        if (piece.Tail is not { } tail)
            return true;
        Write(beforeTail);
        if (ReferenceEquals(tail, TermPiece.Dots))
        {
            Write(tail.Text);
            return true;
        }

        if (tail.IsText && FitsBehind(tail, column, closing + 1, width))
        {
            Write(tail.Text);
            return true;
        }

        NewLine(indent);
        return Lay(tail, IsTrial ? column : start, indent, closing + 1, 0);
    }

    private bool LayElement(TermPiece element, int column, int indent, int closing, int width, out int used)
    {
        used = element.IsText && Fits(element, column, closing, width) ? element.Length : _lineLength; // else what follows takes a new line
        return Lay(element, column, indent, closing, width);
    }

    private bool LayMap(TermPiece map, int column, int indent, int closing, int width)
    {
        if (!LayPair(map.Parts[0], column, indent, Closing(map, 0, closing), width, out int used))
            return false;
        int behind = column + used;
        width = IsTrial ? width + used : used;
        for (int index = 1; index < map.Parts.Count; index++)
        {
            TermPiece pair = map.Parts[index];
            int closingHere = Closing(map, index, closing);
            Write(",");
            if (pair.IsPlainPair && FitsBehind(pair, behind, closingHere, width))
            {
                WriteFlat(pair);
                behind += pair.Length + 1;
                width += pair.Length + 1;
                continue;
            }

            NewLine(indent);
            if (!LayPair(pair, column, indent, closingHere, 0, out used))
                return false;
            behind = column + used;
            width = used;
        }

        if (map.Tail is not null)
            Write(",...");
        return true;
    }

    private bool LayPair(TermPiece pair, int column, int indent, int closing, int width, out int used)
    {
        used = _lineLength;
        if (Fits(pair, column, closing, width))
        {
            if (pair.IsPlainPair)
                used = pair.Length;
            WriteFlat(pair);
            return true;
        }

        int under = _tagIndent > 0 ? _tagIndent : 4;
        if (!Lay(pair.Parts[0], column, indent, closing, width))
            return false;
        Write(" =>");
        NewLine(indent + under);
        return Lay(pair.Parts[1], column + under, indent + under, closing, 0);
    }

    private void LayBytes(TermPiece piece, int column, int indent, int closing, int width)
    {
        int line = Math.Max(8, Math.Min(_lineLength - column, _maxCharacters - 4 - width) - closing);
        int left = line;
        Write("<<");
        for (int i = 0; i < piece.Parts.Count; i++)
        {
            TermPiece number = piece.Parts[i];
            bool isLast = i == piece.Parts.Count - 1;
            int length = isLast ? number.Length : number.Length + 1;
            if (length > left)
            {
                NewLine(indent);
                left = line;
            }

            left -= length;
            Write(number.Text);
            if (!isLast)
                Write(",");
        }

        Write(">>");
    }

    private void WriteFlat(TermPiece piece)
    {
        if (_text is not null)
            Flat(_text, piece);
    }

    private void Write(string text) => _text?.Append(text);

    private void Write(char character) => _text?.Append(character);

    private void NewLine(int indent) => _text?.Append('\n').Append(' ', indent);
}
