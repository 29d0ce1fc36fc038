using System.Globalization;
using System.Text;
using CloudScale.Tool.Contracts.Erlang;

namespace CloudScale.Tool.Contracts;

/// <summary>Writes C# contracts for what Erlang declares.</summary>
/// <remarks>
/// A record is a contract of the shape <see cref="TermShape.Record"/>. A type is one if it is a set of atoms (an enum), a tagged tuple, a set of tagged tuples and atoms (a
/// union), or a map with known keys; any other type is written out where it is used. What a function returns is one where that is a set of tagged tuples and atoms.
/// </remarks>
internal sealed class ContractFile
{
    private static readonly string[] s_reserved =
    [
        "Atom",
        "Atoms",
        "Binary",
        "BitString",
        "Contract",
        "Down",
        "Exit",
        "From",
        "Fun",
        "List",
        "Map",
        "Message",
        "NativeRecord",
        "Node",
        "Pid",
        "Port",
        "Reference",
        "Self",
        "Term",
        "Tuple",
        "Object",
        "String",
        "Equals",
        "Type",
        "Exception",
        "Attribute",
        "ImmutableArray",
    ];

    private readonly Declarations _declarations;
    private readonly Dictionary<string, string> _contracts = [];
    private readonly Names _names = new();
    private readonly TypeMapper _types;
    private readonly StringBuilder _text = new();

    private ContractFile(Declarations declarations)
    {
        _declarations = declarations;
        _types = new TypeMapper(declarations, _contracts);
        foreach (string reserved in s_reserved)
            _names.Reserve(reserved);
    }

    /// <summary>The text of a file of contracts.</summary>
    /// <param name="declarations">What they are made of.</param>
    /// <param name="source">The name of the Erlang file, for the heading.</param>
    /// <param name="space">Their namespace.</param>
    public static string Write(Declarations declarations, string source, string space) =>
        new ContractFile(declarations).Write(source, space);

    private string Write(string source, string space)
    {
        foreach (RecordDeclaration record in _declarations.Records)
            _contracts["#" + record.Name] = _names.Unique(record.Name);
        List<TypeDeclaration> types = [.. _declarations.Types.Where(type => type.Parameters.Count == 0 && IsContract(type.Type))];
        foreach (TypeDeclaration type in types)
            _contracts[type.Name] = _names.Unique(type.Name);

        _text.Append(
            CultureInfo.InvariantCulture,
            $"// Made by 'cloudscale contracts import' from {source}. It may be edited: nothing overwrites it unasked.\n"
        );
        _text.Append("#nullable enable\n#pragma warning disable CS1591 // the fields are documented where the Erlang source is\n\n");
        _text.Append("using System.Collections.Immutable;\nusing CloudScale;\n\n");
        _text.Append(CultureInfo.InvariantCulture, $"namespace {space};\n");
        foreach (RecordDeclaration record in _declarations.Records)
            WriteRecord(record);
        foreach (TypeDeclaration type in types)
            WriteType(_contracts[type.Name], type.Type, $"<c>{Escaped(type.Name)}()</c>");
        foreach (SpecDeclaration spec in _declarations.Specs)
            if (IsUnion(spec.Result))
                WriteType(
                    _names.Unique(spec.Function + "_result"),
                    spec.Result,
                    $"What <c>{Escaped(spec.Function)}/{spec.Arity}</c> returns."
                );
        return _text.ToString();
    }

    private static bool IsContract(ErlangType type) => type is MapType map ? IsKnown(map) : IsTagged(type) || IsEnum(type) || IsUnion(type);

    private static bool IsKnown(MapType map) => map.Entries.Count > 0 && map.Entries.All(entry => entry.Key is AtomType);

    private static bool IsTagged(ErlangType type) => type is TupleType { Elements: [AtomType, ..] };

    private static bool IsEnum(ErlangType type) =>
        type is UnionType union && union.Members.All(member => member is AtomType { Name: not ("undefined" or "true" or "false") });

    // Tagged tuples and atoms, told apart by tag and arity.
    private static bool IsUnion(ErlangType type) =>
        type is UnionType union
        && union.Members.Any(IsTagged)
        && union.Members.All(member => member is AtomType || IsTagged(member))
        && union.Members.Select(TagAndArity).Distinct().Count() == union.Members.Count;

