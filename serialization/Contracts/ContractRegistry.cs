using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Contracts;

/// <summary>Reads a contract as an object.</summary>
/// <param name="reader">Stands before the term.</param>
/// <param name="value">The contract, null unless Ok.</param>
public delegate DecodeStatus ContractReader(ref EtfReader reader, out object? value);

/// <summary>Which contract a term stands for, by its tag and arity: for whoever receives terms and knows no more of them.</summary>
/// <remarks>
/// Threads: any. Each assembly adds its tagged contracts when its code first runs, from a generated initializer; nothing is found by reflection. Where two contracts have one
/// tag and arity, neither is found. Arity: of a tuple with the tag; 0 for a bare atom; -1 for a struct, whose tag is its module.
/// </remarks>
public static class ContractRegistry
{
    private static readonly Atom s_struct = Atom.Of("__struct__");
    private static readonly ConcurrentDictionary<(Atom Tag, int Arity), Entry> s_entries = new();

    /// <summary>How many tags with arity are known.</summary>
    public static int Count => s_entries.Count;

    /// <summary>For generated code: adds a contract.</summary>
    public static void Add<T>(string tag, int arity)
        where T : ITermContract<T> =>
        s_entries.AddOrUpdate(
            (Atom.Of(tag), arity),
            static _ => new Entry(typeof(T), Read<T>),
            static (_, known) => known.Type == typeof(T) ? known : new Entry(known.Type, null)
        );

    /// <summary>The reader of the contract with this tag and arity. Makes no atom.</summary>
    public static bool TryFind(ReadOnlySpan<byte> tag, int arity, [NotNullWhen(true)] out ContractReader? contract)
    {
        contract = null;
        if (Atom.TryGetExisting(tag, out Atom? atom) && s_entries.TryGetValue((atom, arity), out Entry? entry))
            contract = entry.Reader;
        return contract is not null;
    }

    /// <summary>The type of the contract that the next term's tag and arity name; null for none. Does not move the reader.</summary>
    public static Type? Peek(in EtfReader reader)
    {
        EtfReader ahead = reader;
        return
            ahead.TryPeekHead(out ReadOnlySpan<byte> tag, out int arity)
            && Atom.TryGetExisting(tag, out Atom? atom)
            && s_entries.TryGetValue((atom, arity), out Entry? entry)
            && entry.Reader is not null
            ? entry.Type
            : null;
    }

    /// <summary>Reads the next term as the contract it stands for. A term that stands for none, or only seems to by its tag and arity, is read as a dynamic term.</summary>
    public static DecodeStatus TryReadTerm(ref EtfReader reader, out object? value)
    {
        EtfReader ahead = reader;
        if (ahead.TryPeekHead(out ReadOnlySpan<byte> tag, out int arity) && TryFind(tag, arity, out ContractReader? contract))
        {
            ahead = reader;
            if (contract(ref ahead, out value) == DecodeStatus.Ok)
            {
                reader = ahead;
                return DecodeStatus.Ok;
            }
        }

        return reader.TryReadTerm(out value);
    }

    /// <summary>Whether a contract has the tag and arity of a dynamic term.</summary>
    internal static bool MayKnow(object term) =>
        term switch
        {
            Tuple { Count: > 0 } tuple when tuple[0] is Atom tag => s_entries.ContainsKey((tag, tuple.Count)),
            Atom atom => s_entries.ContainsKey((atom, 0)),
            Map map when map.TryGetValue(s_struct, out object? module) && module is Atom name => s_entries.ContainsKey((name, -1)),
            _ => false,
        };

    private static DecodeStatus Read<T>(ref EtfReader reader, out object? value)
        where T : ITermContract<T>
    {
        DecodeStatus status = T.TryReadTerm(ref reader, out T contract);
        value = status == DecodeStatus.Ok ? contract : null;
        return status;
    }

    private sealed record Entry(Type Type, ContractReader? Reader); // no reader: the tag is ambiguous
}
