using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>A lightweight process: mailbox, continuation, and a pointer to whatever it rarely needs.</summary>
/// <remarks>
/// Threads: exactly one owner at a time – the scheduler that runs it, or the sender that has just woken it. Everything but the mailbox word belongs to the owner;
/// ownership passes through the run queues, and through the mailbox word when the process parks.
/// Size: 168 bytes with its header; the count of idle processes is the product of this number.
/// </remarks>
internal sealed partial class Process
{
    private Mailbox _mailbox;

    /// <summary>What to resume; null while the body has not started, and for a handler between messages.</summary>
    internal ProcessBox? Continuation { get; private set; }

    /// <summary>The handler; or the body until it has started.</summary>
    private object? _code;

    /// <summary>What the current receive takes; null for any message.</summary>
    private Matcher? _matcher;

    /// <summary>Selective receive: the last message passed over, so that a wake-up does not scan again; null for none. The signal awaited while foreign.</summary>
    private Envelope? _scan;

    private ProcessExtension? _extension;

    /// <summary>The scheduler that runs it; null while it waits or is queued. Written by the owner; a <see cref="Self"/> in the wrong hands reads it too.</summary>
    internal Scheduler? Runner { get; private set; }

    internal readonly ProcessSystem System;
    internal readonly ulong Number;
    private long _reductionsTotal;
    private int _reductions;
    private WaitState _wait;
    private ExitState _exit;
    private bool _matched;
    private bool _timedOut;
    private bool _started;

    /// <summary>A handler has said that this call is its last.</summary>
    private bool _ended;

    internal bool TrapExit;

    internal ProcessPriority Priority;

    /// <summary>What senders and schedulers have to mind beyond the ordinary; 0 for nearly all. Written by the owner, read by every sender.</summary>
    internal Hooks Hooks { get; private set; }

    internal bool IsTraced => (Hooks & Hooks.Traced) != 0;

    /// <summary>The number of the local process that spawned it; 0 for none. Tells who, long after that one is gone.</summary>
    private readonly ulong _parent;

    private Atom? _name;

    internal Process(ProcessSystem system, ulong number, object code, ulong parent = 0)
    {
        System = system;
        Number = number;
        _code = code;
        _parent = parent;
    }

    /// <summary>The registered name; moved by <see cref="NameTable"/> alone, from any thread.</summary>
    internal ref Atom? Name => ref _name;

    internal Pid Pid => new(System.Identity, Number);

    internal ProcessExtension Extension => _extension ??= new ProcessExtension();

    /// <summary>False from the moment the process has exited or is unwinding. Any thread.</summary>
    internal bool IsAlive => _exit == ExitState.None && !_mailbox.IsDead;

    internal bool IsExited => _mailbox.IsDead;

    internal Envelope? MailboxTail => _mailbox.Tail;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Posted PostMessage(Envelope envelope) => _mailbox.PostMessage(envelope);

    /// <summary>Any thread: true if it was idle; it is the caller's now, to put into a run queue with a message.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryWake() => _mailbox.TryWake();

    /// <summary>Owner: puts a message, if there is one, at the end of the mailbox.</summary>
    internal void AppendIfAny(Envelope? message)
    {
        if (message is not null)
            _mailbox.Append(message);
    }

    internal Posted PostSignal(Signal signal) => _mailbox.PostSignal(signal);

    /// <summary>Charges work to the current slice; a process that has used it up yields when it next awaits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Charge(int reductions) => _reductions -= reductions;

    /// <summary>Owner: takes what arrived: messages into the private queue, signals to work, in order.</summary>
    private void TakeArrivals()
    {
        Envelope? envelope = _mailbox.TakeArrivals();
        while (envelope is not null)
        {
            Envelope? next = envelope.Next;
            if (envelope.IsMessage)
            {
                _mailbox.Append(envelope);
            }
            else
            {
                envelope.Next = null; // a timer's signal is used again
                Signal signal = (Signal)envelope;
                if (_exit == ExitState.None)
                    signal.Deliver(this);
                else
                    signal.Reject(this);
            }

            envelope = next;
        }
    }

