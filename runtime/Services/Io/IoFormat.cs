using System.Globalization;
using System.Numerics;
using System.Text;

namespace CloudScale.Runtime.Services.Io;

/// <summary><c>io_lib:format/2</c>: a format and its arguments as text.</summary>
/// <remarks>
/// Every sequence of OTP 25 and the modifiers <c>k</c> and <c>K</c> of later ones, but that the latter's order is always that of the keys. What is wrong with a format or an argument is
/// <c>badarg</c>. Limit: fields of <see cref="MaxField"/> characters; terms nested deeper than <see cref="TermWriter.MaxNesting"/> are cut.
/// </remarks>
internal static partial class IoFormat
{
    internal const int MaxField = 1 << 16;
    private const int DefaultLineLength = 80;

    /// <summary>Formats.</summary>
    /// <param name="format">An atom, a binary (of Latin-1, as <c>io_lib</c> takes it) or a list of characters.</param>
    /// <param name="arguments">A proper list.</param>
    /// <exception cref="ErlangException"><c>badarg</c>.</exception>
    internal static string Format(object format, object arguments)
    {
        if (arguments is not List { IsProper: true } list)
            throw ErlangException.BadArgument();
        return Format(CharactersOf(format), list);
    }

    /// <inheritdoc cref="Format(object, object)"/>
    internal static string Format(string format, List arguments) => Format(CodePointsOf(format), arguments);

    private static string Format(int[] format, List arguments)
    {
        StringBuilder text = new();
        FormatReader reader = new(format, arguments);
        while (!reader.IsAtEnd)
        {
            int character = reader.Read();
            if (character == '~')
                Append(text, reader.ReadSequence(), ref reader);
            else
                AppendCharacter(text, character, 1);
        }

        return reader.HasArguments ? throw ErlangException.BadArgument() : text.ToString();
    }

    private static int[] CharactersOf(object format) =>
        format switch
        {
            Atom atom => CodePointsOf(atom.Name),
            Binary binary => CodePointsOf(Encoding.Latin1.GetString(binary.Span)),
            string text => CodePointsOf(text),
            _ => CharData.TryGetText(format) is { } text ? CodePointsOf(text) : throw ErlangException.BadArgument(),
        };

    private static int[] CodePointsOf(string text)
    {
        int[] codePoints = new int[text.Length];
        int count = 0;
        foreach (Rune rune in text.EnumerateRunes())
            codePoints[count++] = rune.Value;
        return codePoints[..count];
    }

    private static void Append(StringBuilder text, FormatSequence sequence, ref FormatReader reader)
    {
        switch (sequence.Control)
        {
            case '~':
                AppendCharacters(text, '~', sequence);
                break;
            case 'n':
                AppendCharacter(text, '\n', sequence.Width ?? 1);
                break;
            case 'c':
                int character = Term.Normalize(reader.Take()) is long value and >= 0 and <= 0x10FFFF
                    ? (int)value
                    : throw ErlangException.BadArgument();
                AppendCharacters(text, sequence.IsUnicode ? character : character & 255, sequence);
                break;
            case 'i':
                reader.Take();
                break;
            case 's':
                AppendString(text, reader.Take(), sequence);
                break;
            case 'w':
                AppendTerm(text, WriteTerm(reader.Take(), -1, sequence), sequence);
                break;
            case 'W':
                AppendTerm(text, WriteTerm(reader.Take(), reader.TakeInteger(), sequence), sequence);
                break;
            case 'p':
                AppendPretty(text, reader.Take(), -1, sequence);
                break;
            case 'P':
                AppendPretty(text, reader.Take(), reader.TakeInteger(), sequence);
                break;
            case 'b' or 'B':
                AppendInteger(text, reader.Take(), "", sequence.Control == 'b', sequence);
                break;
            case 'x' or 'X':
                object number = reader.Take();
                AppendInteger(text, number, PrefixOf(reader.Take()), sequence.Control == 'x', sequence);
                break;
            case '+' or '#':
                string prefix = (sequence.Precision ?? 10).ToString(CultureInfo.InvariantCulture) + "#";
                AppendInteger(text, reader.Take(), prefix, sequence.Control == '+', sequence);
                break;
            case 'e' or 'f' or 'g':
                AppendFloat(text, reader.Take(), sequence);
                break;
            default:
                throw ErlangException.BadArgument();
        }
    }

    private static string WriteTerm(object term, int depth, FormatSequence sequence)
    {
        StringBuilder text = new();
        PrettyPrinter.Flat(text, new TermWriter(strings: false, sequence.IsUnicode).Make(term, depth));
        return text.ToString();
    }

    private static void AppendPretty(StringBuilder text, object term, int depth, FormatSequence sequence)
    {
        if (sequence.IsLeft)
            throw ErlangException.BadArgument();
        TermPiece piece = new TermWriter(!sequence.WithoutStrings, sequence.IsUnicode).Make(term, depth);
        PrettyPrinter.Print(text, piece, sequence.Precision ?? ColumnAfter(text), sequence.Width ?? DefaultLineLength);
    }

