namespace CloudScale.Scheduling;

/// <summary>The time-out of a process's receive; a wheel entry and the signal that tells the process.</summary>
/// <remarks>
/// The deadline may be moved later by a plain store while the entry hangs in a wheel: a wheel that finds it early puts it back. The entry comes back to its process as a
/// signal, so only the process decides whether it is armed.
/// </remarks>
internal sealed class ReceiveTimer(Process process) : TimerEntry
{
    private TimerWheel? _wheel;
    private long _deadline;
    private bool _dropped;

    /// <summary>Owner of the process: whether the signal is still to come.</summary>
    internal bool IsArmed;

    /// <summary>In clock ticks. Written by the owner of the process, read by the wheel.</summary>
    internal long Deadline
    {
        get => Volatile.Read(ref _deadline);
        set => Volatile.Write(ref _deadline, value);
    }

    internal override bool IsWanted => !Volatile.Read(ref _dropped);

    /// <summary>Owner of the process: arms it in this wheel.</summary>
    internal void Start(TimerWheel wheel, long deadline)
    {
        IsArmed = true;
        Deadline = deadline;
        _wheel = wheel;
        wheel.System.Group.AddTimer(wheel, this, deadline);
    }

    /// <summary>Owner of the process: lets go of it for good while it is armed, so that no wheel holds it, and by it the process, until the deadline.</summary>
    internal void Drop()
    {
        Volatile.Write(ref _dropped, true);
        SchedulerGroup.RemoveTimer(_wheel!, this);
    }

    internal override long Fire(long now)
    {
        if (!IsWanted)
            return 0;
        long deadline = Deadline;
        if (deadline > now)
            return deadline;
        process.System.PostSignal(process, this);
        return 0;
    }

    internal override void Deliver(Process receiver) => receiver.OnTimer(this);
}
