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

/// <summary>Finds dead peers and keeps an idle connection alive: the net ticks of Erlang's <c>net_kernel</c>.</summary>
/// <remarks>
/// Threads: one owner. The clock is passed in. A tick time T with intensity I is looked at every T / I; a peer that was silent for I looks is down, that is
/// after T to T + T / I. Whoever sends nothing else in an interval sends a tick, so a healthy peer is never silent for two intervals. Late looks (a process that was
/// stopped, a busy machine) count as one: the silence may have been ours.
/// </remarks>
internal sealed class NetTicks(TimeSpan tickTime, int intensity, TimeSpan now)
{
    private TimeSpan _due = now + (tickTime / intensity);
    private long _receivedBefore;
    private long _sentBefore;
    private int _silentIntervals;

    /// <summary>How often to look.</summary>
    public TimeSpan Interval { get; } = tickTime / intensity;

    /// <summary>Looks at the clock and at how many packets, ticks included, came and went since the connection was made.</summary>
    public NetTickDecision Poll(TimeSpan now, long received, long sent)
    {
        if (now < _due)
            return NetTickDecision.None;
        _due = now - _due < Interval ? _due + Interval : now + Interval;

        _silentIntervals = received == _receivedBefore ? _silentIntervals + 1 : 0;
        _receivedBefore = received;
        if (_silentIntervals >= intensity)
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
