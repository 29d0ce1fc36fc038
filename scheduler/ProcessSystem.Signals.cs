using System.Runtime.CompilerServices;
using CloudScale.Serialization.Etf;

namespace CloudScale.Scheduling;

/// <summary>The ways of messages and signals: to a process here, or out to its node.</summary>
/// <remarks>
/// <c>Send…</c> chooses the way; <c>Deliver…</c> is the local end, which signals from other nodes enter too. A signal to a process that is gone is answered as the process would
/// have answered while it exited.
/// </remarks>
public sealed partial class ProcessSystem
{
    /// <summary>Whether the pid is one of ours. A pid that came over the wire may carry an equal identity in another object.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsHere(Pid pid) => ReferenceEquals(pid.Node, Identity) || IsHereByValue(pid.Node);

    /// <summary>Also true for an earlier incarnation of this node: its processes are gone, and no connection leads to them.</summary>
    private bool IsHereByValue(NodeIdentity? node) => node is not null && ReferenceEquals(node.Name, Identity.Name);

    private Process? Find(Pid pid) => ReferenceEquals(pid.Node, Identity) || Identity.Equals(pid.Node) ? Table.Find(pid.Number) : null;

    internal void Post(Pid to, Envelope envelope)
    {
        if (Find(to) is { } process)
            Post(process, envelope);
    }

    internal Posted Post(Process process, Envelope envelope)
    {
        if (process.Hooks != Hooks.None && !PassHooks(process, envelope))
            return Posted.Queued;
        Watch?.OnMessage(process, envelope.Payload);
        return PostAdmitted(process, envelope);
    }

    private Posted PostAdmitted(Process process, Envelope envelope)
    {
        if (Director is { } director)
            return director.Post(process, envelope);
        Posted posted = process.PostMessage(envelope);
        if (posted == Posted.Wake)
            Schedule(process);
        return posted;
    }

    /// <summary>What a message meets on its way to a process that is not ordinary; false if it is dropped.</summary>
    private bool PassHooks(Process process, Envelope envelope)
    {
        switch (process.Admit())
        {
            case Admission.No:
                return false;
            case Admission.Full:
                process.AdmitAnyway();
                Scheduler.Current?.Running?.Charge(Process.OverflowCharge);
                break;
            default:
                break;
        }

        // What comes by alias shows when the alias has let it in.
        if (process.IsTraced && envelope.IsMessage)
            Traced(process, TraceFlags.Receive, TraceKind.Receive, Payloads.Unwrap(envelope.Payload, envelope.Bits));
        return true;
    }

    internal Posted PostSignal(Process process, Signal signal)
    {
        if (Director is { } director)
            return director.Post(process, signal);
        Posted posted = process.PostSignal(signal);
        if (posted == Posted.Wake)
            Schedule(process);
        return posted;
    }

    private bool TryPostSignal(Pid to, Signal signal) => Find(to) is { } process && PostSignal(process, signal) != Posted.Dead;

    private void Schedule(Process process)
    {
        if (CurrentScheduler is { } scheduler)
            scheduler.ScheduleNext(process);
        else
            Group.Inject(process);
    }

    // ---- out: the way is chosen by the pid ----

    internal void SendLink(Pid from, Pid to)
    {
        if (IsHere(to))
            DeliverLink(from, to);
        else
            Remote.Link(from, to);
    }

    internal void SendUnlink(Pid from, Pid to, ulong id)
    {
        if (IsHere(to))
            DeliverUnlink(from, to, id);
        else
            Remote.Unlink(from, to, id);
    }

    internal void SendUnlinkAck(Pid from, Pid to, ulong id)
    {
        if (IsHere(to))
            DeliverUnlinkAck(from, to, id);
        else
            Remote.UnlinkAck(from, to, id);
    }

    internal void SendExit(Pid from, Pid to, object reason, ExitKind kind)
    {
        if (IsHere(to))
            TryPostSignal(to, new ExitSignal(from, reason, kind));
        else if (to.IsNone)
            return;
        else if (kind == ExitKind.Link)
            Remote.LinkExit(from, to, reason);
        else
            Remote.Exit(from, to, reason);
    }

    /// <returns>What a local target is sent, which may be withdrawn until it is seen; null for a process elsewhere.</returns>
    internal MonitorSignal? SendMonitor(Pid from, Pid to, Reference reference, bool endsWithAnswer)
    {
        if (IsHere(to))
            return PostMonitor(from, to, reference, endsWithAnswer);
        Remote.Monitor(from, to, reference);
        return null;
    }

    internal void SendMonitorName(Pid from, Atom name, Atom node, Reference reference) => Remote.Monitor(from, name, node, reference);

    internal void SendDemonitor(Pid from, MonitorTarget target, Reference reference)
    {
        if (target.Node is null)
            TryPostSignal(target.Pid, new DemonitorSignal(reference));
        else if (target.Name is Tuple and [Atom name, _])
            Remote.Demonitor(from, name, target.Node, reference);
        else
            Remote.Demonitor(from, target.Pid, reference);
    }

