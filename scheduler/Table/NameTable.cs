using System.Collections.Concurrent;

namespace CloudScale.Scheduling;

/// <summary>Registered names: an atom each, at most one a process.</summary>
/// <remarks>Threads: any. A name leaves with its process; the process removes it by value, so a successor under the same name is safe.</remarks>
internal sealed class NameTable
{
    private readonly ConcurrentDictionary<Atom, Process> _names = new();

    internal Process? Find(Atom name) => _names.TryGetValue(name, out Process? process) ? process : null;

    internal bool TryAdd(Atom name, Process process)
    {
        Interleaving.Point();
        return _names.TryAdd(name, process);
    }

    internal bool Remove(Atom name, Process process)
    {
        Interleaving.Point();
#if EXPLORATION
        if (Mutations.Is(Mutation.NameRemovedByKey))
            return _names.TryRemove(name, out _);
#endif
        return _names.TryRemove(new KeyValuePair<Atom, Process>(name, process));
    }

    internal ICollection<Atom> Names => _names.Keys;
}
