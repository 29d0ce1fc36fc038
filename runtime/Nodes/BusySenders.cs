using CloudScale.Interop.Connections;
using CloudScale.Scheduling;

namespace CloudScale.Runtime;

/// <summary>Processes that are held because they have sent to a busy node.</summary>
/// <remarks>
/// Threads: any. A sender is held only if the node is still busy under the lock, and the end of being busy is told after the connection has noted it: so who is held is
/// released. What the loss of a node leaves held is released with the news of it.
/// </remarks>
internal sealed class BusySenders(ProcessSystem processes, Distribution distribution)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Atom, HashSet<Pid>> _held = [];

    internal void Hold(Pid sender, Atom node)
    {
        lock (_gate)
        {
            if (!distribution.IsBusy(node))
                return;
            if (!_held.TryGetValue(node, out HashSet<Pid>? senders))
                _held[node] = senders = [];
            if (senders.Add(sender))
                processes.HoldSender(sender, node);
        }
    }

    internal void Release(Atom node)
    {
        lock (_gate)
        {
            if (!_held.Remove(node, out HashSet<Pid>? senders))
                return;
            foreach (Pid sender in senders)
                processes.ReleaseSender(sender);
        }
    }
}
