using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <summary>The client's side of servers: calls by any kind of name, casts, requests whose answers are waited for later. OTP's <c>gen_server</c>.</summary>
/// <remarks>
/// Threads: the process of the <see cref="Self"/>. <c>self.Call(pid, request)</c> and <c>self.Call(name, request)</c> are members of <see cref="Self"/>; what is here adds names of registries and the rest.
/// A server may be ours, Erlang's, Elixir's; a state machine as well as a <see cref="GenServer"/>.
/// </remarks>
public static class GenServerExtensions
{
    private static readonly TimeSpan s_callTimeout = TimeSpan.FromSeconds(5);
    private static readonly Atom s_call = Atom.Of("call");

    /// <summary>Calls a server, however it is named.</summary>
    /// <param name="self">The caller.</param>
    /// <param name="server">The server.</param>
    /// <param name="request">Any term.</param>
    /// <param name="timeout">How long to wait; 5 s by default.</param>
    /// <exception cref="ProcessExitException">There is no answer: <c>{Reason, {gen_server, call, [Server, Request, Timeout]}}</c>.</exception>
    public static ProcessTask<object> Call(this Self self, ServerRef server, object request, TimeSpan? timeout = null) =>
        server.Via is not null ? CallViaAsync(self, server, request, timeout ?? s_callTimeout)
        : server.Name is { } name ? self.Call(name, request, server.Node, timeout)
        : self.Call(server.Pid, request, timeout);

    /// <summary>Calls a server, however it is named, and gives the answer as the type that the request names.</summary>
    /// <inheritdoc cref="Call(Self, ServerRef, object, TimeSpan?)" path="/*[not(self::summary)]"/>
    /// <exception cref="InvalidCastException">The server answered something else.</exception>
    public static ProcessTask<TReply> Call<TReply>(this Self self, ServerRef server, ICall<TReply> request, TimeSpan? timeout = null) =>
        server.Via is not null ? CallTypedViaAsync(self, server, request, timeout)
        : server.Name is { } name ? self.Call(name, request, server.Node, timeout)
        : self.Call(server.Pid, request, timeout);

    private static async ProcessTask<TReply> CallTypedViaAsync<TReply>(
        Self self,
        ServerRef server,
        ICall<TReply> request,
        TimeSpan? timeout
    ) => request.ReadReply(await self.Call(server, (object)request, timeout));

    /// <summary>Sends what nobody answers. Never fails: if there is no such server, nothing happens.</summary>
    public static void Cast(this Self self, Pid server, object request)
    {
        ArgumentNullException.ThrowIfNull(request);
        self.Send(server, new GenCast(request));
    }

    /// <summary>Sends what nobody answers, to a server however it is named.</summary>
    public static ProcessTask Cast(this Self self, ServerRef server, object request)
    {
        if (server.Via is { } via)
            return CastViaAsync(self, via, request);
        if (server.Name is { } name)
            self.Send(name, server.Node ?? self.Pid.Node.Name, new GenCast(request));
        else
            self.Send(server.Pid, new GenCast(request));
        return default;
    }

