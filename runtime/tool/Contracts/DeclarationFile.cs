using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Text;

namespace CloudScale.Tool.Contracts;

/// <summary>How a language of BEAM writes types.</summary>
internal enum Dialect
{
    /// <summary>A header: <c>-record</c> and <c>-type</c>.</summary>
    Erlang,

    /// <summary>A module: <c>defstruct</c> and <c>@type</c>.</summary>
    Elixir,
}

/// <summary>Writes declarations for Erlang or Elixir of the contracts in an assembly.</summary>
internal sealed class DeclarationFile
{
    private static readonly HashSet<Type> s_integers =
    [
        typeof(sbyte),
        typeof(byte),
        typeof(short),
        typeof(ushort),
        typeof(int),
        typeof(uint),
        typeof(long),
        typeof(ulong),
        typeof(BigInteger),
    ];

    private static readonly HashSet<Type> s_binaries =
    [
        typeof(byte[]),
        typeof(ReadOnlyMemory<byte>),
        typeof(ImmutableArray<byte>),
        typeof(Binary),
        typeof(decimal),
        typeof(Guid),
    ];

    private static readonly Dictionary<Type, string> s_simple = new()
    {
        [typeof(bool)] = "boolean()",
        [typeof(double)] = "float()",
        [typeof(float)] = "float()",
        [typeof(Atom)] = "atom()",
        [typeof(Pid)] = "pid()",
        [typeof(Port)] = "port()",
        [typeof(Reference)] = "reference()",
        [typeof(Tuple)] = "tuple()",
        [typeof(List)] = "list()",
        [typeof(Map)] = "map()",
        [typeof(BitString)] = "bitstring()",
    };

    // Members that are structs of Elixir's own.
    private static readonly Dictionary<Type, string> s_elixir = new()
    {
        [typeof(DateTimeOffset)] = "DateTime.t()",
        [typeof(DateTime)] = "NaiveDateTime.t()",
        [typeof(DateOnly)] = "Date.t()",
        [typeof(TimeOnly)] = "Time.t()",
        [typeof(decimal)] = "Decimal.t()",
    };

    private readonly Dialect _dialect;
    private readonly Dictionary<Type, FoundContract> _contracts;
    private readonly string _module;
    private readonly StringBuilder _text = new();
    private string? _inside; // the Elixir module that is being written

    private DeclarationFile(IReadOnlyList<FoundContract> contracts, Dialect dialect, string module)
    {
        _dialect = dialect;
        _module = module;
        _contracts = contracts.ToDictionary(contract => contract.Type);
    }

    private bool IsElixir => _dialect == Dialect.Elixir;

    /// <summary>The text of a file.</summary>
    /// <param name="contracts">What it declares.</param>
    /// <param name="source">The name of the assembly, for the heading.</param>
    /// <param name="dialect">For whom.</param>
    /// <param name="module">The Elixir module that holds the types which are no structs.</param>
    public static string Write(IReadOnlyList<FoundContract> contracts, string source, Dialect dialect, string module)
    {
        DeclarationFile file = new(contracts, dialect, module);
        file._text.Append(
            CultureInfo.InvariantCulture,
            $"{(dialect == Dialect.Erlang ? "%%" : "#")} Made by 'cloudscale contracts export' from {source}.\n"
        );
        if (dialect == Dialect.Erlang)
            file.WriteErlang(contracts);
        else
            file.WriteElixir(contracts);
        return file._text.ToString();
    }

    // Records first, those that others are made of before them: Erlang wants a record declared before it is used.
    private void WriteErlang(IReadOnlyList<FoundContract> contracts)
    {
        HashSet<Type> written = [];
        foreach (FoundContract contract in contracts)
            WriteRecord(contract, written);
        foreach (FoundContract contract in contracts.Where(contract => !IsRecord(contract)))
            _text.Append(CultureInfo.InvariantCulture, $"-type {contract.Name}() :: {Definition(contract)}.\n");
    }

