namespace CloudScale.Perf.Codecs;

/// <summary>What one way of a payload has taken in a round.</summary>
/// <remarks>Processor time, not the clock on the wall: others on the machine then cost little. The collector's work is in it, as it is in the twin's.</remarks>
internal sealed class Way(string name, Action run)
{
    private const long MostAtOnce = 1 << 12;

    private TimeSpan _used;
    private long _operations;
    private long _atOnce = 1; // between two looks at the clock

    public string Name { get; } = name;

    /// <summary>Nanoseconds an operation.</summary>
    public double Nanoseconds => _used.TotalNanoseconds / _operations;

    /// <summary>Goes on for so long.</summary>
    public void Take(double ms)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        while (true)
        {
            for (long i = 0; i < _atOnce; i++)
                run();
            _operations += _atOnce;
            TimeSpan used = Environment.CpuUsage.TotalTime - start;
            if (used.TotalMilliseconds >= ms)
            {
                _used += used;
                return;
            }

            // A tenth of the turn at most.
            if (used.TotalMilliseconds < ms / 10)
                _atOnce = Math.Min(_atOnce * 2, MostAtOnce);
        }
    }
}
