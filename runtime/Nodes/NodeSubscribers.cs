using System.Collections.Concurrent;
using CloudScale.Scheduling;

namespace CloudScale.Runtime;

/// <summary>Processes that want <see cref="NodeUp"/> and <see cref="NodeDown"/>.</summary>
/// <remarks>Threads: any. Order: for one node, up and down alternate, as its connection reports them.</remarks>
internal sealed class NodeSubscribers(Node node)
{
    private readonly ConcurrentDictionary<Pid, byte> _pids = new();

    internal void Add(Pid pid) => _pids.TryAdd(pid, 0);

    internal bool Remove(Pid pid) => _pids.TryRemove(pid, out _);

    internal void Tell(object news)
    {
        ProcessSystem processes = node.Processes;
        foreach (Pid pid in _pids.Keys)
        {
            if (processes.IsAlive(pid))
                processes.Send(pid, news);
            else
                _pids.TryRemove(pid, out _);
        }
    }
}
