using CloudScale.Runtime.Services;

namespace CloudScale;

/// <summary>Calls of functions on other nodes as OTP's module <c>rpc</c> makes them: over <see cref="Erpc"/>, and by the process <c>rex</c> on nodes that know no other way.</summary>
/// <remarks>
/// Failures come as exceptions, so a result that looks like one is never taken for it. Threads: those with a <see cref="Self"/> in its process; those with a <see cref="Node"/> anywhere.
/// </remarks>
public static class Rpc
{
    private static readonly Atom s_call = Atom.Of("call");
    private static readonly Atom s_blockCall = Atom.Of("block_call");
    private static readonly Atom s_badRpc = RpcException.Tag;
    private static readonly Atom s_notSupported = Atom.Of("notsup");
    private static readonly Atom s_nodeDown = Atoms.NodeDown;

    /// <summary>Calls a function on a node, and gives what it returns. As with OTP, a value that it throws counts as returned.</summary>
    /// <param name="self">The calling process.</param>
    /// <param name="node">The node.</param>
    /// <param name="module">The module.</param>
    /// <param name="function">The function.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="timeout">How long to wait; for ever by default.</param>
    /// <exception cref="RpcException">The function failed, or its node could not be reached or did not answer in time.</exception>
    public static async ProcessTask<object> Call(Self self, Atom node, Atom module, Atom function, List arguments, TimeSpan? timeout = null)
    {
        try
        {
            return await Erpc.Call(self, node, module, function, arguments, timeout);
        }
        catch (ErpcException exception) when (ReferenceEquals(exception.Cause, s_notSupported))
        {
            return await CallRex(self, node, s_call, module, function, arguments, timeout);
        }
        catch (ErlangException exception) when (exception.Class == ErlangClass.Throw)
        {
            return exception.Reason;
        }
        catch (ErlangException exception)
        {
            throw new RpcException(ReasonOf(exception));
        }
    }

    /// <summary>Calls a function on a node from host code of another.</summary>
    /// <inheritdoc cref="Call(Self, Atom, Atom, Atom, List, TimeSpan?)" path="/*[not(self::summary or self::param[@name='self'])]"/>
    public static Task<object> CallAsync(Node from, Atom node, Atom module, Atom function, List arguments, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(from);
        return from.RunAsync(self => Call(self, node, module, function, arguments, timeout));
    }

    /// <summary>Calls a function in the process <c>rex</c> of a node: one after the other, and others wait meanwhile.</summary>
    /// <inheritdoc cref="Call(Self, Atom, Atom, Atom, List, TimeSpan?)"/>
    public static ProcessTask<object> BlockCall(
        Self self,
        Atom node,
        Atom module,
        Atom function,
        List arguments,
        TimeSpan? timeout = null
    ) => CallRex(self, node, s_blockCall, module, function, arguments, timeout);

    /// <summary>Lets a node call a function, and does not wait. Nothing is heard of it.</summary>
    public static void Cast(Self self, Atom node, Atom module, Atom function, List arguments) =>
        Erpc.Cast(self, node, module, function, arguments);

    /// <summary>Lets a node call a function, from host code.</summary>
    public static void Cast(Node from, Atom node, Atom module, Atom function, List arguments) =>
        Erpc.Cast(from, node, module, function, arguments);

    /// <summary>Begins a call, to be waited for with <see cref="Erpc.Receive"/>; OTP's <c>async_call</c>.</summary>
    public static ErpcRequest AsyncCall(Self self, Atom node, Atom module, Atom function, List arguments) =>
        Erpc.SendRequest(self, node, module, function, arguments);