    private void WriteRecord(FoundContract contract, HashSet<Type> written)
    {
        if (!IsRecord(contract) || !written.Add(contract.Type))
            return;
        foreach (FoundMember member in contract.Members)
            if (_contracts.TryGetValue(Nullable.GetUnderlyingType(member.Type) ?? member.Type, out FoundContract? inner))
                WriteRecord(inner, written);
        IEnumerable<string> fields = contract.Members.Select(member => $"    {AtomText(member.Name)} :: {MemberType(contract, member)}");
        _text.Append(CultureInfo.InvariantCulture, $"-record({AtomText(contract.Term!.Tag!)}, {{\n{string.Join(",\n", fields)}\n}}).\n");
    }

    private void WriteElixir(IReadOnlyList<FoundContract> contracts)
    {
        foreach (FoundContract contract in contracts.Where(IsStruct))
        {
            _text.Append(
                CultureInfo.InvariantCulture,
                $"\ndefmodule {ModuleText(contract)} do\n  defstruct [{string.Join(", ", contract.Members.Select(member => AtomText(member.Name)))}]\n\n"
            );
            _text.Append(
                CultureInfo.InvariantCulture,
                $"  @type t :: %__MODULE__{{{string.Join(", ", contract.Members.Select(member => $"{AtomText(member.Name)[1..]}: {MemberType(contract, member)}"))}}}\nend\n"
            );
        }

        _inside = _module;
        _text.Append(CultureInfo.InvariantCulture, $"\ndefmodule {_module} do\n");
        foreach (FoundContract contract in contracts.Where(contract => !IsStruct(contract)))
            _text.Append(CultureInfo.InvariantCulture, $"  @type {contract.Name} :: {Definition(contract)}\n");
        _text.Append("end\n");
    }

    private static bool IsRecord(FoundContract contract) => contract.Term is { Shape: TermShape.Record };

    private static bool IsStruct(FoundContract contract) => contract.Term is { Shape: TermShape.Struct };

    private static string ModuleText(FoundContract contract) =>
        contract.Term!.Tag!.StartsWith("Elixir.", StringComparison.Ordinal) ? contract.Term.Tag[7..] : contract.Term.Tag;

    private string Definition(FoundContract contract)
    {
        if (contract.Type.IsEnum)
            return string.Join(
                " | ",
                contract
                    .Type.GetFields(BindingFlags.Public | BindingFlags.Static)
                    .Select(field => AtomText(field.GetCustomAttribute<TermNameAttribute>()?.Name ?? Names.Snake(field.Name)))
            );
        if (contract.Term is null)
            return string.Join(" | ", contract.Cases.Select(@case => Reference(_contracts[@case])));
        string members = string.Join(
            ", ",
            contract
                .Members.Select(member => MemberType(contract, member))
                .Prepend(contract.Term.Tag is { } tag ? AtomText(tag) : "")
                .Where(text => text.Length > 0)
        );
        return contract.Term.Shape switch
        {
            TermShape.Atom => AtomText(contract.Term.Tag!),
            TermShape.Map => IsElixir ? $"%{{{Fields(contract)}}}" : $"#{{{Fields(contract)}}}",
            TermShape.Struct => $"#{{'__struct__' := {AtomText("Elixir." + ModuleText(contract))}, {Fields(contract)}}}",
            TermShape.Keywords => contract.Members.Count == 0
                ? "[]"
                : $"[{string.Join(" | ", contract.Members.Select(member => $"{{{AtomText(member.Name)}, {Bare(contract, member)}}}"))}]",
            _ => $"{{{members}}}",
        };
    }

    // The tag of a map stands under the key of its union.
    private IEnumerable<string> TagField(FoundContract contract)
    {
        if (contract.Term is not { Shape: TermShape.Map, Tag: { } tag })
            yield break;
        string? key = null;
        for (Type? level = contract.Type.BaseType; level is not null && key is null; level = level.BaseType)
            key = level.GetCustomAttribute<TermUnionAttribute>()?.Key;
        string arrow = IsElixir ? "=>" : ":=";
        string text = IsElixir ? "String.t()" : "binary()";
        yield return contract.Term.Keys == TermKeys.Atom ? $"{AtomText(key!)} {arrow} {AtomText(tag)}" : $"{text} {arrow} {text}";
    }

