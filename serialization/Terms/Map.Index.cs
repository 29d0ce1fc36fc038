using System.Numerics;

namespace CloudScale;

/// <content>
/// How a key is found. Few entries: a scan over the hashes. More: buckets with chains. A map whose keys collide so much that the chains are long, as a peer could
/// arrange in theory, is searched by its sorted order instead; so building costs at most n log n comparisons, whatever the keys.
/// </content>
public sealed partial class Map
{
    internal const int ScanLimit = 8; // untuned
    private const int ChainSteps = 16; // allowed on average before the chains are given up; a fair hash needs 1

    private int[]? _buckets; // position + 1 of the first entry, 0 when empty
    private int[]? _order; // positions of the entries, keys ascending; computed when first wanted
    private bool _searchByOrder;

    /// <summary>The positions of the entries in exact term order of their keys (integers before floats).</summary>
    internal ReadOnlySpan<int> Order => _order ?? SortWithKeys();

    /// <summary>The only entry whose key has this hash: its position; -1 for none, -2 for several.</summary>
    internal int FindUnique(int keyHash)
    {
        int found = -1;
        if (_buckets is not null)
        {
            for (int next = _buckets[keyHash & (_buckets.Length - 1)]; next != 0; next = _entries[next - 1].Next)
            {
                if (_entries[next - 1].KeyHash != keyHash)
                    continue;
                if (found >= 0)
                    return -2;
                found = next - 1;
            }

            return found;
        }

        if (_searchByOrder)
            return -2;
        for (int i = 0; i < _entries.Length; i++)
        {
            if (_entries[i].KeyHash != keyHash)
                continue;
            if (found >= 0)
                return -2;
            found = i;
        }

        return found;
    }

    private int Find(object key)
    {
        int hash = Term.Hash(key);
        if (_buckets is not null)
        {
            for (int next = _buckets[hash & (_buckets.Length - 1)]; next != 0; next = _entries[next - 1].Next)
                if (_entries[next - 1].KeyHash == hash && Term.AreEqual(_entries[next - 1].Key, key))
                    return next - 1;
            return -1;
        }

        if (_searchByOrder)
            return FindByOrder(key);
        for (int i = 0; i < _entries.Length; i++)
            if (_entries[i].KeyHash == hash && Term.AreEqual(_entries[i].Key, key))
                return i;
        return -1;
    }

    private int FindByOrder(object key)
    {
        ReadOnlySpan<int> order = Order;
        int low = 0;
        int high = order.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int sign = Term.CompareExactly(_entries[order[middle]].Key, key);
            if (sign == 0)
                return order[middle];
            if (sign < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return -1;
    }

    /// <summary>Makes the entries findable. Returns false if two keys are equal.</summary>
    private bool TryIndex()
    {
        Entry[] entries = _entries;
        if (entries.Length <= ScanLimit)
        {
            for (int i = 1; i < entries.Length; i++)
            for (int j = 0; j < i; j++)
                if (entries[i].KeyHash == entries[j].KeyHash && Term.AreEqual(entries[i].Key, entries[j].Key))
                    return false;
            return true;
        }

        int[] buckets = new int[BitOperations.RoundUpToPowerOf2((uint)entries.Length)];
        long steps = (long)ChainSteps * entries.Length;
        for (int i = 0; i < entries.Length; i++)
        {
            ref int bucket = ref buckets[entries[i].KeyHash & (buckets.Length - 1)];
            for (int next = bucket; next != 0; next = entries[next - 1].Next)
            {
                if (--steps < 0)
                    return TryIndexByOrder();
                if (entries[next - 1].KeyHash == entries[i].KeyHash && Term.AreEqual(entries[next - 1].Key, entries[i].Key))
                    return false;
            }

            entries[i].Next = bucket;
            bucket = i + 1;
        }

        _buckets = buckets;
        return true;
    }

    private bool TryIndexByOrder()
    {
        _searchByOrder = true;
        ReadOnlySpan<int> order = Order;
        for (int i = 1; i < order.Length; i++)
            if (Term.CompareExactly(_entries[order[i - 1]].Key, _entries[order[i]].Key) == 0)
                return false;
        return true;
    }

    /// <summary>
    /// Sorts this map, and first every map inside its keys, innermost first: so that a comparison made while sorting meets sorted maps only, and never recurses.
    /// </summary>
    private int[] SortWithKeys()
    {
        List<Map> unsorted = [this];
        Stack<object> unseen = new();
        foreach (Entry entry in _entries)
            unseen.Push(entry.Key);
        while (unseen.TryPop(out object? term))
        {
            TermKinds.Classify(ref term!);
            switch (term)
            {
                case Tuple tuple:
                    foreach (object element in tuple.AsSpan())
                        unseen.Push(element);
                    break;
                case List list:
                    foreach (object element in list.Elements)
                        unseen.Push(element);
                    if (!list.IsProper)
                        unseen.Push(list.Tail);
                    break;
                case Fun fun:
                    foreach (object element in fun.FreeVariables)
                        unseen.Push(element);
                    break;
                case NativeRecord record:
                    foreach (object value in record.Values)
                        unseen.Push(value);
                    break;
                case Map { _order: null } map:
                    unsorted.Add(map);
                    foreach (Entry entry in map._entries)
                    {
                        unseen.Push(entry.Key);
                        unseen.Push(entry.Value);
                    }

                    break;
            }
        }

        for (int i = unsorted.Count - 1; i >= 0; i--)
            unsorted[i]._order ??= unsorted[i].Sort();
        return _order!;
    }

    private int[] Sort()
    {
        int[] order = new int[_entries.Length];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        Entry[] entries = _entries;
        Array.Sort(order, (left, right) => Term.CompareExactly(entries[left].Key, entries[right].Key));
        return order;
    }
}