    /// <summary>Tells a watcher of an exit.</summary>
    /// <param name="watcher">Who is told.</param>
    /// <param name="reference">The monitor.</param>
    /// <param name="name">What the report names, <c>{Name, Node}</c>, where the monitor was set by name; else null.</param>
    /// <param name="exited">The process that exited.</param>
    /// <param name="reason">Why.</param>
    internal void SendDown(Pid watcher, Reference reference, object? name, Pid exited, object reason)
    {
        if (IsHere(watcher))
            TryPostSignal(watcher, new DownSignal(reference, exited, name, reason));
        else
            Remote.Down(name is Tuple and [Atom bearer, _] ? bearer : exited, watcher, reference, reason);
    }

    /// <summary>Asks a process of this node to exit and to report it, in one signal; false, with nothing done, if there is none.</summary>
    internal bool TrySendExitMonitor(Pid from, Pid to, Reference reference, object reason) =>
        IsHere(to) && TryPostSignal(to, new ExitMonitorSignal(from, reference, reason));

    /// <summary>A message to an alias of a local process or of one elsewhere.</summary>
    internal void SendAlias(Pid from, Reference alias, object? payload, long bits, bool priority, bool monitorIsGone)
    {
        if (!IsHereByValue(alias.Node))
            Remote.Send(from, alias, Payloads.Unwrap(payload, bits), priority);
        else if (alias.TryGetAliasOwner(out Pid owner))
            PostAlias(owner, new AliasSignal(alias, payload, bits, priority, monitorIsGone));
    }

    /// <summary>An answer to a call that came with an alias, from here or elsewhere.</summary>
    internal void SendAnswer(Pid from, Reference alias, object reply, bool monitorIsGone)
    {
        if (!IsHereByValue(alias.Node))
            Remote.Send(from, alias, Tuple.Of(From.AliasTag(alias), reply), priority: false);
        else if (alias.TryGetAliasOwner(out Pid owner))
            PostAlias(owner, new AnswerSignal(alias, reply, monitorIsGone));
    }

    /// <summary>A signal that becomes a message as it is.</summary>
    internal void PostAsMessage(Process process, Signal signal)
    {
        if (process.Hooks != Hooks.None && !PassHooks(process, signal))
            return;
        Watch?.OnMessage(process, signal.Payload);
        PostSignal(process, signal);
    }

    private void PostAlias(Pid owner, AliasSignal signal)
    {
        if (Find(owner) is { } process && (process.Hooks == Hooks.None || PassHooks(process, signal)))
            PostSignal(process, signal);
    }

    internal void SendExit(Pid from, Reference alias, object reason, bool priority)
    {
        if (!IsHereByValue(alias.Node))
            Remote.Exit(from, alias, reason, priority);
        else if (alias.TryGetAliasOwner(out Pid owner))
            TryPostSignal(owner, new AliasExitSignal(alias, from, reason, priority));
    }

    internal void SendGroupLeader(Pid leader, Pid to)
    {
        if (IsHere(to))
            DeliverGroupLeader(leader, to);
        else if (!to.IsNone)
            Remote.GroupLeader(leader, to);
    }

    internal void SendResume(Pid by, Pid to, bool all) => TryPostSignal(to, new ResumeSignal(by, all));

    /// <summary>A call to a process of this node, in one envelope; false, with nothing done, if it has to go the long way.</summary>
    internal bool TryPostCall(Pid server, Process caller, Reference call, object request)
    {
        if (FindUnhooked(server) is not { } process)
            return false;
        caller.AddMonitor(call, new MonitorTarget(server, false, null, new MonitorOptions { Alias = AliasMode.ReplyDemonitor }));
        if (PostSignal(process, new CallSignal(caller.Pid, call, request)) == Posted.Dead)
            SendDown(caller.Pid, call, null, server, Atoms.NoProc);
        return true;
    }

    /// <summary>A process of this node to which a signal may go that is also the message; null if there is none, or somebody has to look at each.</summary>
    internal Process? FindUnhooked(Pid pid) =>
        Find(pid) is { Hooks: Hooks.None } process && Watch is not { WatchesMessages: true } ? process : null;

    /// <summary>A message to a process, wherever it is.</summary>
    internal void SendMessage(Pid from, Pid to, object message)
    {
        if (IsHere(to))
            Post(to, Payloads.Wrap(message));
        else if (!to.IsNone)
            Remote.Send(from, to, message);
    }

    /// <summary>A message to a name, wherever it is.</summary>
    internal void SendMessage(Pid from, Atom name, Atom node, object message)
    {
        if (ReferenceEquals(node, Identity.Name))
            Send(name, message);
        else
            Remote.Send(from, name, node, message);
    }

    /// <summary>Calls back when there is room in a mailbox; at once if there is no such process here.</summary>
    internal void AwaitRoom(Pid target, Action wake)
    {
        if (!TryPostSignal(target, new RoomSignal(wake)))
            wake();
    }

    // ---- in: the local end, for local senders and for connections ----

