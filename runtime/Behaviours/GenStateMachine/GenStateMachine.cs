using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <summary>A state machine: OTP's <c>gen_statem</c>, with the data in the fields.</summary>
/// <remarks>
/// Events go to the function that <see cref="In"/> has set for the state (OTP's <c>state_functions</c>), or, where there is none, to <see cref="HandleEvent"/> (OTP's <c>handle_event_function</c>); a
/// machine may mix the two. States are compared by their <c>Equals</c>: an enum, an <see cref="Atom"/>, a record. To sys and Erlang an enum is the atom of its name in snake_case. Threads: callbacks run one at a time in the machine's process, and may await.
/// Calls and casts are those of <c>gen_server</c>. Source: OTP, gen_statem.
/// </remarks>
/// <typeparam name="TState">The states.</typeparam>
public abstract partial class GenStateMachine<TState> : Behaviour
    where TState : notnull
{
    private static readonly Atom s_kind = Atom.Of("gen_statem");

    private Dictionary<TState, StateFunction<TState>>? _functions;
    private StateFunction<TState>? _function; // of the current state
    private TState _state = default!;
    private Transition<TState> _first; // what Init returned, until the start is acknowledged

    private protected sealed override Atom Kind => s_kind;

    /// <summary>The state the machine is in.</summary>
    protected TState State => _state;

    // ---- callbacks ----

    /// <summary>Called first, while the starter waits: <c>NextState(initial)</c> with actions, or <c>Stop</c>, <c>Error</c>, <c>Ignore</c>.</summary>
    protected abstract ProcessTask<Transition<TState>> Init();

    /// <summary>An event in a state that has no function of its own. By default the machine stops with <c>{unhandled_event, Type, Content}</c>.</summary>
    protected virtual ProcessTask<Transition<TState>> HandleEvent(StateEvent stateEvent) =>
        Stop(Tuple.Of(Atom.Of("unhandled_event"), stateEvent.ToTerm()));

    /// <summary>Whether <see cref="Enter"/> is called: OTP's <c>state_enter</c>.</summary>
    protected virtual bool CallsEnter => false;

    /// <summary>
    /// Called when the machine has come into a state, before it handles anything else, and at its start. It may answer calls, set time-outs, hibernate and stop; it cannot go elsewhere, postpone or insert events.
    /// </summary>
    /// <param name="oldState">The state before; at the start and when a state is repeated, the state itself.</param>
    protected virtual ProcessTask<Transition<TState>> Enter(TState oldState) => KeepState;

    /// <summary>Called last: on a stop, a crash of a callback, the exit of the parent where exits are trapped.</summary>
    protected virtual ProcessTask Terminate(object reason) => default;

    /// <summary>Called while the process is held, after its code has changed. By default nothing is done.</summary>
    protected virtual ProcessTask CodeChange(object oldVersion, object extra) => default;

    /// <summary>
    /// Called in an object of new code that is to take over from one of old code, with that one's data as its <see cref="GetData"/> gave it. What it returns goes to <see cref="SetData"/>, and then
    /// <see cref="CodeChange"/> is called. An exception leaves the process with the old code. The state stays; its type must be one that both versions know. By default the data are taken as they are.
    /// </summary>
    /// <param name="data">A term; of no type of the old code.</param>
    /// <param name="oldVersion">The version of the old code.</param>
    /// <param name="extra">What the instruction carries.</param>
    protected virtual ProcessTask<object> MigrateData(object data, object oldVersion, object extra) => new(data);

    /// <summary>The data as a term, for <c>sys:get_state</c> and reports. By default <c>{Class, Text}</c>.</summary>
    protected virtual object GetData() => this is ITermConvertible term ? term.ToTerm() : Tuple.Of(Module, ToString() ?? "");

    /// <summary>Takes data that <c>sys:replace_state</c> brings. By default there is no way, and the request fails.</summary>
    /// <exception cref="NotSupportedException">The data cannot be set.</exception>
    protected virtual void SetData(object data) =>
        throw new NotSupportedException($"{GetType().Name} does not take data: it overrides no SetData.");

    /// <summary>State and data, <c>{State, Data}</c>, as status and crash reports show them.</summary>
    /// <param name="stateAndData">The pair.</param>
    /// <param name="reason">The exit reason, in a crash report; null in a status.</param>
    protected virtual object FormatStatus(object stateAndData, object? reason) => stateAndData;

    // ---- results ----

    /// <summary>Goes to a state; the same state again is no change.</summary>
    protected static Transition<TState> NextState(TState state) => Transition<TState>.To(state);

    /// <summary>Stays.</summary>
    protected static Transition<TState> KeepState => default;

    /// <summary>Stays, and calls <see cref="Enter"/> again.</summary>
    protected static Transition<TState> RepeatState => Transition<TState>.Of(TransitionKind.Repeat);

    /// <summary>Stops with a reason; replies that are added are sent before <see cref="Terminate"/>.</summary>
    protected static Transition<TState> Stop(object reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return Transition<TState>.Of(TransitionKind.Stop, reason);
    }

    /// <summary>From <see cref="Init"/>: the machine need not run.</summary>
    protected static Transition<TState> Ignore => Transition<TState>.Of(TransitionKind.Ignore);

    /// <summary>From <see cref="Init"/>: the start fails, and the process exits with <c>normal</c>.</summary>
    protected static Transition<TState> Error(object reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return Transition<TState>.Of(TransitionKind.Error, reason);
    }

    /// <summary>Sets the function of a state; in the constructor or in <see cref="Init"/>.</summary>
    protected void In(TState state, StateFunction<TState> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        (_functions ??= [])[state] = function;
    }

    // ---- life ----

    private protected sealed override ProcessTask<InitResult> OnInit()
    {
        ProcessTask<Transition<TState>> init = Init();
        ProcessTask<Transition<TState>>.Awaiter awaiter = init.GetAwaiter();
        return awaiter.IsCompleted ? Begun(awaiter.GetResult()) : AwaitInit(init);
    }

    private async ProcessTask<InitResult> AwaitInit(ProcessTask<Transition<TState>> init) => Begun(await init);

    private InitResult Begun(in Transition<TState> first)
    {
        _first = first;
        switch (first.Kind)
        {
            case TransitionKind.Next:
                SetState(first.State);
                return InitResult.Ok;
            case TransitionKind.Stop:
                return InitResult.Stop(first.Reason!);
            case TransitionKind.Error:
                return InitResult.Error(first.Reason!);
            case TransitionKind.Ignore:
                return InitResult.Ignore;
            default:
                return InitResult.Stop(Tuple.Of(Atom.Of("bad_return_from_init"), Atom.Of("no_state")));
        }
    }

    private protected sealed override ProcessTask OnReady(in InitResult result)
    {
        Transition<TState> first = _first;
        _first = default;
        if (first.LastAction is null && !CallsEnter)
            return default;
        return Begin(first);
    }

    internal void BeginIn(TState state) => SetState(state);

    private protected sealed override ProcessTask OnEntered() => CallsEnter ? RunRestAsync(EnterState(_state)) : default;

    private void SetState(TState state)
    {
        _state = state;
        _function = _functions is not null && _functions.TryGetValue(state, out StateFunction<TState>? function) ? function : null;
    }

    private protected sealed override ProcessTask OnCall(object request, From from) =>
        Run(new StateEvent(StateEventType.Call, request, from));

    private protected sealed override ProcessTask OnCast(object request) => Run(new StateEvent(StateEventType.Cast, request));

    private protected sealed override ProcessTask OnInfo(object message)
    {
        if (message is not StateTimer timer)
            return Run(new StateEvent(StateEventType.Info, message));
        return _timers is not null && _timers.TryFire(timer, out StateEvent fired) ? Run(fired) : default;
    }

    private protected sealed override ProcessTask OnTerminate(object reason) => Terminate(reason);

    private protected sealed override ProcessTask OnCodeChange(object oldVersion, object extra) => CodeChange(oldVersion, extra);
}
