using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>Keys of a typed table: equal, hashed and ordered by .NET's defaults, strings by their code units.</summary>
internal readonly struct TypedKeys<TKey> : IKeyOperations<TKey>
    where TKey : notnull
{
    // Not worth a secret: strings, the keys that strangers choose, are hashed with one already.
    private const ulong Spread = 0x9E3779B97F4A7C15;

    /// <summary>Whether the keys have an order, as an ordered set needs.</summary>
    internal static bool HaveOrder =>
        typeof(IComparable<TKey>).IsAssignableFrom(typeof(TKey)) || typeof(IComparable).IsAssignableFrom(typeof(TKey));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hash(in TKey key) => (uint)(((uint)EqualityComparer<TKey>.Default.GetHashCode(key) * Spread) >> 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreEqual(in TKey left, in TKey right) => EqualityComparer<TKey>.Default.Equals(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Compare(in TKey left, in TKey right)
    {
        if (typeof(TKey) == typeof(string))
            return string.CompareOrdinal((string)(object)left, (string)(object)right);
        return HaveOrder ? Comparer<TKey>.Default.Compare(left, right) : 0; // without an order nobody asks but a sort that may as well leave it
    }
}
