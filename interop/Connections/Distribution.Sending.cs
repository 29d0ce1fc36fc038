using CloudScale.Interop.Channel;
using CloudScale.Interop.Handshake;

namespace CloudScale.Interop.Connections;

/// <summary>What the runtime says to other nodes: the mirror of <see cref="IDistributionEvents"/>.</summary>
public sealed partial class Distribution
{
    /// <summary>A message to a process. Connects if need be and allowed.</summary>
    /// <param name="to">The process.</param>
    /// <param name="from">The sender.</param>
    /// <param name="message">Any term.</param>
    /// <param name="trace">The trace that the message belongs to, a W3C <c>traceparent</c> of version 00; it travels as a token of Erlang's <c>seq_trace</c>, to nodes that take one. Null for none.</param>
    /// <param name="connects">Whether a connection may be made for it. If not, and there is none and none is being made, it is <see cref="SendResult.NoConnection"/>.</param>
    /// <exception cref="ArgumentException">The message is no term.</exception>
    public SendResult Send(Pid to, Pid from, object message, Binary? trace = null, bool connects = true) =>
        Post(NodeOf(to), new ControlMessage(ControlKind.Send, from, to, Payload: message, Trace: trace, UsesOnlyWhatIsThere: !connects));

    /// <summary>A message to a registered name. Connects if need be and allowed.</summary>
    /// <param name="node">The node.</param>
    /// <param name="name">The name.</param>
    /// <param name="from">The sender.</param>
    /// <param name="message">Any term.</param>
    /// <param name="trace">As with <see cref="Send"/>.</param>
    /// <param name="connects">As with <see cref="Send"/>.</param>
    /// <exception cref="ArgumentException">The message is no term.</exception>
    public SendResult SendToName(Atom node, Atom name, Pid from, object message, Binary? trace = null, bool connects = true) =>
        Post(
            node,
            new ControlMessage(ControlKind.SendToName, from, Name: name, Payload: message, Trace: trace, UsesOnlyWhatIsThere: !connects)
        );

    /// <summary>A message to an alias. Connects if need be. A node that knows no aliases is not told.</summary>
    /// <param name="alias">The alias.</param>
    /// <param name="from">The sender.</param>
    /// <param name="message">Any term.</param>
    /// <param name="isPriority">Asks that it goes before ordinary messages; nodes before OTP 28 are not asked, and take it for an ordinary one.</param>
    /// <exception cref="ArgumentException">The message is no term.</exception>
    public SendResult SendToAlias(Reference alias, Pid from, object message, bool isPriority = false) =>
        Post(NodeOf(alias), new ControlMessage(ControlKind.SendToAlias, from, Reference: alias, Payload: message, IsPriority: isPriority));

    /// <summary>An exit signal to an alias. Connects if need be. Nodes before OTP 28 have no such signal and are not told.</summary>
    /// <exception cref="ArgumentException">The reason is no term.</exception>
    public SendResult ExitToAlias(Reference alias, Pid from, object reason, bool isPriority = false) =>
        Post(NodeOf(alias), new ControlMessage(ControlKind.ExitToAlias, from, Reference: alias, Payload: reason, IsPriority: isPriority));

    /// <summary>Links a process here to one there. Connects if need be. Record the link first: the node's loss may be reported before this returns.</summary>
    public SendResult Link(Pid from, Pid to) => Post(NodeOf(to), new ControlMessage(ControlKind.Link, from, to));

    /// <summary>Takes a link back; the answer is <see cref="IDistributionEvents.OnUnlinkAck"/> with the same id.</summary>
    /// <param name="id">Any number but 0, unique among the unlinks of <paramref name="from"/>.</param>
    /// <param name="from">The process here.</param>
    /// <param name="to">The process there.</param>
    public SendResult Unlink(ulong id, Pid from, Pid to)
    {
        ArgumentOutOfRangeException.ThrowIfZero(id);
        return Post(NodeOf(to), new ControlMessage(ControlKind.Unlink, from, to, UnlinkId: id));
    }

    /// <summary>Answers <see cref="IDistributionEvents.OnUnlink"/>. It must precede any other signal of <paramref name="from"/> to <paramref name="to"/>.</summary>
    public SendResult UnlinkAck(ulong id, Pid from, Pid to)
    {
        ArgumentOutOfRangeException.ThrowIfZero(id);
        return Post(NodeOf(to), new ControlMessage(ControlKind.UnlinkAck, from, to, UnlinkId: id));
    }

