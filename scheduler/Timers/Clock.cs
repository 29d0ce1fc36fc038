namespace CloudScale.Scheduling;

/// <summary>The monotonic time of a node, in milliseconds, coarse and cheap.</summary>
/// <remarks>
/// Threads: any. With the system's time provider this is the kernel's coarse tick count, which lags behind by up to one tick (1 to 10 ms on Linux);
/// <see cref="DeadlineAfter"/> adds that tick, so that nothing ever fires early. Any other provider is read as it is: a test owns it.
/// </remarks>
internal sealed class Clock
{
    private static readonly Lazy<long> s_granularity = new(MeasureGranularity);

    private readonly TimeProvider? _provider;
    private readonly long _origin;
    private readonly long _granularity;

    internal Clock(TimeProvider provider)
    {
        if (ReferenceEquals(provider, TimeProvider.System))
        {
            _granularity = s_granularity.Value;
            return;
        }

        _provider = provider;
        _origin = provider.GetTimestamp();
    }

    internal long NowMs =>
        _provider is null
            ? Environment.TickCount64
            : (long)_provider.GetElapsedTime(_origin, _provider.GetTimestamp()).TotalMilliseconds + 1;

    /// <summary>The clock value at which a wait of this length, begun now, is over.</summary>
    internal long DeadlineAfter(long milliseconds) => Math.Min(NowMs + _granularity + milliseconds, long.MaxValue / 2);

    private static long MeasureGranularity()
    {
        long largest = 1;
        long last = Environment.TickCount64;
        for (int steps = 0; steps < 3; )
        {
            long now = Environment.TickCount64;
            if (now == last)
                continue;
            if (steps > 0)
                largest = Math.Max(largest, Math.Min(now - last, 16)); // a preempted measurement must not stretch every time-out
            last = now;
            steps++;
        }

        return largest;
    }
}