    /// <summary>The column, counted from 1, that comes after a text.</summary>
    private static int ColumnAfter(StringBuilder text)
    {
        int start = text.Length;
        while (start > 0 && text[start - 1] != '\n')
            start--;
        int column = 0;
        for (int i = start; i < text.Length; i++)
        {
            if (text[i] == '\t')
                column = (column + 8) / 8 * 8;
            else if (!char.IsLowSurrogate(text[i]))
                column++;
        }

        return column + 1;
    }

    private static string PrefixOf(object prefix) =>
        prefix is Atom atom ? atom.Name : CharData.TryGetText(prefix) ?? throw ErlangException.BadArgument();

    private static void AppendInteger(StringBuilder text, object number, string prefix, bool isLower, FormatSequence sequence)
    {
        BigInteger value = Term.Normalize(number) switch
        {
            long small => small,
            BigInteger big => big,
            _ => throw ErlangException.BadArgument(),
        };
        int radix = sequence.Precision ?? 10;
        if (radix is < 2 or > 36)
            throw ErlangException.BadArgument();
        string digits = InBase(BigInteger.Abs(value), radix);
        if (isLower)
            digits = digits.ToLowerInvariant();
        AppendTerm(text, (value.Sign < 0 ? "-" : "") + prefix + digits, sequence with { Precision = null });
    }

    private static string InBase(BigInteger value, int radix)
    {
        if (radix == 10)
            return value.ToString(CultureInfo.InvariantCulture);
        if (value.IsZero)
            return "0";
        StringBuilder digits = new();
        while (!value.IsZero)
        {
            value = BigInteger.DivRem(value, radix, out BigInteger digit);
            digits.Insert(0, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(int)digit]);
        }

        return digits.ToString();
    }

    private static void AppendString(StringBuilder text, object argument, FormatSequence sequence)
    {
        string characters = argument is Atom atom
            ? LatinOnly(atom.Name, sequence)
            : CharData.TryGetText(argument is string alias ? Binary.FromUtf8(alias) : argument, latin1: !sequence.IsUnicode)
                ?? throw ErlangException.BadArgument();
        int length = CharData.CountCodePoints(characters);
        int width = sequence.Width ?? sequence.Precision ?? length;
        int precision = sequence.Precision ?? Math.Min(length, width);
        if (sequence.Width is null && sequence.Precision is not null)
            sequence = sequence with { IsLeft = true };
        if (precision > width)
            throw ErlangException.BadArgument();
        if (length > precision)
            characters = CharData.Truncate(characters, precision);
        if (precision == width)
        {
            Adjust(text, characters, width - Math.Min(length, width), sequence);
            return;
        }

        // In its field stands another field, which is filled at the right end.
        StringBuilder inner = new(characters);
        AppendCharacter(inner, sequence.Padding, precision - Math.Min(length, precision));
        Adjust(text, inner.ToString(), width - precision, sequence);
    }

    private static string LatinOnly(string text, FormatSequence sequence) =>
        sequence.IsUnicode || !text.AsSpan().ContainsAnyExceptInRange('\0', '\u00FF') ? text : throw ErlangException.BadArgument();

    /// <summary>A printed term in its field; one that is too long for it is stars.</summary>
    private static void AppendTerm(StringBuilder text, string term, FormatSequence sequence)
    {
        if (sequence.Width is null && sequence.Precision is null)
        {
            text.Append(term);
            return;
        }

        int width = sequence.Width ?? sequence.Precision!.Value;
        int length = CharData.CountCodePoints(term);
        int precision = Math.Min(length, sequence.Precision is { } given ? Math.Min(given, width) : width);
        if (length > precision)
            Adjust(text, new string('*', precision), width - precision, sequence);
        else
            Adjust(text, term, width - length, sequence);
    }

    private static void AppendCharacters(StringBuilder text, int character, FormatSequence sequence)
    {
        int count = sequence.Precision ?? sequence.Width ?? 1;
        int width = sequence.Width ?? count;
        if (count > width)
            throw ErlangException.BadArgument();
        StringBuilder characters = new();
        AppendCharacter(characters, character, count);
        Adjust(text, characters.ToString(), width - count, sequence);
    }

    private static void Adjust(StringBuilder text, string field, int padding, FormatSequence sequence)
    {
        if (sequence.IsLeft)
            text.Append(field);
        AppendCharacter(text, sequence.Padding, padding);
        if (!sequence.IsLeft)
            text.Append(field);
    }

    private static void AppendCharacter(StringBuilder text, int character, int count)
    {
        if (!Rune.IsValid(character))
            throw ErlangException.BadArgument();
        if (character < 0x10000)
        {
            text.Append((char)character, count);
            return;
        }

        string pair = new Rune(character).ToString();
        for (; count > 0; count--)
            text.Append(pair);
    }
}