    /// <summary>Tells a linked process that one here exited.</summary>
    public SendResult Exit(Pid from, Pid to, object reason) =>
        Post(NodeOf(to), new ControlMessage(ControlKind.Exit, from, to, Payload: reason));

    /// <summary>Sends an exit signal, as <c>exit/2</c>. Connects if need be.</summary>
    public SendResult Exit2(Pid from, Pid to, object reason) =>
        Post(NodeOf(to), new ControlMessage(ControlKind.Exit2, from, to, Payload: reason));

    /// <summary>Monitors a process. Connects if need be. Record the monitor first: the node's loss may be reported before this returns.</summary>
    public SendResult Monitor(Pid from, Pid to, Reference reference) =>
        Post(NodeOf(to), new ControlMessage(ControlKind.Monitor, from, to, Reference: reference));

    /// <summary>Monitors a registered name. Connects if need be. Record the monitor first: the node's loss may be reported before this returns.</summary>
    public SendResult Monitor(Pid from, Atom node, Atom name, Reference reference) =>
        Post(node, new ControlMessage(ControlKind.Monitor, from, Name: name, Reference: reference));

    /// <summary>Takes a monitor of a process back.</summary>
    public SendResult Demonitor(Pid from, Pid to, Reference reference) =>
        Post(NodeOf(to), new ControlMessage(ControlKind.Demonitor, from, to, Reference: reference));

    /// <summary>Takes a monitor of a registered name back.</summary>
    public SendResult Demonitor(Pid from, Atom node, Atom name, Reference reference) =>
        Post(node, new ControlMessage(ControlKind.Demonitor, from, Name: name, Reference: reference));

    /// <summary>Tells a monitoring process that what it monitors here is gone.</summary>
    /// <param name="fromPidOrAtom">The monitored <see cref="Pid"/> or name, as the monitor had it.</param>
    /// <param name="to">The monitoring process.</param>
    /// <param name="reference">The monitor's reference.</param>
    /// <param name="reason">The exit reason.</param>
    public SendResult MonitorExit(object fromPidOrAtom, Pid to, Reference reference, object reason) =>
        Post(
            NodeOf(to),
            fromPidOrAtom switch
            {
                Pid pid => new ControlMessage(ControlKind.MonitorExit, pid, to, Reference: reference, Payload: reason),
                Atom name => new ControlMessage(ControlKind.MonitorExit, To: to, Name: name, Reference: reference, Payload: reason),
                _ => throw new ArgumentException("A monitored process is named by its pid or by an atom.", nameof(fromPidOrAtom)),
            }
        );

    /// <summary>Makes a process here the group leader of one there. Connects if need be.</summary>
    public SendResult GroupLeader(Pid leader, Pid to) => Post(NodeOf(to), new ControlMessage(ControlKind.GroupLeader, leader, to));

    /// <summary>
    /// Asks a node to start a process; the answer is <see cref="IDistributionEvents.OnSpawnReply"/>. Connects if need be. Record the request first: the answer, or the node's
    /// loss, may be reported before this returns.
    /// </summary>
    /// <exception cref="ArgumentException">The arguments are no terms.</exception>
    public SendResult SpawnRequest(Atom node, SpawnRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Post(
            node,
            new ControlMessage(ControlKind.SpawnRequest, request.From, request.GroupLeader, Reference: request.Reference, Payload: request)
        );
    }

    /// <summary>Answers <see cref="IDistributionEvents.OnSpawnRequest"/>.</summary>
    /// <param name="reference">The number of the request.</param>
    /// <param name="to">Who asked.</param>
    /// <param name="flags">What stands between the two processes.</param>
    /// <param name="pidOrError">The new process's <see cref="Pid"/>, or an <see cref="Atom"/> that says why there is none.</param>
    public SendResult SpawnReply(Reference reference, Pid to, SpawnReplyFlags flags, object pidOrError) =>
        Post(
            NodeOf(to),
            pidOrError switch
            {
                Pid child => new ControlMessage(ControlKind.SpawnReply, child, to, Reference: reference, UnlinkId: (ulong)flags),
                Atom error => new ControlMessage(ControlKind.SpawnReply, To: to, Name: error, Reference: reference, UnlinkId: (ulong)flags),
                _ => throw new ArgumentException("A spawn request is answered with a pid or an atom.", nameof(pidOrError)),
            }
        );

