using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>Sends that would rather not; Erlang's <c>send/3</c>.</summary>
public readonly partial struct Self
{
    /// <summary>Sends a message unless that would take a connection to be made, or this process to be held, as the options say.</summary>
    /// <returns>Whether it was sent. To a process of this node it always is.</returns>
    public SendOutcome Send(Pid to, object message, SendOptions options)
    {
        Process me = Owned();
        if (!to.IsNone && !me.System.IsHere(to))
            return SendAcross(me, to, message, options);
        Send(to, message);
        return SendOutcome.Ok;
    }

    /// <summary>Sends to a registered name on a node unless that would take a connection to be made, or this process to be held, as the options say.</summary>
    /// <inheritdoc cref="Send(Pid, object, SendOptions)" path="/returns"/>
    public SendOutcome Send(Atom name, Atom node, object message, SendOptions options)
    {
        ArgumentNullException.ThrowIfNull(node);
        Process me = Owned();
        if (!ReferenceEquals(node, me.System.Identity.Name))
            return SendAcross(me, name, node, message, options);
        Send(name, node, message);
        return SendOutcome.Ok;
    }

    private static SendOutcome SendAcross(Process me, Pid to, object message, SendOptions options)
    {
        ArgumentNullException.ThrowIfNull(message);
        me.Charge(1);
        SendOutcome outcome = me.System.Remote.Send(me.Pid, to, message, options);
        if (me.IsTraced && outcome == SendOutcome.Ok)
            me.System.Traced(me, TraceFlags.Send, TraceKind.Send, message, to);
        return outcome;
    }

    private static SendOutcome SendAcross(Process me, Atom name, Atom node, object message, SendOptions options)
    {
        ArgumentNullException.ThrowIfNull(message);
        me.Charge(1);
        SendOutcome outcome = me.System.Remote.Send(me.Pid, name, node, message, options);
        if (me.IsTraced && outcome == SendOutcome.Ok)
            me.System.Traced(me, TraceFlags.Send, TraceKind.Send, message, Tuple.Of(name, node));
        return outcome;
    }
}
