using System.Buffers.Binary;
using System.Numerics;
using CloudScale.Serialization.Etf;

namespace CloudScale.Tool.Contracts.Erlang;

/// <summary>The declarations in a <c>.beam</c> file that was compiled with <c>debug_info</c>.</summary>
/// <remarks>
/// Wire: <c>FOR1 | size:u32 | BEAM | chunk…</c>, a chunk <c>name:4 | size:u32 | data</c>, padded to four bytes. The chunk <c>Dbgi</c> is
/// <c>{debug_info_v1, erl_abstract_code, {Forms, Options}}</c>, the older <c>Abst</c> <c>{raw_abstract_v1, Forms}</c>. Source: beam_lib(3); ERTS User's Guide, "The Abstract Format".
/// </remarks>
internal static class BeamFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is no such file; the message says what is missing.</exception>
    public static Declarations Read(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        object forms = Forms(bytes) ?? throw new InvalidDataException($"{file} holds no abstract code: compile it with +debug_info.");
        if (forms is not List list)
            throw new InvalidDataException($"{file} has no readable abstract code: it is encrypted, or of another language.");
        Declarations declarations = new();
        foreach (object form in list)
            AbstractForms.Add(declarations, form);
        return declarations;
    }

    private static object? Forms(ReadOnlySpan<byte> file)
    {
        if (file.Length < 12 || !file.StartsWith("FOR1"u8) || !file[8..].StartsWith("BEAM"u8))
            throw new InvalidDataException("This is no .beam file: it does not begin with FOR1 and BEAM.");
        object? forms = null;
        for (ReadOnlySpan<byte> rest = file[12..]; rest.Length >= 8; )
        {
            ReadOnlySpan<byte> name = rest[..4];
            uint size = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
            if (size > (uint)rest.Length - 8)
                throw new InvalidDataException("A chunk of the .beam file is longer than the file.");
            ReadOnlySpan<byte> data = rest.Slice(8, (int)size);
            if (name.SequenceEqual("Dbgi"u8) && Decode(data) is Tuple and [_, Atom { Name: "erl_abstract_code" }, Tuple and [var code, _]])
                forms = code;
            else if (name.SequenceEqual("Abst"u8) && data.Length > 0 && Decode(data) is Tuple and [Atom, var older])
                forms ??= older;
            rest = rest[Math.Min(rest.Length, 8 + (((int)size + 3) & ~3))..];
        }

        return forms;
    }

    private static object Decode(ReadOnlySpan<byte> data)
    {
        EtfDecodeContext context = new(EtfLimits.Trusted);
        if (ExternalTerm.TryDecode(data, context, out object? term, out _) != DecodeStatus.Ok)
            throw new InvalidDataException("The abstract code in the .beam file is no term.");
        return term!;
    }
}

/// <summary>From forms in Erlang's abstract format to declarations.</summary>
/// <remarks>Source: ERTS User's Guide, "The Abstract Format". What is not known here counts as <c>any()</c>.</remarks>
internal static class AbstractForms
{
    public static void Add(Declarations declarations, object form)
    {
        if (form is not (Tuple and [Atom { Name: "attribute" }, _, Atom attribute, var value]))
            return;
        switch (attribute.Name, value)
        {
            case ("record", Tuple and [Atom name, List fields]):
                declarations.Records.Add(new RecordDeclaration(name.Name, [.. fields.Select(field => Field(field, null))]));
                break;
            case ("type" or "opaque" or "nominal", Tuple and [Atom name, var type, List parameters]):
                declarations.Types.Add(new TypeDeclaration(name.Name, [.. parameters.Select(VariableName)], Type(type)));
                break;
            case ("spec", Tuple and [Tuple function, List clauses]) when function[^2] is Atom name && function[^1] is long arity:
                declarations.Specs.Add(new SpecDeclaration(name.Name, (int)arity, Union.Of(clauses.Select(Result))));
                break;
        }
    }

    private static string VariableName(object variable) => variable is Tuple and [Atom { Name: "var" }, _, Atom name] ? name.Name : "_";

    private static RecordField Field(object field, ErlangType? type) =>
        field switch
        {
            Tuple and [Atom { Name: "typed_record_field" }, var inner, var declared] => Field(inner, Type(declared)),
            Tuple and [Atom { Name: "record_field" }, _, Tuple and [_, _, Atom name]] => new RecordField(name.Name, type, null, false),
            Tuple and [Atom { Name: "record_field" }, _, Tuple and [_, _, Atom name], var value] => new RecordField(
                name.Name,
                type,
                Literal(value),
                true
            ),
            _ => throw new InvalidDataException($"A field of a record has an unknown form: {Term.Format(field)}."),
        };

