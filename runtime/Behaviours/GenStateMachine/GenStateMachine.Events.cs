using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <content>The order of things: an event, its actions, a change of state, the next event.</content>
public abstract partial class GenStateMachine<TState>
{
    private static readonly Atom s_consume = Atom.Of("consume");
    private static readonly Atom s_postpone = Atom.Of("postpone");
    private static readonly Atom s_inEvent = Atom.Of("in");
    private static readonly Atom s_outEvent = Atom.Of("out");
    private static readonly Atom s_badEnterAction = Atom.Of("bad_state_enter_action_from_state_function");

    private List<StateEvent>? _waiting; // received or inserted, not yet handled; the next one last
    private List<StateEvent>? _postponed; // oldest first
    private StateTimers? _timers;
    private bool _hibernates;

    /// <summary>Handles an event, and then all that waits.</summary>
    private ProcessTask Run(StateEvent current)
    {
        while (true)
        {
            ProcessTask step = Step(current);
            if (!step.GetAwaiter().IsCompleted)
                return RunRestAsync(step);
            step.GetAwaiter().GetResult();
            if (HasEnded)
                return default;
            if (!TryTakeNext(out current))
                return _hibernates ? HibernateAsync() : default;
        }
    }

    private async ProcessTask RunRestAsync(ProcessTask step)
    {
        await step;
        while (!HasEnded)
        {
            if (TryTakeNext(out StateEvent next))
            {
                await Step(next);
                continue;
            }

            if (_hibernates)
                await HibernateAsync();
            return;
        }
    }

    /// <summary>One event, with all that its transition asks for.</summary>
    private ProcessTask Step(StateEvent current)
    {
        _hibernates = false;
        _timers?.Cancel(TimerKeys.Event);
        if (IsDebugged)
            DebugEvent(Tuple.Of(s_inEvent, current.ToTerm(), StateTerms.Of(_state)));
        try
        {
            ProcessTask<Transition<TState>> handled = _function is { } function ? function(current) : HandleEvent(current);
            ProcessTask<Transition<TState>>.Awaiter awaiter = handled.GetAwaiter();
            if (!awaiter.IsCompleted)
                return StepAsync(handled, current);
            Transition<TState> transition = awaiter.GetResult();
            return transition.IsPlain && !IsDebugged ? default : Apply(transition, current);
        }
        catch (Exception exception)
        {
            return Crash(exception, MessageOf(current));
        }
    }

    private async ProcessTask StepAsync(ProcessTask<Transition<TState>> handled, StateEvent current)
    {
        Transition<TState> transition;
        try
        {
            transition = await handled;
        }
        catch (Exception exception) when (IsRunning)
        {
            await Crash(exception, MessageOf(current));
            return;
        }

        await Apply(transition, current);
    }

    /// <summary>The start has been acknowledged: the actions of Init, the first Enter, and what they bring.</summary>
    private ProcessTask Begin(in Transition<TState> first)
    {
        ActionFlags flags = default;
        TakeActions(first.LastAction, ref flags);
        if (flags.Next is { } next)
            Insert(next);
        ProcessTask entered = CallsEnter ? EnterState(_state) : default;
        return RunRestAsync(entered);
    }

    private ProcessTask Apply(in Transition<TState> transition, StateEvent current)
    {
        if (transition.Kind == TransitionKind.Stop)
        {
            Reply(transition.LastAction);
            return Finish(transition.Reason!, MessageOf(current));
        }

        if (transition.Kind is TransitionKind.Ignore or TransitionKind.Error)
            return Finish(Tuple.Of(Atom.Of("bad_return_from_state_function"), Atom.Of("init_result")), MessageOf(current));
        TState old = _state;
        bool changes = transition.Kind == TransitionKind.Next && !EqualityComparer<TState>.Default.Equals(transition.State, old);
        ActionFlags flags = default;
        if (changes)
        {
            _timers?.Cancel(TimerKeys.State);
            SetState(transition.State);
        }

        TakeActions(transition.LastAction, ref flags);
        if (flags.Postpones)
            (_postponed ??= []).Add(current);
        if (changes && _postponed is { Count: > 0 } postponed)
        {
            _postponed = null;
            Insert(postponed);
        }

        if (flags.Next is { } next)
            Insert(next);
        if (IsDebugged)
            DebugEvent(Tuple.Of(flags.Postpones ? s_postpone : s_consume, current.ToTerm(), StateTerms.Of(old), StateTerms.Of(_state)));
        return CallsEnter && (changes || transition.Kind == TransitionKind.Repeat) ? EnterState(old) : default;
    }

