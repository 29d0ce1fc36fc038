namespace CloudScale.Scheduling;

/// <summary>The end of a process.</summary>
internal sealed partial class Process
{
    /// <summary>Owner: leaves the table, answers what has arrived, tells links and monitors, frees what it holds.</summary>
    private void Terminate()
    {
        object reason = ExitReason;
        if (IsTraced)
            System.Traced(this, TraceFlags.Processes, TraceKind.Exit, reason);
        LeaveSpawns(reason); // before a reply can find it gone
        System.Table.Clear(Number);
        Envelope? left = _mailbox.Close(); // a full fence: from here on the process is dead for every sender
        Interleaving.Point();
        if (_name is not null)
            System.Names.Release(this);
        ReleaseTables(); // before anybody is told: whoever hears of the exit finds the tables gone, or with their heirs

        if (_extension is not null)
            TellPeers(_extension, reason);

        while (left is not null)
        {
            Envelope? next = left.Next;
            left.Next = null;
            if (left is Signal signal)
                signal.Reject(this);
            left = next;
        }

        ReleaseResources();
        if (_extension?.Rare?.Timer is { IsArmed: true } timer)
            timer.Drop();
        _extension = null;
        SetContinuation(null);
        _code = null;
        _matcher = null;
        _scan = null;
        Runner = null;
        if (IsTraced)
            System.ForgetTraces(this);
        System.Watch?.OnExited(this);
        ProcessSystem.OnExited(this);
    }

    /// <summary>Owner: why it exits, once that is decided.</summary>
    internal object ExitReason => _extension?.Rare?.ExitReason ?? Atoms.Normal;

    private void TellPeers(ProcessExtension extension, object reason)
    {
        if (extension.Links is { } links)
        {
            foreach (KeyValuePair<Pid, ulong> link in links)
            {
                if (LinkState.IsActive(link.Value))
                    System.SendExit(Pid, link.Key, reason, ExitKind.Link);
            }
        }

        if (extension.MonitoredBy is { } watchers)
        {
            foreach (KeyValuePair<Reference, Watcher> watcher in watchers)
                System.SendDown(watcher.Value.Pid, watcher.Key, watcher.Value.Name, Pid, reason);
        }

        if (extension.Monitors is { } monitors)
        {
            foreach (KeyValuePair<Reference, MonitorTarget> monitor in monitors)
                System.SendDemonitor(Pid, monitor.Value, monitor.Key);
        }

        if (extension.Attributes is not { } attributes)
            return;
        if (attributes.Suspension is { } suspension)
            suspension.ResumeAll(this);
        if (attributes.RemotePeers is { } peers)
        {
            foreach (Atom node in peers)
                System.Remotes.Remove(node, this);
        }
    }

    private void ReleaseResources()
    {
        if (_extension?.Attributes is not { } attributes)
            return;
        attributes.ExitSource?.Cancel();
        if (attributes.Bound is not null)
            WakeAllWaiters();
        if (attributes.Owned is null)
            return;
        for (int i = attributes.Owned.Count - 1; i >= 0; i--)
        {
            try
            {
                attributes.Owned[i].Dispose();
            }
            catch (Exception exception)
            {
                System.ReportCrash(this, exception); // one that fails to close must not keep the others open
            }
        }
    }

    /// <summary>Owner: disposes the resource when the process exits, however it exits.</summary>
    internal void Own(IDisposable resource) => (Extension.Attribute().Owned ??= []).Add(resource);

    /// <summary>Owner: takes back what <see cref="Own"/> gave.</summary>
    internal bool Disown(IDisposable resource) => _extension?.Attributes?.Owned?.Remove(resource) ?? false;

    /// <summary>Owner: a token that is cancelled at exit.</summary>
    internal CancellationToken ExitToken => (Extension.Attribute().ExitSource ??= new CancellationTokenSource()).Token;
}
