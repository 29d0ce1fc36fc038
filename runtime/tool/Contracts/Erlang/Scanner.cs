using System.Globalization;
using System.Numerics;
using System.Text;

namespace CloudScale.Tool.Contracts.Erlang;

/// <summary>Cuts Erlang source into tokens.</summary>
/// <remarks>Source: Erlang Reference Manual, "Character Set and Source File Encoding", "Data Types". Comments and white space are left out.</remarks>
internal sealed class Scanner(string file, string text)
{
    private static readonly string[] s_symbols =
    [
        "...",
        "=:=",
        "=/=",
        "<:-",
        "<<",
        ">>",
        "::",
        ":=",
        "=>",
        "->",
        "<-",
        "<=",
        "=<",
        ">=",
        "==",
        "/=",
        "||",
        "&&",
        "++",
        "--",
        "..",
        "?=",
    ];

    private int _position;
    private int _line = 1;

    /// <summary>All tokens, an <see cref="TokenKind.End"/> last.</summary>
    public static List<Token> Scan(string file, string text)
    {
        Scanner scanner = new(file, text);
        List<Token> tokens = [];
        do tokens.Add(scanner.Next());
        while (tokens[^1].Kind != TokenKind.End);
        return tokens;
    }

    private char Current => _position < text.Length ? text[_position] : '\0';

    private char Ahead => _position + 1 < text.Length ? text[_position + 1] : '\0';

    private Token Next()
    {
        SkipSpace();
        int line = _line;
        if (_position >= text.Length)
            return new Token(TokenKind.End, "", null, line);
        char first = Current;
        if (char.IsLower(first))
            return new Token(TokenKind.Atom, Name(), null, line);
        if (char.IsUpper(first) || first == '_')
            return new Token(TokenKind.Variable, Name(), null, line);
        if (char.IsDigit(first))
            return Number(line);
        switch (first)
        {
            case '\'':
                return new Token(TokenKind.Atom, Quoted('\''), null, line);
            case '"':
                return new Token(TokenKind.Text, Quoted('"'), null, line);
            case '$':
                _position++;
                BigInteger character = new Rune(Current == '\\' ? Escape() : Take()).Value;
                return new Token(TokenKind.Integer, character.ToString(CultureInfo.InvariantCulture), character, line);
            case '.' when char.IsWhiteSpace(Ahead) || Ahead is '\0' or '%':
                _position++;
                return new Token(TokenKind.Dot, ".", null, line);
        }

        string symbol =
            s_symbols.FirstOrDefault(candidate => string.CompareOrdinal(text, _position, candidate, 0, candidate.Length) == 0)
            ?? first.ToString();
        _position += symbol.Length;
        return new Token(TokenKind.Symbol, symbol, null, line);
    }

    private void SkipSpace()
    {
        while (_position < text.Length)
        {
            if (Current == '%')
                while (_position < text.Length && Current != '\n')
                    _position++;
            else if (char.IsWhiteSpace(Current))
                Take();
            else
                return;
        }
    }

    private char Take()
    {
        char taken = text[_position++];
        if (taken == '\n')
            _line++;
        return taken;
    }

    private string Name()
    {
        int start = _position;
        while (char.IsLetterOrDigit(Current) || Current is '_' or '@')
            _position++;
        return text[start.._position];
    }

    private Token Number(int line)
    {
        string digits = Digits(10);
        if (
            Current == '#'
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int radix)
            && radix is >= 2 and <= 36
        )
        {
            _position++;
            BigInteger value = 0;
            foreach (char digit in Digits(radix))
                value = (value * radix) + DigitOf(digit);
            return new Token(TokenKind.Integer, value.ToString(CultureInfo.InvariantCulture), value, line);
        }

        if (Current != '.' || !char.IsDigit(Ahead))
            return new Token(TokenKind.Integer, digits, BigInteger.Parse(digits, CultureInfo.InvariantCulture), line);
        _position++;
        string number = $"{digits}.{Digits(10)}";
        if (Current is 'e' or 'E')
        {
            _position++;
            string sign = Current is '-' or '+' ? Take().ToString() : "";
            number += $"e{sign}{Digits(10)}";
        }

        return new Token(TokenKind.Float, number, double.Parse(number, CultureInfo.InvariantCulture), line);
    }

    private string Digits(int radix)
    {
        StringBuilder digits = new();
        for (; DigitOf(Current) < radix || (Current == '_' && DigitOf(Ahead) < radix); _position++)
            if (Current != '_')
                digits.Append(Current);
        return digits.ToString();
    }

    private static int DigitOf(char character) =>
        char.IsAsciiDigit(character) ? character - '0'
        : char.IsAsciiLetter(character) ? char.ToLowerInvariant(character) - 'a' + 10
        : int.MaxValue;

    private string Quoted(char quote)
    {
        int line = _line;
        if (quote == '"' && text.AsSpan(_position).StartsWith("\"\"\""))
            return TripleQuoted();
        _position++;
        StringBuilder content = new();
        while (Current != quote)
        {
            if (_position >= text.Length)
                throw new SourceException(file, line, $"a {quote} that is never closed");
            content.Append(Current == '\\' ? Escape() : Take());
        }

        _position++;
        return content.ToString();
    }

    // Since OTP 27. What it says is documentation; that it is passed over is enough.
    private string TripleQuoted()
    {
        int line = _line;
        int start = _position;
        int end = text.IndexOf("\"\"\"", start + 3, StringComparison.Ordinal);
        if (end < 0)
            throw new SourceException(file, line, "a \"\"\" that is never closed");
        while (_position < end + 3)
            Take();
        return text[(start + 3)..end];
    }

    private char Escape()
    {
        _position++;
        char escaped = Take();
        switch (escaped)
        {
            case 'n':
                return '\n';
            case 't':
                return '\t';
            case 'r':
                return '\r';
            case 's':
                return ' ';
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'v':
                return '\v';
            case 'e':
                return '\x1B';
            case 'd':
                return '\x7F';
            case '^':
                return (char)(Take() & 31);
            case 'x' when Current == '{':
                _position++;
                string braced = Digits(16);
                _position++; // }
                return (char)int.Parse(braced, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            case 'x':
                string pair = text.Substring(_position, Math.Min(2, text.Length - _position));
                _position += pair.Length;
                return (char)int.Parse(pair, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            case >= '0' and <= '7':
                int octal = escaped - '0';
                for (int more = 0; more < 2 && Current is >= '0' and <= '7'; more++)
                    octal = (octal * 8) + (Take() - '0');
                return (char)octal;
            default:
                return escaped;
        }
    }
}