    /// <summary>Casts to the bearers of a name on several nodes.</summary>
    public static void AbCast(this Self self, IEnumerable<Atom> nodes, Atom name, object request)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        foreach (Atom node in nodes)
            self.Send(name, node, new GenCast(request));
    }

    /// <summary>Calls the bearers of a name on several nodes at once.</summary>
    /// <param name="self">The caller.</param>
    /// <param name="nodes">The nodes.</param>
    /// <param name="name">The name.</param>
    /// <param name="request">Any term.</param>
    /// <param name="timeout">How long to wait for all together; for ever by default.</param>
    /// <returns>The answers by node, and the nodes that gave none. Answers that come later are dropped.</returns>
    public static async ProcessTask<MultiCallResult> MultiCall(
        this Self self,
        IEnumerable<Atom> nodes,
        Atom name,
        object request,
        TimeSpan? timeout = null
    )
    {
        ArgumentNullException.ThrowIfNull(nodes);
        List<RequestId> requests = [];
        foreach (Atom node in nodes)
            requests.Add(Requests.Send(self, ServerRef.At(name, node), default, Requests.CallLabel, request, Requests.GenServer));
        List<(Atom Node, object Reply)> replies = [];
        List<Atom> bad = [];
        Deadline deadline = new(self, timeout ?? Timeout.InfiniteTimeSpan);
        foreach (RequestId id in requests)
        {
            Response response = await Requests.ReceiveAsync(self, id, deadline.Left);
            if (response.IsReply)
                replies.Add((id.Server.Node!, response.Value!));
            else
                bad.Add(id.Server.Node!);
        }

        return new MultiCallResult(replies, bad);
    }

    /// <summary>Sends a call and does not wait.</summary>
    /// <returns>What to ask for the answer by; ask, or the answer stays in the mailbox.</returns>
    /// <exception cref="ProcessExitException"><c>noproc</c>: nobody bears the name of a registry.</exception>
    public static ProcessTask<RequestId> SendRequest(this Self self, ServerRef server, object request) =>
        server.Via is null
            ? new(Requests.Send(self, server, server.Pid, Requests.CallLabel, request, Requests.GenServer))
            : Requests.SendAsync(self, server, Requests.CallLabel, request, Requests.GenServer);

    /// <summary>Sends a call, and adds it to a collection.</summary>
    public static async ProcessTask SendRequest(this Self self, ServerRef server, object request, object label, RequestIds collection)
    {
        ArgumentNullException.ThrowIfNull(collection);
        collection.Add(await self.SendRequest(server, request), label);
    }

    /// <summary>Waits for the answer. After a time-out the request is given up, and a late answer dropped.</summary>
    public static ProcessTask<Response> ReceiveResponse(this Self self, RequestId request, TimeSpan? timeout = null) =>
        Requests.ReceiveAsync(self, request, timeout ?? Timeout.InfiniteTimeSpan);

    /// <summary>Waits for the answer. After a time-out one may ask again.</summary>
    public static async ProcessTask<Response> WaitResponse(this Self self, RequestId request, TimeSpan timeout)
    {
        Reference reference = request.Reference;
        Received<object> received = await self.TryReceive<object>(
            message => Requests.ReferenceOf(message) == reference,
            timeout,
            request.Mark
        );
        return received.HasValue ? Requests.ToResponse(received.Value, request) : new Response(ResponseKind.Timeout, null, request);
    }

    /// <summary>Whether a message that was received is the answer.</summary>
    public static Response CheckResponse(this Self self, object message, RequestId request) =>
        Requests.ReferenceOf(message) == request.Reference && !request.Reference.IsNone
            ? Requests.ToResponse(message, request)
            : new Response(ResponseKind.NoReply, null, request);

    /// <summary>Waits for any answer to the requests of a collection. After a time-out all of them are given up.</summary>
    /// <param name="self">The caller.</param>
    /// <param name="collection">The requests; an empty one is answered at once with <see cref="ResponseKind.NoReply"/>.</param>
    /// <param name="timeout">How long to wait; for ever by default.</param>
    /// <param name="delete">Whether the answered request leaves the collection.</param>
    public static async ProcessTask<Response> ReceiveResponse(
        this Self self,
        RequestIds collection,
        TimeSpan? timeout = null,
        bool delete = true
    )
    {
        Response response = await WaitResponse(self, collection, timeout ?? Timeout.InfiniteTimeSpan, delete);
        if (response.Kind != ResponseKind.Timeout)
            return response;
        foreach ((RequestId request, _) in collection.All)
            Requests.GiveUp(self, request);
        return response;
    }

    /// <summary>Waits for any answer to the requests of a collection. After a time-out one may ask again.</summary>
    /// <inheritdoc cref="ReceiveResponse(Self, RequestIds, TimeSpan?, bool)" path="/param"/>
    public static async ProcessTask<Response> WaitResponse(this Self self, RequestIds collection, TimeSpan timeout, bool delete = true)
    {
        ArgumentNullException.ThrowIfNull(collection);
        if (collection.Count == 0)
            return default;
        Received<object> received = await self.TryReceive<object>(
            message => Requests.ReferenceOf(message) is { IsNone: false } reference && collection.TryGet(reference, out _),
            timeout
        );
        return received.HasValue ? Take(received.Value, collection, delete) : new Response(ResponseKind.Timeout, null, default);
    }

    /// <summary>Whether a message that was received answers a request of a collection.</summary>
    /// <inheritdoc cref="ReceiveResponse(Self, RequestIds, TimeSpan?, bool)" path="/param[@name='delete']"/>
    public static Response CheckResponse(this Self self, object message, RequestIds collection, bool delete = true)
    {
        ArgumentNullException.ThrowIfNull(collection);
        return Requests.ReferenceOf(message) is { IsNone: false } reference && collection.TryGet(reference, out _)
            ? Take(message, collection, delete)
            : default;
    }

    private static Response Take(object message, RequestIds collection, bool delete)
    {
        Reference reference = Requests.ReferenceOf(message);
        collection.TryGet(reference, out (RequestId Request, object Label) entry);
        if (delete)
            collection.Remove(reference);
        return Requests.ToResponse(message, entry.Request) with { Label = entry.Label };
    }

    private static async ProcessTask CastViaAsync(Self self, ServerName via, object request)
    {
        Pid pid = await via.Registry!.WhereIs(self, via.Name);
        if (!pid.IsNone)
            self.Cast(pid, request);
    }

    private static async ProcessTask<object> CallViaAsync(Self self, ServerRef server, object request, TimeSpan timeout)
    {
        Response response = await Requests.CallAsync(self, server, Requests.CallLabel, request, Requests.GenServer, timeout);
        return response.IsReply
            ? response.Value!
            : throw Requests.Failure(response, Requests.GenServer, s_call, server.ToTerm(), request, Requests.Limit(timeout));
    }
}
