namespace CloudScale.Scheduling;

/// <summary>Processes that this one has asked for, here or on another node, by the name of a function.</summary>
/// <remarks>
/// A request is on record from before it is sent until its answer, or the loss of the node, takes it off. Link and monitor stand on the far side when the answer is sent, and
/// on this side when it is taken. Source: Erlang, erlang:spawn_request/5, spawn_request_abandon/1; ERTS User's Guide, Distribution Protocol, SPAWN_REPLY.
/// </remarks>
internal sealed partial class Process
{
    internal static readonly Atom LinkOption = Atom.Of("link");
    internal static readonly Atom MonitorOption = Atom.Of("monitor");
    private static readonly Atom s_spawnReply = Atom.Of("spawn_reply");
    private static readonly Atom s_abandoned = Atom.Of("abandoned");

    /// <summary>Owner, in the body: asks a node for a process.</summary>
    internal Reference RequestSpawn(Atom node, FunctionCall call, SpawnRequestOptions options)
    {
        Reference reference = options.Monitor is { } how ? NewMonitorReference(how) : System.NewReference();
        Dictionary<Reference, PendingSpawn> spawns = Extension.Attribute().Spawns ??= [];
        spawns.Add(reference, new PendingSpawn(node, options));
        RememberRemote(node);
        try
        {
            System.Remote.SpawnRequest(Pid, node, reference, GroupLeader, call, options.ToTerm());
        }
        catch (ArgumentException)
        {
            spawns.Remove(reference);
            Unalias(reference);
            throw;
        }

        return reference;
    }

    /// <summary>Owner, in the body: gives a request up.</summary>
    internal bool AbandonSpawn(Reference reference)
    {
        if (
            _extension?.Attributes?.Spawns is not { } spawns
            || !spawns.TryGetValue(reference, out PendingSpawn? spawn)
            || spawn.IsAbandoned
        )
            return false;
        spawn.IsAbandoned = true;
        Unalias(reference);
        return true;
    }

    internal void OnSpawnReply(Reference reference, object result, bool isLinked, bool isMonitored)
    {
        if (_extension?.Attributes?.Spawns is not { } spawns || !spawns.Remove(reference, out PendingSpawn? spawn))
            return; // an answer that was given already, by the loss of its node, or never asked for
        if (spawn.IsAbandoned)
        {
            System.DisownSpawned(Pid, reference, result, isLinked, isMonitored, s_abandoned);
            return;
        }

        SpawnRequestOptions options = spawn.Options;
        bool isStarted = result is Pid;
        if (result is Pid child)
            AdoptSpawned(child, reference, options, isLinked, isMonitored);
        else if (options.Monitor is { Alias: AliasMode.Demonitor or AliasMode.ReplyDemonitor })
            Unalias(reference);
        if (options.Reply == SpawnReplyMode.Yes || options.Reply == (isStarted ? SpawnReplyMode.SuccessOnly : SpawnReplyMode.ErrorOnly))
            Deliver(Tuple.Of(options.ReplyTag ?? s_spawnReply, reference, isStarted ? Atoms.Ok : Atoms.Error, result));
    }

    private void AdoptSpawned(Pid child, Reference reference, SpawnRequestOptions options, bool isLinked, bool isMonitored)
    {
        if (isLinked && options.Link)
        {
            AdoptLink(child);
            RememberRemote(child.Node.Name);
            if (IsTraced)
                System.Traced(this, TraceFlags.Processes, TraceKind.Link, null, child);
        }

        if (isMonitored && options.Monitor is { } how)
            AddMonitorOf(child, reference, how);
    }

    /// <summary>The connection that requests went over is gone.</summary>
    private void LoseSpawns(Atom node)
    {
        if (_extension?.Attributes?.Spawns is not { Count: > 0 } spawns)
            return;
        foreach (Reference reference in spawns.Where(entry => ReferenceEquals(entry.Value.Node, node)).Select(entry => entry.Key).ToArray())
            OnSpawnReply(reference, Atoms.NoConnection, isLinked: false, isMonitored: false);
    }

    /// <summary>At exit: a process that is still to come, and was to be linked, will be told why it has no parent.</summary>
    private void LeaveSpawns(object reason)
    {
        if (_extension?.Attributes?.Spawns is not { Count: > 0 } spawns)
            return;
        foreach (KeyValuePair<Reference, PendingSpawn> entry in spawns)
        {
            if (entry.Value.Options.Link)
                System.Orphan(entry.Key, entry.Value.Node, entry.Value.IsAbandoned ? s_abandoned : reason);
        }
    }
}

/// <summary>A spawn request without an answer.</summary>
internal sealed class PendingSpawn(Atom node, SpawnRequestOptions options)
{
    internal Atom Node { get; } = node;

    internal SpawnRequestOptions Options { get; } = options;

    internal bool IsAbandoned { get; set; }
}
