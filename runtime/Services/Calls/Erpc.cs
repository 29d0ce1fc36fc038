using CloudScale.Runtime.Services.Calls;

namespace CloudScale;

/// <summary>Calls of functions on other nodes, each in a process of its own there; OTP's module <c>erpc</c>.</summary>
/// <remarks>
/// For nodes of OTP 23 and later, and of CloudScale. A node may call itself, and then reaches its own <see cref="Node.Functions"/>. Elixir's modules are those whose name begins with
/// <c>Elixir.</c>; see <see cref="ElixirName"/>. Threads: those with a <see cref="Self"/> in its process; those with a <see cref="Node"/> anywhere.
/// </remarks>
public static class Erpc
{
    private static readonly Atom s_executeCall = Atom.Of("execute_call");
    private static readonly Atom s_executeCast = Atom.Of("execute_cast");

    /// <summary>Calls a function on a node, and gives what it returns.</summary>
    /// <param name="self">The calling process.</param>
    /// <param name="node">The node.</param>
    /// <param name="module">The module.</param>
    /// <param name="function">The function.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="timeout">How long to wait; for ever by default, as in OTP.</param>
    /// <exception cref="ErpcException">The call did not come about, or its result did not come home.</exception>
    /// <exception cref="ErlangException">The function failed.</exception>
    public static ProcessTask<object> Call(Self self, Atom node, Atom module, Atom function, List arguments, TimeSpan? timeout = null) =>
        Receive(self, SendRequest(self, node, module, function, arguments), timeout);

    /// <summary>Calls a function on a node from host code of another.</summary>
    /// <inheritdoc cref="Call(Self, Atom, Atom, Atom, List, TimeSpan?)" path="/*[not(self::summary or self::param[@name='self'])]"/>
    public static Task<object> CallAsync(Node from, Atom node, Atom module, Atom function, List arguments, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(from);
        return from.RunAsync(self => Call(self, node, module, function, arguments, timeout));
    }

    /// <summary>Lets a node call a function, and does not wait. Nothing is heard of it.</summary>
    public static void Cast(Self self, Atom node, Atom module, Atom function, List arguments) =>
        self.SpawnRequest(
            node,
            ErpcException.Tag,
            s_executeCast,
            List.Of(module, function, arguments),
            new SpawnRequestOptions { Reply = SpawnReplyMode.No }
        );

    /// <summary>Lets a node call a function, from host code.</summary>
    public static void Cast(Node from, Atom node, Atom module, Atom function, List arguments)
    {
        ArgumentNullException.ThrowIfNull(from);
        from.Spawn(self =>
        {
            Cast(self, node, module, function, arguments);
            return default;
        });
    }

    /// <summary>Sends a call, to be waited for with <see cref="Receive"/>.</summary>
    public static ErpcRequest SendRequest(Self self, Atom node, Atom module, Atom function, List arguments)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(arguments);
        ReceiveMark mark = self.Mark();
        Reference result = self.System.MakeReference();
        Reference request = self.SpawnRequest(
            node,
            ErpcException.Tag,
            s_executeCall,
            List.Of(result, module, function, arguments),
            new SpawnRequestOptions { Monitor = default(MonitorOptions), Reply = SpawnReplyMode.ErrorOnly }
        );
        return new ErpcRequest(request, result, mark);
    }

    /// <summary>Waits for what a call brings.</summary>
    /// <param name="self">The process that sent it.</param>
    /// <param name="request">What <see cref="SendRequest"/> gave; once.</param>
    /// <param name="timeout">How long to wait; for ever by default. A call that is too late is given up.</param>
    /// <inheritdoc cref="Call(Self, Atom, Atom, Atom, List, TimeSpan?)" path="/exception"/>
    public static async ProcessTask<object> Receive(Self self, ErpcRequest request, TimeSpan? timeout = null) =>
        ErpcResult.ValueOf(await ErpcResult.Await(self, request, timeout ?? Timeout.InfiniteTimeSpan), request);

    /// <summary>Calls a function on several nodes at once.</summary>
    /// <param name="self">The calling process.</param>
    /// <param name="nodes">The nodes.</param>
    /// <param name="module">The module.</param>
    /// <param name="function">The function.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="timeout">How long to wait for all together; for ever by default.</param>
    /// <returns>What each has brought, in the order of the nodes.</returns>
    public static async ProcessTask<IReadOnlyList<ErpcOutcome>> MultiCall(
        Self self,
        IReadOnlyList<Atom> nodes,
        Atom module,
        Atom function,
        List arguments,
        TimeSpan? timeout = null
    )
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ErpcRequest[] requests = new ErpcRequest[nodes.Count];
        for (int i = 0; i < requests.Length; i++)
            requests[i] = SendRequest(self, nodes[i], module, function, arguments);
        long start = TimeProvider.System.GetTimestamp();
        ErpcOutcome[] outcomes = new ErpcOutcome[requests.Length];
        for (int i = 0; i < requests.Length; i++)
        {
            TimeSpan left = timeout is { } all ? Left(all, start) : Timeout.InfiniteTimeSpan;
            outcomes[i] = ErpcResult.OutcomeOf(await ErpcResult.Await(self, requests[i], left), requests[i]);
        }

        return outcomes;
    }

    /// <summary>Calls a function on several nodes at once, from host code of another.</summary>
    /// <inheritdoc cref="MultiCall(Self, IReadOnlyList{Atom}, Atom, Atom, List, TimeSpan?)" path="/*[not(self::summary or self::param[@name='self'])]"/>
    public static Task<IReadOnlyList<ErpcOutcome>> MultiCallAsync(
        Node from,
        IReadOnlyList<Atom> nodes,
        Atom module,
        Atom function,
        List arguments,
        TimeSpan? timeout = null
    )
    {
        ArgumentNullException.ThrowIfNull(from);
        return from.RunAsync(self => MultiCall(self, nodes, module, function, arguments, timeout));
    }

    private static TimeSpan Left(TimeSpan timeout, long start)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
            return timeout;
        TimeSpan left = timeout - TimeProvider.System.GetElapsedTime(start);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}

/// <summary>A call that is under way; see <see cref="Erpc.SendRequest"/>.</summary>
public readonly struct ErpcRequest
{
    internal ErpcRequest(Reference request, Reference result, ReceiveMark mark)
    {
        Request = request;
        Result = result;
        Mark = mark;
    }

    /// <summary>The number of the spawn request, and the monitor's reference.</summary>
    internal Reference Request { get; }

    /// <summary>What stands before the result in the exit reason, so that no other exit is taken for it.</summary>
    internal Reference Result { get; }

    internal ReceiveMark Mark { get; }
}

/// <summary>What one node of a call to several has brought.</summary>
/// <param name="Value">What the function returned; null if it did not.</param>
/// <param name="Failure">Why there is no value; null if there is.</param>
public readonly record struct ErpcOutcome(object? Value, ErlangException? Failure)
{
    /// <summary>Whether the function returned.</summary>
    public bool IsOk => Failure is null;
}
