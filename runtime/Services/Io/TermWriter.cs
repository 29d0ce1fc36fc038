using System.Globalization;
using System.Numerics;
using System.Text;

namespace CloudScale.Runtime.Services.Io;

/// <summary>Terms as pieces of text: the part of <c>io_lib:write</c> and <c>io_lib_pretty</c> that knows what a term looks like.</summary>
/// <param name="strings">Lists and binaries of printable characters are shown as text, as <c>~p</c> does.</param>
/// <param name="unicode">Atoms are written as they are; else characters above 255 are escaped. As for strings, the printable range is Latin-1, as on a node without <c>+pc unicode</c>.</param>
/// <remarks>
/// Limit: terms nested deeper than <see cref="MaxNesting"/> are cut with <c>...</c>, so that no peer decides how deep this recurses.
/// </remarks>
internal sealed class TermWriter(bool strings, bool unicode)
{
    internal const int MaxNesting = 500;
    private const int CharactersPerDepth = 4;

    /// <summary>Makes the pieces of a term.</summary>
    /// <param name="term">The term.</param>
    /// <param name="depth">How deep to show it, as Erlang counts: each element of a list is one deeper than the one before it. Negative: all of it.</param>
    internal TermPiece Make(object term, int depth = -1) => Make(term, depth, MaxNesting);

    private TermPiece Make(object term, int depth, int nesting)
    {
        if (depth == 0 || nesting == 0)
            return TermPiece.Dots;
        switch (Normal(term))
        {
            case Atom atom:
                return TermPiece.OfText(AtomText(atom));
            case List { Count: 0, IsProper: true }:
                return TermPiece.OfText("[]");
            case List list:
                return MakeList(list, depth, nesting);
            case Tuple { Count: 0 }:
                return TermPiece.OfText("{}");
            case Tuple tuple:
                return MakeTuple(tuple, depth, nesting);
            case Map { Count: 0 }:
                return TermPiece.OfText("#{}");
            case Map map:
                return MakeMap(map, depth, nesting);
            case Binary binary:
                return MakeBinary(binary.Span, 8, depth);
            case BitString bits:
                return MakeBinary(bits.Span, bits.BitsInLastByte, depth);
            case BigInteger big:
                return TermPiece.OfText(big.ToString(CultureInfo.InvariantCulture));
            case var leaf:
                return TermPiece.OfText(Term.Format(leaf));
        }
    }

    /// <summary>An atom, quoted where it has to be.</summary>
    internal string AtomText(Atom atom)
    {
        string text = Term.Format(atom);
        if (unicode || !text.AsSpan().ContainsAnyExceptInRange('\0', '\u00FF'))
            return text;
        StringBuilder escaped = new(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value > 255)
                escaped.Append("\\x{").Append(rune.Value.ToString("X", CultureInfo.InvariantCulture)).Append('}');
            else
                escaped.Append(rune.ToString());
        }

