namespace CloudScale.Tool.Contracts.Erlang;

/// <summary>What a token of Erlang source is.</summary>
internal enum TokenKind
{
    Atom,
    Variable,
    Integer,
    Float,
    Text,
    Symbol,
    Dot, // ends a form
    End,
}

/// <summary>A token of Erlang source.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text: an atom without quotes, a symbol as it stands.</param>
/// <param name="Value">The value of a number.</param>
/// <param name="Line">Where it stands, counted from 1.</param>
internal readonly record struct Token(TokenKind Kind, string Text, object? Value, int Line)
{
    public bool Is(string symbol) => Kind == TokenKind.Symbol && Text == symbol;

    public bool IsAtom(string name) => Kind == TokenKind.Atom && Text == name;

    public override string ToString() =>
        Kind switch
        {
            TokenKind.End => "the end of the file",
            TokenKind.Dot => "'.'",
            _ => $"'{Text}'",
        };
}

/// <summary>Erlang source that cannot be read.</summary>
internal sealed class SourceException(string file, int line, string message) : Exception($"{file}:{line}: {message}");
