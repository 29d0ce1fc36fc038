namespace CloudScale.Scheduling;

/// <summary>Time: what o'clock it is, and messages that are sent later.</summary>
public sealed partial class ProcessSystem
{
    /// <summary>Time since the node started; never goes back. Erlang's <c>monotonic_time</c>.</summary>
    public TimeSpan MonotonicTime => Clock.Elapsed;

    /// <summary>The time of day; Erlang's <c>system_time</c>. Follows the operating system's clock, also when that is set back.</summary>
    public DateTimeOffset SystemTime => _timeProvider.GetUtcNow();

    /// <summary>What to add to <see cref="MonotonicTime"/> to get <see cref="SystemTime"/>, now; Erlang's <c>time_offset</c>. It changes when the operating system's clock is set.</summary>
    public DateTimeOffset TimeOffset => SystemTime - MonotonicTime;

    /// <summary>Sends a message later.</summary>
    /// <inheritdoc cref="Self.SendAfter(TimeSpan, Pid, object)" path="/param"/>
    public ProcessTimer SendAfter(TimeSpan delay, Pid to, object message) => StartTimer(CurrentScheduler, delay, to, message);

    /// <summary>Sends a message later to whoever bears a name then; dropped if nobody does.</summary>
    public ProcessTimer SendAfter(TimeSpan delay, Atom to, object message) => StartTimer(CurrentScheduler, delay, to, message);

    /// <summary>Sends a message when <see cref="MonotonicTime"/> is this; at once if it is past. Erlang's option <c>{abs, true}</c>.</summary>
    public ProcessTimer SendAt(TimeSpan monotonicTime, Pid to, object message)
    {
        SendTimer timer = NewTimer(CurrentScheduler, to, message);
        return Start(timer, Clock.DeadlineAt(monotonicTime), monotonicTime <= MonotonicTime);
    }

    internal ProcessTimer StartTimer(Scheduler? scheduler, TimeSpan delay, Pid to, object message, ulong reference = 0)
    {
        long milliseconds = Timeouts.ToDelay(delay);
        return Start(NewTimer(scheduler, to, message, reference), Clock.DeadlineAfter(milliseconds), milliseconds == 0);
    }

    internal ProcessTimer StartTimer(Scheduler? scheduler, TimeSpan delay, Atom to, object message, ulong reference = 0)
    {
        ArgumentNullException.ThrowIfNull(to);
        long milliseconds = Timeouts.ToDelay(delay);
        (object? payload, long bits) = Payloads.Split(message);
        SendTimer timer = new(Group.WheelFor(scheduler), to, reference) { Payload = payload, Bits = bits };
        return Start(timer, Clock.DeadlineAfter(milliseconds), milliseconds == 0);
    }

    private SendTimer NewTimer(Scheduler? scheduler, Pid to, object message, ulong reference = 0)
    {
        (object? payload, long bits) = Payloads.Split(message);
        TimerWheel wheel = Group.WheelFor(scheduler);
        SendTimer timer = ReferenceEquals(to.Node, Identity) ? new(wheel, to.Number, reference) : new(wheel, (object)to, reference);
        timer.Payload = payload;
        timer.Bits = bits;
        return timer;
    }

    private static ProcessTimer Start(SendTimer timer, long deadline, bool now)
    {
        if (now)
            timer.Send();
        else
            timer.Start(deadline);
        return new ProcessTimer(timer);
    }
}
