using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace CloudScale;

/// <summary>An Erlang map. Keys are equal as <see cref="Term.AreEqual"/> says, so 1 and 1.0 are two keys, and 1, (byte)1 and 1L are one.</summary>
/// <remarks>
/// Immutable; <see cref="With"/> and <see cref="Without"/> copy. Threads: any. Order: entries are enumerated and encoded in the order they came; printing and the
/// deterministic encoder sort them. Wire: <c>116 | size:u32 | (key value) × size</c> (MAP_EXT).
/// </remarks>
[CollectionBuilder(typeof(Map), nameof(Create))]
public sealed partial class Map : IReadOnlyDictionary<object, object>, IEquatable<Map>
{
    /// <summary>The map without entries.</summary>
    public static readonly Map Empty = new([]);

    private readonly Entry[] _entries;
    private int _hash; // 0: not computed yet

    private Map(Entry[] entries) => _entries = entries;

    /// <summary>Number of entries.</summary>
    public int Count => _entries.Length;

    /// <summary>The keys, in the order of the entries.</summary>
    public IEnumerable<object> Keys
    {
        get
        {
            foreach (Entry entry in _entries)
                yield return entry.Key;
        }
    }

    /// <summary>The values, in the order of the entries.</summary>
    public IEnumerable<object> Values
    {
        get
        {
            foreach (Entry entry in _entries)
                yield return entry.Value;
        }
    }

    /// <summary>The value at a key.</summary>
    /// <exception cref="KeyNotFoundException">The map has no such key.</exception>
    /// <exception cref="ArgumentException">The key is no term.</exception>
    public object this[object key] =>
        TryGetValue(key, out object? value) ? value : throw new KeyNotFoundException($"The map has no key {Term.Format(key)}.");

    /// <summary>A map of these entries.</summary>
    /// <exception cref="ArgumentException">Two keys are equal, or a key or value is null.</exception>
    public static Map Of(params ReadOnlySpan<(object Key, object Value)> entries)
    {
        if (entries.IsEmpty)
            return Empty;
        Entry[] own = new Entry[entries.Length];
        for (int i = 0; i < own.Length; i++)
            own[i] = NewEntry(entries[i].Key, entries[i].Value);
        return Build(own, nameof(entries));
    }

    /// <summary>A map of these entries; the target of collection expressions.</summary>
    /// <exception cref="ArgumentException">Two keys are equal, or a key or value is null.</exception>
    public static Map Create(ReadOnlySpan<KeyValuePair<object, object>> entries)
    {
        if (entries.IsEmpty)
            return Empty;
        Entry[] own = new Entry[entries.Length];
        for (int i = 0; i < own.Length; i++)
            own[i] = NewEntry(entries[i].Key, entries[i].Value);
        return Build(own, nameof(entries));
    }

    /// <summary>Whether the map has the key.</summary>
    /// <exception cref="ArgumentException">The key is no term.</exception>
    public bool ContainsKey(object key) => Find(key) >= 0;

    /// <summary>The value at a key, if the map has it.</summary>
    /// <exception cref="ArgumentException">The key is no term.</exception>
    public bool TryGetValue(object key, [MaybeNullWhen(false)] out object value)
    {
        int index = Find(key);
        if (index < 0)
        {
            value = null;
            return false;
        }

        value = _entries[index].Value;
        return true;
    }

    /// <summary>The map with this value at the key: replaced where it was, or added at the end.</summary>
    /// <exception cref="ArgumentException">The key is no term, or the value is null.</exception>
    public Map With(object key, object value)
    {
        Entry added = NewEntry(key, value);
        int index = Find(key);
        Entry[] entries = new Entry[_entries.Length + (index < 0 ? 1 : 0)];
        _entries.CopyTo(entries, 0);
        entries[index < 0 ? ^1 : index] = added;
        return Build(entries, nameof(key));
    }

    /// <summary>The map without the key; itself if it has none such.</summary>
    /// <exception cref="ArgumentException">The key is no term.</exception>
    public Map Without(object key)
    {
        int index = Find(key);
        if (index < 0)
            return this;
        if (_entries.Length == 1)
            return Empty;
        Entry[] entries = new Entry[_entries.Length - 1];
        _entries.AsSpan(0, index).CopyTo(entries);
        _entries.AsSpan(index + 1).CopyTo(entries.AsSpan(index));
        return Build(entries, nameof(key));
    }

    /// <inheritdoc/>
    public bool Equals(Map? other) => other is not null && Term.AreEqual(this, other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Map other && Term.AreEqual(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => Term.Hash(this);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<object, object>> GetEnumerator()
    {
        foreach (Entry entry in _entries)
            yield return new KeyValuePair<object, object>(entry.Key, entry.Value);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The map as Erlang prints it, keys in term order.</summary>
    public override string ToString() => Term.Format(this);

    /// <summary>A map that takes the entries as its own, hashes of the keys set; null if two keys are equal. Owner: the map.</summary>
    internal static Map? Adopt(Entry[] entries)
    {
        Map map = new(entries);
        return map.TryIndex() ? map : null;
    }

    internal object KeyAt(int index) => _entries[index].Key;

    internal object ValueAt(int index) => _entries[index].Value;

    internal int KeyHashAt(int index) => _entries[index].KeyHash;

    /// <summary>The hash of the whole map once it was computed; 0 before.</summary>
    internal int CachedHash
    {
        get => _hash;
        set => _hash = value;
    }

    private static Map Build(Entry[] entries, string parameter)
    {
        Map map = new(entries);
        return map.TryIndex() ? map : throw new ArgumentException("Two keys of the map are equal.", parameter);
    }

    private static Entry NewEntry(object key, object value)
    {
        if (value is null)
            TermKinds.ThrowNoTerm(value);
        return new Entry
        {
            Key = key,
            Value = value,
            KeyHash = Term.Hash(key),
        };
    }

    /// <summary>A key, its hash and its value.</summary>
    internal struct Entry
    {
        public object Key;
        public object Value;
        public int KeyHash;
        public int Next; // in the bucket's chain: position + 1, 0 at the end; used only when there are buckets

        public void SetKey(object key)
        {
            Key = key;
            KeyHash = key is Atom atom ? atom.HashBits : Term.Hash(key);
        }
    }
}
