namespace CloudScale;

/// <content>Time-outs between messages, and hibernation.</content>
public abstract partial class Behaviour
{
    private TimeoutTick? _timeout; // the pending one
    private int _turns; // messages, where the process hibernates when idle

    /// <summary>
    /// The message <c>timeout</c> is handled if nothing else comes before. A time-out of zero is a message to the process itself: whatever stands in the mailbox already goes before it, and ends it.
    /// </summary>
    private protected void BeginTimeout(long timeoutMs)
    {
        EndTimeout();
        TimeoutTick tick = new(timeoutMs);
        _timeout = tick;
        _watches |= Watches.Timeout;
        if (timeoutMs == 0)
            _self.Send(_self.Pid, tick);
        else
            tick.Timer = _self.SendAfter(TimeSpan.FromMilliseconds(timeoutMs), _self.Pid, tick);
    }

    private void EndTimeout()
    {
        if (_timeout is not { } tick)
            return;
        tick.Timer.Cancel();
        _timeout = null;
        _watches &= ~Watches.Timeout;
    }

    /// <summary>After a system message the time-out begins anew, as in OTP.</summary>
    private void RestartTimeout()
    {
        if (_timeout is { } tick)
            BeginTimeout(tick.Length);
    }

    private protected async ProcessTask HibernateAsync() => await _self.Hibernate();

    private void BeginIdleWatch()
    {
        if (_origin.Options.HibernateAfter == Timeout.InfiniteTimeSpan)
            return;
        _watches |= Watches.Idle;
        WatchIdle();
    }

    private void WatchIdle() => _self.SendAfter(_origin.Options.HibernateAfter, _self.Pid, new IdleTick(_turns));

    /// <summary>If no message has come since the last tick the process hibernates, and its watch with it.</summary>
    private ProcessTask OnIdleTick(IdleTick tick)
    {
        if (tick.Turns == --_turns) // the tick itself is none
            return HibernateWatchedAsync();
        WatchIdle();
        return default;
    }

    private async ProcessTask HibernateWatchedAsync()
    {
        await _self.Hibernate();
        WatchIdle();
    }

    /// <summary>A time-out as it comes in.</summary>
    private sealed class TimeoutTick(long length)
    {
        internal readonly long Length = length;
        internal ProcessTimer Timer;
    }

    private sealed class IdleTick(int turns)
    {
        internal readonly int Turns = turns;
    }
}
