using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <summary>A server: derive, override what it handles, start an instance. OTP's <c>gen_server</c>, with the state in the fields.</summary>
/// <remarks>
/// Threads: callbacks run one at a time in the server's process. A callback may await; the server handles nothing else meanwhile, as in Erlang. One that waits for nothing is no async method and
/// returns <c>Reply(…)</c>, <c>NoReply</c> or <c>Stop(…)</c> as it is. An exception in a callback is a crash: <see cref="Terminate"/> runs, the crash is logged, and the process exits with
/// <c>{exception, Type, Message, Stack}</c>, or the reason of a <see cref="ProcessExitException"/>. Wire: <c>gen_server</c> and Elixir's <c>GenServer</c>. Source: OTP, gen_server.
/// </remarks>
public abstract partial class GenServer : Behaviour
{
    private static readonly Atom s_kind = Atom.Of("gen_server");
    private static readonly Atom s_badCall = Atom.Of("bad_call");
    private static readonly Atom s_badCast = Atom.Of("bad_cast");
    private static readonly Atom s_badReturn = Atom.Of("bad_return_value");
    private static readonly Atom s_noReply = Atom.Of("noreply");

    private protected sealed override Atom Kind => s_kind;

    // ---- callbacks ----

    /// <summary>Called first, while the starter waits. By default the server runs.</summary>
    protected virtual ProcessTask<InitResult> Init() => InitResult.Ok;

    /// <summary>A call: somebody waits for an answer. By default the server stops with <c>{bad_call, Request}</c>.</summary>
    /// <param name="request">Any term; a contract, where tag and arity name one.</param>
    /// <param name="from">Who waits: for an answer later, by <c>Self.Reply</c>, in this process or another.</param>
    protected virtual ProcessTask<Next> HandleCall(object request, From from) => Next.Stop(Tuple.Of(s_badCall, request));

    /// <summary>A cast: nobody waits. By default the server stops with <c>{bad_cast, Request}</c>.</summary>
    /// <param name="request">Any term; a contract, where tag and arity name one.</param>
    protected virtual ProcessTask<Next> HandleCast(object request) => Next.Stop(Tuple.Of(s_badCast, request));

    /// <summary>Any other message: of a timer or monitor, an exit of a linked process where exits are trapped, a time-out (the atom <c>timeout</c>). By default it is logged and dropped.</summary>
    protected virtual ProcessTask<Next> HandleInfo(object message)
    {
        LogUnexpected(message);
        return Next.NoReply;
    }

    /// <summary>What <see cref="Next.WithContinue"/> or <see cref="InitResult.WithContinue"/> asked for; no message is handled before it.</summary>
    protected virtual ProcessTask<Next> HandleContinue(object argument) => Next.Stop(Tuple.Of(s_badReturn, argument));

    /// <summary>Called last: on a stop, a crash of a callback, the exit of the parent where exits are trapped. Not when the process is killed, or ended by a signal that it does not trap.</summary>
    /// <param name="reason">The exit reason.</param>
    protected virtual ProcessTask Terminate(object reason) => default;

    /// <summary>Called while the process is held, after its code has changed. By default nothing is done.</summary>
    /// <param name="oldVersion">The version the state is of; <c>{down, Version}</c> for a step back.</param>
    /// <param name="extra">What the instruction carries.</param>
    protected virtual ProcessTask CodeChange(object oldVersion, object extra) => default;

    /// <summary>
    /// Called in an object of new code that is to take over from one of old code, with that one's state as its <see cref="GetState"/> gave it. What it returns goes to <see cref="SetState"/>, and then
    /// <see cref="CodeChange"/> is called. An exception leaves the process with the old code. By default the state is taken as it is.
    /// </summary>
    /// <param name="state">A term; of no type of the old code.</param>
    /// <param name="oldVersion">The version of the old code.</param>
    /// <param name="extra">What the instruction carries.</param>
    protected virtual ProcessTask<object> MigrateState(object state, object oldVersion, object extra) => new(state);

    /// <summary>The state as a term, for <c>sys:get_state</c> and reports. By default the server itself if it stands for a term, else <c>{Class, Text}</c>.</summary>
    protected virtual object GetState() => this is ITermConvertible term ? term.ToTerm() : Tuple.Of(Module, ToString() ?? "");

    /// <summary>Takes a state that <c>sys:replace_state</c> brings. By default there is no way, and the request fails.</summary>
    /// <exception cref="NotSupportedException">The state cannot be set.</exception>
    protected virtual void SetState(object state) =>
        throw new NotSupportedException($"{GetType().Name} does not take a state: it overrides no SetState.");

    /// <summary>The state as status and crash reports show it, to hide or shorten what is in it. By default as <see cref="GetState"/> gives it.</summary>
    /// <param name="state">What <see cref="GetState"/> gave.</param>
    /// <param name="reason">The exit reason, in a crash report; null in a status.</param>
    protected virtual object FormatStatus(object state, object? reason) => state;

    // ---- results ----

    /// <summary>Goes on without an answer.</summary>
    protected static Next NoReply => Next.NoReply;

    /// <summary>Answers the call.</summary>
    protected static Next Reply(object reply) => Next.Reply(reply);

    /// <summary>Answers a typed call; the compiler checks that the answer is of the type the request names.</summary>
    protected static Next Reply<TReply>(ICall<TReply> request, TReply reply) => Next.Reply(reply!);

