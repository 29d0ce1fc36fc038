namespace CloudScale;

/// <summary>What a state machine does after an event: where it goes, and in which order what else happens. OTP's transition with its actions.</summary>
/// <remarks>It converts to a completed <c>ProcessTask</c>, so a callback that waits for nothing is no async method. Actions are carried out in the order they were added.</remarks>
/// <typeparam name="TState">The states.</typeparam>
public readonly struct Transition<TState>
    where TState : notnull
{
    private Transition(TransitionKind kind, TState state, object? reason, TransitionAction? actions)
    {
        Kind = kind;
        State = state;
        Reason = reason;
        LastAction = actions;
    }

    internal TransitionKind Kind { get; }

    internal TState State { get; }

    internal object? Reason { get; }

    /// <summary>The newest action; each leads to the one before.</summary>
    internal TransitionAction? LastAction { get; }

    /// <summary>Whether nothing at all happens.</summary>
    internal bool IsPlain => Kind == TransitionKind.Keep && LastAction is null;

    internal static Transition<TState> To(TState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return new(TransitionKind.Next, state, null, null);
    }

    internal static Transition<TState> Of(TransitionKind kind, object? reason = null) => new(kind, default!, reason, null);

    /// <summary>Answers a call. (<c>Self.Reply</c> in the callback does it at once, and costs less.)</summary>
    public Transition<TState> Reply(From from, object reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return With(new ReplyAction(from, reply, LastAction));
    }

    /// <summary>The event is handled again after the next change of state, before newer ones.</summary>
    public Transition<TState> Postpone() => With(new TransitionAction(TransitionActionKind.Postpone, null, LastAction));

    /// <summary>The process hibernates once there is nothing left to handle.</summary>
    public Transition<TState> Hibernate() => With(new TransitionAction(TransitionActionKind.Hibernate, null, LastAction));

    /// <summary>An event that is handled before any other that waits.</summary>
    public Transition<TState> NextEvent(StateEvent next) => With(new NextEventAction(next, LastAction));

    /// <summary>Sets the state time-out, which ends with the state.</summary>
    /// <param name="after">From now; infinite to cancel it.</param>
    /// <param name="content">What its event carries.</param>
    public Transition<TState> WithStateTimeout(TimeSpan after, object content) => Timer(TimerKeys.State, after, content, isAbsolute: false);

    /// <summary>Sets the event time-out, which ends with whatever event comes.</summary>
    /// <inheritdoc cref="WithStateTimeout" path="/param"/>
    public Transition<TState> WithEventTimeout(TimeSpan after, object content) => Timer(TimerKeys.Event, after, content, isAbsolute: false);

    /// <summary>Sets a time-out by name, which ends only when it is set again or cancelled.</summary>
    /// <param name="name">Any term.</param>
    /// <param name="after">From now; infinite to cancel it.</param>
    /// <param name="content">What its event carries.</param>
    public Transition<TState> WithTimeout(object name, TimeSpan after, object content) =>
        Timer(TimerKeys.Named(name), after, content, isAbsolute: false);

    /// <summary>Sets a time-out for a moment: <c>{abs, true}</c>.</summary>
    /// <param name="kind">Which: <see cref="StateEventType.StateTimeout"/>, <see cref="StateEventType.EventTimeout"/>, or <see cref="StateEventType.Timeout"/> with a name.</param>
    /// <param name="at">By <c>Self.System.MonotonicTime</c>.</param>
    /// <param name="content">What its event carries.</param>
    /// <param name="name">The name.</param>
    public Transition<TState> WithTimeoutAt(StateEventType kind, TimeSpan at, object content, object? name = null) =>
        Timer(TimerKeys.Of(kind, name), at, content, isAbsolute: true);

    /// <summary>Changes what the event of a running time-out carries; one that does not run fires at once.</summary>
    /// <inheritdoc cref="WithTimeoutAt" path="/param[not(@name='at')]"/>
    public Transition<TState> UpdateTimeout(StateEventType kind, object content, object? name = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        return With(new TimerAction(TransitionActionKind.UpdateTimer, TimerKeys.Of(kind, name), content, LastAction));
    }

    /// <summary>Cancels a time-out.</summary>
    /// <inheritdoc cref="WithTimeoutAt" path="/param[not(@name='at') and not(@name='content')]"/>
    public Transition<TState> CancelTimeout(StateEventType kind, object? name = null) =>
        With(new TimerAction(TransitionActionKind.CancelTimer, TimerKeys.Of(kind, name), null, LastAction));

    /// <summary>As what a callback returns.</summary>
    public static implicit operator ProcessTask<Transition<TState>>(Transition<TState> transition) => new(transition);

    private Transition<TState> Timer(object key, TimeSpan time, object content, bool isAbsolute)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (time == Timeout.InfiniteTimeSpan)
            return With(new TimerAction(TransitionActionKind.CancelTimer, key, null, LastAction));
        if (!isAbsolute)
            ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        return With(new TimerAction(TransitionActionKind.SetTimer, key, content, LastAction) { Time = time, IsAbsolute = isAbsolute });
    }

    private Transition<TState> With(TransitionAction action) => new(Kind, State, Reason, action);
}