    /// <summary>Calls a function on several nodes at once; OTP's <c>multicall</c>.</summary>
    /// <param name="self">The calling process.</param>
    /// <param name="nodes">The nodes.</param>
    /// <param name="module">The module.</param>
    /// <param name="function">The function.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="timeout">How long to wait for all together; for ever by default.</param>
    /// <returns>
    /// What the nodes have brought that answered, in the order of the nodes (a failed call as <c>{badrpc, Reason}</c>, as OTP has it), and the nodes that could not be reached or did not answer.
    /// </returns>
    public static async ProcessTask<(IReadOnlyList<object> Results, IReadOnlyList<Atom> BadNodes)> MultiCall(
        Self self,
        IReadOnlyList<Atom> nodes,
        Atom module,
        Atom function,
        List arguments,
        TimeSpan? timeout = null
    )
    {
        IReadOnlyList<ErpcOutcome> outcomes = await Erpc.MultiCall(self, nodes, module, function, arguments, timeout);
        List<object> results = [];
        List<Atom> bad = [];
        for (int i = 0; i < outcomes.Count; i++)
        {
            if (outcomes[i].Failure is ErpcException { Cause: Atom { Name: "noconnection" or "timeout" or "notsup" } })
                bad.Add(nodes[i]);
            else if (outcomes[i].Failure is { Class: not ErlangClass.Throw } failure)
                results.Add(Tuple.Of(s_badRpc, ReasonOf(failure)));
            else
                results.Add(outcomes[i].Value ?? outcomes[i].Failure!.Reason);
        }

        return (results, bad);
    }

    /// <summary>Calls a function on several nodes at once, from host code of another.</summary>
    /// <inheritdoc cref="MultiCall(Self, IReadOnlyList{Atom}, Atom, Atom, List, TimeSpan?)" path="/*[not(self::summary or self::param[@name='self'])]"/>
    public static Task<(IReadOnlyList<object> Results, IReadOnlyList<Atom> BadNodes)> MultiCallAsync(
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

    private static async ProcessTask<object> CallRex(
        Self self,
        Atom node,
        Atom kind,
        Atom module,
        Atom function,
        List arguments,
        TimeSpan? timeout
    )
    {
        object leader = self.GroupLeader is { IsNone: false } pid ? pid : (Atom)"user";
        object answer;
        try
        {
            answer = await self.Call(
                Rex.Name,
                Tuple.Of(kind, module, function, arguments, leader),
                node,
                timeout ?? Timeout.InfiniteTimeSpan
            );
        }
        catch (ProcessExitException exit)
        {
            throw new RpcException(
                exit.Reason switch
                {
                    Tuple and [Atom { Name: "timeout" }, _] => Atoms.Timeout,
                    Tuple and [Tuple and [Atom { Name: "nodedown" }, _], _] => s_nodeDown,
                    var reason => Tuple.Of(Atoms.Exit, reason),
                }
            );
        }

        return answer is Tuple and [Atom tag, var cause] && ReferenceEquals(tag, s_badRpc) ? throw new RpcException(cause) : answer;
    }

    /// <summary>The reason that stands in OTP's <c>{badrpc, Reason}</c>.</summary>
    internal static object ReasonOf(ErlangException exception) =>
        exception switch
        {
            ErpcException { Cause: Atom { Name: "noconnection" } } => s_nodeDown,
            ErpcException { Cause: Atom { Name: "timeout" } } => Atoms.Timeout,
            ErpcException erpc => Tuple.Of(Atoms.Exit, erpc.Cause),
            { Reason: Tuple and [_, var reason] } => Tuple.Of(Atoms.Exit, reason),
            { Reason: Tuple and [_, var reason, var stack] } => Tuple.Of(Atoms.Exit, Tuple.Of(reason, stack)),
            _ => Tuple.Of(Atoms.Exit, exception.Reason),
        };
}

/// <summary>A call of <see cref="Rpc"/> that failed: what OTP returns as <c>{badrpc, Reason}</c>.</summary>
public sealed class RpcException : Exception
{
    private const int ShownCharacters = 1_000; // the reason is another node's

    internal static readonly Atom Tag = Atom.Of("badrpc");

    /// <summary>Makes the exception. Its message has up to 1,000 characters of the reason.</summary>
    /// <param name="reason">Why.</param>
    public RpcException(object reason)
        : base($"badrpc: {Term.FormatUpTo(reason, ShownCharacters)}") => Reason = reason;

    /// <summary><c>nodedown</c>, <c>timeout</c>, or <c>{'EXIT', Reason}</c> with how the function failed.</summary>
    public object Reason { get; }
}
