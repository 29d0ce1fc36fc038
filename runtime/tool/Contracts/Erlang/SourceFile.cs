using System.Numerics;

namespace CloudScale.Tool.Contracts.Erlang;

/// <summary>The declarations of an <c>.erl</c> or <c>.hrl</c> file.</summary>
/// <remarks>Source: Erlang Reference Manual, "Records", "Types and Function Specifications". Functions are passed over.</remarks>
internal sealed class SourceFile
{
    private readonly string _file;
    private readonly List<Token> _tokens;
    private int _position;

    private SourceFile(string file, List<Token> tokens)
    {
        _file = file;
        _tokens = tokens;
    }

    /// <summary>Reads a file and what it includes.</summary>
    /// <exception cref="SourceException">A declaration cannot be read; the message says where.</exception>
    public static Declarations Read(string file, Preprocessor preprocessor)
    {
        Declarations declarations = new();
        foreach ((string source, List<Token> form) in preprocessor.Forms(file))
        {
            if (form.Count > 2 && form[0].Is("-") && form[1].Kind == TokenKind.Atom)
                new SourceFile(source, form).ReadForm(declarations);
        }

        return declarations;
    }

    private Token Current => _position < _tokens.Count ? _tokens[_position] : new Token(TokenKind.End, "", null, _tokens[^1].Line);

    private Token Ahead => _position + 1 < _tokens.Count ? _tokens[_position + 1] : new Token(TokenKind.End, "", null, _tokens[^1].Line);

    private void ReadForm(Declarations declarations)
    {
        string attribute = _tokens[1].Text;
        _position = 2;
        bool inParentheses = TryTake("(");
        switch (attribute)
        {
            case "record":
                string name = Atom();
                Expect(",");
                declarations.Records.Add(new RecordDeclaration(name, Fields()));
                break;
            case "type" or "opaque" or "nominal":
                declarations.Types.Add(TypeDeclaration());
                break;
            case "spec":
                declarations.Specs.Add(Spec());
                break;
            default:
                return;
        }

        if (inParentheses)
            Expect(")");
        if (Current.Kind != TokenKind.End)
            throw Unexpected("the end of the declaration");
    }

    private List<RecordField> Fields()
    {
        List<RecordField> fields = [];
        Expect("{");
        while (!TryTake("}"))
        {
            string name = Atom();
            bool hasDefault = TryTake("=");
            ErlangLiteral? value = hasDefault ? Default() : null;
            ErlangType? type = TryTake("::") ? Type() : null;
            fields.Add(new RecordField(name, type, value, hasDefault));
            if (!Current.Is("}"))
                Expect(",");
        }

        return fields;
    }

    /// <summary>A literal, or null for an expression, which is passed over.</summary>
    private ErlangLiteral? Default()
    {
        int start = _position;
        ErlangLiteral? literal = Literal();
        if (literal is not null && (Current.Is(",") || Current.Is("}") || Current.Is("::")))
            return literal;
        _position = start;
        SkipExpression();
        return null;
    }

    private ErlangLiteral? Literal()
    {
        bool isNegative = TryTake("-");
        Token token = Current;
        _position++;
        switch (token.Kind)
        {
            case TokenKind.Integer:
                return new IntegerLiteral(isNegative ? -(BigInteger)token.Value! : (BigInteger)token.Value!);
            case TokenKind.Float:
                return new FloatLiteral(isNegative ? -(double)token.Value! : (double)token.Value!);
            case TokenKind.Atom when !isNegative:
                return new AtomLiteral(token.Text);
            case TokenKind.Text when !isNegative:
                return new TextLiteral(token.Text);
            case TokenKind.Symbol when token.Is("[") && TryTake("]"):
                return new TextLiteral("");
            default:
                return null;
        }
    }

    private void SkipExpression()
    {
        int depth = 0;
        for (; Current.Kind != TokenKind.End; _position++)
        {
            Token token = Current;
            if (depth == 0 && (token.Is(",") || token.Is("}") || token.Is("::")))
                return;
            if (Opens(token))
                depth++;
            else if (token.Is(")") || token.Is("]") || token.Is("}") || token.Is(">>") || token.IsAtom("end"))
                depth--;
        }
    }

