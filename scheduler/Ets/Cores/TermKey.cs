using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using CloudScale.Serialization.Etf;

namespace CloudScale.Scheduling;

/// <summary>A term as the key of a table: an integer of 64 bits without its box, or any other term in the form that decoders yield.</summary>
internal readonly struct TermKey
{
    /// <summary>The term; null for an integer.</summary>
    internal readonly object? Term;

    /// <summary>The integer.</summary>
    internal readonly long Bits;

    internal TermKey(long value) => Bits = value;

    private TermKey(object term) => Term = term;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TermKey Of(object term)
    {
        if (term is long value)
            return new TermKey(value);
        return term is Atom ? new TermKey(term) : OfOther(term);
    }

    /// <summary>The term, with a box of its own for an integer.</summary>
    internal object ToTerm() => Term ?? Bits;

    private static TermKey OfOther(object? term)
    {
        object normal = CloudScale.Term.Normalize(term);
        return normal is long value ? new TermKey(value) : new TermKey(normal);
    }
}

/// <summary>How a core hashes, compares and orders its keys. Static, so that the JIT puts the code into the core.</summary>
internal interface IKeyOperations<TKey>
{
    /// <summary>A hash whose high bits are good.</summary>
    static abstract uint Hash(in TKey key);

    static abstract bool AreEqual(in TKey left, in TKey right);

    /// <summary>A total order in which equal keys, and no others, compare as 0.</summary>
    static abstract int Compare(in TKey left, in TKey right);
}

/// <summary>Keys that match as <c>=:=</c>: set, bag, duplicate_bag.</summary>
internal readonly struct ExactTerms : IKeyOperations<TermKey>
{
    // Drawn at start, as those of Term.Hash, so that nobody can prepare keys that collide here.
#if EXPLORATION
    private static readonly ulong s_secret0 = 0x9E3779B97F4A7C15; // the same in every run, so that a seed means the same schedule
    private static readonly ulong s_secret1 = 0xBF58476D1CE4E5B9;
#else
    private static readonly ulong s_secret0 = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;
    private static readonly ulong s_secret1 = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;
#endif

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hash(in TermKey key) => key.Term is null ? Mix((ulong)key.Bits) : HashTerm(key.Term);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreEqual(in TermKey left, in TermKey right)
    {
        if (ReferenceEquals(left.Term, right.Term))
            return left.Bits == right.Bits;
        return left.Term is not null && right.Term is not null && Term.AreEqual(left.Term, right.Term);
    }

    public static int Compare(in TermKey left, in TermKey right)
    {
        if (left.Term is null && right.Term is null)
            return left.Bits.CompareTo(right.Bits);
        int sign = Term.Compare(left.ToTerm(), right.ToTerm());
        if (sign != 0 || AreEqual(left, right))
            return sign;
        // They differ only in that one has an integer where the other has a float; any order will do that is always the same.
        return ExternalTerm.Encode(left.ToTerm()).AsSpan().SequenceCompareTo(ExternalTerm.Encode(right.ToTerm()));
    }

    // An atom is one object, so its identity will do, and is nearer.
    private static uint HashTerm(object term) => Mix((uint)(term is Atom ? RuntimeHelpers.GetHashCode(term) : Term.Hash(term)));

    private static uint Mix(ulong value)
    {
        ulong high = Math.BigMul(value ^ s_secret0, s_secret1, out ulong low);
        return (uint)((high ^ low) >> 32);
    }
}

/// <summary>Keys that match as <c>==</c>, in term order: ordered_set.</summary>
internal readonly struct OrderedTerms : IKeyOperations<TermKey>
{
    // An ordered core hashes nothing.
    public static uint Hash(in TermKey key) => 0;

    public static bool AreEqual(in TermKey left, in TermKey right) => Compare(left, right) == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Compare(in TermKey left, in TermKey right)
    {
        if (left.Term is null && right.Term is null)
            return left.Bits.CompareTo(right.Bits);
        return CompareMixed(left, right);
    }

    private static int CompareMixed(in TermKey left, in TermKey right)
    {
        // Every number is before every other term; only a float or a big integer needs the box.
        if (left.Term is null && right.Term is not (double or System.Numerics.BigInteger))
            return -1;
        if (right.Term is null && left.Term is not (double or System.Numerics.BigInteger))
            return 1;
        return Term.Compare(left.ToTerm(), right.ToTerm());
    }
}
