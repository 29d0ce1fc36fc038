namespace CloudScale.Scheduling;

/// <summary>The time-out of a process's receive; a wheel entry and the signal that tells the process.</summary>
/// <remarks>
/// The deadline may be moved later by a plain store while the entry hangs in a wheel: a wheel that finds it early puts it back. The entry comes back to its process as a
/// signal, so only the process decides whether it is armed.
/// </remarks>
internal sealed class ReceiveTimer(Process process) : TimerEntry
{
    private long _deadline;

    /// <summary>Owner of the process: whether the signal is still to come.</summary>
    internal bool IsArmed;

    /// <summary>In clock ticks. Written by the owner of the process, read by the wheel.</summary>
    internal long Deadline
    {
        get => Volatile.Read(ref _deadline);
        set => Volatile.Write(ref _deadline, value);
    }

    internal override long Fire(long now)
    {
        long deadline = Deadline;
        if (deadline > now)
            return deadline;
        process.System.PostSignal(process, this);
        return 0;
    }

    internal override void Deliver(Process receiver) => receiver.OnTimer(this);
}
