using System.Collections.Concurrent;

namespace CloudScale.Runtime.Registry;

/// <summary>All entries of one key that many may have, by owner; the shared one under the pid of nobody.</summary>
/// <remarks>Threads: written under the registry's lock; read, and walked, by any.</remarks>
internal sealed class Group
{
    // One writer at a time, and most groups are small.
    private readonly ConcurrentDictionary<Pid, Entry> _entries = new(concurrencyLevel: 1, capacity: 1);
    private int _moves; // odd while an entry moves from one owner to another

    internal Entry? Of(Pid owner) => _entries.GetValueOrDefault(owner);

    internal bool IsEmpty => _entries.IsEmpty;

    /// <summary>The entries; one that stays all the while is met once, unless it changes its owner meanwhile.</summary>
    internal IEnumerable<KeyValuePair<Pid, Entry>> All => _entries;

    internal void Add(Entry entry) => _entries[entry.Owner.Pid] = entry;

    internal void Remove(Entry entry) => _entries.TryRemove(entry.Owner.Pid, out _);

    internal void Move(Entry entry, Client to)
    {
        Interlocked.Increment(ref _moves);
        _entries.TryRemove(entry.Owner.Pid, out _);
        entry.Owner = to;
        _entries[to.Pid] = entry;
        Interlocked.Increment(ref _moves);
    }

    /// <summary>The sum of something over the entries of the living; none is missed or counted twice because it moves.</summary>
    internal long Sum(Func<Pid, bool> isAlive, Func<Entry, long> of)
    {
        SpinWait spin = default;
        while (true)
        {
            int moves = Volatile.Read(ref _moves);
            long sum = 0;
            foreach ((Pid pid, Entry entry) in _entries)
            {
                if (pid.IsNone || isAlive(pid))
                    sum += of(entry);
            }

            if ((moves & 1) == 0 && Volatile.Read(ref _moves) == moves)
                return sum;
            spin.SpinOnce();
        }
    }
}
