using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>Messages that are sent later.</summary>
public readonly partial struct Self
{
    /// <summary>Sends a message later. The timer outlives this process.</summary>
    /// <param name="delay">From now; never shorter, and longer by little more than a millisecond unless the schedulers are busy.</param>
    /// <param name="to">A process; if it is one of this node and exits, the timer is over.</param>
    /// <param name="message">Any term.</param>
    public ProcessTimer SendAfter(TimeSpan delay, Pid to, object message)
    {
        Process me = Owned(out Scheduler scheduler);
        return me.System.StartTimer(scheduler, delay, to, message);
    }

    /// <summary>Sends a message later to whoever bears a name then; dropped if nobody does.</summary>
    public ProcessTimer SendAfter(TimeSpan delay, Atom to, object message)
    {
        Process me = Owned(out Scheduler scheduler);
        return me.System.StartTimer(scheduler, delay, to, message);
    }

    /// <summary>Sends <c>{timeout, Reference, Message}</c> later, with a reference of the timer's own, so that a message that comes after a cancel is recognised.</summary>
    /// <inheritdoc cref="SendAfter(TimeSpan, Pid, object)" path="/param"/>
    public ProcessTimer StartTimer(TimeSpan delay, Pid to, object message)
    {
        Process me = Owned(out Scheduler scheduler);
        return me.System.StartTimer(scheduler, delay, to, message, scheduler.NextReference());
    }

    /// <summary>Sends <c>{timeout, Reference, Message}</c> later to whoever bears a name then.</summary>
    public ProcessTimer StartTimer(TimeSpan delay, Atom to, object message)
    {
        Process me = Owned(out Scheduler scheduler);
        return me.System.StartTimer(scheduler, delay, to, message, scheduler.NextReference());
    }
}
