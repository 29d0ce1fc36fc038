namespace CloudScale.Runtime.Behaviours;

/// <summary>Requests to any behaviour: a monitor that is an alias too, and <c>{Label, {Self, [alias | Ref]}, Request}</c>.</summary>
/// <remarks>Threads: the process of the <see cref="Self"/>. Source: OTP, gen, <c>gen:call</c> and <c>gen:send_request</c>.</remarks>
internal static class Requests
{
    internal static readonly Atom CallLabel = Atom.Of("$gen_call");
    internal static readonly Atom GenServer = Atom.Of("gen_server");
    private static readonly List s_alias = List.Of(Atom.Of("alias"));
    private static readonly MonitorOptions s_monitor = new() { Alias = AliasMode.ReplyDemonitor };

    /// <summary>Sends a request. To a name that nobody bears, the report <c>noproc</c> is the answer.</summary>
    internal static RequestId Send(Self self, ServerRef server, Pid resolved, object label, object request, Atom kind)
    {
        ArgumentNullException.ThrowIfNull(request);
        ReceiveMark mark = self.Mark();
        Reference reference;
        if (server.Name is { } name)
        {
            reference = self.Monitor(name, server.Node, s_monitor);
            self.Send(name, server.Node ?? self.Pid.Node.Name, Message(self, label, reference, request));
        }
        else
        {
            reference = self.Monitor(resolved, s_monitor);
            self.Send(resolved, Message(self, label, reference, request));
        }

        return new RequestId(reference, server, mark, kind);
    }

    /// <summary>Sends a request, and fails the call if the name is one of a registry and nobody bears it.</summary>
    internal static async ProcessTask<RequestId> SendAsync(Self self, ServerRef server, object label, object request, Atom kind)
    {
        Pid pid = server.Pid;
        if (server.Via is { } via)
        {
            pid = await via.Registry!.WhereIs(self, via.Name);
            if (pid.IsNone)
                throw new ProcessExitException(Atoms.NoProc);
        }

        return Send(self, server, pid, label, request, kind);
    }

    /// <summary>Sends a request and waits.</summary>
    /// <returns>The answer, the reason why there is none, or <see cref="ResponseKind.Timeout"/>.</returns>
    internal static ProcessTask<Response> CallAsync(
        Self self,
        ServerRef server,
        object label,
        object request,
        Atom kind,
        TimeSpan timeout
    ) =>
        server.Via is null
            ? ReceiveAsync(self, Send(self, server, server.Pid, label, request, kind), timeout)
            : CallViaAsync(self, server, label, request, kind, timeout);

    private static async ProcessTask<Response> CallViaAsync(
        Self self,
        ServerRef server,
        object label,
        object request,
        Atom kind,
        TimeSpan timeout
    )
    {
        RequestId id;
        try
        {
            id = await SendAsync(self, server, label, request, kind);
        }
        catch (ProcessExitException exception) when (self.System.IsAlive(self.Pid))
        {
            return new Response(ResponseKind.Error, exception.Reason, new RequestId(default, server, default, kind));
        }

        return await ReceiveAsync(self, id, timeout);
    }

    /// <summary>Waits for an answer, and gives the request up at the time-out.</summary>
    internal static async ProcessTask<Response> ReceiveAsync(Self self, RequestId id, TimeSpan timeout)
    {
        Received<CallAnswer> received = await self.TryReceiveAnswer(id.Reference, timeout, id.Mark);
        if (received.HasValue)
        {
            return received.Value.IsReason
                ? new Response(ResponseKind.Error, ReasonOf(received.Value.Value, id.Server), id)
                : new Response(ResponseKind.Reply, received.Value.Value, id);
        }

        GiveUp(self, id);
        return new Response(ResponseKind.Timeout, null, id);
    }

    /// <summary>A late answer is dropped on its way.</summary>
    internal static void GiveUp(Self self, RequestId id) => self.Demonitor(id.Reference, flush: true);

    /// <summary>The request that a message answers, or reports the loss of; none if it is another message.</summary>
    internal static Reference ReferenceOf(object message) =>
        message switch
        {
            Tuple { Count: 2 } reply => reply[0] switch
            {
                List { Count: 1, Tail: Reference alias } => alias,
                Reference reference => reference,
                _ => default,
            },
            Down down => down.Reference,
            _ => default,
        };

    internal static Response ToResponse(object message, RequestId id) =>
        message is Down down
            ? new Response(ResponseKind.Error, ReasonOf(down.Reason, id.Server), id)
            : new Response(ResponseKind.Reply, ((Tuple)message)[1], id);

    /// <summary>What a caller exits with: <c>{Reason, {Module, Function, Arguments}}</c>.</summary>
    internal static ProcessExitException Failure(Response response, Atom module, Atom function, params ReadOnlySpan<object> arguments) =>
        new(Tuple.Of(response.Value ?? Atoms.Timeout, Tuple.Of(module, function, List.Create(arguments))));

    internal static object Limit(TimeSpan timeout) =>
        timeout == Timeout.InfiniteTimeSpan ? Atom.Of("infinity") : (long)timeout.TotalMilliseconds;

    /// <summary>The loss of a node is named after it, <c>{nodedown, Node}</c>.</summary>
    private static object ReasonOf(object reason, ServerRef server)
    {
        if (!ReferenceEquals(reason, Atoms.NoConnection))
            return reason;
        Atom? node = server.Node ?? (server.Pid.IsNone ? null : server.Pid.Node.Name);
        return node is null ? reason : Tuple.Of(Atoms.NodeDown, node);
    }

    private static Tuple Message(Self self, object label, Reference reference, object request) =>
        Tuple.Of(label, Tuple.Of(self.Pid, s_alias.WithTail(reference)), request);
}
