using System.Collections.Concurrent;

namespace CloudScale.Scheduling;

/// <summary>Processes that are started for a parent on another node, and answers to requests of our own.</summary>
public sealed partial class ProcessSystem
{
    // Requests whose parents have exited: for processes that were to be linked, the reason to give them. As many as were under way; the loss of a node clears its own.
    private readonly ConcurrentDictionary<Reference, (Atom Node, object Reason)> _orphans = new();

    /// <summary>
    /// Starts a process that another one, mostly of another node, has asked for. Link and monitor stand before its first step, and <paramref name="announce"/> is called before it.
    /// </summary>
    /// <param name="parent">Who asked.</param>
    /// <param name="monitor">The reference under which the parent monitors it; none for no monitor.</param>
    /// <param name="body">The body.</param>
    /// <param name="options">Options; <see cref="SpawnOptions.Link"/> links it to <paramref name="parent"/>.</param>
    /// <param name="announce">Called with the new pid: what is sent from here is sent before all that comes from the process.</param>
    /// <inheritdoc cref="Spawn(Func{Self, ProcessTask})" path="/exception"/>
    public Pid DeliverSpawn(Pid parent, Reference monitor, Func<Self, ProcessTask> body, SpawnOptions options, Action<Pid> announce)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(announce);
        Process process = Create(body, options, null, CurrentScheduler);
        process.AdoptParent(parent, options.Link, monitor);
        announce(process.Pid);
        Start(process, CurrentScheduler);
        return process.Pid;
    }

    /// <summary>The answer to a spawn request of a process of this node.</summary>
    /// <param name="reference">The number of the request.</param>
    /// <param name="to">Who asked.</param>
    /// <param name="result">The new process's <see cref="Pid"/>, or why there is none.</param>
    /// <param name="isLinked">Whether the new process is linked to the asking one.</param>
    /// <param name="isMonitored">Whether the asking process monitors the new one.</param>
    public void DeliverSpawnReply(Reference reference, Pid to, object result, bool isLinked, bool isMonitored)
    {
        SpawnReplySignal signal = new(reference, result, isLinked, isMonitored);
        if (!TryPostSignal(to, signal))
            signal.Reject(this, to);
    }

    /// <summary>Takes down what was set up on the far side for a parent that is gone, or wants it no more.</summary>
    internal void DisownSpawned(Pid parent, Reference reference, object result, bool isLinked, bool isMonitored, object? reason = null)
    {
        if (_orphans.TryRemove(reference, out (Atom Node, object Reason) orphan))
            reason ??= orphan.Reason;
        if (result is not Pid child)
            return;
        if (isMonitored)
            SendDemonitor(parent, new MonitorTarget(child, !IsHere(child), null), reference);
        if (isLinked)
            SendExit(parent, child, reason ?? Atoms.NoProc, ExitKind.Link);
    }

    internal void Orphan(Reference reference, Atom node, object reason) => _orphans[reference] = (node, reason);

    private void LoseOrphans(Atom node)
    {
        if (_orphans.IsEmpty)
            return;
        foreach (KeyValuePair<Reference, (Atom Node, object Reason)> orphan in _orphans)
        {
            if (ReferenceEquals(orphan.Value.Node, node))
                _orphans.TryRemove(orphan);
        }
    }
}

/// <summary>A spawn request has been answered.</summary>
internal sealed class SpawnReplySignal(Reference reference, object result, bool isLinked, bool isMonitored) : Signal
{
    internal override void Deliver(Process receiver) => receiver.OnSpawnReply(reference, result, isLinked, isMonitored);

    internal override void Reject(Process receiver) => Reject(receiver.System, receiver.Pid);

    internal void Reject(ProcessSystem system, Pid parent) => system.DisownSpawned(parent, reference, result, isLinked, isMonitored);
}