internal enum TransitionKind : byte
{
    Keep,
    Next,
    Repeat,
    Stop,
    Ignore,
    Error,
}

internal enum TransitionActionKind : byte
{
    Reply,
    Postpone,
    Hibernate,
    NextEvent,
    SetTimer,
    UpdateTimer,
    CancelTimer,
}

/// <summary>One action of a transition.</summary>
internal class TransitionAction(TransitionActionKind kind, object? content, TransitionAction? previous)
{
    internal readonly TransitionActionKind Kind = kind;
    internal readonly object? Content = content;
    internal readonly TransitionAction? Previous = previous;
}

internal sealed class ReplyAction(From from, object reply, TransitionAction? previous)
    : TransitionAction(TransitionActionKind.Reply, reply, previous)
{
    internal readonly From From = from;
}

internal sealed class NextEventAction(StateEvent next, TransitionAction? previous)
    : TransitionAction(TransitionActionKind.NextEvent, null, previous)
{
    internal readonly StateEvent Event = next;
}

internal sealed class TimerAction(TransitionActionKind kind, object key, object? content, TransitionAction? previous)
    : TransitionAction(kind, content, previous)
{
    internal readonly object Key = key;

    internal TimeSpan Time { get; init; }

    internal bool IsAbsolute { get; init; }
}

/// <summary>What a machine's timers are found by.</summary>
internal static class TimerKeys
{
    internal static readonly object State = new();
    internal static readonly object Event = new();

    internal static object Named(object name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new NamedTimer(Term.Normalize(name));
    }

    internal static object Of(StateEventType kind, object? name) =>
        kind switch
        {
            StateEventType.StateTimeout => State,
            StateEventType.EventTimeout => Event,
            StateEventType.Timeout when name is not null => Named(name),
            _ => throw new ArgumentException($"{kind} is no time-out, or has no name.", nameof(kind)),
        };

    internal static StateEvent ToEvent(object key, object content) =>
        ReferenceEquals(key, State) ? new StateEvent(StateEventType.StateTimeout, content)
        : ReferenceEquals(key, Event) ? new StateEvent(StateEventType.EventTimeout, content)
        : new StateEvent(StateEventType.Timeout, content, default, ((NamedTimer)key).Name);
}

/// <summary>The key of a timer with a name; names are compared as terms.</summary>
internal sealed class NamedTimer(object name) : IEquatable<NamedTimer>
{
    internal readonly object Name = name;

    public bool Equals(NamedTimer? other) => other is not null && Term.AreEqual(Name, other.Name);

    public override bool Equals(object? obj) => Equals(obj as NamedTimer);

    public override int GetHashCode() => Term.Hash(Name);
}
