using System.Collections.Concurrent;
using CloudScale.Interop.Connections;
using CloudScale.Scheduling;

namespace CloudScale.Runtime;

/// <summary>Processes that want <see cref="NodeUp"/> and <see cref="NodeDown"/>.</summary>
/// <remarks>
/// Threads: any. Order: for one node, up and down alternate, as its connection reports them. As in Erlang each subscription is told of, also a second one with the same options, and taking one back takes back all
/// that have its options. Those of processes that are gone are dropped when there is something to tell, and when the table has doubled.
/// </remarks>
internal sealed class NodeSubscribers(Node node)
{
    private const int FirstPrune = 256;

    private readonly Dictionary<(Pid Pid, NodeMonitorOptions Options), int> _counts = [];
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<Atom, NodeInfo> _up = new(); // what is known of a node when it goes
    private int _pruneAt = FirstPrune;

    internal void Add(Pid pid, NodeMonitorOptions options)
    {
        lock (_gate)
        {
            _counts[(pid, options)] = _counts.GetValueOrDefault((pid, options)) + 1;
            if (_counts.Count < _pruneAt)
                return;
            foreach ((Pid Pid, NodeMonitorOptions Options) key in _counts.Keys.Where(key => !node.Processes.IsAlive(key.Pid)).ToArray())
                _counts.Remove(key);
            _pruneAt = Math.Max(FirstPrune, 2 * _counts.Count);
        }
    }

    internal bool Remove(Pid pid, NodeMonitorOptions options)
    {
        lock (_gate)
            return _counts.Remove((pid, options));
    }

    internal void OnUp(NodeInfo info)
    {
        _up[info.Name] = info;
        Tell(info, reason: null);
    }

    internal void OnDown(Atom name, object reason)
    {
        if (_up.TryRemove(name, out NodeInfo? info))
            Tell(info, reason);
    }

    private void Tell(NodeInfo info, object? reason)
    {
        KeyValuePair<(Pid Pid, NodeMonitorOptions Options), int>[] all;
        lock (_gate)
            all = [.. _counts];
        ProcessSystem processes = node.Processes;
        foreach (((Pid pid, NodeMonitorOptions options), int count) in all)
        {
            if (!processes.IsAlive(pid))
            {
                Remove(pid, options);
                continue;
            }

            if (!options.Includes(info.IsHidden))
                continue;
            NodeStatus? status = options.StatusOf(info.IsHidden, info.ConnectionId, reason);
            object news = reason is null ? new NodeUp(info.Name) { Info = status } : new NodeDown(info.Name) { Info = status };
            for (int i = 0; i < count; i++)
                processes.Send(pid, news);
        }
    }
}