    // A fun with a body ends with an end; one that names a function does not.
    private bool Opens(Token token) =>
        token.Kind switch
        {
            TokenKind.Symbol => token.Text is "(" or "[" or "{" or "<<",
            TokenKind.Atom => token.Text is "begin" or "case" or "if" or "receive" or "try" || (token.Text == "fun" && Ahead.Is("(")),
            _ => false,
        };

    private TypeDeclaration TypeDeclaration()
    {
        string name = Atom();
        List<string> parameters = [];
        Expect("(");
        while (!TryTake(")"))
        {
            parameters.Add(Current.Text);
            _position++;
            TryTake(",");
        }

        Expect("::");
        return new TypeDeclaration(name, parameters, Type());
    }

    // name(Types) -> Type [when Constraints] [; (Types) -> …]
    private SpecDeclaration Spec()
    {
        string name = Atom();
        if (TryTake(":"))
            name = Atom();
        int arity = 0;
        List<ErlangType> results = [];
        do
        {
            arity = Arguments().Count;
            Expect("->");
            results.Add(Bound(Type()));
        } while (TryTake(";"));

        return new SpecDeclaration(name, arity, results.Count == 1 ? results[0] : new UnionType(results));
    }

    // when V :: Type, …: what the variables of the result stand for.
    private ErlangType Bound(ErlangType type)
    {
        if (!Current.IsAtom("when"))
            return type;
        Dictionary<string, ErlangType> bindings = [];
        do
        {
            _position++; // when, or a comma
            string variable = Current.Text;
            _position++;
            if (TryTake("::"))
                bindings[variable] = Type();
            else
                Arguments(); // is_subtype(V, T), as it was written long ago
        } while (Current.Is(","));

        return Substitution.In(type, bindings);
    }

    private ErlangType Type()
    {
        if (Current.Kind == TokenKind.Variable && Ahead.Is("::"))
        {
            _position += 2;
            return Type();
        }

        List<ErlangType> members = [Range()];
        while (TryTake("|"))
            members.Add(Type());
        return members.Count == 1 ? members[0] : Union.Of(members);
    }

    // A single type, or two integers and what is between them, or integers that are calculated.
    private ErlangType Range()
    {
        ErlangType first = Primary();
        while (
            Current.Is("..")
            || Current.Is("+")
            || Current.Is("-")
            || Current.Is("*")
            || Current.IsAtom("bsl")
            || Current.IsAtom("bor")
            || Current.IsAtom("div")
        )
        {
            _position++;
            Primary();
            first = new IntegerType();
        }

        return first;
    }

    private ErlangType Primary()
    {
        Token token = Current;
        _position++;
        switch (token.Kind)
        {
            case TokenKind.Integer:
                return new IntegerType();
            case TokenKind.Variable:
                return new VariableType(token.Text);
            case TokenKind.Atom when token.Text == "fun" && Current.Is("("):
                SkipBalanced("(", ")");
                return new NamedType(null, "fun", []);
            case TokenKind.Atom when Current.Is(":"):
                _position++;
                return new NamedType(token.Text, Atom(), Arguments());
            case TokenKind.Atom when Current.Is("("):
                return new NamedType(null, token.Text, Arguments());
            case TokenKind.Atom:
                return new AtomType(token.Text);
            case TokenKind.Symbol:
                return OfSymbol(token);
            default:
                _position--;
                throw Unexpected("a type");
        }
    }

    private ErlangType OfSymbol(Token token)
    {
        switch (token.Text)
        {
            case "-" or "+":
                Primary();
                return new IntegerType();
            case "(":
                ErlangType inner = Type();
                Expect(")");
                return inner;
            case "{":
                return new TupleType(Types("}"));
            case "[":
                return OfList();
            case "#" when Current.Is("{"):
                return OfMap();
            case "#":
                string record = Atom();
                SkipBalanced("{", "}");
                return new RecordType(record);
            case "<<":
                bool isBytes = IsWholeBytes();
                return new NamedType(null, isBytes ? "binary" : "bitstring", []);
            case "?":
                _position++; // a macro that nobody has explained
                if (Current.Is("("))
                    SkipBalanced("(", ")");
                return NamedType.Any;
            default:
                _position--;
                throw Unexpected("a type");
        }
    }

