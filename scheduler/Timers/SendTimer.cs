using System.Diagnostics;

namespace CloudScale.Scheduling;

/// <summary>A message that is sent later.</summary>
/// <remarks>
/// Threads: any. One compare-and-swap decides between firing and cancelling; the entry leaves its wheel at once where the canceller is the wheel's owner, else when the owner next looks.
/// The message lies in the fields of the envelope that every signal has.
/// </remarks>
internal sealed class SendTimer : TimerEntry
{
    private const int Pending = 0;
    private const int Fired = 1;
    private const int Cancelled = 2;

    private readonly ProcessSystem _system;
    private readonly TimerWheel _wheel;
    private readonly ulong _number; // of a local receiver
    private readonly object? _elsewhere; // a remote pid or a name; null for a local process
    private int _state;

    internal SendTimer(ProcessSystem system, TimerWheel wheel, object to)
    {
        _system = system;
        _wheel = wheel;
        _elsewhere = to;
    }

    internal SendTimer(ProcessSystem system, TimerWheel wheel, ulong number)
    {
        _system = system;
        _wheel = wheel;
        _number = number;
    }

    internal TimerWheel Wheel => _wheel;

    /// <summary>The reference that a timer message names; none for a plain one.</summary>
    internal Reference Reference =>
        Payload is Tuple and [Atom timeout, Reference reference, _] && ReferenceEquals(timeout, Atoms.Timeout) ? reference : default;

    internal override bool IsWanted => Volatile.Read(ref _state) == Pending;

    /// <summary>Whether it is still to come. A timer for a process that has exited is over, as if it had been cancelled.</summary>
    internal bool IsPending => IsWanted && (_elsewhere is not null || _system.Table.Find(_number) is not null);

    /// <summary>What is left; null if it is over.</summary>
    internal TimeSpan? Left => IsPending ? _system.Clock.Until(Volatile.Read(ref _deadline), _system.Clock.Now) : null;

    private long _deadline;

    internal void Start(long deadline)
    {
        _deadline = deadline;
        _system.Group.AddTimer(_wheel, this, deadline);
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
        switch (_elsewhere)
        {
            case null:
                if (_system.Table.Find(_number) is { } process)
                    _system.Post(process, new Envelope(Payload, Bits));
                break;
            case Atom name:
                _system.Send(name, Payloads.Unwrap(Payload, Bits)); // nobody by that name: dropped, as in Erlang
                break;
            case Pid pid:
                _system.Send(pid, Payloads.Unwrap(Payload, Bits));
                break;
        }
    }

    internal override void Deliver(Process receiver) => throw new UnreachableException("a send timer is never posted itself");
}
