using CloudScale.Scheduling;

namespace CloudScale.Runtime.Services;

/// <summary>Processes that want to hear that one node is gone: Erlang's <c>monitor_node</c>.</summary>
/// <remarks>Threads: any. As in Erlang each call counts, and each is told of once: <c>{nodedown, Node}</c> comes as often as was asked.</remarks>
internal sealed class NodeMonitors(Node node)
{
    private readonly Dictionary<Atom, List<Pid>> _watchers = [];
    private readonly Lock _lock = new();

    /// <summary>Sets or takes back one monitor. A node that is not connected is tried; if that fails, the news comes.</summary>
    internal void Set(Pid pid, Atom other, bool on)
    {
        lock (_lock)
        {
            if (!_watchers.TryGetValue(other, out List<Pid>? pids))
                _watchers[other] = pids = [];
            if (on)
                pids.Add(pid);
            else
                pids.Remove(pid);
            if (pids.Count == 0)
                _watchers.Remove(other);
        }

        if (!on || node.Nodes.Any(info => ReferenceEquals(info.Name, other)))
            return;
        if (node.Distribution?.ConnectsByItself(other) == true)
            _ = ConnectAsync(other);
        else
            OnDown(other);
    }

    /// <summary>The node is gone, or could not be reached.</summary>
    internal void OnDown(Atom other)
    {
        List<Pid>? pids;
        lock (_lock)
        {
            if (!_watchers.Remove(other, out pids))
                return;
        }

        ProcessSystem processes = node.Processes;
        foreach (Pid pid in pids)
            processes.Send(pid, new NodeDown(other));
    }

    private async Task ConnectAsync(Atom other)
    {
        if (!await node.ConnectAsync(other).ConfigureAwait(false))
            OnDown(other);
    }
}
