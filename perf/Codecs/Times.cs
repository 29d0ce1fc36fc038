namespace CloudScale.Perf.Codecs;

/// <summary>What was measured: nanoseconds an operation, by payload and way.</summary>
internal sealed class Times
{
    private readonly Dictionary<(string Payload, string Way), List<double>> _times = [];

    public void Add(string payload, string way, double nanoseconds)
    {
        if (!_times.TryGetValue((payload, way), out List<double>? times))
            _times.Add((payload, way), times = []);
        times.Add(nanoseconds);
    }

    /// <summary>How many times as long one way takes as another: the median of what it was in each round, for in the next the machine may be twice as fast.</summary>
    public double Ratio(string payload, string way, string other)
    {
        if (!_times.TryGetValue((payload, way), out List<double>? times) || !_times.TryGetValue((payload, other), out List<double>? others))
            return 0;
        return Median([.. times.Zip(others, (one, two) => one / two)]);
    }

    /// <summary>The median; 0 where nothing was measured.</summary>
    public double Median(string payload, string way) =>
        _times.TryGetValue((payload, way), out List<double>? times) ? Median([.. times]) : 0;

    private static double Median(double[] values)
    {
        Array.Sort(values);
        int middle = values.Length / 2;
        return values.Length % 2 == 0 ? (values[middle - 1] + values[middle]) / 2 : values[middle];
    }
}