    /// <summary>Owner: puts a message that the node itself makes (a <see cref="Down"/>, an <see cref="Exit"/>) into the mailbox.</summary>
    internal void Deliver(object message, bool priority = false) => DeliverOwn(new Envelope(message), priority);

    /// <summary>Owner: the same, of an envelope that is there already.</summary>
    private void DeliverOwn(Envelope message, bool priority)
    {
        _extension?.Attributes?.Bound?.CountOwn();
        if (IsTraced)
            System.Traced(this, TraceFlags.Receive, TraceKind.Receive, Payloads.Unwrap(message.Payload, message.Bits));
        Deliver(message, priority);
    }

    /// <summary>Owner: a signal that is itself the message from here on: the request of a call, a timer.</summary>
    internal void DeliverAsMessage(Signal signal)
    {
        if (IsTraced)
            System.Traced(this, TraceFlags.Receive, TraceKind.Receive, Payloads.Unwrap(signal.Payload, signal.Bits));
        _mailbox.Append(signal);
    }

    private void Deliver(Envelope message, bool priority)
    {
        if (priority)
            InsertPriority(message);
        else
            _mailbox.Append(message);
    }

    /// <summary>Behind the priority messages that are there, before all others. They stand at the front, so the queue itself tells where they end.</summary>
    private void InsertPriority(Envelope message)
    {
        ProcessAttributes attributes = Extension.Attribute();
        Envelope? last = attributes.LastPriority;
        if (last is null || _mailbox.IsConsumed(last))
        {
            last = null;
            for (Envelope? envelope = _mailbox.Head; envelope is PriorityEnvelope; envelope = envelope.Next)
                last = envelope;
        }

        PriorityEnvelope first = new(message.Payload, message.Bits);
        _mailbox.Insert(last, first);
        attributes.LastPriority = first;
        if (Waiting == WaitState.Message)
            _scan = null; // a selective receive has looked further already: it begins again
    }

    /// <summary>What the process waits for, suspended or not.</summary>
    private WaitState Waiting
    {
        get => _wait == WaitState.Suspended ? (WaitState)_extension!.Attributes!.Suspension!.Waiting : _wait;
        set
        {
            if (_wait == WaitState.Suspended)
                _extension!.Attributes!.Suspension!.Waiting = (byte)value;
            else
                _wait = value;
        }
    }

    private enum WaitState : byte
    {
        /// <summary>Runnable as soon as scheduled.</summary>
        Ready,

        /// <summary>Needs a message, or a time-out.</summary>
        Message,

        /// <summary>Needs a message that is there already: looks into what has arrived, and goes on with or without.</summary>
        Poll,

        /// <summary>Gave up its turn with its budget spent; a message may or may not be there.</summary>
        Turn,

        /// <summary>Awaits a task, I/O, or room in another's mailbox.</summary>
        Foreign,

        /// <summary>Held by <c>suspend_process</c>, whatever it waited for: see <see cref="Waiting"/>.</summary>
        Suspended,

        /// <summary>The body has ended.</summary>
        Finished,

        /// <summary>The body is left, and another begins with the next message.</summary>
        Hibernate,
    }

    private enum ExitState : byte
    {
        None,

        /// <summary>An exit signal was accepted: what the body awaits throws.</summary>
        Unwind,

        /// <summary>The body has been told once.</summary>
        Unwinding,

        /// <summary>The body will not run again.</summary>
        Abandon,
    }
}

/// <summary>What senders and schedulers have to mind with a process.</summary>
[Flags]
internal enum Hooks : byte
{
    None = 0,

    /// <summary>Somebody traces it.</summary>
    Traced = 1,

    /// <summary>Its mailbox has a bound.</summary>
    Bounded = 2,

    /// <summary>Senders wait for room in its mailbox.</summary>
    Awaited = 4,
}
