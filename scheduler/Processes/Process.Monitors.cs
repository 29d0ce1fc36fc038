namespace CloudScale.Scheduling;

/// <summary>Monitors: one process is told of the exit of another, once.</summary>
internal sealed partial class Process
{
    /// <summary>Owner: watches a process, here or elsewhere.</summary>
    internal Reference Monitor(Pid target, MonitorOptions options = default)
    {
        Reference reference = NewMonitorReference(options);
        AddMonitorOf(target, reference, options);
        Extension.LastMonitor = System.SendMonitor(Pid, target, reference, options.Alias == AliasMode.ReplyDemonitor);
        return reference;
    }

    /// <summary>Owner: the reference for a monitor to be set; it is an alias from now on if the options say so.</summary>
    internal Reference NewMonitorReference(MonitorOptions options)
    {
        if (options.Alias == AliasMode.None)
            return System.NewReference();
        Reference reference = NewAliasReference();
        Extension.Aliases!.Add(reference, options.Alias, priority: false);
        return reference;
    }

    /// <summary>Owner: watches whoever bears the name now. The report names <c>{Name, Node}</c>.</summary>
    internal Reference Monitor(Atom name, Atom? node, MonitorOptions options)
    {
        Reference reference = NewMonitorReference(options);
        bool remote = node is not null && !ReferenceEquals(node, System.Identity.Name);
        object reported = Tuple.Of(name, node ?? System.Identity.Name);
        if (remote)
        {
            AddMonitor(reference, new MonitorTarget(default, true, reported, options));
            RememberRemote(node!);
            System.SendMonitorName(Pid, name, node!, reference);
            return reference;
        }

        Process? target = System.Names.Find(name);
        AddMonitor(reference, new MonitorTarget(target?.Pid ?? default, false, reported, options));
        MonitorSignal signal = new(Pid, reference, reported, options.Alias == AliasMode.ReplyDemonitor);
        if (target is null || System.PostSignal(target, signal) == Posted.Dead)
            System.PostSignal(this, new DownSignal(reference, default, reported, Atoms.NoProc));
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
            EndAliasOf(target, reference);
            if (_extension.LastMonitor is not { } last || !last.IsOf(reference) || !last.TryWithdraw())
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
            if (IsReport(envelope.Payload, reference))
            {
                _mailbox.Unlink(previous, envelope);
                return;
            }
        }
    }

    /// <summary>What becomes a <see cref="Down"/>, or the tuple that a monitor with a tag reports with.</summary>
    private static bool IsReport(object? message, Reference reference) =>
        message is DownSignal down
            ? down.Reference == reference
            : message is Tuple and [_, Reference reported, Atom kind, _, _]
                && ReferenceEquals(kind, Atoms.Process)
                && reported == reference;

    internal void OnMonitor(Pid watcher, Reference reference, object? name, bool endsWithAnswer)
    {
        (Extension.MonitoredBy ??= new()).Set(reference, new Watcher(watcher, name, endsWithAnswer));
        RememberRemote(watcher.Node);
    }

    internal void OnDemonitor(Reference reference) => _extension?.MonitoredBy?.Remove(reference, out _);

    internal void OnDown(DownSignal down)
    {
#if EXPLORATION
        if (Mutations.Is(Mutation.DownAfterDemonitor))
            Deliver(down.Message);
#endif
        if (_extension?.Monitors is not { } monitors || !monitors.Remove(down.Reference, out MonitorTarget target))
            return;
        EndAliasOf(target, down.Reference);
        if (target.Name is not null)
            down.Report(target.Name);
        if (target.Tag is null)
            DeliverOwn(down, target.Priority);
        else
            Deliver(Tuple.Of(target.Tag, down.Reference, Atoms.Process, down.Reported, down.Reason), target.Priority);
    }

    /// <summary>
    /// Owner: asks a process to exit and watches it. One of this node is asked in one signal, and tells by the report alone: what a link to it would bring besides is dropped. The link itself stands until it has exited, so that it is told
    /// if this process exits first.
    /// </summary>
    internal Reference ExitMonitor(Pid target, object reason)
    {
        Reference reference = System.NewReference();
        AddMonitorOf(target, reference, default);
        if (target == Pid || !System.TrySendExitMonitor(Pid, target, reference, reason))
        {
            System.SendMonitor(Pid, target, reference, endsWithAnswer: false);
            System.SendExit(Pid, target, reason, target == Pid ? ExitKind.Self : ExitKind.Explicit);
        }
        else if (_extension!.Links is { } links && links.TryGet(target, out ulong state) && LinkState.IsActive(state))
        {
            links.Set(target, LinkState.ActiveQuiet);
        }

        return reference;
    }

    /// <summary>Owner: asks a process to end in order, and watches it.</summary>
    internal Reference StopMonitor(Pid target, object reason)
    {
        Reference reference = System.NewReference();
        if (!IsTraced && System.IsHere(target) && System.FindUnhooked(target) is { } process)
        {
            AddMonitor(reference, new MonitorTarget(target, false, null));
            if (System.PostSignal(process, new StopSignal(Pid, reference, reason)) == Posted.Dead)
                System.SendDown(Pid, reference, null, target, Atoms.NoProc);
            return reference;
        }

        // The long way: another node, a bounded or traced mailbox, nobody at all.
        AddMonitorOf(target, reference, default);
        System.SendMonitor(Pid, target, reference, endsWithAnswer: false);
        Tuple message = StopRequest.ToTerm(Pid, reference, reason);
        if (IsTraced)
            System.Traced(this, TraceFlags.Send, TraceKind.Send, message, target);
        System.SendMessage(Pid, target, message);
        return reference;
    }

    /// <summary>The alias that some monitors bring ends with them.</summary>
    private void EndAliasOf(MonitorTarget monitor, Reference reference)
    {
        if (monitor.Alias is AliasMode.Demonitor or AliasMode.ReplyDemonitor)
            _extension!.Aliases?.Remove(reference);
    }
}
