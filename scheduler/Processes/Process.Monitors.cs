namespace CloudScale.Scheduling;

/// <summary>Monitors: one process is told of the exit of another, once.</summary>
internal sealed partial class Process
{
    /// <summary>Owner: watches a process, here or elsewhere.</summary>
    internal Reference Monitor(Pid target)
    {
        Reference reference = System.NewReference();
        bool remote = !ReferenceEquals(target.Node, System.Identity);
        AddMonitor(reference, new MonitorTarget(target, remote ? target.Node.Name : null, null));
        if (remote)
            RememberRemote(target.Node);
        System.SendMonitor(Pid, target, reference);
        return reference;
    }

    /// <summary>Owner: watches whoever bears the name now. The report names <c>{Name, Node}</c>.</summary>
    internal Reference Monitor(Atom name, Atom? node)
    {
        Reference reference = System.NewReference();
        bool remote = node is not null && !ReferenceEquals(node, System.Identity.Name);
        object reported = Tuple.Of(name, node ?? System.Identity.Name);
        if (remote)
        {
            AddMonitor(reference, new MonitorTarget(default, node, reported));
            if ((Extension.Rarely().RemotePeers ??= []).Add(node!))
                System.Remotes.Add(node!, this);
            System.SendMonitorName(Pid, name, node!, reference);
            return reference;
        }

        Process? target = System.Names.Find(name);
        AddMonitor(reference, new MonitorTarget(target?.Pid ?? default, null, reported));
        if (target is null || System.PostSignal(target, new MonitorSignal(Pid, reference, reported)) == Posted.Dead)
            System.PostSignal(this, new DownSignal(reference, reported, Atoms.NoProc));
        return reference;
    }

    internal void AddMonitor(Reference reference, MonitorTarget target) => (Extension.Monitors ??= new()).Set(reference, target);

    /// <summary>Owner: takes a monitor back; no <see cref="Down"/> for it comes after this.</summary>
    /// <param name="reference">What Monitor returned.</param>
    /// <param name="flush">Also removes a <see cref="Down"/> that is already in the mailbox.</param>
    /// <returns>Whether the monitor still stood.</returns>
    internal bool Demonitor(Reference reference, bool flush)
    {
        bool stood = false;
        if (_extension?.Monitors is { } monitors && monitors.Remove(reference, out MonitorTarget target))
        {
            stood = true;
            System.SendDemonitor(Pid, target, reference);
        }

        if (flush && !stood)
            RemoveDown(reference);
        return stood;
    }

    private void RemoveDown(Reference reference)
    {
        Envelope? previous = null;
        for (Envelope? envelope = _mailbox.Head; envelope is not null; previous = envelope, envelope = envelope.Next)
        {
            if (envelope.Payload is Down down && down.Reference == reference)
            {
                _mailbox.Unlink(previous, envelope);
                return;
            }
        }
    }

    internal void OnMonitor(Pid watcher, Reference reference, object? name)
    {
        (Extension.MonitoredBy ??= new()).Set(reference, new Watcher(watcher, name));
        RememberRemote(watcher.Node);
    }

    internal void OnDemonitor(Reference reference) => _extension?.MonitoredBy?.Remove(reference, out _);

    internal void OnDown(Reference reference, object from, object reason)
    {
#if EXPLORATION
        if (Mutations.Is(Mutation.DownAfterDemonitor))
            Deliver(new Down(reference, from, reason));
#endif
        if (_extension?.Monitors is { } monitors && monitors.Remove(reference, out MonitorTarget target))
            Deliver(new Down(reference, target.Name ?? from, reason));
    }
}
