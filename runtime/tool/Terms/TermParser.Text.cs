using System.Globalization;
using System.Text;

namespace CloudScale.Tool.Terms;

/// <content>What stands in quotes or angle brackets.</content>
internal sealed partial class TermParser
{
    private string ReadQuoted(char quote)
    {
        StringBuilder text = new();
        int start = _position++;
        while (Peek() != quote)
        {
            if (_position >= _text.Length)
            {
                _position = start;
                throw Wrong("no closing quote");
            }

            if (Peek() == '\\')
                text.Append(ReadEscape().ToString());
            else
                text.Append(_text[_position++]);
        }

        _position++;
        return text.ToString();
    }

    private Rune ReadEscape()
    {
        _position++;
        char character = Peek();
        if (character == '\0')
            throw Wrong("expected a character");
        _position++;
        switch (character)
        {
            case 'n':
                return new Rune('\n');
            case 't':
                return new Rune('\t');
            case 'r':
                return new Rune('\r');
            case 'e':
                return new Rune('\u001b');
            case 's':
                return new Rune(' ');
            case 'b':
                return new Rune('\b');
            case 'f':
                return new Rune('\f');
            case 'v':
                return new Rune('\v');
            case 'd':
                return new Rune('\u007f');
            case 'x':
                return ReadHexadecimal();
            case >= '0' and <= '7':
                int value = character - '0';
                for (int i = 0; i < 2 && Peek() is >= '0' and <= '7'; i++)
                    value = value * 8 + (_text[_position++] - '0');
                return new Rune(value);
            default:
                return Rune.TryCreate(character, out Rune rune) ? rune : throw Wrong("expected a character");
        }
    }

    private Rune ReadHexadecimal()
    {
        string digits;
        if (Peek() == '{')
        {
            int end = _text.IndexOf('}', _position);
            digits = end < 0 ? "" : _text[(_position + 1)..end];
            _position = end < 0 ? _position : end + 1;
        }
        else
        {
            digits = _position + 2 <= _text.Length ? _text[_position..(_position + 2)] : "";
            _position += digits.Length;
        }

        return int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) && Rune.IsValid(code)
            ? new Rune(code)
            : throw Wrong("expected the number of a character");
    }

    /// <summary>Whole bytes and texts; sizes and types of segments other than <c>/utf8</c> are not for typing.</summary>
    private Binary ReadBinary()
    {
        _position += 2;
        using MemoryStream bytes = new();
        if (!TryTake(">>"))
        {
            do ReadSegment(bytes);
            while (TryTake(','));
            if (!TryTake(">>"))
                throw Wrong("expected '>>'");
        }

        return new Binary(bytes.ToArray());
    }

    private void ReadSegment(MemoryStream bytes)
    {
        SkipBlanks();
        if (Peek() == '"')
        {
            string text = ReadQuoted('"');
            bool isUtf8 = TryTake("/utf8");
            if (!isUtf8 && text.Any(character => character > 255))
                throw Wrong("characters beyond Latin-1 need /utf8");
            bytes.Write((isUtf8 ? Encoding.UTF8 : Encoding.Latin1).GetBytes(text));
            return;
        }

        object value = Peek() == '$' ? ReadCharacter() : ReadNumber();
        if (value is not (long and >= -128 and <= 255))
            throw Wrong("expected a byte");
        bytes.WriteByte((byte)(long)value);
    }

    private Pid ReadPid()
    {
        int start = _position;
        int end = _text.IndexOf('>', start);
        string[] parts = end < 0 ? [] : _text[(start + 1)..end].Split('.');
        if (
            parts.Length < 3
            || !uint.TryParse(parts[^2], NumberStyles.None, CultureInfo.InvariantCulture, out uint id)
            || !uint.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out uint serial)
        )
            throw Wrong("expected a pid, <0.ID.SERIAL>");
        if (_peer is null)
            throw Wrong("a pid means nothing without a node");
        string node = string.Join('.', parts[..^2]);
        if (node != "0" && node != _peer.Name.Name)
            throw Wrong($"the pid is not one of {_peer.Name.Name}; as its own shell prints it, it begins with 0");
        _position = end + 1;
        return new Pid(_peer, ((ulong)serial << 32) | id);
    }
}
