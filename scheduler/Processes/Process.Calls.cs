namespace CloudScale.Scheduling;

/// <summary>Calls: a request that carries an alias, a monitor that ends with the answer.</summary>
/// <remarks>
/// To a process of this node monitor and request travel in one envelope, and the answer's envelope takes the monitor back: two envelopes a call, each of which is also the message it
/// brings, and the term only if it is looked at as one. Source: OTP, gen.erl and the user's guide on aliases; the messages are the same.
/// </remarks>
internal sealed partial class Process
{
    /// <summary>Owner, in the body: sends the request; what it returns takes the answer.</summary>
    internal ReplyMatcher BeginCall(Pid server, object request)
    {
        MonitorOptions options = new() { Alias = AliasMode.ReplyDemonitor };
        Reference call = NewMonitorReference(options);
        if (CallActivities.IsOn && System.IsHere(server))
            CallActivities.Attach(call);
        if (IsTraced || !System.IsHere(server) || !System.TryPostCall(server, this, call, request))
        {
            // The long way: another node, a bounded or traced mailbox, nobody at all.
            object message = RequestMessage(call, request);
            if (IsTraced)
                System.Traced(this, TraceFlags.Send, TraceKind.Send, message, server);
            AddMonitorOf(server, call, options);
            System.SendMonitor(Pid, server, call, endsWithAnswer: true);
            System.SendMessage(Pid, server, message);
        }

        return Matching(call);
    }

    /// <summary>Owner, in the body: sends the request to whoever bears a name.</summary>
    internal ReplyMatcher BeginCall(Atom name, Atom? node, object request)
    {
        Reference call = Monitor(name, node, new MonitorOptions { Alias = AliasMode.ReplyDemonitor });
        if (CallActivities.IsOn && (node is null || ReferenceEquals(node, System.Identity.Name)))
            CallActivities.Attach(call);
        System.SendMessage(Pid, name, node ?? System.Identity.Name, RequestMessage(call, request));
        return Matching(call);
    }

    private void AddMonitorOf(Pid target, Reference reference, MonitorOptions options)
    {
        bool remote = !System.IsHere(target); // by name: a pid of ours may have come back over the wire
        AddMonitor(reference, new MonitorTarget(target, remote, null, options));
        if (remote)
            RememberRemote(target.Node);
    }

    private Tuple RequestMessage(Reference call, object request) => GenCall.ToTerm(Tuple.Of(Pid, From.AliasTag(call)), request);

    internal ReplyMatcher Matching(Reference call)
    {
        ReplyMatcher matcher = (Extension.Aliases ??= new AliasTable(Pid)).ReplyMatcher ??= new ReplyMatcher();
        matcher.Call = call;
        return matcher;
    }
}
