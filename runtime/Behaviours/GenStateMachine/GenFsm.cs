using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <summary>A state machine of the older kind, OTP's <c>gen_fsm</c>, over <see cref="GenStateMachine{TState}"/>: for what is ported, and for callers that speak its messages.</summary>
/// <remarks>
/// Wire: <c>{'$gen_event', Event}</c>, <c>{'$gen_sync_event', From, Event}</c>, <c>{'$gen_all_state_event', Event}</c>, <c>{'$gen_sync_all_state_event', From, Event}</c>, and timers
/// <c>{timeout, Reference, {'$gen_timer', Message}}</c> and <c>{timeout, Reference, {'$gen_event', Event}}</c>. Threads: as for the machine. Source: OTP, gen_fsm.
/// </remarks>
/// <typeparam name="TState">The states.</typeparam>
public abstract class GenFsm<TState> : GenStateMachine<TState>
    where TState : notnull
{
    private static readonly Atom s_event = Atom.Of("$gen_event");
    private static readonly Atom s_timer = Atom.Of("$gen_timer");

    /// <summary>An event for the state: <c>StateName/2</c>. A timer of <see cref="StartTimer"/> comes as <c>{timeout, Reference, Message}</c>, a time-out as <c>timeout</c>.</summary>
    protected abstract ProcessTask<Transition<TState>> OnEvent(object happened);

    /// <summary>An event for the state, whose sender waits: <c>StateName/3</c>.</summary>
    protected abstract ProcessTask<Transition<TState>> OnSyncEvent(object happened, From from);

    /// <summary>An event for all states: <c>handle_event/3</c>.</summary>
    protected virtual ProcessTask<Transition<TState>> OnAllStateEvent(object happened) => Stop(Tuple.Of(Atom.Of("bad_event"), happened));

    /// <summary>An event for all states, whose sender waits: <c>handle_sync_event/4</c>.</summary>
    protected virtual ProcessTask<Transition<TState>> OnSyncAllStateEvent(object happened, From from) =>
        Stop(Tuple.Of(Atom.Of("bad_event"), happened));

    /// <summary>Any other message: <c>handle_info/3</c>. By default it is logged and dropped.</summary>
    protected virtual ProcessTask<Transition<TState>> OnOtherMessage(object message)
    {
        LogUnexpected(message);
        return KeepState;
    }

    /// <summary>Starts a timer whose event for the state is <c>{timeout, Reference, Message}</c>: <c>start_timer/2</c>.</summary>
    protected ProcessTimer StartTimer(TimeSpan after, object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Self.StartTimer(after, Self.Pid, Tuple.Of(s_timer, message));
    }

    /// <summary>Starts a timer that brings an event for the state: <c>send_event_after/2</c>.</summary>
    protected ProcessTimer SendEventAfter(TimeSpan after, object happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        return Self.StartTimer(after, Self.Pid, Tuple.Of(s_event, happened));
    }

    /// <summary>Cancels a timer: <c>cancel_timer/1</c>.</summary>
    /// <returns>Whether it had not fired.</returns>
    protected static bool CancelTimer(ProcessTimer timer) => timer.Cancel();

    /// <inheritdoc/>
    protected sealed override ProcessTask<Transition<TState>> HandleEvent(StateEvent stateEvent)
    {
        switch (stateEvent.Content)
        {
            case Tuple and [Atom { Name: "$gen_event" }, var happened]:
                return OnEvent(happened);
            case Tuple and [Atom { Name: "$gen_all_state_event" }, var happened]:
                return OnAllStateEvent(happened);
            case Tuple and [Atom { Name: "$gen_sync_event" }, var caller, var happened] when From.TryFrom(caller, out From from):
                return OnSyncEvent(happened, from);
            case Tuple and [Atom { Name: "$gen_sync_all_state_event" }, var caller, var happened] when From.TryFrom(caller, out From from):
                return OnSyncAllStateEvent(happened, from);
            case Tuple and [Atom { Name: "timeout" }, Reference, Tuple and [Atom { Name: "$gen_event" }, var happened]]:
                return OnEvent(happened);
            case Tuple and [Atom { Name: "timeout" }, Reference timer, Tuple and [Atom { Name: "$gen_timer" }, var message]]:
                return OnEvent(Tuple.Of(Atoms.Timeout, timer, message));
            case var content when stateEvent.Type is StateEventType.EventTimeout or StateEventType.StateTimeout or StateEventType.Timeout:
                return OnEvent(content);
            case var content:
                return OnOtherMessage(content);
        }
    }
}

/// <summary>The client's side of <c>gen_fsm</c>, ours and Erlang's.</summary>
/// <remarks>Threads: the process of the <see cref="Self"/>.</remarks>
public static class GenFsmExtensions
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);
    private static readonly Atom s_module = Atom.Of("gen_fsm");

    /// <summary>Sends an event for the state; nobody answers.</summary>
    public static void SendEvent(this Self self, ServerRef machine, object happened) =>
        Send(self, machine, Atom.Of("$gen_event"), happened);

    /// <summary>Sends an event for all states; nobody answers.</summary>
    public static void SendAllStateEvent(this Self self, ServerRef machine, object happened) =>
        Send(self, machine, Atom.Of("$gen_all_state_event"), happened);

    /// <summary>Sends an event for the state and waits for the answer, 5 s by default.</summary>
    /// <exception cref="ProcessExitException">There is none: <c>{Reason, {gen_fsm, sync_send_event, [Machine, Event, Timeout]}}</c>.</exception>
    public static ProcessTask<object> SyncSendEvent(this Self self, ServerRef machine, object happened, TimeSpan? timeout = null) =>
        AskAsync(self, machine, "$gen_sync_event", "sync_send_event", happened, timeout ?? s_timeout);

    /// <summary>Sends an event for all states and waits for the answer, 5 s by default.</summary>
    /// <exception cref="ProcessExitException">There is none: <c>{Reason, {gen_fsm, sync_send_all_state_event, [Machine, Event, Timeout]}}</c>.</exception>
    public static ProcessTask<object> SyncSendAllStateEvent(this Self self, ServerRef machine, object happened, TimeSpan? timeout = null) =>
        AskAsync(self, machine, "$gen_sync_all_state_event", "sync_send_all_state_event", happened, timeout ?? s_timeout);

    private static void Send(Self self, ServerRef machine, Atom tag, object happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        if (machine.Via is not null)
            throw new ArgumentException("Look the name up first: an event is sent without waiting.", nameof(machine));
        if (machine.Name is { } name)
            self.Send(name, machine.Node ?? self.Pid.Node.Name, Tuple.Of(tag, happened));
        else
            self.Send(machine.Pid, Tuple.Of(tag, happened));
    }

    private static async ProcessTask<object> AskAsync(
        Self self,
        ServerRef machine,
        string label,
        string function,
        object happened,
        TimeSpan timeout
    )
    {
        Response response = await Requests.CallAsync(self, machine, Atom.Of(label), happened, s_module, timeout);
        return response.IsReply
            ? response.Value!
            : throw Requests.Failure(response, s_module, Atom.Of(function), machine.ToTerm(), happened, Requests.Limit(timeout));
    }
}
