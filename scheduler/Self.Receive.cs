using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>The receive side.</summary>
public readonly partial struct Self
{
    /// <summary>The oldest message. An integer is a boxed <see cref="long"/>, a pid a boxed <see cref="CloudScale.Pid"/>; <see cref="Receive{T}()"/> has neither box.</summary>
    public ReceiveAwaitable Receive() => new(Owned());

    /// <summary>The oldest message of a type; others stay. <see cref="long"/>, <see cref="int"/> and <see cref="CloudScale.Pid"/> come without a box.</summary>
    public ReceiveAwaitable<T> Receive<T>() => new(Owned());

    /// <summary>The oldest message of a type; others stay.</summary>
    /// <param name="timeout">How long to wait; zero takes what is there. Never shorter than asked.</param>
    /// <exception cref="TimeoutException">On await: none came in time.</exception>
    public SelectiveAwaitable<T> Receive<T>(TimeSpan timeout) =>
        new(Owned(), TypeMatcher<T>.Instance, Timeouts.ToMilliseconds(timeout), default);

    /// <summary>The oldest message of a type that satisfies a predicate; others stay.</summary>
    /// <param name="predicate">Called for messages of the type, oldest first; it must have no effect.</param>
    /// <param name="timeout">How long to wait; for ever by default.</param>
    /// <param name="mark">Where to begin; see <see cref="Mark"/>.</param>
    /// <exception cref="TimeoutException">On await: none came in time.</exception>
    public SelectiveAwaitable<T> Receive<T>(Func<T, bool> predicate, TimeSpan? timeout = null, ReceiveMark mark = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return new(Owned(), new PredicateMatcher<T>(predicate), ToMilliseconds(timeout), mark);
    }

    /// <summary>The oldest message, unless the time-out comes first.</summary>
    public TryReceiveAwaitable<object> TryReceive(TimeSpan timeout) => TryReceive<object>(timeout);

    /// <summary>The oldest message of a type, unless the time-out comes first; others stay.</summary>
    public TryReceiveAwaitable<T> TryReceive<T>(TimeSpan timeout) =>
        new(Owned(), TypeMatcher<T>.Instance, Timeouts.ToMilliseconds(timeout), default);

    /// <summary>The oldest message of a type that satisfies a predicate, unless the time-out comes first; others stay.</summary>
    public TryReceiveAwaitable<T> TryReceive<T>(Func<T, bool> predicate, TimeSpan timeout, ReceiveMark mark = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return new(Owned(), new PredicateMatcher<T>(predicate), Timeouts.ToMilliseconds(timeout), mark);
    }

    /// <summary>
    /// Takes what ends a request: the answer, <c>{Request, Reply}</c> or <c>{[alias | Request], Reply}</c>, or the <see cref="Down"/> of the monitor whose reference it is. Unlike a predicate it
    /// allocates nothing.
    /// </summary>
    /// <param name="request">The reference that both bear.</param>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="mark">What came before it is not looked at.</param>
    public AnswerAwaitable TryReceiveAnswer(Reference request, TimeSpan timeout, ReceiveMark mark = default) =>
        new(Owned(), request, Timeouts.ToMilliseconds(timeout), mark);

    /// <summary>
    /// The end of the mailbox now. A receive that begins at the mark does not look at older messages: set it before making a reference, and the wait for the answer
    /// costs the same whatever the backlog.
    /// </summary>
    public ReceiveMark Mark() => new(Owned());

    /// <summary>Waits; messages queue up meanwhile.</summary>
    public SleepAwaitable Sleep(TimeSpan duration) => new(Owned(), Timeouts.ToMilliseconds(duration));

    /// <summary>Lets others run first.</summary>
    public YieldAwaitable Yield() => new(Owned());

    private static long ToMilliseconds(TimeSpan? timeout) => timeout is { } value ? Timeouts.ToMilliseconds(value) : Timeouts.Never;
}
