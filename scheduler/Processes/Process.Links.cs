namespace CloudScale.Scheduling;

/// <summary>Links: two processes that tell each other of their exit.</summary>
/// <remarks>
/// Each side keeps its own half; the halves agree by signals, and the same code serves local and remote peers. An unlink stays on record until the peer has
/// acknowledged it, so that an exit signal sent before the peer knew is ignored, and one sent after a new link is not. Source: ERTS User's Guide,
/// Distribution Protocol, "Protocol for linking processes".
/// </remarks>
internal sealed partial class Process
{
    /// <summary>Owner: links to a process; does nothing if an active link stands.</summary>
    /// <param name="peer">The other process.</param>
    /// <param name="priority">Its exit, where trapped, becomes a priority message. Holds for a link that stands already, too.</param>
    internal void Link(Pid peer, bool priority = false)
    {
        if (peer == Pid)
            return;

        SmallMap<Pid, ulong> links = Extension.Links ??= new();
        bool stood = links.TryGet(peer, out ulong state) && LinkState.IsActive(state);
        if (!stood || priority || state == LinkState.ActiveQuiet)
            links.Set(peer, priority ? LinkState.ActivePriority : LinkState.Active); // also takes a pending unlink back: its acknowledgement will find a link that is active, and be ignored
        if (stood)
            return;

        RememberRemote(peer.Node);
        if (IsTraced)
            System.Traced(this, TraceFlags.Processes, TraceKind.Link, null, peer);
        System.SendLink(Pid, peer);
    }

    /// <summary>Before the process is published: the half of a link that spawn makes.</summary>
    internal void AdoptLink(Pid peer) => (Extension.Links ??= new()).Set(peer, LinkState.Active);

    /// <summary>Owner: unlinks; after this no exit signal of the old link reaches the process.</summary>
    internal void Unlink(Pid peer)
    {
        if (_extension?.Links is not { } links || !links.TryGet(peer, out ulong state) || !LinkState.IsActive(state))
            return;

        ulong id = ++Extension.Rarely().LastUnlinkId;
        links.Set(peer, id);
        if (IsTraced)
            System.Traced(this, TraceFlags.Processes, TraceKind.Unlink, null, peer);
#if EXPLORATION
        if (Mutations.Is(Mutation.UnlinkWithoutAcknowledgement))
            links.Remove(peer, out _);
#endif
        System.SendUnlink(Pid, peer, id);
    }

    internal void OnLink(Pid from)
    {
        SmallMap<Pid, ulong> links = Extension.Links ??= new();
        if (links.TryGet(from, out _))
            return; // already linked, or an unlink of ours is on its way and decides
        links.Set(from, LinkState.Active);
        RememberRemote(from.Node);
    }

    internal void OnUnlink(Pid from, ulong id)
    {
        if (_extension?.Links is { } links && links.TryGet(from, out ulong state) && LinkState.IsActive(state))
            links.Remove(from, out _);
        System.SendUnlinkAck(Pid, from, id);
    }

    internal void OnUnlinkAck(Pid from, ulong id)
    {
        if (_extension?.Links is { } links && links.TryGet(from, out ulong unlinkId) && unlinkId == id)
            links.Remove(from, out _);
    }

    /// <summary>An exit signal has come: Erlang's rules decide whether it ends the process, becomes a message, or is nothing.</summary>
    internal void OnExit(Pid from, object reason, ExitKind kind, bool priority = false)
    {
        if (kind == ExitKind.Link)
        {
            if (_extension?.Links is not { } links || !links.TryGet(from, out ulong state) || !LinkState.IsActive(state))
                return;
            priority = state == LinkState.ActivePriority;
            links.Remove(from, out _);
            if (state == LinkState.ActiveQuiet)
                return;
        }

        if (kind != ExitKind.Link && ReferenceEquals(reason, Atoms.Kill))
        {
            BeginExit(Atoms.Killed, ExitState.Abandon);
            return;
        }

        if (TrapExit)
        {
            Deliver(new Exit(from, reason), priority);
            return;
        }

        if (kind == ExitKind.Self || !ReferenceEquals(reason, Atoms.Normal))
            BeginExit(reason, ExitState.Unwind);
    }

    private void BeginExit(object reason, ExitState how)
    {
        Extension.Rarely().ExitReason = reason;
        _exit = how;
    }

    /// <summary>Keeps for each remote node who must be told when it is lost.</summary>
    private void RememberRemote(NodeIdentity node) => RememberRemote(node.Name);

    private void RememberRemote(Atom node)
    {
        if (ReferenceEquals(node, System.Identity.Name))
            return;
        if ((Extension.Attribute().RemotePeers ??= []).Add(node))
            System.Remotes.Add(node, this);
    }

    /// <summary>Before the process is started: the parent, on whatever node, that asked for it.</summary>
    internal void AdoptParent(Pid parent, bool link, Reference monitor)
    {
        if (link)
        {
            AdoptLink(parent);
            RememberRemote(parent.Node);
        }

        if (!monitor.IsNone)
            OnMonitor(parent, monitor, null, endsWithAnswer: false);
    }

    internal void OnConnectionLost(Atom node)
    {
        _extension?.Attributes?.RemotePeers?.Remove(node);
        LoseSpawns(node);
        if (_extension?.Monitors is { } monitors)
        {
            foreach (KeyValuePair<Reference, MonitorTarget> entry in monitors.ToArray())
            {
                if (ReferenceEquals(entry.Value.Node, node))
                    OnDown(new DownSignal(entry.Key, default, entry.Value.Object, Atoms.NoConnection));
            }
        }

        if (_extension?.MonitoredBy is { } watchers)
        {
            foreach (KeyValuePair<Reference, Watcher> entry in watchers.ToArray())
            {
                if (ReferenceEquals(entry.Value.Pid.Node.Name, node))
                    watchers.Remove(entry.Key, out _);
            }
        }

        if (_extension?.Links is { } links)
        {
            foreach (KeyValuePair<Pid, ulong> entry in links.ToArray())
            {
                if (!ReferenceEquals(entry.Key.Node.Name, node))
                    continue;
                if (!LinkState.IsActive(entry.Value))
                    links.Remove(entry.Key, out _); // no acknowledgement will come
                else if (_exit == ExitState.None)
                    OnExit(entry.Key, Atoms.NoConnection, ExitKind.Link);
            }
        }
    }
}
