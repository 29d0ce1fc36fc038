using System.Globalization;
using System.Numerics;
using System.Text;

namespace CloudScale.Tool.Terms;

/// <summary>Reads terms as Erlang writes them: what a user types as an argument.</summary>
/// <remarks>
/// All terms that have a written form, with variables where there are bindings, and pids as shells print them: <c>&lt;0.90.0&gt;</c> is a process of the peer, <c>&lt;node@host.90.0&gt;</c> too if it is of that name.
/// Nothing is evaluated. Limit: <see cref="MaxDepth"/>. Source: Erlang Reference Manual, data types.
/// </remarks>
internal sealed partial class TermParser
{
    private const int MaxDepth = 256;

    private readonly string _text;
    private readonly IReadOnlyDictionary<string, object> _bindings;
    private readonly NodeIdentity? _peer;
    private int _position;
    private int _depth;

    private TermParser(string text, IReadOnlyDictionary<string, object>? bindings, NodeIdentity? peer)
    {
        _text = text;
        _bindings = bindings ?? new Dictionary<string, object>();
        _peer = peer;
    }

    /// <summary>Reads one term; a full stop may follow.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bindings">What variables stand for.</param>
    /// <param name="peer">The node whose processes pids name; without one there are no pids.</param>
    /// <exception cref="TermSyntaxException">It is none.</exception>
    public static object Parse(string text, IReadOnlyDictionary<string, object>? bindings = null, NodeIdentity? peer = null)
    {
        TermParser parser = new(text, bindings, peer);
        object term = parser.ReadTerm();
        parser.ReadEnd();
        return term;
    }

    /// <summary>Reads <c>[Variable =] [Module:]Function(Arguments)[.]</c>; the module is <c>erlang</c> where none stands.</summary>
    /// <exception cref="TermSyntaxException">It is no call.</exception>
    public static TermCall ParseCall(string text, IReadOnlyDictionary<string, object>? bindings = null, NodeIdentity? peer = null)
    {
        TermParser parser = new(text, bindings, peer);
        parser.SkipBlanks();
        string? variable = null;
        if (IsVariableStart(parser.Peek()))
        {
            variable = parser.ReadName();
            parser.Expect('=');
        }

        Atom module = "erlang";
        Atom function = parser.ReadAtom();
        if (parser.TryTake(':'))
            (module, function) = (function, parser.ReadAtom());
        parser.Expect('(');
        List arguments = List.Of([.. parser.ReadSequence(')')]);
        parser.ReadEnd();
        return new TermCall(variable, module, function, arguments);
    }

    private static bool IsVariableStart(char character) => char.IsAsciiLetterUpper(character) || character == '_';

    private static bool IsNamePart(char character) => char.IsLetterOrDigit(character) || character is '_' or '@';

    private char Peek(int ahead = 0) => _position + ahead < _text.Length ? _text[_position + ahead] : '\0';

    private void SkipBlanks()
    {
        while (char.IsWhiteSpace(Peek()))
            _position++;
    }

    private bool TryTake(char character)
    {
        SkipBlanks();
        if (Peek() != character)
            return false;
        _position++;
        return true;
    }

    private bool TryTake(string characters)
    {
        SkipBlanks();
        if (!_text.AsSpan(_position).StartsWith(characters, StringComparison.Ordinal))
            return false;
        _position += characters.Length;
        return true;
    }

    private void Expect(char character)
    {
        if (!TryTake(character))
            throw Wrong($"expected '{character}'");
    }

    private void ReadEnd()
    {
        TryTake('.');
        SkipBlanks();
        if (_position < _text.Length)
            throw Wrong("something follows the end");
    }

    private TermSyntaxException Wrong(string why) =>
        new(_position < _text.Length ? $"{why} at '{_text[_position..]}'" : $"{why} at the end", _position);

    private object ReadTerm()
    {
        if (++_depth > MaxDepth)
            throw Wrong($"nested deeper than {MaxDepth}");
        SkipBlanks();
        object term = Peek() switch
        {
            '\'' => ReadAtom(),
            '"' => List.FromString(ReadQuoted('"')),
            '[' => ReadList(),
            '{' => ReadTuple(),
            '#' => ReadMap(),
            '<' => Peek(1) == '<' ? ReadBinary() : ReadPid(),
            '$' => ReadCharacter(),
            '-' or '+' or (>= '0' and <= '9') => ReadNumber(),
            var first when IsVariableStart(first) => ReadVariable(),
            var first when char.IsLetter(first) => ReadAtomOrFun(),
            _ => throw Wrong("expected a term"),
        };
        _depth--;
        return term;
    }

    private List<object> ReadSequence(char end)
    {
        List<object> terms = [];
        if (TryTake(end))
            return terms;
        do terms.Add(ReadTerm());
        while (TryTake(','));
        Expect(end);
        return terms;
    }

