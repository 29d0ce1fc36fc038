namespace CloudScale.Samples.Agents;

/// <summary>What the peer says it has done: <c>{report, Pings, Lookups, Answers, Links, Downs, Kills, Restarts, Failures}</c>, totals since it started.</summary>
internal sealed record Report(long Pings, long Lookups, long Answers, long Links, long Downs, long Kills, long Restarts, long Failures)
{
    internal static readonly Report Nothing = new(0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>Whether each thing the peer is there for has happened, and nothing went wrong.</summary>
    internal bool IsComplete =>
        Pings > 0 && Lookups > 0 && Answers > 0 && Links > 0 && Downs > 0 && Kills > 0 && Restarts > 0 && Failures == 0;

    internal static Report? From(object message) =>
        message
            is Tuple
                and [
                    Atom { Name: "report" },
                    long pings,
                    long lookups,
                    long answers,
                    long links,
                    long downs,
                    long kills,
                    long restarts,
                    long failures,
                ]
            ? new Report(pings, lookups, answers, links, downs, kills, restarts, failures)
            : null;
}
