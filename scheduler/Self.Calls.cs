using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>Calls, as OTP's <c>gen_server:call</c> makes them: any server that answers <c>$gen_call</c> understands them, here or on an Erlang node, and the other way round.</summary>
public readonly partial struct Self
{
    private static readonly TimeSpan s_callTimeout = TimeSpan.FromSeconds(5);
    private static readonly Atom s_genServer = Atom.Of("gen_server");
    private static readonly Atom s_callName = Atom.Of("call");

    /// <summary>Sends <c>{'$gen_call', {Self, [alias | Ref]}, Request}</c> and waits for the answer. A late answer is dropped on its way.</summary>
    /// <param name="server">Any process that answers calls.</param>
    /// <param name="request">Any term.</param>
    /// <param name="timeout">How long to wait; 5 s by default, as in OTP.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="ProcessExitException">
    /// The server exited, is not there, or did not answer in time: the reason is <c>{Reason, {gen_server, call, [Server, Request, Timeout]}}</c>, as OTP's call exits. Where nobody catches
    /// it, it is the exit reason of this process.
    /// </exception>
    public ProcessTask<object> Call(Pid server, object request, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        Process me = Owned();
        me.Charge(1);
        ReceiveMark mark = new(me);
        return AwaitReply(me.BeginCall(Named(server), request), mark, new Callee(server, null), request, timeout ?? s_callTimeout);
    }

    /// <summary>Calls whoever bears a name, on this node or another.</summary>
    /// <inheritdoc cref="Call(Pid, object, TimeSpan?)" path="/*[not(self::param[@name='server'])]"/>
    public ProcessTask<object> Call(Atom server, object request, Atom? node = null, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(request);
        Process me = Owned();
        me.Charge(1);
        ReceiveMark mark = new(me);
        Callee named = new(default, node is null ? server : Tuple.Of(server, node));
        return AwaitReply(me.BeginCall(server, node, request), mark, named, request, timeout ?? s_callTimeout);
    }

    /// <summary>Answers a call.</summary>
    /// <param name="from">The call's <see cref="GenCall.From"/>.</param>
    /// <param name="reply">Any term.</param>
    public void Reply(From from, object reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        Process me = Owned();
        if (from.Alias.IsNone)
        {
            Send(from.Caller, Tuple.Of(from.Tag, reply));
            return;
        }

        me.Charge(1);
        if (me.IsTraced)
            me.System.Traced(me, TraceFlags.Send, TraceKind.Send, Tuple.Of(from.Tag, reply), from.Alias);
        me.System.SendAnswer(me.Pid, from.Alias, reply, me.DropAnsweredMonitor(from.Alias));
    }

    /// <summary>Answers a call: <paramref name="from"/> is the second element of the request, <c>{Pid, Tag}</c>.</summary>
    /// <exception cref="ArgumentException">It is not of that form.</exception>
    public void Reply(object from, object reply)
    {
        if (!From.TryFrom(from, out From caller))
            throw new ArgumentException($"A call comes from {{Pid, Tag}}, not from {Term.Format(from)}.", nameof(from));
        Reply(caller, reply);
    }

    private async ProcessTask<object> AwaitReply(ReplyMatcher call, ReceiveMark mark, Callee server, object request, TimeSpan timeout)
    {
        Self self = this;
        Reference reference = call.Call;
        Received<CallAnswer> received = await new TryReceiveAwaitable<CallAnswer>(
            self.Owned(),
            call,
            Timeouts.ToMilliseconds(timeout),
            mark
        );
        return received is { HasValue: true, Value.IsReason: false }
            ? received.Value.Value
            : throw self.CallFailure(received, reference, server, request, timeout);
    }

    /// <summary>What a call that got no answer exits with.</summary>
    private ProcessExitException CallFailure(Received<CallAnswer> received, Reference call, Callee server, object request, TimeSpan timeout)
    {
        object reason = Atoms.Timeout;
        if (received.HasValue)
            reason = server.ReasonOf(received.Value.Value);
        else
            Demonitor(call, flush: true);
        object limit = timeout == Timeout.InfiniteTimeSpan ? Atom.Of("infinity") : (long)timeout.TotalMilliseconds;
        return new ProcessExitException(Tuple.Of(reason, Tuple.Of(s_genServer, s_callName, List.Of(server.ToTerm(), request, limit))));
    }

    /// <summary>Who was called, for the reason of a call that fails.</summary>
    private readonly record struct Callee(Pid Pid, object? Name)
    {
        internal object ToTerm() => Name ?? Pid;

        /// <summary>The loss of a node is named after it, <c>{nodedown, Node}</c>, as OTP's call does.</summary>
        internal object ReasonOf(object reason)
        {
            if (!ReferenceEquals(reason, Atoms.NoConnection))
                return reason;
            Atom? node =
                Name is Tuple and [_, Atom named] ? named
                : Pid.IsNone ? null
                : Pid.Node.Name;
            return node is null ? reason : Tuple.Of(Atoms.NodeDown, node);
        }
    }
}