    /// <summary>A message from another node has come for a process of this one. It is decoded when the process looks at it.</summary>
    public void DeliverMessage(Pid to, EncodedTerm message)
    {
        if (Find(to) is { } process && Incoming(message) is { } envelope)
            Post(process, envelope);
    }

    /// <summary>A message from another node has come for a registered name; false if nobody bears it.</summary>
    public bool DeliverMessage(Atom name, EncodedTerm message)
    {
        if (Names.Find(name) is not { } process)
            return false;
        if (Incoming(message) is { } envelope)
            Post(process, envelope);
        return true;
    }

    /// <summary>A message from another node has come for an alias; dropped if it is none (any more).</summary>
    public void DeliverMessage(Reference alias, EncodedTerm message, bool priority = false)
    {
        if (alias.TryGetAliasOwner(out Pid owner) && Incoming(message) is { } envelope)
            PostAlias(owner, new AliasSignal(alias, envelope.Payload, envelope.Bits, priority, monitorIsGone: false));
    }

    /// <summary>Null for bytes that are no term, which has been said.</summary>
    private static Envelope? Incoming(EncodedTerm message)
    {
        if (EncodedMessage.IsWorthIt(message))
            return new Envelope(EncodedMessage.Of(message), IDeferredMessage.Mark);
        return message.Decode() is { } term ? Payloads.Wrap(term) : null;
    }

    /// <summary>The group leader of a process of this node is set.</summary>
    public void DeliverGroupLeader(Pid leader, Pid to) => TryPostSignal(to, new GroupLeaderSignal(leader));

    /// <summary>A process links itself to one of this node.</summary>
    public void DeliverLink(Pid from, Pid to)
    {
        if (!TryPostSignal(to, new LinkSignal(from)))
            SendExit(to, from, Atoms.NoProc, ExitKind.Link);
    }

    /// <summary>A process takes its link to one of this node down.</summary>
    public void DeliverUnlink(Pid from, Pid to, ulong id)
    {
        if (!TryPostSignal(to, new UnlinkSignal(from, id)))
            SendUnlinkAck(to, from, id);
    }

    /// <summary>The peer of a process of this node has taken note of its unlink.</summary>
    public void DeliverUnlinkAck(Pid from, Pid to, ulong id) => TryPostSignal(to, new UnlinkAckSignal(from, id));

    /// <summary>The peer of a link of a process of this node has exited.</summary>
    public void DeliverLinkExit(Pid from, Pid to, object reason) => TryPostSignal(to, new ExitSignal(from, reason, ExitKind.Link));

    /// <summary>An explicit exit signal for a process of this node.</summary>
    public void DeliverExit(Pid from, Pid to, object reason) => TryPostSignal(to, new ExitSignal(from, reason, ExitKind.Explicit));

    /// <summary>An exit signal for an alias of a process of this node; nothing happens if it is none (any more).</summary>
    public void DeliverExit(Pid from, Reference alias, object reason, bool priority)
    {
        if (alias.TryGetAliasOwner(out Pid owner))
            TryPostSignal(owner, new AliasExitSignal(alias, from, reason, priority));
    }

    /// <summary>A process monitors one of this node.</summary>
    public void DeliverMonitor(Pid from, Pid to, Reference reference) => PostMonitor(from, to, reference, endsWithAnswer: false);

    private MonitorSignal PostMonitor(Pid from, Pid to, Reference reference, bool endsWithAnswer)
    {
        MonitorSignal signal = new(from, reference, null, endsWithAnswer);
        if (!TryPostSignal(to, signal))
            SendDown(from, reference, null, to, Atoms.NoProc);
        return signal;
    }

    /// <summary>A process of another node monitors a registered name of this one.</summary>
    public void DeliverMonitor(Pid from, Atom name, Reference reference)
    {
        object reported = Tuple.Of(name, Identity.Name);
        if (
            Names.Find(name) is not { } process
            || PostSignal(process, new MonitorSignal(from, reference, reported, endsWithAnswer: false)) == Posted.Dead
        )
            SendDown(from, reference, reported, default, Atoms.NoProc);
    }

    /// <summary>A monitor of a process or name of this node is taken back. A monitor by name is found by its bearer at that time.</summary>
    public void DeliverDemonitor(object target, Reference reference)
    {
        Process? process =
            target is Pid pid ? Find(pid)
            : target is Atom name ? Names.Find(name)
            : null;
        if (process is not null)
            PostSignal(process, new DemonitorSignal(reference));
    }

    /// <summary>What a process of this node monitors on another has exited.</summary>
    public void DeliverDown(object from, Pid to, Reference reference, object reason) =>
        TryPostSignal(
            to,
            from is Pid pid ? new DownSignal(reference, pid, null, reason) : new DownSignal(reference, default, from, reason)
        );

    /// <summary>A node is no longer connected: every link and monitor across fires with <c>noconnection</c>. Call it after the last signal of the connection.</summary>
    public void DeliverConnectionLost(Atom node)
    {
        LoseOrphans(node);
        Remotes.OnConnectionLost(node, this);
    }
}
