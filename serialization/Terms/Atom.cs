using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace CloudScale;

/// <summary>An Erlang atom: a name with identity. Two atoms with one name are the same object.</summary>
/// <remarks>
/// Threads: any. Limit: <see cref="MaxCharacters"/> a name, <see cref="MaxCount"/> names in one .NET process; atoms are never collected, as on BEAM,
/// so decoders bound how many a peer may add. Source: ERTS User's Guide, External Term Format, ATOM_UTF8_EXT.
/// </remarks>
public sealed class Atom
{
    /// <summary>Longest name, in Unicode code points.</summary>
    public const int MaxCharacters = 255;

    /// <summary>Most atoms one .NET process may hold; BEAM's default.</summary>
    public const int MaxCount = 1_048_576;

    /// <summary>Longest name in UTF-8.</summary>
    internal const int MaxUtf8Bytes = 4 * MaxCharacters;

    private const int RecentCount = 1024; // power of two; untuned

    // Two keys to one set: the name decides identity, the bytes let a decoder find an atom without making a string.
    private static readonly ConcurrentDictionary<string, Atom> s_byName = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<byte[], Atom> s_byUtf8 = new(Utf8Comparer.Instance);
    private static readonly ConcurrentDictionary<byte[], Atom>.AlternateLookup<ReadOnlySpan<byte>> s_bySpan = s_byUtf8.GetAlternateLookup<
        ReadOnlySpan<byte>
    >();

    // The atoms read last, found by a few of their bytes: most messages of a connection speak the same handful. Racing writers replace each other's entries, no more.
    private static readonly Atom?[] s_recent = new Atom?[RecentCount];
    private static int s_count;
    private static int s_lastIndex = -1;

    private readonly byte[] _utf8;
    private readonly ulong _edges; // a name of up to eight bytes is compared without a look at them
    private readonly int _length;

    private Atom(string name, byte[] utf8)
    {
        Name = name;
        _utf8 = utf8;
        _edges = EdgesOf(utf8);
        _length = utf8.Length;
        Index = Interlocked.Increment(ref s_lastIndex);
        HashBits = Term.HashBytes(utf8, (ulong)TermKind.Atom);
    }

    /// <summary>The text of the atom, unquoted.</summary>
    public string Name { get; }

    /// <summary>The text of the atom in UTF-8, as the wire has it.</summary>
    public ReadOnlySpan<byte> Utf8 => _utf8;

    /// <summary>How many atoms exist in this .NET process.</summary>
    public static int Count => Volatile.Read(ref s_count);

    /// <summary>A number of its own in this .NET process, counted from 0 and nearly without gaps: the key of tables that are indexed by atom.</summary>
    public int Index { get; }

    /// <summary>The hash of the text, computed once.</summary>
    internal int HashBits { get; }

    /// <summary>The atom of this name, made when it is new.</summary>
    /// <exception cref="ArgumentException">The name is longer than <see cref="MaxCharacters"/>, or no valid Unicode (half a surrogate pair).</exception>
    /// <exception cref="InvalidOperationException">The table holds <see cref="MaxCount"/> atoms.</exception>
    public static Atom Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return s_byName.TryGetValue(name, out Atom? atom) ? atom : Add(name);
    }

    /// <summary>The atom of this name if it already exists: the way to read names from strangers.</summary>
    public static bool TryGetExisting(string name, [NotNullWhen(true)] out Atom? atom) => s_byName.TryGetValue(name, out atom);

    /// <summary>The atom with this name in UTF-8 if it already exists; makes no string.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryGetExisting(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out Atom? atom) =>
        TryGetRecent(utf8, out atom) || TryFind(utf8, out atom);

    [MethodImpl(MethodImplOptions.NoInlining)] // seldom: what it needs is not to be in the way of what is read lately
    private static bool TryFind(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out Atom? atom)
    {
        if (!s_bySpan.TryGetValue(utf8, out atom))
            return false;
        Volatile.Write(ref s_recent[RecentSlot(atom._edges, atom._length)], atom);
        return true;
    }

    /// <summary>The atom with this name in UTF-8 if it is one that was read lately.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryGetRecent(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out Atom? atom)
    {
        ulong edges = EdgesOf(utf8);
        atom = Volatile.Read(ref s_recent[RecentSlot(edges, utf8.Length)]);
        return atom is not null
            && atom._edges == edges
            && atom._length == utf8.Length
            && (utf8.Length <= sizeof(ulong) || utf8.SequenceEqual(atom._utf8));
    }

    /// <summary>An atom from its name, so that <c>Atom a = "ok"</c> reads as it should.</summary>
    public static implicit operator Atom(string name) => Of(name);

    /// <summary>The atom as Erlang prints it, quoted where needed.</summary>
    public override string ToString() => Term.Format(this);

    /// <summary>Makes the atom of a name that a decoder has validated. Returns false when the table is full.</summary>
    internal static bool TryAdd(ReadOnlySpan<byte> validUtf8, [NotNullWhen(true)] out Atom? atom)
    {
        atom = null;
        if (Volatile.Read(ref s_count) >= MaxCount)
            return false;
        byte[] utf8 = validUtf8.ToArray();
        atom = Publish(Encoding.UTF8.GetString(utf8), utf8);
        return true;
    }

    // The first and the last four bytes, which are all there is of a name of up to eight; of a shorter one each byte.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong EdgesOf(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length >= sizeof(uint))
            return BinaryPrimitives.ReadUInt32LittleEndian(utf8)
                | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(utf8[^sizeof(uint)..]) << 32);
        return utf8.IsEmpty ? 0 : (ulong)(utf8[0] | (utf8[utf8.Length / 2] << 8) | (utf8[^1] << 16));
    }

    private static int RecentSlot(ulong edges, int length) => (int)(((edges ^ (uint)length) * 0x9E37_79B9_7F4A_7C15) >> (64 - 10)); // ten bits: RecentCount

    private static Atom Add(string name)
    {
        int characters = 0;
        for (int i = 0; i < name.Length; i++, characters++)
        {
            if (!char.IsSurrogate(name[i]))
                continue;
            if (i + 1 == name.Length || !char.IsSurrogatePair(name[i], name[i + 1]))
                throw new ArgumentException("The name of an atom must be valid Unicode; this one has half a surrogate pair.", nameof(name));
            i++;
        }

        if (characters > MaxCharacters)
            throw new ArgumentException($"An atom has at most {MaxCharacters} characters; this one has {characters}.", nameof(name));

        // The count may pass the limit by the number of racing threads; it bounds memory, not arithmetic.
        if (Volatile.Read(ref s_count) >= MaxCount)
            throw new InvalidOperationException($"The atom table is full ({MaxCount} atoms). Something makes atoms from unbounded input.");
        return Publish(name, Encoding.UTF8.GetBytes(name));
    }

    private static Atom Publish(string name, byte[] utf8)
    {
        Atom fresh = new(name, utf8);
        Atom kept = s_byName.GetOrAdd(name, fresh);
        if (ReferenceEquals(kept, fresh))
            Interlocked.Increment(ref s_count);
        s_byUtf8.TryAdd(kept._utf8, kept);
        return kept;
    }

    private sealed class Utf8Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Utf8Comparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate) => Term.HashBytes(alternate, (ulong)TermKind.Atom);

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