    private string Fields(FoundContract contract) =>
        string.Join(
            ", ",
            TagField(contract)
                .Concat(
                    contract.Members.Select(member =>
                    {
                        string arrow =
                            IsElixir ? "=>"
                            : member.Options.Optional ? "=>"
                            : ":=";
                        string key =
                            contract.Term!.Keys == TermKeys.Atom || IsStruct(contract) ? AtomText(member.Name)
                            : IsElixir ? "String.t()"
                            : "binary()";
                        return IsElixir && member.Options.Optional
                            ? $"optional({key}) {arrow} {MemberType(contract, member)}"
                            : $"{key} {arrow} {MemberType(contract, member)}";
                    })
                )
        );

    private string MemberType(FoundContract contract, FoundMember member)
    {
        string type = Bare(contract, member);
        if (!member.IsNullable || member.Type == typeof(object))
            return type;
        TermNull of = member.Options.Null != TermNull.ByShape ? member.Options.Null : contract.Term!.Null;
        string none = of switch
        {
            TermNull.Nil => "nil",
            TermNull.Null => "null",
            TermNull.ByShape when IsStruct(contract) => "nil",
            _ => "undefined",
        };
        return $"{type} | {AtomText(none)}";
    }

    private string Bare(FoundContract contract, FoundMember member) =>
        TypeText(Nullable.GetUnderlyingType(member.Type) ?? member.Type, member.Options);

    private string Reference(FoundContract contract) =>
        IsElixir && IsStruct(contract) ? ModuleText(contract) + ".t()"
        : !IsElixir && IsRecord(contract) ? $"#{AtomText(contract.Term!.Tag!)}{{}}"
        : IsElixir && _inside is null ? $"{_module}.{contract.Name}()"
        : contract.Name + "()";

    private string TypeText(Type type, TermMemberAttribute options)
    {
        if (_contracts.TryGetValue(type.IsGenericType ? type.GetGenericTypeDefinition() : type, out FoundContract? contract))
            return Reference(contract);
        if (s_integers.Contains(type))
            return "integer()";
        bool isElixir = type == typeof(decimal) ? options.Decimal == TermDecimal.Elixir : options.Time == TermTime.Elixir;
        if (isElixir && s_elixir.TryGetValue(type, out string? elixir))
            return IsElixir ? elixir : "map()";
        if (s_binaries.Contains(type))
            return "binary()";
        if (s_simple.TryGetValue(type, out string? simple))
            return simple;
        if (type == typeof(string))
            return options.Text switch
            {
                TermText.Atom => "atom()",
                TermText.Charlist => IsElixir ? "charlist()" : "string()",
                _ => IsElixir ? "String.t()" : "binary()",
            };
        if (type == typeof(DateOnly))
            return Calendar("date");
        if (type == typeof(TimeOnly))
            return Calendar("time");
        if (type == typeof(DateTime) || type == typeof(DateTimeOffset) || type == typeof(TimeSpan))
            return options.Time == TermTime.Calendar ? Calendar(type == typeof(TimeSpan) ? "time" : "datetime") : "integer()";
        if (type.IsArray)
            return $"[{TypeText(type.GetElementType()!, options)}]";
        return type.IsGenericType ? Generic(type, options) : Any;
    }

    private const string Any = "term()";

    private string Calendar(string name) => IsElixir ? $":calendar.{name}()" : $"calendar:{name}()";

    private string Generic(Type type, TermMemberAttribute options)
    {
        string[] arguments = [.. type.GetGenericArguments().Select(argument => TypeText(argument, options))];
        if (type.GetGenericTypeDefinition() == typeof(Pid<>))
            return "pid()";
        if (type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal))
            return $"{{{string.Join(", ", arguments)}}}";
        bool isDictionary = type.GetInterfaces()
            .Append(type)
            .Any(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>));
        if (isDictionary)
            return IsElixir ? $"%{{{arguments[0]} => {arguments[1]}}}" : $"#{{{arguments[0]} => {arguments[1]}}}";
        return typeof(IEnumerable).IsAssignableFrom(type) && arguments.Length == 1 ? $"[{arguments[0]}]" : Any;
    }

    private string AtomText(string name)
    {
        if (IsElixir)
            return name is "nil" or "true" or "false" ? name
                : IsPlain(name) ? ":" + name
                : $":\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
        return Atom.Of(name).ToString();
    }

    private static bool IsPlain(string name) =>
        name.Length > 0
        && (char.IsAsciiLetter(name[0]) || name[0] == '_')
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_');
}