    /// <summary>Whether so much waits for a node that senders should pause until <see cref="IDistributionEvents.OnNotBusy"/>.</summary>
    public bool IsBusy(Atom node) => _peers.TryGetValue(node, out Peer? peer) && peer.Connection is { IsBusy: true };

    /// <summary>The same for one sender: those whose messages are short need not wait for the long ones of others.</summary>
    public bool IsBusy(Atom node, Pid sender) =>
        _peers.TryGetValue(node, out Peer? peer) && peer.Connection is { } connection && connection.IsBusyFor(sender);

    /// <summary>Whether there is a connection to a node, or one is being made.</summary>
    public bool IsConnected(Atom node) => _peers.TryGetValue(node, out Peer? peer) && peer.Phase is PeerPhase.Up or PeerPhase.Pending;

    private static Atom NodeOf(Pid pid) => pid.IsNone ? throw new ArgumentException("The pid names no process.") : pid.Node.Name;

    private static Atom NodeOf(Reference reference) =>
        reference.IsNone ? throw new ArgumentException("The reference is none.") : reference.Node.Name;

    private SendResult Post(Atom node, in ControlMessage message)
    {
        ArgumentNullException.ThrowIfNull(node);
        while (true)
        {
            if (!_peers.TryGetValue(node, out Peer? peer))
            {
                if (!message.Connects || !CanConnectTo(node) || !ConnectsByItself(node))
                    return SendResult.NoConnection;
                peer = _peers.GetOrAdd(node, static name => new Peer(name));
            }

            if (peer.Connection is NodeConnection connection)
            {
                WriteResult result = connection.Write(message);
                if (result != WriteResult.Closed)
                    return ResultOf(result);
            }

            if (TryPostSlow(peer, message, out SendResult slow))
                return slow;
        }
    }

    private static SendResult ResultOf(WriteResult result) =>
        result switch
        {
            WriteResult.Busy => SendResult.Busy,
            WriteResult.Unsupported => SendResult.NotSupported,
            _ => SendResult.Queued,
        };

    private bool CanConnectTo(Atom node)
    {
        if (Volatile.Read(ref _state) != 1 || _self is null || HasNameLapsed)
            return false;
        return ReferenceEquals(node, _self.Name)
            ? throw new ArgumentException($"'{node.Name}' is this node: its signals do not travel.", nameof(node))
            : true;
    }

    // False: the peer has left the table, look it up again.
    private bool TryPostSlow(Peer peer, in ControlMessage message, out SendResult result)
    {
        result = SendResult.Queued;
        lock (peer.Gate)
        {
            if (peer.IsRemoved)
                return false;
            if (peer.Phase == PeerPhase.Up)
            {
                // Closed: dropped, for the report of the node's loss is still to come.
                result = ResultOf(peer.Connection!.Write(message));
                return true;
            }

            // What makes no connection waits for none: not a send that may not, nor what speaks of the one that has just gone, unless what it speaks of may be waiting, too.
            if (peer.Phase is PeerPhase.Idle or PeerPhase.Reporting && !message.Connects && peer.Waiting.Count == 0)
            {
                result = SendResult.NoConnection;
                return true;
            }

            if (peer.Waiting.Count >= _options.MaxWaitingSignals || Volatile.Read(ref _state) != 1)
            {
                result = SendResult.NoConnection;
                return true;
            }

            if (
                peer.Phase is PeerPhase.Idle or PeerPhase.Reporting
                && (HasNameLapsed || (peer.Answer is null && !ConnectsByItself(peer.Name)))
            )
            {
                result = SendResult.NoConnection;
                return true;
            }

            RequireEncodable(message);
            peer.Waiting.Add(message);
            if (peer.Phase == PeerPhase.Idle)
                BeginAttemptLocked(peer);
            return true;
        }
    }

    // What waits is encoded when the flags of the peer are known. A payload that is no term must be the sender's error all the same, so it is encoded once for nothing.
    private static void RequireEncodable(in ControlMessage message)
    {
        if (message.HasPayload)
            ControlWriter.TryWrite(new OutputBuffer(), message, FlagSets.Implemented);
    }
}
