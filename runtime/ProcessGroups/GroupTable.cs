using System.Collections.Concurrent;

namespace CloudScale.Runtime.ProcessGroups;

/// <summary>All groups of a scope with their processes, of this node and others.</summary>
/// <remarks>Threads: read by any, written by the scope's process alone.</remarks>
internal sealed class GroupTable
{
    private readonly ConcurrentDictionary<object, Group> _groups = new(TermComparer.Instance);

    internal IEnumerable<object> Names => _groups.Keys;

    internal IEnumerable<KeyValuePair<object, Group>> All => _groups;

    internal Group Of(object name) => _groups.GetValueOrDefault(name);

    internal void Join(object name, ReadOnlySpan<Pid> pids, bool isLocal)
    {
        Group group = Of(name);
        _groups[name] = new Group(group.All.Adding(pids), isLocal ? group.Local.Adding(pids) : group.Local);
    }

    internal void Leave(object name, ReadOnlySpan<Pid> pids, bool isLocal)
    {
        Group group = Of(name);
        Group left = new(group.All.Removing(pids), isLocal ? group.Local.Removing(pids) : group.Local);
        if (left.All.Count == 0)
            _groups.TryRemove(name, out _);
        else
            _groups[name] = left;
    }

    internal void Clear() => _groups.Clear();

    internal readonly record struct Group(Members All, Members Local);
}
