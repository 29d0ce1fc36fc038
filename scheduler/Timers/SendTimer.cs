namespace CloudScale.Scheduling;

/// <summary>A message that is sent later.</summary>
/// <remarks>
/// Threads: any. One compare-and-swap decides between firing and cancelling; the entry leaves its wheel at once where the canceller is the wheel's owner, else when the owner next looks.
/// The message lies in the fields of the envelope that every signal has, so a timer that fires is its own message; the tuple of a timer message is made then.
/// </remarks>
internal sealed class SendTimer : TimerEntry
{
    private const int Pending = 0;
    private const int Fired = 1;
    private const int Cancelled = 2;

    private readonly TimerWheel _wheel;
    private readonly ulong _number; // of a local receiver
    private readonly object? _elsewhere; // a remote pid or a name; null for a local process
    private readonly ulong _reference; // of a timer message; 0 for a plain one
    private int _state;

    internal SendTimer(TimerWheel wheel, object to, ulong reference)
    {
        _wheel = wheel;
        _elsewhere = to;
        _reference = reference;
    }

    internal SendTimer(TimerWheel wheel, ulong number, ulong reference)
    {
        _wheel = wheel;
        _number = number;
        _reference = reference;
    }

    private ProcessSystem System => _wheel.System;

    /// <summary>The reference that a timer message names; none for a plain one.</summary>
    internal Reference Reference => _reference == 0 ? default : new Reference(System.Identity, _reference);

    internal override bool IsWanted => Volatile.Read(ref _state) == Pending;

    /// <summary>Whether it is still to come. A timer for a process that has exited is over, as if it had been cancelled.</summary>
    internal bool IsPending => IsWanted && (_elsewhere is not null || System.Table.Find(_number) is not null);

    /// <summary>What is left; null if it is over.</summary>
    internal TimeSpan? Left => IsPending ? System.Clock.Until(Due, System.Clock.Now) : null;

    internal void Start(long deadline)
    {
        Due = deadline;
        System.Group.AddTimer(_wheel, this, deadline);
    }

    /// <summary>Takes the message back; false if it has been sent, or was taken back before.</summary>
    internal bool Cancel()
    {
        bool alive = IsPending;
        Interleaving.Point();
#if EXPLORATION
        if (Mutations.Is(Mutation.CancelInTwoSteps))
        {
            if (_state != Pending)
                return false;
            Interleaving.Point();
            _state = Cancelled;
            SchedulerGroup.RemoveTimer(_wheel, this);
            return true;
        }
#endif
        if (Interlocked.CompareExchange(ref _state, Cancelled, Pending) != Pending)
            return false;
        SchedulerGroup.RemoveTimer(_wheel, this);
        return alive;
    }

    /// <summary>The same, and what was left.</summary>
    internal bool Cancel(out TimeSpan left)
    {
        bool isTakenBack = Cancel();
        left = isTakenBack ? System.Clock.Until(Due, System.Clock.Now) : default;
        return isTakenBack;
    }

    internal override long Fire(long now)
    {
        Interleaving.Point();
        if (Interlocked.CompareExchange(ref _state, Fired, Pending) == Pending)
            Send();
        return 0;
    }

    /// <summary>Sends at once, for a timer of no length.</summary>
    internal void Send()
    {
        _state = Fired;
        ProcessSystem system = System;
        (object? payload, long bits) = (Payload, Bits);
        if (_reference != 0)
            (payload, bits) = (Tuple.Of(Atoms.Timeout, Reference, Payloads.Unwrap(payload, bits)), 0);
        switch (_elsewhere)
        {
            case null:
                (Payload, Bits) = (payload, bits);
                if (system.Table.Find(_number) is { } process)
                    system.PostAsMessage(process, this);
                break;
            case Atom name:
                system.Send(name, Payloads.Unwrap(payload, bits)); // nobody by that name: dropped, as in Erlang
                break;
            case Pid pid:
                system.Send(pid, Payloads.Unwrap(payload, bits));
                break;
        }
    }

    internal override void Deliver(Process receiver) => receiver.DeliverAsMessage(this);
}
