namespace CloudScale;

/// <summary>A server in functional form: functions from a state to the next one, which nobody changes in place.</summary>
/// <remarks>
/// For what is too small for a class of its own. A function is given the process and the state, and returns what to do with the state that counts from then on; one that is not set does what
/// <see cref="GenServer"/> does by default. Threads: the functions run one at a time in the server's process.
/// </remarks>
/// <typeparam name="TState">The state; a term, if <c>sys:replace_state</c> is to set it.</typeparam>
/// <param name="start">Makes the first state.</param>
public sealed class GenServer<TState>(Func<Self, TState> start) : GenServer
{
    private TState _state = default!;

    /// <summary>Handles a call.</summary>
    public Func<Self, TState, object, From, (Next Next, TState State)>? Calls { get; init; }

    /// <summary>Handles a cast.</summary>
    public Func<Self, TState, object, (Next Next, TState State)>? Casts { get; init; }

    /// <summary>Handles any other message.</summary>
    public Func<Self, TState, object, (Next Next, TState State)>? Infos { get; init; }

    /// <summary>Handles a continuation.</summary>
    public Func<Self, TState, object, (Next Next, TState State)>? Continues { get; init; }

    /// <summary>Called last, with the reason.</summary>
    public Action<Self, TState, object>? Terminates { get; init; }

    private protected override Atom Module => Runtime.Behaviours.ModuleName.Of(start.Method);

    /// <inheritdoc/>
    protected override ProcessTask<InitResult> Init()
    {
        _state = start(Self);
        return InitResult.Ok;
    }

    /// <inheritdoc/>
    protected override ProcessTask<Next> HandleCall(object request, From from) =>
        Calls is null ? base.HandleCall(request, from) : Take(Calls(Self, _state, request, from));

    /// <inheritdoc/>
    protected override ProcessTask<Next> HandleCast(object request) =>
        Casts is null ? base.HandleCast(request) : Take(Casts(Self, _state, request));

    /// <inheritdoc/>
    protected override ProcessTask<Next> HandleInfo(object message) =>
        Infos is null ? base.HandleInfo(message) : Take(Infos(Self, _state, message));

    /// <inheritdoc/>
    protected override ProcessTask<Next> HandleContinue(object argument) =>
        Continues is null ? base.HandleContinue(argument) : Take(Continues(Self, _state, argument));

    /// <inheritdoc/>
    protected override ProcessTask Terminate(object reason)
    {
        Terminates?.Invoke(Self, _state, reason);
        return default;
    }

    /// <inheritdoc/>
    protected override object GetState() => _state!;

    /// <inheritdoc/>
    protected override void SetState(object state) => _state = (TState)state;

    private ProcessTask<Next> Take((Next Next, TState State) turn)
    {
        _state = turn.State;
        return turn.Next;
    }
}
