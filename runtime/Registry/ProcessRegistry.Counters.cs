using CloudScale.Runtime.Registry;

namespace CloudScale;

/// <content>Counters, and what their sums bring about.</content>
public sealed partial class ProcessRegistry
{
    private static readonly Atom s_onZero = Atom.Of("gproc_resource_on_zero");

    /// <summary>Adds to the counter of a process.</summary>
    /// <returns>The counter afterwards.</returns>
    /// <exception cref="ArgumentException">The key is no counter of the process.</exception>
    /// <exception cref="OverflowException">The counter would leave the range of 64 bits.</exception>
    public long UpdateCounter(RegistryKey key, Pid owner, CounterChange change) => Counter(key, owner).Add(change);

    /// <summary>Changes the counter of a process several times.</summary>
    /// <inheritdoc cref="UpdateCounter(RegistryKey, Pid, CounterChange)" path="/exception"/>
    /// <returns>The counter after each change.</returns>
    public IReadOnlyList<long> UpdateCounter(RegistryKey key, Pid owner, params ReadOnlySpan<CounterChange> changes) =>
        Changed(Counter(key, owner), changes);

    /// <summary>Adds to counters of several processes: <c>update_counters</c>.</summary>
    /// <returns>Each afterwards.</returns>
    /// <exception cref="ArgumentException">One is no counter of its process; then none has changed.</exception>
    public IReadOnlyList<RegistryEntry> UpdateCounters(params ReadOnlySpan<(RegistryKey Key, Pid Owner, CounterChange Change)> changes)
    {
        Entry[] counters = new Entry[changes.Length];
        for (int i = 0; i < counters.Length; i++)
            counters[i] = Counter(changes[i].Key, changes[i].Owner);
        RegistryEntry[] changed = new RegistryEntry[counters.Length];
        for (int i = 0; i < changed.Length; i++)
            changed[i] = new RegistryEntry(counters[i].Key, counters[i].Owner.Pid, counters[i].Add(changes[i].Change));
        return changed;
    }

    /// <summary>Adds to a counter that no process owns.</summary>
    /// <inheritdoc cref="UpdateCounter(RegistryKey, Pid, CounterChange)" path="/exception"/>
    public long UpdateSharedCounter(RegistryKey key, CounterChange change) => SharedCounter(key).Add(change);

    /// <summary>Sets the counter of a process to what it was registered with.</summary>
    /// <returns>What it was, and what it is.</returns>
    /// <exception cref="ArgumentException">The key is no counter of the process.</exception>
    public (long Old, long Initial) ResetCounter(RegistryKey key, Pid owner)
    {
        Entry counter = Counter(key, owner);
        return (counter.Reset(), counter.Initial);
    }

    private Entry Counter(RegistryKey key, Pid owner) => Find(key, owner) is { IsCounter: true } entry ? entry : throw NoEntry(key, owner);

    private Entry SharedCounter(RegistryKey key) => FindShared(key) is { IsCounter: true } entry ? entry : throw NoEntry(key, default);

    private static long[] Changed(Entry counter, ReadOnlySpan<CounterChange> changes)
    {
        long[] values = new long[changes.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = counter.Add(changes[i]);
        return values;
    }

    // ---- resources ----

    private void OnResourceGoneLocked(RegistryKey resource, Group group)
    {
        if (!_unique.TryGetValue(RegistryKey.OfResourceCounter(resource.Name), out Entry? counter) || counter.OnZero.Length == 0)
            return;
        if (group.Sum(_isAlive, static _ => 1) > 0)
            return;
        ResourceOnZero news = new(resource.Name, counter.Owner.Pid);
        foreach (ZeroAction action in counter.OnZero)
        {
            switch (action.Kind)
            {
                case ZeroActionKind.Publish:
                    Events.Publish(s_onZero, news);
                    break;
                case ZeroActionKind.Send:
                    foreach (Pid pid in Pids(action.Key))
                        _processes.Send(pid, news);
                    break;
                default:
                    UnregisterShared(action.Key);
                    break;
            }
        }
    }
}
