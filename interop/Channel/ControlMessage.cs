namespace CloudScale.Interop.Channel;

/// <summary>What a control message means, whichever of its wire forms it came in or goes out as.</summary>
internal enum ControlKind
{
    /// <summary>Nothing.</summary>
    None,

    Send,
    SendToName,
    SendToAlias,
    Link,
    Unlink,
    UnlinkAck,
    Exit,
    Exit2,
    ExitToName,
    ExitToAlias,
    Monitor,
    Demonitor,
    MonitorExit,
    GroupLeader,
    SpawnRequest,
    SpawnReply,
}

/// <summary>A signal between two nodes.</summary>
/// <param name="Kind">What it means.</param>
/// <param name="From">The sending process; none where the wire form has no sender, or the sender is a name. Of a spawn reply, the new process.</param>
/// <param name="To">The receiving process; none where the receiver is a name or an alias.</param>
/// <param name="Name">The registered name in place of <paramref name="To"/>, or of <paramref name="From"/> in a monitor's exit; why a spawn failed.</param>
/// <param name="Reference">The monitor's reference, the alias, or the number of a spawn request.</param>
/// <param name="UnlinkId">The number that ties an unlink to its acknowledgement; 0 in the obsolete form, which wants none. Of a spawn reply, its flags.</param>
/// <param name="Payload">The exit reason; of a send that goes out, the message; of a spawn request, the <see cref="Connections.SpawnRequest"/>.</param>
/// <param name="IsPriority">The sender asks that it goes before ordinary messages; counts for signals to an alias.</param>
/// <param name="Trace">Of a message to a process or a name, the context of the trace it belongs to, a W3C <c>traceparent</c>; null for none. See <see cref="TraceToken"/>.</param>
/// <param name="UsesOnlyWhatIsThere">Its sender wants no connection made for it.</param>
internal readonly record struct ControlMessage(
    ControlKind Kind,
    Pid From = default,
    Pid To = default,
    Atom? Name = null,
    Reference Reference = default,
    ulong UnlinkId = 0,
    object? Payload = null,
    bool IsPriority = false,
    Binary? Trace = null,
    bool UsesOnlyWhatIsThere = false
)
{
    /// <summary>
    /// Whether the signal is worth a connection of its own. The others speak of a link or a monitor that went with the connection it was made over.
    /// </summary>
    public bool Connects =>
        !UsesOnlyWhatIsThere
        && Kind
            is ControlKind.Send
                or ControlKind.SendToName
                or ControlKind.SendToAlias
                or ControlKind.Link
                or ControlKind.Monitor
                or ControlKind.Exit2
                or ControlKind.ExitToName
                or ControlKind.ExitToAlias
                or ControlKind.GroupLeader
                or ControlKind.SpawnRequest;

    /// <summary>Whether it brings a message.</summary>
    public bool IsSend => Kind is ControlKind.Send or ControlKind.SendToName or ControlKind.SendToAlias;

    /// <summary>Whether the term behind the control tuple stays in its bytes until a process looks at it.</summary>
    public bool KeepsBody => IsSend || Kind == ControlKind.SpawnRequest;

    /// <summary>Whether a message, a reason or arguments belong to it.</summary>
    public bool HasPayload => KeepsBody || IsExit || Kind == ControlKind.MonitorExit;

    private bool IsExit => Kind is ControlKind.Exit or ControlKind.Exit2 or ControlKind.ExitToName or ControlKind.ExitToAlias;

    /// <summary>
    /// Whether it comes of a process that must live on the node that sends it: what changes links and monitors may not be said in the name of others.
    /// </summary>
    public bool SpeaksFor(Atom node) =>
        From.IsNone
        || ReferenceEquals(From.Node.Name, node)
        || IsSend
        || Kind is ControlKind.GroupLeader or ControlKind.ExitToName or ControlKind.ExitToAlias or ControlKind.SpawnReply;
}
