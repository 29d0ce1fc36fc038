namespace CloudScale.Runtime.Services.Io;

/// <summary>One control sequence of a format: <c>~F.P.PadModC</c>.</summary>
internal readonly record struct FormatSequence
{
    /// <summary>The letter that says what it is.</summary>
    internal required int Control { get; init; }

    /// <summary>The field width; null for none.</summary>
    internal int? Width { get; init; }

    /// <summary>Whether what is shorter than its field stands at its left end.</summary>
    internal bool IsLeft { get; init; }

    /// <summary>The precision; null for none.</summary>
    internal int? Precision { get; init; }

    /// <summary>What fills a field.</summary>
    internal int Padding { get; init; }

    /// <summary>Modifier <c>t</c>: texts are Unicode.</summary>
    internal bool IsUnicode { get; init; }

    /// <summary>Modifier <c>l</c>: lists are never shown as strings.</summary>
    internal bool WithoutStrings { get; init; }
}

/// <summary>Reads the control sequences of a format, and the arguments that belong to them.</summary>
/// <remarks>Errors are <c>badarg</c>, as in Erlang.</remarks>
internal ref struct FormatReader(ReadOnlySpan<int> format, List arguments)
{
    private ReadOnlySpan<int> _format = format;
    private int _argument;

    /// <summary>Whether a character comes next.</summary>
    internal readonly bool IsAtEnd => _format.IsEmpty;

    /// <summary>Whether arguments are left that no sequence takes.</summary>
    internal readonly bool HasArguments => _argument < arguments.Count;

    /// <summary>The next character.</summary>
    internal int Read()
    {
        if (_format.IsEmpty)
            throw ErlangException.BadArgument();
        int character = _format[0];
        _format = _format[1..];
        return character;
    }

    /// <summary>The next argument.</summary>
    internal object Take() => _argument < arguments.Count ? arguments[_argument++] : throw ErlangException.BadArgument();

    /// <summary>The next argument, an integer.</summary>
    internal int TakeInteger() =>
        Term.Normalize(Take()) is long value and >= -IoFormat.MaxField and <= IoFormat.MaxField
            ? (int)value
            : throw ErlangException.BadArgument();

    /// <summary>What follows a tilde.</summary>
    internal FormatSequence ReadSequence()
    {
        bool isLeft = TrySkip('-');
        int? width = ReadNumber();
        if (width < 0)
        {
            isLeft = !isLeft;
            width = -width;
        }

        int? precision = null;
        int padding = ' ';
        if (TrySkip('.'))
        {
            precision = ReadNumber();
            if (precision < 0)
                throw ErlangException.BadArgument();
            if (TrySkip('.'))
                padding = TrySkip('*') ? TakeInteger() : Read();
        }

        bool isUnicode = false;
        bool withoutStrings = false;
        while (true)
        {
            int control = Read();
            switch (control)
            {
                case 't':
                    isUnicode = true;
                    continue;
                case 'l':
                    withoutStrings = true;
                    continue;
                case 'k': // maps are in the order of their keys anyway
                    continue;
                case 'K':
                    Take();
                    continue;
                default:
                    return new FormatSequence
                    {
                        Control = control,
                        Width = width,
                        IsLeft = isLeft && width is not null,
                        Precision = precision,
                        Padding = padding,
                        IsUnicode = isUnicode,
                        WithoutStrings = withoutStrings,
                    };
            }
        }
    }

    private bool TrySkip(char character)
    {
        if (_format.IsEmpty || _format[0] != character)
            return false;
        _format = _format[1..];
        return true;
    }

    private int? ReadNumber()
    {
        if (TrySkip('*'))
            return TakeInteger();
        int? number = null;
        while (!_format.IsEmpty && _format[0] is >= '0' and <= '9')
        {
            number = ((number ?? 0) * 10) + (_format[0] - '0');
            if (number > IoFormat.MaxField)
                throw ErlangException.BadArgument();
            _format = _format[1..];
        }

        return number;
    }
}
