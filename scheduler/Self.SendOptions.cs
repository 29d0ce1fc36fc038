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
        if (!to.IsNone && !me.System.IsHere(to) && me.System.Weigh(to.Node.Name, me.Pid, options) is var outcome and not SendOutcome.Ok)
            return outcome;
        Send(to, message);
        return SendOutcome.Ok;
    }

    /// <summary>Sends to a registered name on a node unless that would take a connection to be made, or this process to be held, as the options say.</summary>
    /// <inheritdoc cref="Send(Pid, object, SendOptions)" path="/returns"/>
    public SendOutcome Send(Atom name, Atom node, object message, SendOptions options)
    {
        ArgumentNullException.ThrowIfNull(node);
        Process me = Owned();
        if (!ReferenceEquals(node, me.System.Identity.Name) && me.System.Weigh(node, me.Pid, options) is var outcome and not SendOutcome.Ok)
            return outcome;
        Send(name, node, message);
        return SendOutcome.Ok;
    }
}
