namespace CloudScale.Scheduling;

/// <summary>The other nodes of a node that has no connections: none can be reached.</summary>
internal sealed class NoRemote(ProcessSystem system) : IRemoteSignals
{
    public SendOutcome Send(Pid from, Pid to, object message, SendOptions options) => Outcome(options);

    public SendOutcome Send(Pid from, Atom name, Atom node, object message, SendOptions options) => Outcome(options);

    public void Send(Pid from, Reference alias, object message, bool priority) { }

    public void Exit(Pid from, Reference alias, object reason, bool priority) { }

    public void GroupLeader(Pid from, Pid to) { }

    public void Link(Pid from, Pid to) => system.DeliverLinkExit(to, from, Atoms.NoConnection);

    public void Unlink(Pid from, Pid to, ulong id) => system.DeliverUnlinkAck(to, from, id);

    public void UnlinkAck(Pid from, Pid to, ulong id) { }

    public void LinkExit(Pid from, Pid to, object reason) { }

    public void Exit(Pid from, Pid to, object reason) { }

    public void Monitor(Pid from, Pid to, Reference reference) => system.DeliverDown(to, from, reference, Atoms.NoConnection);

    public void Monitor(Pid from, Atom name, Atom node, Reference reference) =>
        system.DeliverDown(Tuple.Of(name, node), from, reference, Atoms.NoConnection);

    public void Demonitor(Pid from, Pid to, Reference reference) { }

    public void Demonitor(Pid from, Atom name, Atom node, Reference reference) { }

    public void Down(object from, Pid to, Reference reference, object reason) { }

    public void SpawnRequest(Pid from, Atom node, Reference reference, Pid groupLeader, FunctionCall call, List options) =>
        system.DeliverSpawnReply(reference, from, Atoms.NoConnection, isLinked: false, isMonitored: false);

    private static SendOutcome Outcome(SendOptions options) =>
        (options & SendOptions.NoConnect) != 0 ? SendOutcome.NoConnect : SendOutcome.Ok;
}
