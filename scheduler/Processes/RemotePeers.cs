using System.Collections.Concurrent;

namespace CloudScale.Scheduling;

/// <summary>Which local processes have a link or monitor across to which node, so that the loss of a connection reaches exactly those.</summary>
/// <remarks>Threads: any. A process adds itself before it sends the link or monitor, so a loss that comes after finds it.</remarks>
internal sealed class RemotePeers
{
    private readonly ConcurrentDictionary<Atom, ConcurrentDictionary<Process, byte>> _byNode = new();

    internal void Add(Atom node, Process process)
    {
        ConcurrentDictionary<Process, byte> processes;
        do
        {
            processes = _byNode.GetOrAdd(node, static _ => new());
            processes.TryAdd(process, 0);
        } while (!_byNode.TryGetValue(node, out ConcurrentDictionary<Process, byte>? current) || !ReferenceEquals(current, processes));
        // else the set was taken away for a loss, and what was added to it may have gone unseen
    }

    internal void Remove(Atom node, Process process)
    {
        if (_byNode.TryGetValue(node, out ConcurrentDictionary<Process, byte>? processes))
            processes.TryRemove(process, out _);
    }

    /// <summary>Tells everyone who had something to do with the node.</summary>
    internal void OnConnectionLost(Atom node, ProcessSystem system)
    {
        if (!_byNode.TryRemove(node, out ConcurrentDictionary<Process, byte>? processes))
            return;
        foreach (Process process in processes.Keys)
            system.PostSignal(process, new ConnectionLostSignal(node));
    }
}