    private static ErlangLiteral? Literal(object expression) =>
        expression switch
        {
            Tuple and [Atom { Name: "atom" }, _, Atom atom] => new AtomLiteral(atom.Name),
            Tuple and [Atom { Name: "integer" or "char" }, _, var number] => new IntegerLiteral(Integer(number)),
            Tuple and [Atom { Name: "float" }, _, double number] => new FloatLiteral(number),
            Tuple and [Atom { Name: "nil" }, _] => new TextLiteral(""),
            Tuple and [Atom { Name: "string" }, _, List text] => new TextLiteral(
                string.Concat(text.Select(character => char.ConvertFromUtf32((int)(long)character)))
            ),
            Tuple and [Atom { Name: "op" }, _, Atom { Name: "-" }, var operand] => Literal(operand) switch
            {
                IntegerLiteral integer => new IntegerLiteral(-integer.Value),
                FloatLiteral number => new FloatLiteral(-number.Value),
                _ => null,
            },
            _ => null,
        };

    private static BigInteger Integer(object number) => number is long small ? small : (BigInteger)number;

    // {type, L, 'fun', [{type, L, product, Arguments}, Result]}, or that in a bounded_fun with constraints.
    private static ErlangType Result(object clause)
    {
        if (clause is Tuple and [_, _, Atom { Name: "bounded_fun" }, List { Count: 2 } bounded])
        {
            Dictionary<string, ErlangType> bindings = [];
            if (bounded[1] is List constraints)
                foreach (object constraint in constraints)
                    if (
                        constraint is Tuple and [_, _, Atom { Name: "constraint" }, List { Count: 2 } parts]
                        && parts[1] is List { Count: 2 } pair
                    )
                        bindings[VariableName(pair[0])] = Type(pair[1]);
            return Substitution.In(Result(bounded[0]), bindings);
        }

        return clause is Tuple and [_, _, Atom { Name: "fun" }, List { Count: 2 } parts2] ? Type(parts2[1]) : NamedType.Any;
    }

    private static ErlangType Type(object type) =>
        type switch
        {
            Tuple and [Atom { Name: "atom" }, _, Atom atom] => new AtomType(atom.Name),
            Tuple and [Atom { Name: "integer" or "char" }, _, _] or Tuple and [Atom { Name: "op" }, ..] => new IntegerType(),
            Tuple and [Atom { Name: "var" }, _, Atom variable] => new VariableType(variable.Name),
            Tuple and [Atom { Name: "ann_type" }, _, List { Count: 2 } annotated] => Type(annotated[1]),
            Tuple and [Atom { Name: "remote_type" }, _, List { Count: 3 } remote] => Remote(remote),
            Tuple and [Atom { Name: "user_type" }, _, Atom name, List arguments] => new NamedType(null, name.Name, Types(arguments)),
            Tuple and [Atom { Name: "type" }, _, Atom name, var arguments] => BuiltIn(name.Name, arguments),
            _ => NamedType.Any,
        };

    private static NamedType Remote(List remote) =>
        remote[0] is Tuple and [_, _, Atom module] && remote[1] is Tuple and [_, _, Atom name] && remote[2] is List arguments
            ? new NamedType(module.Name, name.Name, Types(arguments))
            : NamedType.Any;

    private static ErlangType BuiltIn(string name, object arguments)
    {
        if (arguments is not List list)
            return new NamedType(null, name, []); // tuple(), map(), any fun
        return name switch
        {
            "union" => Union.Of(Types(list)),
            "tuple" => new TupleType(Types(list)),
            "range" => new IntegerType(),
            "nonempty_list" => new NamedType(null, "list", Types(list)),
            "record" when list[0] is Tuple and [_, _, Atom record] => new RecordType(record.Name),
            "map" => new MapType([.. list.Select(Entry).OfType<MapEntryType>()]),
            "binary" => new NamedType(
                null,
                list.Any(size => size is Tuple and [_, _, long bits] && bits % 8 != 0) ? "bitstring" : "binary",
                []
            ),
            "fun" => new NamedType(null, "fun", []),
            _ => new NamedType(null, name, Types(list)),
        };
    }

    private static MapEntryType? Entry(object entry) =>
        entry is Tuple and [_, _, Atom kind, List { Count: 2 } pair]
            ? new MapEntryType(Type(pair[0]), Type(pair[1]), kind.Name == "map_field_exact")
            : null;

    private static List<ErlangType> Types(List types) => [.. types.Select(Type)];
}
