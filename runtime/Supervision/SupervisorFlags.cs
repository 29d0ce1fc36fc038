using CloudScale.Runtime.Supervision;

namespace CloudScale;

/// <summary>Which children a supervisor restarts when one has failed.</summary>
public enum RestartStrategy
{
    /// <summary>That one: <c>one_for_one</c>.</summary>
    OneForOne,

    /// <summary>All: the others are stopped first. <c>one_for_all</c>.</summary>
    OneForAll,

    /// <summary>That one and those that were started after it: <c>rest_for_one</c>.</summary>
    RestForOne,

    /// <summary>That one, of any number of children of one kind that are started while the supervisor runs: <c>simple_one_for_one</c>.</summary>
    SimpleOneForOne,
}

/// <summary>Whether a supervisor stops itself when significant children have ended by themselves.</summary>
public enum AutoShutdown
{
    /// <summary>It does not: <c>never</c>.</summary>
    Never,

    /// <summary>After the first: <c>any_significant</c>.</summary>
    AnySignificant,

    /// <summary>After the last: <c>all_significant</c>.</summary>
    AllSignificant,
}

/// <summary>How a supervisor behaves: OTP's supervisor flags.</summary>
public sealed record SupervisorFlags
{
    /// <summary>Whom a failure concerns; <see cref="RestartStrategy.OneForOne"/> by default.</summary>
    public RestartStrategy Strategy { get; init; }

    /// <summary>How many restarts within <see cref="Period"/> are borne; with one more the supervisor stops its children and exits with <c>shutdown</c>. 1 by default.</summary>
    public int Intensity { get; init; } = 1;

    /// <summary>What <see cref="Intensity"/> counts in; 5 s by default.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether it stops with its significant children; never by default.</summary>
    public AutoShutdown AutoShutdown { get; init; }

    /// <summary>From the map or the tuple <c>{Strategy, Intensity, Period}</c> that Erlang writes.</summary>
    /// <exception cref="ArgumentException">It is none of these; the message has OTP's term for it, <c>{invalid_strategy, S}</c> for example.</exception>
    public static SupervisorFlags FromTerm(object term) =>
        FlagTerms.TryRead(term, out SupervisorFlags? flags, out object? fault)
            ? flags
            : throw new ArgumentException(Term.Format(fault), nameof(term));
}
