using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Connections;

/// <summary>What arrives from other nodes. The runtime implements it; <see cref="Distribution"/> calls it.</summary>
/// <remarks>
/// Threads: one loop per connection, so calls about one node never overlap; calls about different nodes do. Order: <see cref="OnNodeUp"/> precedes everything that comes from
/// the node, <see cref="OnNodeDown"/> follows the last of it, and between two ups there is a down. A call must not block: the node's other messages wait behind it. An
/// exception is a bug of the implementation: it is logged and the connection is closed.
/// </remarks>
public interface IDistributionEvents
{
    /// <summary>The node has its name and creation; called once, before the first connection.</summary>
    void OnStarted(NodeIdentity self) { }

    /// <summary>A node is connected.</summary>
    void OnNodeUp(Atom node, NodeInfo info);

    /// <summary>
    /// The connection is gone: every link, monitor and call that involves the node ends with <c>noconnection</c>. Whatever was asked of the node before this
    /// call and did not arrive is lost; what is asked from now on travels over a new connection.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="reason"><c>connection_closed</c>, <c>net_tick_timeout</c>, <c>disconnect</c> or <c>net_kernel_terminated</c>.</param>
    void OnNodeDown(Atom node, object reason);

    /// <summary>
    /// No connection came about: everything that was asked of the node since the attempt began is void, links and monitors end with <c>noconnection</c>. There
    /// was no <see cref="OnNodeUp"/> and there is no <see cref="OnNodeDown"/>.
    /// </summary>
    void OnConnectFailed(Atom node, object reason);

    /// <summary>The node took enough of what waited: senders that were told <see cref="SendResult.Busy"/> may go on.</summary>
    void OnNotBusy(Atom node) { }

    /// <summary>The message that comes next, to a process or a name, belongs to a trace.</summary>
    /// <param name="context">What looks like a W3C <c>traceparent</c>; its 55 bytes may be anything.</param>
    /// <param name="message">The message; its bytes are there during the call only.</param>
    void OnTrace(Binary context, EncodedTerm message) { }

    /// <summary>A message for a process. Its bytes are there during the call only; who finds that they are no term tells the context, and the connection is closed.</summary>
    /// <returns>Null, or what the connection waits for before it reads further, because the receiver has enough for now: the sending node is held by TCP.</returns>
    Task? OnSend(Pid to, EncodedTerm message);

    /// <summary>A message for a registered name.</summary>
    /// <inheritdoc cref="OnSend" path="/returns"/>
    Task? OnRegisteredSend(Pid from, Atom name, EncodedTerm message);

    /// <summary>A message for an alias.</summary>
    /// <param name="alias">The alias.</param>
    /// <param name="message">The message.</param>
    /// <param name="isPriority">The sender asks that it goes before ordinary messages; the alias must allow it.</param>
    /// <inheritdoc cref="OnSend" path="/returns"/>
    Task? OnAliasSend(Reference alias, EncodedTerm message, bool isPriority);

    /// <summary>A process there links itself to one here.</summary>
    void OnLink(Pid from, Pid to);

    /// <summary>A link is taken back. It must be answered with <see cref="Distribution.UnlinkAck"/> and the same id, unless the id is 0 (the form of old).</summary>
    void OnUnlink(ulong id, Pid from, Pid to);

    /// <summary>The answer to <see cref="Distribution.Unlink"/>.</summary>
    void OnUnlinkAck(ulong id, Pid from, Pid to);

    /// <summary>A linked process exited.</summary>
    void OnExit(Pid from, Pid to, object reason);

    /// <summary>An exit signal that a process sent, as by <c>exit/2</c>.</summary>
    void OnExit2(Pid from, Pid to, object reason);

    /// <summary>An exit signal for whoever bears a name.</summary>
    void OnRegisteredExit(Pid from, Atom name, object reason);

    /// <summary>An exit signal for an alias.</summary>
    /// <param name="from">The sender.</param>
    /// <param name="alias">The alias.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="isPriority">The sender asks that it goes before ordinary messages; the alias must allow it.</param>
    void OnAliasExit(Pid from, Reference alias, object reason, bool isPriority);

    /// <summary>A process there monitors a process here: a <see cref="Pid"/>, or the <see cref="Atom"/> it is registered as.</summary>
    void OnMonitor(Pid from, object toPidOrAtom, Reference reference);

    /// <summary>A monitor is taken back.</summary>
    void OnDemonitor(Pid from, object toPidOrAtom, Reference reference);

    /// <summary>A process that one here monitors is gone; it is named as the monitor named it.</summary>
    void OnMonitorExit(object fromPidOrAtom, Pid to, Reference reference, object reason);

    /// <summary>A process here gets another group leader.</summary>
    void OnGroupLeader(Pid leader, Pid to) { }

    /// <summary>
    /// A process is to be started here. It must be answered with <see cref="Distribution.SpawnReply"/>, before anything that comes from the new process.
    /// </summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="arguments">The arguments of the function; as with <see cref="OnSend"/>, nobody has looked at them.</param>
    void OnSpawnRequest(SpawnRequest request, EncodedTerm arguments);

    /// <summary>The answer to <see cref="Distribution.SpawnRequest"/>.</summary>
    /// <param name="reference">The number of the request.</param>
    /// <param name="to">Who asked.</param>
    /// <param name="flags">What stands between the two processes.</param>
    /// <param name="pidOrError">The new process's <see cref="Pid"/>, or an <see cref="Atom"/> that says why there is none.</param>
    void OnSpawnReply(Reference reference, Pid to, SpawnReplyFlags flags, object pidOrError);
}
