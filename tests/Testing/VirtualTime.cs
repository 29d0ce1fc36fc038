namespace CloudScale.Testing;

/// <summary>Time that passes only when a test lets it: for the processes under test, and for whatever else takes a <see cref="TimeProvider"/>.</summary>
/// <remarks>
/// Threads: timers may be made and changed by any; they fire on the thread that drives the test, in the order in which they fall due. The clock starts at midnight of 1 January 2000, UTC.
/// </remarks>
public sealed class VirtualTime : TimeProvider
{
    private static readonly DateTimeOffset s_start = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _lock = new();
    private readonly PriorityQueue<VirtualTimer, (long Due, long Order)> _timers = new();
    private long _ticks;
    private long _order;

    internal VirtualTime() { }

    /// <summary>How much time has passed since the test began.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(Ticks);

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    internal long Ticks => Volatile.Read(ref _ticks);

    /// <summary>When the next timer may be due; cancelled ones count until they are passed.</summary>
    internal long NextDueTicks
    {
        get
        {
            lock (_lock)
            {
                while (_timers.TryPeek(out VirtualTimer? timer, out (long Due, long Order) key))
                {
                    if (timer.IsDueAt(key))
                        return key.Due;
                    _timers.Dequeue();
                }

                return long.MaxValue;
            }
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => Ticks;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => s_start.AddTicks(Ticks);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        VirtualTimer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    internal void MoveTo(long ticks) => Volatile.Write(ref _ticks, ticks);

    /// <summary>Fires the timers that are due now.</summary>
    internal void FireDue()
    {
        while (true)
        {
            VirtualTimer? timer;
            lock (_lock)
            {
                if (!_timers.TryPeek(out timer, out (long Due, long Order) key) || key.Due > _ticks)
                    return;
                _timers.Dequeue();
                if (!timer.IsDueAt(key))
                    continue;
                timer.Again();
            }

            timer.Fire();
        }
    }

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private readonly ExecutionContext? _context = ExecutionContext.Capture();
        private (long Due, long Order) _key = (long.MaxValue, 0); // in the queue under this one, or not at all
        private long _period;
        private bool _disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                if (_disposed)
                    return false;
                _period = period > TimeSpan.Zero ? period.Ticks : 0;
                Set(dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : time._ticks + dueTime.Ticks);
                return true;
            }
        }

        internal bool IsDueAt((long Due, long Order) key) => _key == key;

        internal void Again() => Set(_period > 0 ? _key.Due + _period : long.MaxValue);

        internal void Fire()
        {
            if (_context is null)
                callback(state);
            else
                ExecutionContext.Run(_context, static timer => ((VirtualTimer)timer!).Call(), this);
        }

        private void Call() => callback(state);

        private void Set(long due)
        {
            _key = (due, time._order++);
            if (due != long.MaxValue)
                time._timers.Enqueue(this, _key);
        }

        public void Dispose()
        {
            lock (time._lock)
            {
                _disposed = true;
                _key = (long.MaxValue, 0);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
