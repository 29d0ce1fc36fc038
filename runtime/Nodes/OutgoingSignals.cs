using CloudScale.Interop.Connections;
using CloudScale.Scheduling;

namespace CloudScale.Runtime;

/// <summary>From the scheduler to the connections: signals of local processes for those of other nodes.</summary>
/// <remarks>
/// Threads: any. A link or monitor that cannot be sent because no connection can even be tried is answered on the spot; one that waits for a connection which then fails is
/// answered by <see cref="IncomingSignals.OnConnectFailed"/>.
/// </remarks>
internal sealed class OutgoingSignals(ProcessSystem processes, Distribution distribution, SpawnRequests spawns) : IRemoteSignals
{
    internal BusySenders Busy { get; } = new(processes, distribution);

    public SendOutcome Send(Pid from, Pid to, object message, SendOptions options)
    {
        Atom node = to.Node.Name;
        if (WouldHold(from, node, options))
            return SendOutcome.NoSuspend;
        return OutcomeOf(distribution.Send(to, from, message, TraceOf(message), Connects(options)), from, node, options);
    }

    public SendOutcome Send(Pid from, Atom name, Atom node, object message, SendOptions options)
    {
        if (WouldHold(from, node, options))
            return SendOutcome.NoSuspend;
        return OutcomeOf(distribution.SendToName(node, name, from, message, TraceOf(message), Connects(options)), from, node, options);
    }

    private bool WouldHold(Pid from, Atom node, SendOptions options) =>
        (options & SendOptions.NoSuspend) != 0 && distribution.IsBusy(node, from);

    private static bool Connects(SendOptions options) => (options & SendOptions.NoConnect) == 0;

    // What may connect and cannot counts as sent: Erlang says no more of a node that is not there.
    private SendOutcome OutcomeOf(SendResult result, Pid from, Atom node, SendOptions options)
    {
        if (result == SendResult.Busy && (options & SendOptions.NoSuspend) == 0)
            Busy.Hold(from, node);
        return result == SendResult.NoConnection && !Connects(options) ? SendOutcome.NoConnect : SendOutcome.Ok;
    }

    public void Send(Pid from, Reference alias, object message, bool priority)
    {
        if (distribution.SendToAlias(alias, from, message, priority) == SendResult.Busy)
            Busy.Hold(from, alias.Node.Name);
    }

    public void Exit(Pid from, Reference alias, object reason, bool priority) =>
        WithReason(
            reason,
            (distribution, from, alias, priority),
            static (target, term) => target.distribution.ExitToAlias(target.alias, target.from, term, target.priority)
        );

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

    public void SpawnRequest(Pid from, Atom node, Reference reference, Pid groupLeader, FunctionCall call, List options)
    {
        SpawnRequest request = new(
            reference,
            from,
            groupLeader.IsNone ? new Pid(processes.Identity, 0) : groupLeader, // the wire wants a pid; this one is nobody's
            call.Module,
            call.Function,
            call.Arguments.Count,
            options,
            call.Arguments
        );
        if (ReferenceEquals(node, processes.Identity.Name))
        {
            spawns.Take(request);
            return;
        }

        Atom? error = distribution.SpawnRequest(node, request) switch
        {
            SendResult.NoConnection => Atoms.NoConnection,
            SendResult.NotSupported => s_notSupported,
            _ => null,
        };
        if (error is not null)
            processes.DeliverSpawnReply(reference, from, error, isLinked: false, isMonitored: false);
    }

    private static readonly Atom s_notSupported = Atom.Of("notsup");
    private static readonly Atom s_call = Atom.Of("$gen_call");
    private static readonly Atom s_cast = Atom.Of("$gen_cast");

    /// <summary>
    /// The trace that a request belongs to. Requests carry it, answers do not: a caller on an Erlang node would go on with the trace of a request that is over. One look at a field while nobody listens.
    /// </summary>
    internal static Binary? TraceOf(object message) => CallActivities.IsOn && IsRequest(message) ? CallActivities.Outgoing() : null;

    private static bool IsRequest(object message) =>
        message is GenCast or GenCall
        || (message is Tuple { Count: > 1 } tuple && (ReferenceEquals(tuple[0], s_call) || ReferenceEquals(tuple[0], s_cast)));

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
