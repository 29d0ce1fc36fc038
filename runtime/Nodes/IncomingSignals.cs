using CloudScale.Interop.Connections;
using CloudScale.Scheduling;
using CloudScale.Serialization.Etf;

namespace CloudScale.Runtime;

/// <summary>From the connections to the scheduler: signals of other nodes for local processes, and the comings and goings of nodes.</summary>
internal sealed class IncomingSignals(Node node) : IDistributionEvents
{
    private ProcessSystem Processes => node.Processes;

    public void OnStarted(NodeIdentity self) => node.OnNamed(self);

    public void OnNodeUp(Atom name, NodeInfo info) => node.Subscribers.OnUp(info);

    public void OnNotBusy(Atom name) => node.BusySenders?.Release(name);

    public void OnNodeDown(Atom name, object reason)
    {
        node.BusySenders?.Release(name);
        Processes.DeliverConnectionLost(name);
        node.Subscribers.OnDown(name, reason);
        node.NodeMonitors.OnDown(name);
    }

    public void OnConnectFailed(Atom name, object reason)
    {
        Processes.DeliverConnectionLost(name);
        node.NodeMonitors.OnDown(name);
    }

    public void OnTrace(Binary context, EncodedTerm message) => CallActivities.Arrive(context, message);

    public Task? OnSend(Pid to, EncodedTerm message)
    {
        Processes.DeliverMessage(to, message);
        return Processes.RoomFor(to);
    }

    public Task? OnRegisteredSend(Pid from, Atom name, EncodedTerm message)
    {
        Processes.DeliverMessage(name, message);
        return Processes.RoomFor(name);
    }

    public Task? OnAliasSend(Reference alias, EncodedTerm message, bool isPriority)
    {
        Processes.DeliverMessage(alias, message, isPriority);
        return Processes.RoomFor(alias);
    }

    public void OnGroupLeader(Pid leader, Pid to) => Processes.DeliverGroupLeader(leader, to);

    public void OnSpawnRequest(SpawnRequest request, EncodedTerm arguments) => node.SpawnRequests.Take(request, arguments);

    public void OnSpawnReply(Reference reference, Pid to, SpawnReplyFlags flags, object pidOrError) =>
        Processes.DeliverSpawnReply(
            reference,
            to,
            pidOrError,
            isLinked: (flags & SpawnReplyFlags.Linked) != 0,
            isMonitored: (flags & SpawnReplyFlags.Monitored) != 0
        );

    public void OnLink(Pid from, Pid to) => Processes.DeliverLink(from, to);

    public void OnUnlink(ulong id, Pid from, Pid to) => Processes.DeliverUnlink(from, to, id);

    public void OnUnlinkAck(ulong id, Pid from, Pid to) => Processes.DeliverUnlinkAck(from, to, id);

    public void OnExit(Pid from, Pid to, object reason) => Processes.DeliverLinkExit(from, to, reason);

    public void OnExit2(Pid from, Pid to, object reason) => Processes.DeliverExit(from, to, reason);

    public void OnRegisteredExit(Pid from, Atom name, object reason)
    {
        if (Processes.WhereIs(name) is { IsNone: false } bearer)
            Processes.DeliverExit(from, bearer, reason);
    }

    public void OnAliasExit(Pid from, Reference alias, object reason, bool isPriority) =>
        Processes.DeliverExit(from, alias, reason, isPriority);

    public void OnMonitor(Pid from, object toPidOrAtom, Reference reference)
    {
        if (toPidOrAtom is Atom name)
            Processes.DeliverMonitor(from, name, reference);
        else
            Processes.DeliverMonitor(from, (Pid)toPidOrAtom, reference);
    }

    public void OnDemonitor(Pid from, object toPidOrAtom, Reference reference) => Processes.DeliverDemonitor(toPidOrAtom, reference);

    public void OnMonitorExit(object fromPidOrAtom, Pid to, Reference reference, object reason) =>
        Processes.DeliverDown(fromPidOrAtom, to, reference, reason);
}