    private static (string, int) TagAndArity(ErlangType type) =>
        type is TupleType tuple ? (((AtomType)tuple.Elements[0]).Name, tuple.Elements.Count) : (((AtomType)type).Name, 0);

    private void WriteRecord(RecordDeclaration record)
    {
        string name = _contracts["#" + record.Name];
        Summary("", $"<c>#{Escaped(record.Name)}{{}}</c>");
        _text.Append(
            CultureInfo.InvariantCulture,
            $"[Term({Quoted(record.Name)}, Shape = TermShape.Record)]\npublic sealed partial record {name}\n{{\n"
        );
        Names members = MembersOf(name);
        foreach (RecordField field in record.Fields)
            WriteField(members.Unique(field.Name), field);
        _text.Append("}\n");
    }

    private void WriteField(string name, RecordField field)
    {
        MappedType type = _types.Map(field.Type);
        bool isUndefined = !field.HasDefault || field.Default is AtomLiteral { Name: "undefined" };
        if (isUndefined && !type.IsAny && type.Text != "Atom")
            type = type with { IsNullable = true };
        string? initializer = isUndefined ? (type.IsNullable ? null : "Atom.Of(\"undefined\")") : Initializer(field.Default, type);
        bool isRequired = initializer is null && !type.IsNullable;
        WriteMember("    ", name, null, type, isRequired, initializer, false);
    }

    private static string? Initializer(ErlangLiteral? value, MappedType type) =>
        (value, type.Text) switch
        {
            (IntegerLiteral integer, "long") when integer.Value >= long.MinValue && integer.Value <= long.MaxValue =>
                integer.Value.ToString(CultureInfo.InvariantCulture),
            (IntegerLiteral integer, "object") when integer.Value >= long.MinValue && integer.Value <= long.MaxValue =>
                integer.Value.ToString(CultureInfo.InvariantCulture) + "L",
            (IntegerLiteral integer, "double") => integer.Value.ToString(CultureInfo.InvariantCulture),
            (FloatLiteral number, "double" or "object") => number.Value.ToString("R", CultureInfo.InvariantCulture) + "d",
            (AtomLiteral { Name: "true" or "false" } atom, "bool") => atom.Name,
            (AtomLiteral atom, "Atom" or "object") => $"Atom.Of({Quoted(atom.Name)})",
            (TextLiteral text, "string") => Quoted(text.Value),
            (TextLiteral { Value: "" }, "List" or "object") => "List.Empty",
            (TextLiteral { Value: "" }, var array) when array.StartsWith("ImmutableArray<", StringComparison.Ordinal) => "[]",
            _ => null,
        };

    private void WriteType(string name, ErlangType type, string summary)
    {
        Summary("", summary);
        switch (type)
        {
            case MapType map:
                WriteMap(name, map);
                break;
            case TupleType tuple:
                WriteTuple("", "sealed partial record " + name, MembersOf(name), tuple);
                break;
            case UnionType union when IsEnum(union):
                WriteEnum(name, union);
                break;
            case UnionType union:
                WriteUnion(name, union);
                break;
        }
    }

    private void WriteMap(string name, MapType map)
    {
        _text.Append(CultureInfo.InvariantCulture, $"[Term(Shape = TermShape.Map)]\npublic sealed partial record {name}\n{{\n");
        Names members = MembersOf(name);
        foreach (MapEntryType entry in map.Entries)
        {
            string key = ((AtomType)entry.Key).Name;
            MappedType type = _types.Map(entry.Value);
            if (!entry.IsRequired)
                type = type with { IsNullable = true };
            WriteMember("    ", members.Unique(key), key, type, !type.IsNullable, null, !entry.IsRequired);
        }

        _text.Append("}\n");
    }

