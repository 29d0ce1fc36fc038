using System.Diagnostics.CodeAnalysis;

namespace CloudScale.Scheduling;

/// <summary>A map for the links and monitors of a process: one entry inline, as most have; a few in an array; a dictionary beyond.</summary>
/// <remarks>Threads: the owner of the process. A supervisor that loses its children gives the memory back.</remarks>
internal sealed class SmallMap<TKey, TValue>
    where TKey : struct, IEquatable<TKey>
{
    private const int ArrayLimit = 8; // entries looked through one by one; untuned

    private TKey _key;
    private TValue _value = default!;
    private int _count; // inline and array
    private object? _rest; // KeyValuePair<TKey, TValue>[] or Dictionary<TKey, TValue>

    internal int Count => _rest is Dictionary<TKey, TValue> dictionary ? dictionary.Count : _count;

    internal bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_count != 0 && _key.Equals(key)) // the inline entry: most maps have no other
        {
            value = _value;
            return true;
        }

        if (_rest is Dictionary<TKey, TValue> dictionary)
            return dictionary.TryGetValue(key, out value);

        int index = IndexOf(key);
        value = index < 0 ? default : At(index).Value;
        return index >= 0;
    }

    internal void Set(TKey key, TValue value)
    {
        if (_count == 0 && _rest is null)
        {
            (_key, _value, _count) = (key, value, 1);
            return;
        }

        if (_rest is Dictionary<TKey, TValue> dictionary)
        {
            dictionary[key] = value;
            return;
        }

        int index = IndexOf(key);
        if (index >= 0)
            Put(index, new(key, value));
        else if (_count <= ArrayLimit)
            Put(_count++, new(key, value));
        else
            Grow()[key] = value;
    }

    internal bool Remove(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_count == 1 && _key.Equals(key))
        {
            value = _value;
            (_key, _value, _count) = (default, default!, 0);
            return true;
        }

        if (_rest is Dictionary<TKey, TValue> dictionary)
        {
            bool found = dictionary.Remove(key, out value);
            if (dictionary.Count == 0)
                _rest = null;
            return found;
        }

        int index = IndexOf(key);
        if (index < 0)
        {
            value = default;
            return false;
        }

        value = At(index).Value;
        Put(index, At(--_count));
        Put(_count, default);
        if (_count <= 1)
            _rest = null;
        return true;
    }

    /// <summary>The entries, in no order. The map may not change meanwhile.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>A copy of the entries, for walks during which the map changes.</summary>
    internal KeyValuePair<TKey, TValue>[] ToArray()
    {
        var copy = new KeyValuePair<TKey, TValue>[Count];
        int index = 0;
        foreach (KeyValuePair<TKey, TValue> entry in this)
            copy[index++] = entry;
        return copy;
    }

    private int IndexOf(TKey key)
    {
        for (int i = 0; i < _count; i++)
        {
            if (At(i).Key.Equals(key))
                return i;
        }

        return -1;
    }

    private KeyValuePair<TKey, TValue> At(int index) => index == 0 ? new(_key, _value) : ((KeyValuePair<TKey, TValue>[])_rest!)[index - 1];

    private void Put(int index, KeyValuePair<TKey, TValue> entry)
    {
        if (index == 0)
        {
            (_key, _value) = (entry.Key, entry.Value);
            return;
        }

        var array = (KeyValuePair<TKey, TValue>[]?)_rest ?? new KeyValuePair<TKey, TValue>[2];
        if (index > array.Length)
            Array.Resize(ref array, ArrayLimit);
        array[index - 1] = entry;
        _rest = array;
    }

    private Dictionary<TKey, TValue> Grow()
    {
        Dictionary<TKey, TValue> dictionary = new(2 * ArrayLimit);
        foreach (KeyValuePair<TKey, TValue> entry in this)
            dictionary.Add(entry.Key, entry.Value);
        (_key, _value, _count) = (default, default!, 0);
        _rest = dictionary;
        return dictionary;
    }

    /// <summary>A walk without an allocation: every exit makes three.</summary>
    internal struct Enumerator
    {
        private readonly SmallMap<TKey, TValue> _map;
        private readonly bool _isDictionary;
        private Dictionary<TKey, TValue>.Enumerator _dictionary;
        private int _index;

        internal Enumerator(SmallMap<TKey, TValue> map)
        {
            _map = map;
            _index = -1;
            if (map._rest is Dictionary<TKey, TValue> dictionary)
            {
                _isDictionary = true;
                _dictionary = dictionary.GetEnumerator();
            }
        }

        public readonly KeyValuePair<TKey, TValue> Current => _isDictionary ? _dictionary.Current : _map.At(_index);

        public bool MoveNext() => _isDictionary ? _dictionary.MoveNext() : ++_index < _map._count;
    }
}