    private NamedType OfList()
    {
        if (TryTake("]"))
            return new NamedType(null, "nil", []);
        ErlangType element = Type();
        if (TryTake(","))
            Expect("...");
        Expect("]");
        return new NamedType(null, "list", [element]);
    }

    private MapType OfMap()
    {
        List<MapEntryType> entries = [];
        Expect("{");
        while (!TryTake("}"))
        {
            if (TryTake("..."))
                continue;
            ErlangType key = Type();
            bool isRequired = TryTake(":=");
            if (!isRequired)
                Expect("=>");
            entries.Add(new MapEntryType(key, Type(), isRequired));
            TryTake(",");
        }

        return new MapType(entries);
    }

    // <<>>, <<_:M>>, <<_:_*N>>, <<_:M, _:_*N>>: whole bytes if every number is a multiple of eight.
    private bool IsWholeBytes()
    {
        bool isWhole = true;
        for (; !Current.Is(">>"); _position++)
        {
            if (Current.Kind == TokenKind.End)
                throw Unexpected("'>>'");
            if (Current.Kind == TokenKind.Integer)
                isWhole &= (BigInteger)Current.Value! % 8 == 0;
        }

        _position++;
        return isWhole;
    }

    private List<ErlangType> Arguments()
    {
        Expect("(");
        return Types(")");
    }

    private List<ErlangType> Types(string end)
    {
        List<ErlangType> types = [];
        while (!TryTake(end))
        {
            types.Add(Type());
            if (!Current.Is(end))
                Expect(",");
        }

        return types;
    }

    private void SkipBalanced(string open, string close)
    {
        Expect(open);
        for (int depth = 1; depth > 0; _position++)
        {
            if (Current.Kind == TokenKind.End)
                throw Unexpected($"'{close}'");
            if (Current.Is(open))
                depth++;
            else if (Current.Is(close))
                depth--;
        }
    }

    private string Atom()
    {
        Token token = Current;
        if (token.Kind != TokenKind.Atom)
            throw Unexpected("an atom");
        _position++;
        return token.Text;
    }

    private bool TryTake(string symbol)
    {
        if (!Current.Is(symbol))
            return false;
        _position++;
        return true;
    }

    private void Expect(string symbol)
    {
        if (!TryTake(symbol))
            throw Unexpected($"'{symbol}'");
    }

    private SourceException Unexpected(string wanted) => new(_file, Current.Line, $"expected {wanted}, found {Current}");
}

/// <summary>Unions without unions in them.</summary>
internal static class Union
{
    public static ErlangType Of(IEnumerable<ErlangType> members)
    {
        List<ErlangType> flat = [.. members.SelectMany(member => member is UnionType union ? union.Members : [member]).Distinct()];
        return flat.Count == 1 ? flat[0] : new UnionType(flat);
    }
}

/// <summary>Types for variables.</summary>
internal static class Substitution
{
    private const int MaxDepth = 32; // constraints may lead in circles

    public static ErlangType In(ErlangType type, IReadOnlyDictionary<string, ErlangType> bindings, int depth = 0)
    {
        if (depth > MaxDepth)
            return NamedType.Any;
        return type switch
        {
            VariableType variable => bindings.TryGetValue(variable.Name, out ErlangType? bound)
                ? In(bound, bindings, depth + 1)
                : NamedType.Any,
            NamedType named => named with { Arguments = [.. named.Arguments.Select(argument => In(argument, bindings, depth + 1))] },
            TupleType tuple => new TupleType([.. tuple.Elements.Select(element => In(element, bindings, depth + 1))]),
            UnionType union => Union.Of(union.Members.Select(member => In(member, bindings, depth + 1))),
            MapType map => new MapType([
                .. map.Entries.Select(entry =>
                    entry with
                    {
                        Key = In(entry.Key, bindings, depth + 1),
                        Value = In(entry.Value, bindings, depth + 1),
                    }
                ),
            ]),
            _ => type,
        };
    }
}
