namespace CloudScale.Scheduling;

/// <summary>Some results of a search with a limit, and where it goes on.</summary>
/// <param name="Items">At most as many as the limit says.</param>
/// <param name="Continuation">Where the search goes on.</param>
/// <typeparam name="T">What the search gives.</typeparam>
public sealed record EtsPage<T>(IReadOnlyList<T> Items, EtsContinuation<T> Continuation);

/// <summary>Where a search with a limit goes on. It may be used again, and while others write.</summary>
/// <typeparam name="T">What the search gives.</typeparam>
public sealed class EtsContinuation<T>
{
    internal EtsContinuation(EtsTable table, MatchSpec spec, Func<object, T> convert, int limit, bool backward)
    {
        Table = table;
        Spec = spec;
        Convert = convert;
        Limit = limit;
        Backward = backward;
    }

    internal EtsTable Table { get; }

    internal MatchSpec Spec { get; }

    internal Func<object, T> Convert { get; }

    internal int Limit { get; }

    internal bool Backward { get; }

    /// <summary>The last key looked at.</summary>
    internal TermKey After { get; private init; }

    internal bool HasAfter { get; private init; }

    /// <summary>What that key gave beyond the limit.</summary>
    internal IReadOnlyList<object> Left { get; private init; } = [];

    internal EtsContinuation<T> At(TermKey key, IReadOnlyList<object> left) =>
        new(Table, Spec, Convert, Limit, Backward)
        {
            After = key,
            HasAfter = true,
            Left = left,
        };
}
