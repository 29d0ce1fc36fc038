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

    /// <summary>The median; 0 where nothing was measured.</summary>
    public double Median(string payload, string way)
    {
        if (!_times.TryGetValue((payload, way), out List<double>? times))
            return 0;
        times.Sort();
        return times[times.Count / 2];
    }
}