    private void WriteTuple(string indent, string declaration, Names members, TupleType tuple)
    {
        string tag = ((AtomType)tuple.Elements[0]).Name;
        _text.Append(
            CultureInfo.InvariantCulture,
            $"{indent}[Term({Quoted(tag)}, Shape = TermShape.Record)]\n{indent}public {declaration}\n{indent}{{\n"
        );
        for (int i = 1; i < tuple.Elements.Count; i++)
        {
            MappedType type = _types.Map(tuple.Elements[i]);
            WriteMember(
                indent + "    ",
                members.Unique(tuple.Elements.Count == 2 ? "value" : $"item_{i}"),
                null,
                type,
                !type.IsNullable,
                null,
                false
            );
        }

        _text.Append(CultureInfo.InvariantCulture, $"{indent}}}\n");
    }

    private void WriteEnum(string name, UnionType union)
    {
        _text.Append(CultureInfo.InvariantCulture, $"[Term]\npublic enum {name}\n{{\n");
        Names members = new();
        foreach (AtomType atom in union.Members.Cast<AtomType>())
        {
            string member = members.Unique(atom.Name);
            string attribute = Names.Snake(member) == atom.Name ? "" : $"[TermName({Quoted(atom.Name)})] ";
            _text.Append(CultureInfo.InvariantCulture, $"    {attribute}{member},\n");
        }

        _text.Append("}\n");
    }

    private void WriteUnion(string name, UnionType union)
    {
        _text.Append(CultureInfo.InvariantCulture, $"[TermUnion]\npublic abstract partial record {name}\n{{\n");
        Names names = MembersOf(name);
        (string Name, ErlangType Type)[] cases = [.. union.Members.Select(member => (names.Unique(TagAndArity(member).Item1), member))];
        bool isFirst = true;
        foreach ((string @case, ErlangType member) in cases)
        {
            if (!isFirst)
                _text.Append('\n');
            isFirst = false;
            (string tag, int arity) = TagAndArity(member);
            if (member is TupleType tuple)
            {
                Summary("    ", $"<c>{{{Escaped(tag)}, …}}</c> of {arity}");
                WriteTuple(
                    "    ",
                    $"sealed partial record {@case} : {name}",
                    MembersOf([@case, .. cases.Select(other => other.Name)]),
                    tuple
                );
            }
            else
            {
                Summary("    ", $"<c>{Escaped(tag)}</c>");
                _text.Append(
                    CultureInfo.InvariantCulture,
                    $"    [Term({Quoted(tag)}, Shape = TermShape.Atom)]\n    public sealed partial record {@case} : {name};\n"
                );
            }
        }

        _text.Append("}\n");
    }

    private void WriteMember(
        string indent,
        string name,
        string? key,
        MappedType type,
        bool isRequired,
        string? initializer,
        bool isOptional
    )
    {
        List<string> options = [];
        if (key is not null && Names.Snake(name) != key)
            options.Add(Quoted(key));
        if (isOptional)
            options.Add("Optional = true");
        if (type.IsCharlist)
            options.Add("Text = TermText.Charlist");
        if (options.Count > 0)
            _text.Append(CultureInfo.InvariantCulture, $"{indent}[TermMember({string.Join(", ", options)})]\n");
        string required = isRequired ? "required " : "";
        string value = initializer is null ? "" : $" = {initializer};";
        _text.Append(CultureInfo.InvariantCulture, $"{indent}public {required}{TypeMapper.Full(type)} {name} {{ get; init; }}{value}\n");
    }

    // A member may not be called as its type, as a case of its union, or as what every record has.
    private static Names MembersOf(params IEnumerable<string> types)
    {
        Names members = new();
        foreach (
            string taken in types.Concat([
                "Equals",
                "GetHashCode",
                "ToString",
                "GetType",
                "WriteTerm",
                "TryReadTerm",
                "ToTerm",
                "EqualityContract",
                "Clone",
            ])
        )
            members.Reserve(taken);
        return members;
    }

    private void Summary(string indent, string text) =>
        _text.Append(CultureInfo.InvariantCulture, $"{(indent.Length == 0 ? "\n" : "")}{indent}/// <summary>{text}</summary>\n");

    private static string Escaped(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal);

    private static string Quoted(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (char character in text)
        {
            if (character is '"' or '\\')
                quoted.Append('\\').Append(character);
            else if (char.IsControl(character))
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}");
            else
                quoted.Append(character);
        }

        return quoted.Append('"').ToString();
    }
}
