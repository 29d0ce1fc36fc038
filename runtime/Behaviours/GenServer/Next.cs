namespace CloudScale;

/// <summary>What a server does after a callback: answers or not, goes on or stops; with a time-out, hibernation, or a continuation.</summary>
/// <remarks>
/// The default value goes on without an answer: <c>{noreply, State}</c>. It converts to a completed <c>ProcessTask</c>, so a callback that waits for nothing is no async method and costs none of
/// its machinery. Three words.
/// </remarks>
public readonly struct Next
{
    private const long KindMask = 0b111;
    private const int TimeoutShift = 3;

    private readonly object? _reply;
    private readonly object? _argument; // of a continuation; the reason of a stop
    private readonly long _bits; // kind; above it the time-out in milliseconds

    private Next(object? reply, object? argument, long bits)
    {
        _reply = reply;
        _argument = argument;
        _bits = bits;
    }

    internal object? Answer => _reply;

    internal object? Argument => _argument;

    internal NextKind Kind => (NextKind)(_bits & KindMask);

    internal long TimeoutMs => _bits >> TimeoutShift;

    /// <summary>Whether nothing is to be done but to answer.</summary>
    internal bool IsPlain => _bits == 0;

    /// <summary>Goes on without an answer; whoever called may be answered later: <c>{noreply, State}</c>.</summary>
    public static Next NoReply => default;

    /// <summary>Answers the call: <c>{reply, Reply, State}</c>.</summary>
    public static Next Reply(object reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return new Next(reply, null, 0);
    }

    /// <summary>Stops: <c>{stop, Reason, State}</c>.</summary>
    public static Next Stop(object reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return new Next(null, reason, (long)NextKind.Stop);
    }

    /// <summary>Terminates, answers the call, and exits: <c>{stop, Reason, Reply, State}</c>.</summary>
    public static Next Stop(object reason, object reply)
    {
        ArgumentNullException.ThrowIfNull(reason);
        ArgumentNullException.ThrowIfNull(reply);
        return new Next(reply, reason, (long)NextKind.Stop);
    }

    /// <summary>Unless a message comes first, the message <c>timeout</c> is handled after this time; zero for when no message is there.</summary>
    public Next WithTimeout(TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
            return new Next(_reply, null, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        long ms = (timeout.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond;
        return new Next(_reply, null, (long)NextKind.Timeout | (ms << TimeoutShift));
    }

    /// <summary>The process gives back what it can do without, and waits for a message.</summary>
    public Next WithHibernate() => new(_reply, null, (long)NextKind.Hibernate);

    /// <summary>Before any other message the server handles this: <c>{continue, Argument}</c>.</summary>
    public Next WithContinue(object argument)
    {
        ArgumentNullException.ThrowIfNull(argument);
        return new Next(_reply, argument, (long)NextKind.Continue);
    }

    /// <summary>As what a callback returns.</summary>
    public static implicit operator ProcessTask<Next>(Next next) => new(next);

    /// <summary>As Erlang writes it, but for the state.</summary>
    public override string ToString() =>
        $"{(_reply is null ? "" : $"reply {Term.Format(_reply)} ")}{Kind}{(_argument is null ? "" : $" {Term.Format(_argument)}")}";
}

internal enum NextKind : byte
{
    None,
    Timeout,
    Hibernate,
    Continue,
    Stop,
}