    /// <summary>Stops with a reason.</summary>
    protected static Next Stop(object reason) => Next.Stop(reason);

    /// <summary>Stops with a reason; the caller is answered between <see cref="Terminate"/> and the exit.</summary>
    protected static Next Stop(object reason, object reply) => Next.Stop(reason, reply);

    // ---- turns ----

    private protected sealed override ProcessTask<InitResult> OnInit() => Init();

    private protected sealed override ProcessTask OnReady(in InitResult result) =>
        result.Next.IsPlain ? default : Go(result.Next, default, null);

    private protected sealed override ProcessTask OnCall(object request, From from)
    {
        try
        {
            ProcessTask<Next> turn = HandleCall(request, from);
            ProcessTask<Next>.Awaiter awaiter = turn.GetAwaiter();
            if (!awaiter.IsCompleted)
                return AwaitTurn(turn, from, new GenCall(from, request));
            Next next = awaiter.GetResult();
            if (!next.IsPlain || IsDebugged)
                return Go(next, from, new GenCall(from, request));
            if (next.Answer is { } reply)
                Self.Reply(from, reply);
            return default;
        }
        catch (Exception exception)
        {
            return Crash(exception, new GenCall(from, request));
        }
    }

    private protected sealed override ProcessTask OnCast(object request)
    {
        try
        {
            ProcessTask<Next> turn = HandleCast(request);
            ProcessTask<Next>.Awaiter awaiter = turn.GetAwaiter();
            if (!awaiter.IsCompleted)
                return AwaitTurn(turn, default, new GenCast(request));
            Next next = awaiter.GetResult();
            return next.IsPlain && next.Answer is null && !IsDebugged ? default : Go(next, default, new GenCast(request));
        }
        catch (Exception exception)
        {
            return Crash(exception, new GenCast(request));
        }
    }

    private protected sealed override ProcessTask OnInfo(object message)
    {
        try
        {
            ProcessTask<Next> turn = HandleInfo(message);
            ProcessTask<Next>.Awaiter awaiter = turn.GetAwaiter();
            if (!awaiter.IsCompleted)
                return AwaitTurn(turn, default, message);
            Next next = awaiter.GetResult();
            return next.IsPlain && next.Answer is null && !IsDebugged ? default : Go(next, default, message);
        }
        catch (Exception exception)
        {
            return Crash(exception, message);
        }
    }

    private async ProcessTask AwaitTurn(ProcessTask<Next> turn, From from, object message)
    {
        Next next;
        try
        {
            next = await turn;
        }
        catch (Exception exception) when (IsRunning)
        {
            await Crash(exception, message);
            return;
        }

        await Go(next, from, message);
    }

    /// <summary>Does what a callback has asked for.</summary>
    private ProcessTask Go(in Next next, From from, object? message)
    {
        bool answers = next.Answer is not null;
        if (answers && from == default)
            return Finish(Tuple.Of(s_badReturn, Tuple.Of(Atom.Of("reply"), next.Answer!)), message);
        if (next.Kind == NextKind.Stop)
            return Finish(next.Argument!, message, new PendingReply(from, next.Answer));
        if (answers)
            Self.Reply(from, next.Answer!);
        if (IsDebugged)
            DebugTurn(next.Answer, from);
        switch (next.Kind)
        {
            case NextKind.Timeout:
                BeginTimeout(next.TimeoutMs);
                return default;
            case NextKind.Hibernate:
                return HibernateAsync();
            case NextKind.Continue:
                return Continue(next.Argument!);
            default:
                return default;
        }
    }

    private ProcessTask Continue(object argument)
    {
        object message = Tuple.Of(Atom.Of("continue"), argument);
        try
        {
            ProcessTask<Next> turn = HandleContinue(argument);
            ProcessTask<Next>.Awaiter awaiter = turn.GetAwaiter();
            return awaiter.IsCompleted ? Go(awaiter.GetResult(), default, message) : AwaitTurn(turn, default, message);
        }
        catch (Exception exception)
        {
            return Crash(exception, message);
        }
    }

    private protected sealed override ProcessTask OnTerminate(object reason) => Terminate(reason);

    private protected sealed override ProcessTask OnCodeChange(object oldVersion, object extra) => CodeChange(oldVersion, extra);

    // ---- sys ----

    private protected sealed override object SystemState => StateTerm();

    private protected sealed override async ProcessTask<object> ReplaceSystemState(Func<object, ProcessTask<object>> replace)
    {
        object state = await replace(StateTerm());
        SetState(state);
        return StateTerm();
    }

    private protected sealed override object SystemStatus(StatusRequest request) =>
        List.Of(
            Tuple.Of(Atom.Of("header"), StatusTerms.Header("Status for generic server ", Origin.Name ?? Self.Pid)),
            StatusTerms.Data(request),
            Tuple.Of(Atom.Of("data"), List.Of(Tuple.Of(List.FromString("State"), FormatStatus(StateTerm(), null))))
        );

    private protected sealed override object StateForReport(object reason, object? message) => FormatStatus(StateTerm(), reason);

    private object StateTerm() => StatusTerms.Shown(GetState());

    private void DebugTurn(object? reply, From from)
    {
        if (reply is not null)
            DebugOut(reply, from, StateTerm());
        else
            DebugEvent(Tuple.Of(s_noReply, StateTerm()));
    }
}
