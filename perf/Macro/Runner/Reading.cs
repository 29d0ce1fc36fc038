namespace CloudScale.Perf.Macro.Runner;

/// <summary>One figure of a measure: where a child's result line has it, and how the table shows it.</summary>
/// <param name="Field">Its name in the result line.</param>
/// <param name="Unit">What the table calls it; <c>{0}</c> stands for the operation.</param>
/// <param name="Scale">How many of the child's units are one of the table's.</param>
/// <param name="EachOperation">Whether it is divided by the number of operations.</param>
internal sealed record Reading(string Field, string Unit, double Scale, bool EachOperation)
{
    private static readonly Reading[] s_nanoseconds = [new("nanoseconds", "ns a {0}", 1, EachOperation: true)];
    private static readonly Reading[] s_milliseconds = [new("nanoseconds", "ms a {0}", 1_000_000, EachOperation: true)];
    private static readonly Reading[] s_bytes =
    [
        new("heap", "bytes a {0}, heap", 1, EachOperation: true),
        new("resident", "bytes a {0}, resident", 1, EachOperation: true),
    ];

    // The 99th percentile first: by it a side chooses its number of schedulers.
    private static readonly Reading[] s_lateness =
    [
        new("p99", "ms a {0} is late, p99", 1_000_000, EachOperation: false),
        new("p50", "ms a {0} is late, p50", 1_000_000, EachOperation: false),
        new("max", "ms a {0} is late, max", 1_000_000, EachOperation: false),
    ];

    /// <summary>The figures of a measure, in the table's order; a side counts with the number of schedulers that makes the first one least.</summary>
    public static IReadOnlyList<Reading> Of(Measure measure) =>
        measure switch
        {
            Measure.Nanoseconds => s_nanoseconds,
            Measure.Milliseconds => s_milliseconds,
            Measure.Bytes => s_bytes,
            Measure.Lateness => s_lateness,
            _ => throw new ArgumentOutOfRangeException(nameof(measure), measure, "a measure without figures"),
        };

    public string Label(string operation) => Unit.Replace("{0}", operation, StringComparison.Ordinal);

    public double Take(double value, double operations) => value / Scale / (EachOperation ? operations : 1);
}
