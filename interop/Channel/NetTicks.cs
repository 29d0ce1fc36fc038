namespace CloudScale.Interop.Channel;

/// <summary>What a look at the clock asks for.</summary>
internal enum NetTickDecision
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Send a tick: nothing else was sent since the last look.</summary>
    SendTick,

    /// <summary>The peer has been silent too long: it is down.</summary>
    PeerDown,
}

/// <summary>How often a connection is looked at, and after how many looks without a sign its peer is down.</summary>
/// <param name="Interval">The time between two looks.</param>
/// <param name="SilentIntervals">How many silent ones are too many.</param>
internal readonly record struct TickPace(TimeSpan Interval, int SilentIntervals)
{
    /// <summary>The longest silence that is borne.</summary>
    public TimeSpan TickTime => Interval * SilentIntervals;

    /// <summary>The pace of a tick time that stays as it is.</summary>
    public static TickPace Steady(TimeSpan tickTime, int intensity) => new(tickTime / intensity, intensity);

    /// <summary>
    /// The pace of a transition between two tick times: ticks as often as the shorter asks for, and silence borne as long as the longer allows, because other nodes change at another moment.
    /// </summary>
    public static TickPace Between(TimeSpan before, TimeSpan after, int intensity)
    {
        (TimeSpan shorter, TimeSpan longer) = before < after ? (before, after) : (after, before);
        TimeSpan interval = shorter / intensity;
        return new TickPace(interval, (int)Math.Min(int.MaxValue, Math.Ceiling(longer / interval)));
    }
}

/// <summary>Finds dead peers and keeps an idle connection alive: the net ticks of Erlang's <c>net_kernel</c>.</summary>
/// <remarks>
/// Threads: one owner. The clock is passed in. A tick time T with intensity I is looked at every T / I; a peer that was silent for I looks is down, that is
/// after T to T + T / I. Whoever sends nothing else in an interval sends a tick, so a healthy peer is never silent for two intervals. Late looks (a process that was
/// stopped, a busy machine) count as one: the silence may have been ours.
/// </remarks>
internal sealed class NetTicks(TickPace pace, TimeSpan now)
{
    private TimeSpan _due = now + pace.Interval;
    private long _receivedBefore;
    private long _sentBefore;
    private int _silentIntervals;

    /// <summary>Ticks at one pace from beginning to end.</summary>
    public NetTicks(TimeSpan tickTime, int intensity, TimeSpan now)
        : this(TickPace.Steady(tickTime, intensity), now) { }

    /// <summary>How often to look, and how many silent looks are too many.</summary>
    public TickPace Pace { get; private set; } = pace;

    /// <summary>Another pace from now on. Silence before it does not count.</summary>
    public void Change(TickPace pace, TimeSpan now)
    {
        Pace = pace;
        _due = now + pace.Interval;
        _silentIntervals = 0;
    }

    /// <summary>Looks at the clock and at how many packets, ticks included, came and went since the connection was made.</summary>
    public NetTickDecision Poll(TimeSpan now, long received, long sent)
    {
        if (now < _due)
            return NetTickDecision.None;
        _due = now - _due < Pace.Interval ? _due + Pace.Interval : now + Pace.Interval;

        _silentIntervals = received == _receivedBefore ? _silentIntervals + 1 : 0;
        _receivedBefore = received;
        if (_silentIntervals >= Pace.SilentIntervals)
            return NetTickDecision.PeerDown;

        if (sent != _sentBefore)
        {
            _sentBefore = sent;
            return NetTickDecision.None;
        }

        _sentBefore = sent + 1; // the tick that is sent now
        return NetTickDecision.SendTick;
    }
}