    /// <summary>Puts events before all that wait.</summary>
    private void Insert(List<StateEvent> events)
    {
        _waiting ??= [];
        for (int i = events.Count - 1; i >= 0; i--)
            _waiting.Add(events[i]);
    }

    private bool TryTakeNext(out StateEvent next)
    {
        if (_waiting is { Count: > 0 } waiting)
        {
            next = waiting[^1];
            waiting.RemoveAt(waiting.Count - 1);
            return true;
        }

        next = default;
        return _timers is not null && _timers.TryFireDue(out next);
    }

    private void TakeActions(TransitionAction? last, ref ActionFlags flags)
    {
        if (last is null)
            return;
        TakeActions(last.Previous, ref flags); // in the order they were added; there are few
        switch (last)
        {
            case ReplyAction reply:
                Reply(reply.From, reply.Content!);
                break;
            case NextEventAction next:
                (flags.Next ??= []).Add(next.Event);
                break;
            case TimerAction { Kind: TransitionActionKind.SetTimer } timer:
                (_timers ??= new()).Set(Self, timer.Key, timer.Time, timer.IsAbsolute, timer.Content!);
                break;
            case TimerAction { Kind: TransitionActionKind.UpdateTimer } timer:
                (_timers ??= new()).Update(Self, timer.Key, timer.Content!);
                break;
            case TimerAction timer:
                _timers?.Cancel(timer.Key);
                break;
            case { Kind: TransitionActionKind.Postpone }:
                flags.Postpones = true;
                break;
            default:
                _hibernates = true;
                break;
        }
    }

    /// <summary>The answers alone, of a machine that stops.</summary>
    private void Reply(TransitionAction? last)
    {
        if (last is null)
            return;
        Reply(last.Previous);
        if (last is ReplyAction reply)
            Reply(reply.From, reply.Content!);
    }

    private void Reply(From from, object reply)
    {
        Self.Reply(from, reply);
        if (IsDebugged)
            DebugEvent(Tuple.Of(s_outEvent, reply, from.ToTerm()));
    }

    private ProcessTask EnterState(TState old)
    {
        try
        {
            ProcessTask<Transition<TState>> entered = Enter(old);
            ProcessTask<Transition<TState>>.Awaiter awaiter = entered.GetAwaiter();
            return awaiter.IsCompleted ? Entered(awaiter.GetResult()) : EnterAsync(entered);
        }
        catch (Exception exception)
        {
            return Crash(exception, message: null);
        }
    }

    private async ProcessTask EnterAsync(ProcessTask<Transition<TState>> entered)
    {
        Transition<TState> transition;
        try
        {
            transition = await entered;
        }
        catch (Exception exception) when (IsRunning)
        {
            await Crash(exception, message: null);
            return;
        }

        await Entered(transition);
    }

    private ProcessTask Entered(in Transition<TState> transition)
    {
        if (transition.Kind == TransitionKind.Stop)
        {
            Reply(transition.LastAction);
            return Finish(transition.Reason!, message: null);
        }

        bool stays = transition.Kind != TransitionKind.Next || EqualityComparer<TState>.Default.Equals(transition.State, _state);
        if (!stays || transition.Kind is TransitionKind.Ignore or TransitionKind.Error)
            return Finish(Tuple.Of(Atom.Of("bad_state_enter_return_from_state_function"), StateTerms.Of(_state)), message: null);
        for (TransitionAction? action = transition.LastAction; action is not null; action = action.Previous)
        {
            if (action.Kind is TransitionActionKind.Postpone or TransitionActionKind.NextEvent)
                return Finish(Tuple.Of(s_badEnterAction, Atom.Of(action.Kind.ToString())), message: null);
        }

        ActionFlags flags = default;
        TakeActions(transition.LastAction, ref flags);
        return transition.Kind == TransitionKind.Repeat ? EnterState(_state) : default;
    }

    /// <summary>The event for a report.</summary>
    private static object MessageOf(StateEvent current) =>
        current.Type == StateEventType.Call ? new GenCall(current.From, current.Content) : current.ToTerm();

    private struct ActionFlags
    {
        internal bool Postpones;
        internal List<StateEvent>? Next;
    }
}
