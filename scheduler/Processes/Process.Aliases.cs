namespace CloudScale.Scheduling;

/// <summary>Aliases: references that stand for this process until it ends them, so that a late answer is dropped and not left in the mailbox.</summary>
/// <remarks>
/// The reference leads to the process, and only the process knows whether it is still an alias: a message by alias is a signal, which the owner turns into a message or drops.
/// Source: Erlang Reference Manual, Processes, "Process Aliases"; erlang:alias/1, monitor/3.
/// </remarks>
internal sealed partial class Process
{
    /// <summary>Owner: makes an alias of its own.</summary>
    internal Reference Alias(AliasMode mode, bool priority)
    {
        Reference reference = NewAliasReference();
        Extension.Aliases!.Add(reference, mode, priority);
        return reference;
    }

    /// <summary>Owner: ends an alias; false if it was none.</summary>
    internal bool Unalias(Reference alias) => _extension?.Aliases?.Remove(alias) ?? false;

    private Reference NewAliasReference() => (Extension.Aliases ??= new AliasTable(Pid)).NewReference(System.NewReferenceNumber());

    internal void OnAliasMessage(AliasSignal signal)
    {
        Reference reference = signal.Alias;
        if (_extension?.Aliases is not { } aliases || !aliases.TryGet(reference, out Alias alias))
        {
            // Unalias alone leaves the monitor, whose other half the answer has taken down.
            if (signal.MonitorIsGone && _extension?.Monitors is { } left && left.TryGet(reference, out MonitorTarget stillWatched))
                System.SendMonitor(Pid, stillWatched.Pid, reference, endsWithAnswer: false);
            _extension?.Attributes?.Bound?.CountOwn(-1); // its sender has counted it
            return;
        }

        if (alias.Mode is AliasMode.Reply or AliasMode.ReplyDemonitor)
            aliases.Remove(reference);
        if (
            alias.Mode == AliasMode.ReplyDemonitor
            && _extension.Monitors is { } monitors
            && monitors.Remove(reference, out MonitorTarget target)
        )
        {
            if (!signal.MonitorIsGone)
                System.SendDemonitor(Pid, target, reference);
        }

        if (IsTraced)
            System.Traced(this, TraceFlags.Receive, TraceKind.Receive, Payloads.Unwrap(signal.Payload, signal.Bits));
        Deliver(signal, signal.Priority && alias.Priority); // the signal itself is the message from here on
    }

    /// <summary>An exit signal came by alias: it counts while the alias is active.</summary>
    internal void OnAliasExit(Reference reference, Pid from, object reason, bool priority)
    {
        if (_extension?.Aliases is { } aliases && aliases.TryGet(reference, out Alias alias))
            OnExit(from, reason, ExitKind.Explicit, priority && alias.Priority);
    }

    /// <summary>
    /// Owner, before it sends to an alias: if the alias is that of a monitor on this process that ends with the answer, its half here is dropped now, which saves the asker a signal.
    /// Nothing is lost: our exit, if we did exit before the answer arrived, would come after it and find the monitor gone.
    /// </summary>
    internal bool DropAnsweredMonitor(Reference alias) =>
        _extension?.MonitoredBy is { } watchers
        && watchers.TryGet(alias, out Watcher watcher)
        && watcher.EndsWithAnswer
        && watchers.Remove(alias, out _);
}
