namespace CloudScale;

/// <summary>Handles the events of one state: a method of the machine, given to <c>GenStateMachine.In</c>.</summary>
/// <typeparam name="TState">The states.</typeparam>
/// <param name="stateEvent">What happened.</param>
public delegate ProcessTask<Transition<TState>> StateFunction<TState>(StateEvent stateEvent)
    where TState : notnull;
