namespace CloudScale.Scheduling;

/// <summary>Where signals for other nodes go. The node implements it over its connections; without one, other nodes are unreachable.</summary>
/// <remarks>Threads: any; the methods do not block and do not throw, unless a message is no term. Order: calls of one process for one receiver are delivered in order.</remarks>
public interface IRemoteSignals
{
    /// <summary>A message to a process.</summary>
    /// <param name="from">The sender.</param>
    /// <param name="to">The receiver.</param>
    /// <param name="message">The message.</param>
    /// <param name="options">What the sender does not want: only here, where it is sent, is known whether that would take it.</param>
    SendOutcome Send(Pid from, Pid to, object message, SendOptions options = SendOptions.None);

    /// <summary>A message to a registered name.</summary>
    SendOutcome Send(Pid from, Atom name, Atom node, object message, SendOptions options = SendOptions.None);

    /// <summary>A message to an alias.</summary>
    /// <param name="from">The sender.</param>
    /// <param name="alias">The alias; its node is where the message goes.</param>
    /// <param name="message">The message.</param>
    /// <param name="priority">The sender asks that it goes before ordinary messages.</param>
    void Send(Pid from, Reference alias, object message, bool priority);

    /// <summary>An exit signal to an alias.</summary>
    void Exit(Pid from, Reference alias, object reason, bool priority);

    /// <summary>Sets the group leader of a process.</summary>
    void GroupLeader(Pid from, Pid to);

    /// <summary>A new link.</summary>
    void Link(Pid from, Pid to);

    /// <summary>A link is taken down; the peer answers with the id.</summary>
    void Unlink(Pid from, Pid to, ulong id);

    /// <summary>The answer to a peer's unlink.</summary>
    void UnlinkAck(Pid from, Pid to, ulong id);

    /// <summary>A linked process has exited.</summary>
    void LinkExit(Pid from, Pid to, object reason);

    /// <summary>An explicit exit signal, <c>exit/2</c>.</summary>
    void Exit(Pid from, Pid to, object reason);

    /// <summary>A monitor on a process.</summary>
    void Monitor(Pid from, Pid to, Reference reference);

    /// <summary>A monitor on a registered name.</summary>
    void Monitor(Pid from, Atom name, Atom node, Reference reference);

    /// <summary>A monitor on a process is taken back.</summary>
    void Demonitor(Pid from, Pid to, Reference reference);

    /// <summary>A monitor on a name is taken back.</summary>
    void Demonitor(Pid from, Atom name, Atom node, Reference reference);

    /// <summary>A monitored process, or name (then <paramref name="from"/> is the atom), has exited.</summary>
    void Down(object from, Pid to, Reference reference, object reason);

    /// <summary>Asks a node, which may be this one, to start a process; the answer is <see cref="ProcessSystem.DeliverSpawnReply"/>.</summary>
    /// <param name="from">The process that asks.</param>
    /// <param name="node">Where.</param>
    /// <param name="reference">The number of the request.</param>
    /// <param name="groupLeader">The group leader of the new process; none if the asking process has none.</param>
    /// <param name="call">The function it begins with.</param>
    /// <param name="options">Erlang's spawn options.</param>
    /// <exception cref="ArgumentException">The arguments or options are no terms.</exception>
    void SpawnRequest(Pid from, Atom node, Reference reference, Pid groupLeader, FunctionCall call, List options);
}
