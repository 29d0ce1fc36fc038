using CloudScale.Interop.Channel;

namespace CloudScale.Interop.Connections;

/// <summary>What became of a request to change the tick time.</summary>
public enum TickTimeChange
{
    /// <summary>It was the tick time already.</summary>
    Unchanged,

    /// <summary>The transition has begun.</summary>
    Initiated,

    /// <summary>Not taken: an earlier change is under way.</summary>
    Ongoing,
}

/// <summary>The tick time of a node's connections.</summary>
/// <param name="Current">What it is, or was before the change that is under way.</param>
/// <param name="ChangingTo">What it will be when the transition is over; null if none is under way.</param>
public readonly record struct NetTickTime(TimeSpan Current, TimeSpan? ChangingTo);

/// <summary>The tick time and its changes, without a clock.</summary>
/// <remarks>
/// A shorter tick time is in force at the end of the transition, a longer one from its beginning; throughout it there is a tick as often as the shorter of both demands. So the connections of a cluster survive if all
/// nodes begin their change before any has ended it. Threads: the owner's lock. Source: OTP kernel, <c>net_kernel:set_net_ticktime/2</c>.
/// </remarks>
internal sealed class TickTimes(TimeSpan tickTime, int intensity)
{
    private NetTickTime _time = new(tickTime, null);

    /// <summary>The tick time.</summary>
    public NetTickTime Time => _time;

    /// <summary>How connections tick at present.</summary>
    public TickPace Pace =>
        _time.ChangingTo is { } next ? TickPace.Between(_time.Current, next, intensity) : TickPace.Steady(_time.Current, intensity);

    /// <summary>Begins a change, unless one is under way; <paramref name="lasting"/> is how long the transition lasts.</summary>
    public TickTimeChange Begin(TimeSpan next, TimeSpan transition, out TimeSpan lasting)
    {
        lasting = TimeSpan.Zero;
        if (_time.ChangingTo is not null)
            return TickTimeChange.Ongoing;
        if (next == _time.Current)
            return TickTimeChange.Unchanged;
        _time = _time with { ChangingTo = next };
        TimeSpan interval = Pace.Interval;
        lasting = interval * Math.Ceiling(transition / interval);
        return TickTimeChange.Initiated;
    }

    /// <summary>The transition is over.</summary>
    public void End() => _time = new NetTickTime(_time.ChangingTo ?? _time.Current, null);
}
