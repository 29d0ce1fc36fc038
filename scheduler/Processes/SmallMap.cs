using System.Diagnostics.CodeAnalysis;

namespace CloudScale.Scheduling;

/// <summary>A map that is one object of 40 to 64 bytes while it has a single entry, as most links and monitors do, and a dictionary beyond.</summary>
/// <remarks>Threads: the owner of the process.</remarks>
internal sealed class SmallMap<TKey, TValue>
    where TKey : struct, IEquatable<TKey>
{
    private TKey _key;
    private TValue _value = default!;
    private bool _hasFirst;
    private Dictionary<TKey, TValue>? _rest;

    internal int Count => (_hasFirst ? 1 : 0) + (_rest?.Count ?? 0);

    internal bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_hasFirst && _key.Equals(key))
        {
            value = _value;
            return true;
        }

        if (_rest is not null)
            return _rest.TryGetValue(key, out value);
        value = default;
        return false;
    }

    internal void Set(TKey key, TValue value)
    {
        if (_hasFirst ? _key.Equals(key) : _rest is null || !_rest.ContainsKey(key))
        {
            _key = key;
            _value = value;
            _hasFirst = true;
            return;
        }

        (_rest ??= [])[key] = value;
    }

    internal bool Remove(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_hasFirst && _key.Equals(key))
        {
            value = _value;
            _key = default;
            _value = default!;
            _hasFirst = false;
            return true;
        }

        if (_rest is not null && _rest.Remove(key, out value))
        {
            if (_rest.Count == 0)
                _rest = null; // a supervisor that has lost its children gives the table back
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>The entries, in no order. The map may not change meanwhile.</summary>
    internal IEnumerable<KeyValuePair<TKey, TValue>> Entries()
    {
        if (_hasFirst)
            yield return new(_key, _value);
        if (_rest is null)
            yield break;
        foreach (KeyValuePair<TKey, TValue> entry in _rest)
            yield return entry;
    }
}
