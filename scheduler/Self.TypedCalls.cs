using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>Calls whose request says what the answer is.</summary>
public readonly partial struct Self
{
    /// <summary>Calls, and gives the answer as the type that the request names.</summary>
    /// <inheritdoc cref="Call(Pid, object, TimeSpan?)" path="/*[not(self::returns)]"/>
    /// <returns>The answer.</returns>
    /// <exception cref="InvalidCastException">The server answered something else.</exception>
    public ProcessTask<TReply> Call<TReply>(Pid server, ICall<TReply> request, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        Process me = Owned();
        me.Charge(1);
        ReceiveMark mark = new(me);
        return AwaitReply<TReply>(me.BeginCall(Named(server), request), mark, new Callee(server, null), request, timeout ?? s_callTimeout);
    }

    /// <summary>Calls whoever bears a name, and gives the answer as the type that the request names.</summary>
    /// <inheritdoc cref="Call(Atom, object, Atom?, TimeSpan?)" path="/*[not(self::returns)]"/>
    /// <returns>The answer.</returns>
    /// <exception cref="InvalidCastException">The server answered something else.</exception>
    public ProcessTask<TReply> Call<TReply>(Atom server, ICall<TReply> request, Atom? node = null, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(request);
        Process me = Owned();
        me.Charge(1);
        ReceiveMark mark = new(me);
        Callee named = new(default, node is null ? server : Tuple.Of(server, node));
        return AwaitReply<TReply>(me.BeginCall(server, node, request), mark, named, request, timeout ?? s_callTimeout);
    }

    /// <summary>Calls, and gives what a function makes of the answer: without an async method of the caller's own around the call.</summary>
    /// <param name="server">Any process that answers calls.</param>
    /// <param name="request">Any term.</param>
    /// <param name="readReply">Called in this process with the answer. What it throws is thrown.</param>
    /// <param name="timeout">How long to wait; 5 s by default, as in OTP.</param>
    /// <returns>What the function returns.</returns>
    /// <inheritdoc cref="Call(Pid, object, TimeSpan?)" path="/exception"/>
    public ProcessTask<TReply> Call<TReply>(Pid server, object request, Func<object, TReply> readReply, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(readReply);
        Process me = Owned();
        me.Charge(1);
        ReceiveMark mark = new(me);
        return AwaitReply(me.BeginCall(Named(server), request), mark, server, request, readReply, timeout ?? s_callTimeout);
    }

    private async ProcessTask<TReply> AwaitReply<TReply>(
        ReplyMatcher call,
        ReceiveMark mark,
        Pid server,
        object request,
        Func<object, TReply> readReply,
        TimeSpan timeout
    )
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
            ? readReply(received.Value.Value)
            : throw self.CallFailure(received, reference, new Callee(server, null), request, timeout);
    }

    private async ProcessTask<TReply> AwaitReply<TReply>(
        ReplyMatcher call,
        ReceiveMark mark,
        Callee server,
        ICall<TReply> request,
        TimeSpan timeout
    )
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
            ? request.ReadReply(received.Value.Value)
            : throw self.CallFailure(received, reference, server, request, timeout);
    }
}
