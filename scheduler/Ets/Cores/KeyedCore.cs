namespace CloudScale.Scheduling;

/// <summary>The keys of a table and their slots.</summary>
/// <remarks>
/// Threads: any. Reading takes no lock. A slot is linked once and unlinked once, after its state has become <see cref="Slot.Dead"/>; what stands in it meanwhile is the
/// table's business.
/// </remarks>
internal abstract class KeyedCore<TKey>
{
    /// <summary>A bag's objects beyond one a key; null elsewhere.</summary>
    internal StripedCounter? Surplus { get; init; }

    /// <summary>Slots linked.</summary>
    internal abstract long Count { get; }

    /// <summary>The slot of a key; it may be dead.</summary>
    internal abstract Slot<TKey>? Find(in TKey key);

    /// <summary>The slot of a key, which may be dead, or a new one with this state.</summary>
    internal abstract Slot<TKey> GetOrAdd(in TKey key, object state, out bool added);

    /// <summary>Unlinks a dead slot. May be called by several; one does it.</summary>
    internal abstract void Remove(Slot<TKey> slot);

    /// <summary>The order in which a core walks, and in which a transaction takes several keys.</summary>
    internal abstract int ComparePlaces(in TKey left, in TKey right);

    /// <summary>
    /// Walks forward from the start, or from behind a key, whether it is there or not. A slot that is linked during the whole walk is met exactly once.
    /// </summary>
    internal abstract Walk<TKey> WalkAfter(TKey key);

    internal abstract Walk<TKey> WalkAll();
}

/// <summary>A walk in progress; one thread at a time.</summary>
internal abstract class Walk<TKey>
{
    /// <summary>Fills the empty batch with the next slots; leaves it empty at the end. They may have died meanwhile.</summary>
    internal abstract void Next(List<Slot<TKey>> batch);
}
