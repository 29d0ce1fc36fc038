using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <content>A process that was an async body goes on as a behaviour: OTP's <c>enter_loop</c>.</content>
public abstract partial class Behaviour
{
    private bool _isEntered;
    private object? _endReason;

    /// <summary>Handles messages until the behaviour stops; then the process exits.</summary>
    internal async ProcessTask EnterAsync(Self self)
    {
        Adopt(new Origin());
        _self = self;
        _isEntered = true;
        BeginIdleWatch();
        await OnEntered();
        while (!HasEnded)
            await OnEnteredMessage(await self.Receive());
        self.Exit(_endReason ?? Atoms.Normal);
    }

    /// <summary>What a behaviour does when it begins without its Init.</summary>
    private protected virtual ProcessTask OnEntered() => default;

    private ProcessTask OnEnteredMessage(object term)
    {
        if (term is Tuple { Count: 3 } call && ReferenceEquals(call[0], Requests.CallLabel) && From.TryFrom(call[1], out From from))
        {
            EndTimeout();
            return OnCall(Serialization.Contracts.Contract.TryFind(call[2], out object? contract) ? contract : call[2], from);
        }

        if (term is TimeoutTick timeout && ReferenceEquals(timeout, _timeout))
            term = Atoms.Timeout;
        if (term is not (IdleTick or Tuple { Count: 3 }))
            EndTimeout();
        return term switch
        {
            GenCast cast => OnCast(cast.Request),
            IdleTick tick => OnIdleTick(tick),
            _ => OnTerm(term),
        };
    }
}

/// <summary>Processes that become behaviours.</summary>
public static class EnterLoopExtensions
{
    /// <summary>
    /// Goes on as a server, which this process becomes for the rest of its life: OTP's <c>enter_loop</c>. <c>Init</c> is not called; the object is in its first state already.
    /// </summary>
    /// <exception cref="ProcessExitException">Always, at the end: the process exits with the server's reason.</exception>
    public static ProcessTask EnterLoop(this Self self, GenServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return server.EnterAsync(self);
    }

    /// <summary>Goes on as a state machine in a state. <c>Init</c> is not called; <c>Enter</c> is, where the machine wants it.</summary>
    /// <inheritdoc cref="EnterLoop(Self, GenServer)" path="/exception"/>
    public static ProcessTask EnterLoop<TState>(this Self self, GenStateMachine<TState> machine, TState state)
        where TState : notnull
    {
        ArgumentNullException.ThrowIfNull(machine);
        machine.BeginIn(state);
        return machine.EnterAsync(self);
    }
}
