using CloudScale.Interop.Channel;

namespace CloudScale.Interop.Connections;

/// <summary>The tick time of all connections, and its change while they live.</summary>
public sealed partial class Distribution
{
    private readonly Lock _tickGate = new();
    private readonly TickTimes _tickTimes; // under _tickGate
    private ITimer? _tickTransition; // under _tickGate

    /// <summary>How long a connected node may be silent; Erlang's <c>net_kernel:get_net_ticktime</c>.</summary>
    public NetTickTime TickTime
    {
        get
        {
            lock (_tickGate)
                return _tickTimes.Time;
        }
    }

    /// <summary>
    /// Changes the tick time of all connections; Erlang's <c>net_kernel:set_net_ticktime</c>. Do it on every node of the cluster, with the same time, before the transition is over on any.
    /// </summary>
    /// <param name="tickTime">The new one.</param>
    /// <param name="transition">How long both are heeded: ticks as often as the shorter demands, silence borne as long as the longer allows; rounded up to whole intervals of ticks.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time is not positive, or so short that there is nothing between two ticks.</exception>
    public TickTimeChange SetTickTime(TimeSpan tickTime, TimeSpan transition)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tickTime, TimeSpan.FromMilliseconds(_options.TickIntensity));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tickTime, s_longestTickTime);
        ArgumentOutOfRangeException.ThrowIfLessThan(transition, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(transition, s_longestTickTime);
        lock (_tickGate)
        {
            TickTimeChange change = _tickTimes.Begin(tickTime, transition, out TimeSpan lasting);
            if (change != TickTimeChange.Initiated)
                return change;
            if (lasting == TimeSpan.Zero)
            {
                _tickTimes.End();
                SetPacesLocked();
                return change;
            }

            SetPacesLocked();
            _tickTransition = _options.TimeProvider.CreateTimer(_ => EndTickTransition(), null, lasting, Timeout.InfiniteTimeSpan);
            return change;
        }
    }

    private static readonly TimeSpan s_longestTickTime = TimeSpan.FromDays(30); // what timers can wait for is a little more

    private void EndTickTransition()
    {
        lock (_tickGate)
        {
            if (_tickTransition is null)
                return;
            _tickTransition.Dispose();
            _tickTransition = null;
            _tickTimes.End();
            SetPacesLocked();
        }
    }

    private TickPace CurrentPace()
    {
        lock (_tickGate)
            return _tickTimes.Pace;
    }

    private void SetPacesLocked()
    {
        TickPace pace = _tickTimes.Pace;
        foreach (Peer peer in _peers.Values)
            peer.Connection?.SetPace(pace);
    }

    /// <summary>For a connection that has just been published: a change before that has not found it.</summary>
    private void SetPace(NodeConnection connection)
    {
        lock (_tickGate)
            connection.SetPace(_tickTimes.Pace);
    }
}
