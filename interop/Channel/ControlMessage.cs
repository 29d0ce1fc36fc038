namespace CloudScale.Interop.Channel;

/// <summary>What a control message means, whichever of its wire forms it came in or goes out as.</summary>
internal enum ControlKind
{
    Send,
    SendToName,
    SendToAlias,
    Link,
    Unlink,
    UnlinkAck,
    Exit,
    Exit2,
    Monitor,
    Demonitor,
    MonitorExit,
    GroupLeader,
}

/// <summary>A signal between two nodes.</summary>
/// <param name="Kind">What it means.</param>
/// <param name="From">The sending process; none where the wire form has no sender, or the sender is a name.</param>
/// <param name="To">The receiving process; none where the receiver is a name or an alias.</param>
/// <param name="Name">The registered name in place of <paramref name="To"/>, or of <paramref name="From"/> in a monitor's exit.</param>
/// <param name="Reference">The monitor's reference, or the alias.</param>
/// <param name="UnlinkId">The number that ties an unlink to its acknowledgement; 0 in the obsolete form, which wants none.</param>
/// <param name="Payload">The exit reason; of a send that goes out, the message.</param>
internal readonly record struct ControlMessage(
    ControlKind Kind,
    Pid From = default,
    Pid To = default,
    Atom? Name = null,
    Reference Reference = default,
    ulong UnlinkId = 0,
    object? Payload = null
)
{
    /// <summary>
    /// Whether the signal is worth a connection of its own. The others speak of a link or a monitor that went with the connection it was made over.
    /// </summary>
    public bool Connects =>
        Kind
            is ControlKind.Send
                or ControlKind.SendToName
                or ControlKind.SendToAlias
                or ControlKind.Link
                or ControlKind.Monitor
                or ControlKind.Exit2
                or ControlKind.GroupLeader;

    /// <summary>Whether it brings a message.</summary>
    public bool IsSend => Kind is ControlKind.Send or ControlKind.SendToName or ControlKind.SendToAlias;

    /// <summary>Whether a message or a reason belongs to it.</summary>
    public bool HasPayload => IsSend || Kind is ControlKind.Exit or ControlKind.Exit2 or ControlKind.MonitorExit;
}
