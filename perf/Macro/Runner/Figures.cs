namespace CloudScale.Perf.Macro.Runner;

/// <summary>The middle of some runs, and how far they lie apart.</summary>
internal readonly record struct Spread(double Median, double Min, double Max)
{
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new(median, sorted[0], sorted[^1]);
    }
}

/// <summary>All samples of one side for one case, by number of schedulers.</summary>
internal sealed class Figures
{
    private readonly SortedDictionary<int, List<Sample>> _samples = [];

    public IReadOnlyDictionary<int, List<Sample>> Samples => _samples;

    public bool Any => _samples.Count > 0;

    /// <summary>The number of schedulers with the lower median of the first figure: each side counts with what suits it.</summary>
    public int Best => _samples.MinBy(pair => Spread.Of(pair.Value.Select(sample => sample.Figures[0])).Median).Key;

    /// <summary>One figure of all samples taken with <see cref="Best"/>.</summary>
    public Spread Of(int figure) => Spread.Of(_samples[Best].Select(sample => sample.Figures[figure]));

    public void Add(int schedulers, Sample sample)
    {
        if (!_samples.TryGetValue(schedulers, out List<Sample>? list))
            _samples.Add(schedulers, list = []);
        list.Add(sample);
    }
}

/// <summary>A case with what both sides made of it.</summary>
internal sealed record Outcome(Case Case, Figures Ours, Figures Beam);