        return escaped.ToString();
    }

    private TermPiece MakeList(List list, int depth, int nesting)
    {
        if (strings && depth != 1 && TryString(list) is { } text)
            return TermPiece.OfText(text);
        List<TermPiece> parts = new(Math.Min(list.Count, 64));
        int left = depth;
        foreach (object element in list)
        {
            if (left == 1)
                return TermPiece.Of(PieceKind.List, 2, parts, TermPiece.Dots);
            parts.Add(Make(element, left - 1, nesting - 1));
            left--;
        }

        TermPiece? tail =
            list.IsProper ? null
            : left == 1 ? TermPiece.Dots
            : Make(list.Tail, left - 1, nesting - 1);
        return TermPiece.Of(PieceKind.List, 2, parts, tail);
    }

    private TermPiece MakeTuple(Tuple tuple, int depth, int nesting)
    {
        if (depth == 1)
            return TermPiece.OfText("{...}");
        PieceKind kind = tuple.Count > 1 && Normal(tuple[0]) is Atom ? PieceKind.TaggedTuple : PieceKind.Tuple;
        List<TermPiece> parts = new(tuple.Count);
        int left = depth;
        foreach (object element in tuple)
        {
            if (left == 1)
                return TermPiece.Of(kind, 2, parts, TermPiece.Dots);
            parts.Add(Make(element, left - 1, nesting - 1));
            left--;
        }

        return TermPiece.Of(kind, 2, parts);
    }

    private TermPiece MakeMap(Map map, int depth, int nesting)
    {
        if (depth == 1)
            return TermPiece.OfText("#{...}");
        KeyValuePair<object, object>[] pairs = [.. map];
        Array.Sort(pairs, static (left, right) => Term.CompareExactly(left.Key, right.Key));
        List<TermPiece> parts = new(pairs.Length);
        int left = depth;
        foreach (KeyValuePair<object, object> pair in pairs)
        {
            if (left == 1)
                return TermPiece.Of(PieceKind.Map, 3, parts, TermPiece.Dots);
            parts.Add(TermPiece.PairOf(Make(pair.Key, depth - 1, nesting - 1), Make(pair.Value, depth - 1, nesting - 1)));
            left--;
        }

        return TermPiece.Of(PieceKind.Map, 3, parts);
    }

    private TermPiece MakeBinary(ReadOnlySpan<byte> bytes, int bitsInLastByte, int depth)
    {
        if (bytes.IsEmpty)
            return TermPiece.OfText("<<>>");
        if (depth == 1)
            return TermPiece.OfText("<<...>>");
        if (strings && bitsInLastByte == 8 && TryBinaryString(bytes, depth) is { } text)
            return TermPiece.OfText(text);
        bool isWhole = depth < 0 || bytes.Length < depth;
        int shown = isWhole ? bytes.Length : depth - 1;
        List<TermPiece> parts = new(shown + 1);
        for (int i = 0; i < shown; i++)
        {
            bool isPart = i == bytes.Length - 1 && bitsInLastByte != 8;
            parts.Add(
                TermPiece.OfText(
                    isPart ? $"{bytes[i] >> (8 - bitsInLastByte)}:{bitsInLastByte}" : bytes[i].ToString(CultureInfo.InvariantCulture)
                )
            );
        }

        if (!isWhole)
            parts.Add(TermPiece.Dots);
        return TermPiece.Of(PieceKind.Bytes, 4, parts);
    }

    private static string? TryString(List list)
    {
        if (!list.IsProper)
            return null;
        foreach (object element in list)
        {
            if (Normal(element) is not long character || !IsPrintable(character))
                return null;
        }

        StringBuilder text = new(list.Count + 2);
        text.Append('"');
        foreach (object element in list)
            AppendEscaped(text, (char)(long)Normal(element));
        return text.Append('"').ToString();
    }

    private string? TryBinaryString(ReadOnlySpan<byte> bytes, int depth)
    {
        int limit = depth < 0 ? bytes.Length : Math.Min(CharactersPerDepth * (depth - 1), bytes.Length);
        if (unicode && TryUtf8(bytes, limit, depth) is { } utf8)
            return utf8.Length == 0 ? null : utf8;
        StringBuilder text = new(limit + 6);
        text.Append("<<\"");
        for (int i = 0; i < limit; i++)
        {
            if (!IsPrintable(bytes[i]))
            {
                if (depth < 0 || i < depth - 1 || depth == 1)
                    return null;
                return text.Append("\"...>>").ToString();
            }

            AppendEscaped(text, (char)bytes[i]);
        }

        return text.Append(limit == bytes.Length ? "\">>" : "\"...>>").ToString();
    }

    /// <returns>The text; empty if it is UTF-8 with characters that are not shown; null if it is no UTF-8.</returns>
    private static string? TryUtf8(ReadOnlySpan<byte> bytes, int limit, int depth)
    {
        StringBuilder text = new(limit + 12);
        text.Append("<<\"");
        bool ascii = true;
        int shown = -1; // how many are, if not all
        int count = 0;
        ReadOnlySpan<byte> rest = bytes;
        for (; !rest.IsEmpty && count < limit; count++)
        {
            if (Rune.DecodeFromUtf8(rest, out Rune rune, out int length) != System.Buffers.OperationStatus.Done)
                return null;
            rest = rest[length..];
            if (shown < 0 && !IsPrintable(rune.Value))
                shown = count;
            if (shown >= 0)
                continue;
            ascii &= rune.IsAscii;
            AppendEscaped(text, (char)rune.Value);
        }

        if (shown >= 0 && (depth < 0 || shown < depth - 1))
            return "";
        text.Append(ascii ? "\"" : "\"/utf8");
        return text.Append(shown < 0 && rest.IsEmpty ? ">>" : "...>>").ToString();
    }

    private static bool IsPrintable(long character) =>
        character is (>= ' ' and <= '~') or (>= 0xA0 and <= 0xFF) or (>= '\b' and <= '\r') or 0x1B;

    private static void AppendEscaped(StringBuilder text, char character)
    {
        _ = character switch
        {
            '"' => text.Append("\\\""),
            '\\' => text.Append("\\\\"),
            '\b' => text.Append("\\b"),
            '\t' => text.Append("\\t"),
            '\n' => text.Append("\\n"),
            '\v' => text.Append("\\v"),
            '\f' => text.Append("\\f"),
            '\r' => text.Append("\\r"),
            '\e' => text.Append("\\e"),
            _ => text.Append(character),
        };
    }

    /// <summary>The term that an object stands for; what stands for none is shown as its type.</summary>
    private static object Normal(object term)
    {
        if (term is Atom or long or Tuple or List or Map or Binary or double or Pid or Reference)
            return term;
        try
        {
            return Term.Normalize(term);
        }
        catch (ArgumentException)
        {
            return Atom.Of(Term.Format(term)); // one a type: bounded by the program
        }
    }
}
