using CloudScale.Tool.Contracts.Erlang;

namespace CloudScale.Tool.Contracts;

/// <summary>A type of C#.</summary>
/// <param name="Text">Its text, without a question mark.</param>
/// <param name="IsNullable">Whether Erlang's <c>undefined</c> belongs to it.</param>
/// <param name="IsCharlist">Whether strings in it are lists of characters.</param>
internal sealed record MappedType(string Text, bool IsNullable = false, bool IsCharlist = false)
{
    public static MappedType Any { get; } = new("object");

    public bool IsAny => Text == "object";
}

/// <summary>What a type of Erlang is in C#.</summary>
/// <remarks>
/// Whatever C# cannot say is <c>object</c>, any term: unions of unlike types, improper lists, funs, types of other modules. The table is in the README beside.
/// </remarks>
/// <param name="declarations">What the file declares.</param>
/// <param name="contracts">The names of the contracts made of records and types, by <c>#record</c> or the type's name.</param>
internal sealed class TypeMapper(Declarations declarations, IReadOnlyDictionary<string, string> contracts)
{
    private readonly HashSet<string> _open = []; // types whose definition is being followed

    public MappedType Map(ErlangType? type) =>
        type switch
        {
            IntegerType => new MappedType("long"),
            AtomType { Name: "undefined" } => MappedType.Any with { IsNullable = true },
            AtomType { Name: "true" or "false" } => new MappedType("bool"),
            AtomType => new MappedType("Atom"),
            RecordType record => contracts.TryGetValue("#" + record.Name, out string? contract)
                ? new MappedType(contract)
                : new MappedType("Tuple"),
            MapType => new MappedType("Map"),
            TupleType tuple => Map(tuple),
            UnionType union => Map(union),
            NamedType named => Map(named),
            _ => MappedType.Any,
        };

    // {A, B} is a tuple of C#; with an atom in front it would have to say which atom, and is a dynamic one.
    private MappedType Map(TupleType tuple)
    {
        if (tuple.Elements.Count is < 2 or > 7 || tuple.Elements.Any(element => element is AtomType))
            return new MappedType("Tuple");
        MappedType[] elements = [.. tuple.Elements.Select(Map)];
        return new MappedType($"({string.Join(", ", elements.Select(Full))})", IsCharlist: elements.Any(element => element.IsCharlist));
    }

    private MappedType Map(UnionType union)
    {
        MappedType[] members = [.. union.Members.Select(Map).Distinct()];
        bool isNullable = members.Any(member => member.IsNullable);
        MappedType[] kinds =
        [
            .. members
                .Where(member => !(member.IsAny && member.IsNullable))
                .Select(member => member with { IsNullable = false })
                .Distinct(),
        ];
        if (kinds.Length == 0)
            return MappedType.Any;
        if (kinds.Length == 1)
            return kinds[0].IsAny || kinds[0].Text == "Atom" ? kinds[0] : kinds[0] with { IsNullable = isNullable };
        return kinds.All(kind => kind.Text is "Atom" or "bool") ? new MappedType("Atom") : MappedType.Any;
    }

    private MappedType Map(NamedType named)
    {
        if (named.Module is not null)
            return named is { Module: "unicode", Name: "unicode_binary" } ? new MappedType("Binary") : MappedType.Any;
        return named.Name switch
        {
            "integer" or "non_neg_integer" or "pos_integer" or "neg_integer" or "byte" or "char" or "arity" => new MappedType("long"),
            "float" => new MappedType("double"),
            "boolean" => new MappedType("bool"),
            "atom" or "module" or "node" => new MappedType("Atom"),
            "binary" or "nonempty_binary" => new MappedType("Binary"),
            "string" or "nonempty_string" => new MappedType("string", IsCharlist: true),
            "pid" => new MappedType("Pid"),
            "port" => new MappedType("Port"),
            "reference" => new MappedType("Reference"),
            "tuple" => new MappedType("Tuple"),
            "map" => new MappedType("Map"),
            "nil" => new MappedType("List"),
            "list" or "nonempty_list" => MapList(named.Arguments),
            _ => MapDeclared(named),
        };
    }

    private MappedType MapList(IReadOnlyList<ErlangType> arguments)
    {
        if (arguments.Count == 0)
            return new MappedType("List");
        if (arguments[0] is NamedType element && element.Is("char"))
            return new MappedType("string", IsCharlist: true);
        MappedType mapped = Map(arguments[0]);
        return mapped.IsAny ? new MappedType("List") : new MappedType($"ImmutableArray<{Full(mapped)}>", IsCharlist: mapped.IsCharlist);
    }

    private MappedType MapDeclared(NamedType named)
    {
        TypeDeclaration? declaration = declarations.Types.Find(type =>
            type.Name == named.Name && type.Parameters.Count == named.Arguments.Count
        );
        if (declaration is null)
            return MappedType.Any;
        if (named.Arguments.Count == 0 && contracts.TryGetValue(named.Name, out string? contract))
            return new MappedType(contract);
        if (!_open.Add(named.Name))
            return MappedType.Any; // it is made of itself
        try
        {
            Dictionary<string, ErlangType> bindings = [];
            for (int i = 0; i < named.Arguments.Count; i++)
                bindings[declaration.Parameters[i]] = named.Arguments[i];
            return Map(Substitution.In(declaration.Type, bindings));
        }
        finally
        {
            _open.Remove(named.Name);
        }
    }

    /// <summary>The text of a type as part of another.</summary>
    public static string Full(MappedType type) => type.IsNullable ? type.Text + "?" : type.Text;
}
