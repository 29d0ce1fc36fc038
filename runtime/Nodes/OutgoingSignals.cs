using CloudScale.Interop.Connections;
using CloudScale.Scheduling;

namespace CloudScale.Runtime;

/// <summary>From the scheduler to the connections: signals of local processes for those of other nodes.</summary>
/// <remarks>
/// Threads: any. A link or monitor that cannot be sent because no connection can even be tried is answered on the spot; one that waits for a connection which then fails is
/// answered by <see cref="IncomingSignals.OnConnectFailed"/>.
/// </remarks>
internal sealed class OutgoingSignals(ProcessSystem processes, Distribution distribution) : IRemoteSignals
{
    public void Send(Pid from, Pid to, object message) => distribution.Send(to, from, message);

    public void Send(Pid from, Atom name, Atom node, object message) => distribution.SendToName(node, name, from, message);

    /// <remarks>The priority of a message is not carried yet: it arrives as an ordinary one, as it would from a node that knows no priority messages.</remarks>
    public void Send(Pid from, Reference alias, object message, bool priority) => distribution.SendToAlias(alias, from, message);

    /// <remarks>No exit signal by alias exists on the wire before the form with alternative actions, which is not spoken yet.</remarks>
    public void Exit(Pid from, Reference alias, object reason, bool priority) { }

    public void GroupLeader(Pid from, Pid to) => distribution.GroupLeader(from, to);

    public void Link(Pid from, Pid to)
    {
        if (distribution.Link(from, to) == SendResult.NoConnection)
            processes.DeliverLinkExit(to, from, Atoms.NoConnection);
    }

    public void Unlink(Pid from, Pid to, ulong id)
    {
        if (distribution.Unlink(id, from, to) == SendResult.NoConnection)
            processes.DeliverUnlinkAck(to, from, id);
    }

    public void UnlinkAck(Pid from, Pid to, ulong id)
    {
        if (id != 0) // 0 stands for the old form of unlink, which has no answer
            distribution.UnlinkAck(id, from, to);
    }

    public void LinkExit(Pid from, Pid to, object reason) =>
        WithReason(reason, (distribution, from, to), static (target, term) => target.distribution.Exit(target.from, target.to, term));

    public void Exit(Pid from, Pid to, object reason) =>
        WithReason(reason, (distribution, from, to), static (target, term) => target.distribution.Exit2(target.from, target.to, term));

    public void Monitor(Pid from, Pid to, Reference reference)
    {
        if (distribution.Monitor(from, to, reference) == SendResult.NoConnection)
            processes.DeliverDown(to, from, reference, Atoms.NoConnection);
    }

    public void Monitor(Pid from, Atom name, Atom node, Reference reference)
    {
        if (distribution.Monitor(from, node, name, reference) == SendResult.NoConnection)
            processes.DeliverDown(name, from, reference, Atoms.NoConnection);
    }

    public void Demonitor(Pid from, Pid to, Reference reference) => distribution.Demonitor(from, to, reference);

    public void Demonitor(Pid from, Atom name, Atom node, Reference reference) => distribution.Demonitor(from, node, name, reference);

    public void Down(object from, Pid to, Reference reference, object reason) =>
        WithReason(
            reason,
            (distribution, from, to, reference),
            static (target, term) => target.distribution.MonitorExit(target.from, target.to, target.reference, term)
        );

    /// <summary>
    /// An exit reason may be any object as long as it stays on this node. One that is no term must not keep the news of the exit from the peer: it travels as
    /// <c>{not_a_term, TypeName}</c>.
    /// </summary>
    private static void WithReason<TTarget>(object reason, TTarget target, Action<TTarget, object> send)
    {
        try
        {
            send(target, reason);
        }
        catch (ArgumentException)
        {
            send(target, Tuple.Of(s_notATerm, reason.GetType().ToString()));
        }
    }

    private static readonly Atom s_notATerm = Atom.Of("not_a_term");
}