    private List ReadList()
    {
        Expect('[');
        List<object> elements = [];
        if (TryTake(']'))
            return List.Empty;
        do elements.Add(ReadTerm());
        while (TryTake(','));
        object? tail = TryTake('|') ? ReadTerm() : null;
        Expect(']');
        return tail is null or List { Count: 0, IsProper: true } ? List.Of([.. elements]) : List.WithTail([.. elements], tail);
    }

    private Tuple ReadTuple()
    {
        Expect('{');
        return Tuple.Of([.. ReadSequence('}')]);
    }

    private Map ReadMap()
    {
        Expect('#');
        Expect('{');
        List<KeyValuePair<object, object>> entries = [];
        if (TryTake('}'))
            return Map.Empty;
        do
        {
            object key = ReadTerm();
            if (!TryTake("=>"))
                throw Wrong("expected '=>'");
            entries.RemoveAll(entry => Term.AreEqual(entry.Key, key)); // the last of a key holds, as in Erlang
            entries.Add(new(key, ReadTerm()));
        } while (TryTake(','));
        Expect('}');
        return Map.Create([.. entries]);
    }

    private object ReadVariable()
    {
        int start = _position;
        string name = ReadName();
        if (_bindings.TryGetValue(name, out object? value))
            return value;
        _position = start;
        throw Wrong($"variable '{name}' is unbound");
    }

    private string ReadName()
    {
        int start = _position;
        while (IsNamePart(Peek()))
            _position++;
        return _text[start.._position];
    }

    private object ReadAtomOrFun()
    {
        if (!TryTake("fun "))
            return ReadAtom();
        Atom module = ReadAtom();
        Expect(':');
        Atom function = ReadAtom();
        Expect('/');
        return ReadNumber() is long arity and >= 0 and <= byte.MaxValue
            ? new ExternalFun(module, function, (byte)arity)
            : throw Wrong("expected an arity");
    }

    private Atom ReadAtom()
    {
        SkipBlanks();
        string name =
            Peek() == '\'' ? ReadQuoted('\'')
            : char.IsLower(Peek()) ? ReadName()
            : throw Wrong("expected an atom");
        return name.Length <= Atom.MaxCharacters ? Atom.Of(name) : throw Wrong($"an atom has at most {Atom.MaxCharacters} characters");
    }

    private long ReadCharacter()
    {
        _position++;
        if (_position >= _text.Length)
            throw Wrong("expected a character");
        if (Peek() == '\\')
            return ReadEscape().Value;
        if (Rune.DecodeFromUtf16(_text.AsSpan(_position), out Rune rune, out int length) != System.Buffers.OperationStatus.Done)
            throw Wrong("expected a character");
        _position += length;
        return rune.Value;
    }

    private object ReadNumber()
    {
        bool isNegative = Peek() == '-';
        if (Peek() is '-' or '+')
            _position++;
        string digits = ReadDigits(10);
        if (Peek() == '#')
        {
            int radix =
                int.TryParse(digits, CultureInfo.InvariantCulture, out int given) && given is >= 2 and <= 36
                    ? given
                    : throw Wrong("a base is 2 to 36");
            _position++;
            return Integer(ReadDigits(radix), radix, isNegative);
        }

        if (Peek() != '.' || !char.IsAsciiDigit(Peek(1)))
            return Integer(digits, 10, isNegative);
        _position++;
        string text = digits + "." + ReadDigits(10);
        if (Peek() is 'e' or 'E')
        {
            _position++;
            string sign = Peek() is '-' or '+' ? _text[_position++].ToString() : "";
            text += "e" + sign + ReadDigits(10);
        }

        double value = double.Parse(text, CultureInfo.InvariantCulture);
        return double.IsFinite(value) ? (isNegative ? -value : value) : throw Wrong("the number is too large for a float");
    }

    private string ReadDigits(int radix)
    {
        StringBuilder digits = new();
        while (DigitOf(Peek()) < radix || (Peek() == '_' && digits.Length > 0 && DigitOf(Peek(1)) < radix))
        {
            if (Peek() != '_')
                digits.Append(Peek());
            _position++;
        }

        return digits.Length > 0 ? digits.ToString() : throw Wrong("expected digits");
    }

    private static int DigitOf(char character) =>
        char.IsAsciiDigit(character) ? character - '0'
        : char.IsAsciiLetter(character) ? char.ToLowerInvariant(character) - 'a' + 10
        : int.MaxValue;

    private static object Integer(string digits, int radix, bool isNegative)
    {
        BigInteger value = radix == 10 ? BigInteger.Parse(digits, CultureInfo.InvariantCulture) : BigInteger.Zero;
        if (radix != 10)
            foreach (char digit in digits)
                value = value * radix + DigitOf(digit);
        return Term.Normalize(isNegative ? -value : value);
    }
}
