using System.Diagnostics.CodeAnalysis;

namespace CloudScale.Runtime.Supervision;

/// <summary>Supervisor flags as Erlang writes them, with OTP's words for what is wrong.</summary>
internal static class FlagTerms
{
    private static readonly Atom s_intensity = Atom.Of("intensity");
    private static readonly Atom s_period = Atom.Of("period");
    private static readonly Atom s_strategy = Atom.Of("strategy");
    private static readonly Atom[] s_strategies =
    [
        Atom.Of("one_for_one"),
        Atom.Of("one_for_all"),
        Atom.Of("rest_for_one"),
        Atom.Of("simple_one_for_one"),
    ];

    internal static Atom Of(RestartStrategy strategy) => s_strategies[(int)strategy];

    internal static bool TryRead(object term, [NotNullWhen(true)] out SupervisorFlags? flags, [NotNullWhen(false)] out object? fault)
    {
        Map? map = term switch
        {
            Map given => given,
            Tuple { Count: 3 } old => Map.Of((s_strategy, old[0]), (s_intensity, old[1]), (s_period, old[2])),
            _ => null,
        };
        flags = null;
        fault = map is null ? Tuple.Of(Atom.Of("invalid_type"), term) : Read(map, out flags);
        return flags is not null;
    }

    private static Tuple? Read(Map map, out SupervisorFlags? flags)
    {
        flags = null;
        object strategy = map.GetValueOrDefault(s_strategy, s_strategies[0]);
        int strategyIndex = Array.IndexOf(s_strategies, strategy as Atom);
        if (strategyIndex < 0)
            return Tuple.Of(Atom.Of("invalid_strategy"), strategy);
        object intensity = Term.Normalize(map.GetValueOrDefault(s_intensity, 1L));
        if (intensity is not (long and >= 0 and <= int.MaxValue))
            return Tuple.Of(Atom.Of("invalid_intensity"), intensity);
        object period = Term.Normalize(map.GetValueOrDefault(s_period, 5L));
        if (period is not (long and > 0 and <= int.MaxValue))
            return Tuple.Of(Atom.Of("invalid_period"), period);
        object autoShutdown = map.GetValueOrDefault(ChildSpecTerms.AutoShutdownKey, ChildSpecTerms.Of(AutoShutdown.Never));
        int autoIndex = Array.FindIndex(Enum.GetValues<AutoShutdown>(), value => ReferenceEquals(ChildSpecTerms.Of(value), autoShutdown));
        if (autoIndex < 0)
            return Tuple.Of(Atom.Of("invalid_auto_shutdown"), autoShutdown);
        flags = new SupervisorFlags
        {
            Strategy = (RestartStrategy)strategyIndex,
            Intensity = (int)(long)intensity,
            Period = TimeSpan.FromSeconds((long)period),
            AutoShutdown = (AutoShutdown)autoIndex,
        };
        return FaultOf(flags);
    }

    /// <summary>What is wrong with flags; null for nothing.</summary>
    internal static Tuple? FaultOf(SupervisorFlags flags)
    {
        if (flags.Intensity < 0)
            return Tuple.Of(Atom.Of("invalid_intensity"), flags.Intensity);
        if (flags.Period <= TimeSpan.Zero)
            return Tuple.Of(Atom.Of("invalid_period"), flags.Period.TotalSeconds);
        return null;
    }
}
