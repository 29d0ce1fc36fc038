namespace CloudScale.Scheduling;

/// <summary>Something a <see cref="TimerWheel"/> can hold: in one slot of one wheel at a time.</summary>
internal interface ITimerEntry
{
    /// <summary>The place in the wheel; touched by the wheel under its lock.</summary>
    ref TimerPlace Place { get; }

    /// <summary>Called without the wheel's lock when the entry is due.</summary>
    /// <returns>When it wants to be called again, or 0 for no more.</returns>
    long Fire(long nowMs);
}

/// <summary>Where an entry hangs in a wheel.</summary>
internal struct TimerPlace
{
    internal ITimerEntry? Next;
    internal ITimerEntry? Previous;
    internal long DueMs;
    internal int Slot; // 1-based over all levels; 0 = in no wheel
}

/// <summary>The time-out of a process's receive; a wheel entry and the signal that tells the process.</summary>
/// <remarks>
/// The deadline may be moved later by a plain store while the entry hangs in a wheel: a wheel that finds it early puts it back. The entry comes back to its process as a
/// signal, so only the process decides whether it is armed.
/// </remarks>
internal sealed class ReceiveTimer(Process process) : Signal, ITimerEntry
{
    private TimerPlace _place;
    private long _deadline;

    /// <summary>Owner of the process: whether the signal is still to come.</summary>
    internal bool IsArmed;

    /// <summary>In clock milliseconds. Written by the owner of the process, read by the wheel.</summary>
    internal long Deadline
    {
        get => Volatile.Read(ref _deadline);
        set => Volatile.Write(ref _deadline, value);
    }

    ref TimerPlace ITimerEntry.Place => ref _place;

    long ITimerEntry.Fire(long nowMs)
    {
        long deadline = Deadline;
        if (deadline > nowMs)
            return deadline;
        process.System.PostSignal(process, this);
        return 0;
    }

    internal override void Deliver(Process receiver) => receiver.OnTimer(this);
}

/// <summary>A message that is sent later; what <c>SendAfter</c> returns.</summary>
internal sealed class SendTimer(ProcessSystem system, TimerWheel wheel, Pid to, object message) : ProcessTimer, ITimerEntry
{
    private TimerPlace _place;

    ref TimerPlace ITimerEntry.Place => ref _place;

    long ITimerEntry.Fire(long nowMs)
    {
        system.Send(to, message);
        return 0;
    }

    /// <inheritdoc/>
    public override bool Cancel() => wheel.Remove(this);
}
