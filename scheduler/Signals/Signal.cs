namespace CloudScale.Scheduling;

/// <summary>Anything sent to a process that its body does not receive as such. Signals and messages of one sender arrive in the order sent.</summary>
/// <remarks>Threads: made and posted by any; <see cref="Deliver"/> and <see cref="Reject"/> run on the owner of the receiver.</remarks>
internal abstract class Signal : Envelope
{
    /// <summary>Acts on a living process.</summary>
    internal abstract void Deliver(Process receiver);

    /// <summary>Answers in the place of a process that has exited, or is about to.</summary>
    internal virtual void Reject(Process receiver) { }
}

/// <summary>Sets up the receiver's side of a link.</summary>
internal sealed class LinkSignal(Pid from) : Signal
{
    internal override void Deliver(Process receiver) => receiver.OnLink(from);

    internal override void Reject(Process receiver)
    {
#if EXPLORATION
        if (Mutations.Is(Mutation.LinkLostAtExit))
            return;
#endif
        receiver.System.SendExit(receiver.Pid, from, Atoms.NoProc, ExitKind.Link);
    }
}

/// <summary>Takes down the receiver's side of a link, and asks for an acknowledgement.</summary>
internal sealed class UnlinkSignal(Pid from, ulong id) : Signal
{
    internal override void Deliver(Process receiver) => receiver.OnUnlink(from, id);

    internal override void Reject(Process receiver) => receiver.System.SendUnlinkAck(receiver.Pid, from, id);
}

/// <summary>The other side has taken its part of the link down: what it sends from here on is about a new link.</summary>
internal sealed class UnlinkAckSignal(Pid from, ulong id) : Signal
{
    internal override void Deliver(Process receiver) => receiver.OnUnlinkAck(from, id);
}

/// <summary>The kinds of exit signal, which differ in what the receiver does with them.</summary>
internal enum ExitKind : byte
{
    /// <summary>A linked process exited: only an active link lets it through, and <c>kill</c> is a reason like any other.</summary>
    Link,

    /// <summary>Sent by <c>exit/2</c>: <c>kill</c> cannot be trapped.</summary>
    Explicit,

    /// <summary>The process sent it to itself: even <c>normal</c> counts.</summary>
    Self,
}

/// <summary>An exit signal.</summary>
internal sealed class ExitSignal(Pid from, object reason, ExitKind kind) : Signal
{
    internal override void Deliver(Process receiver) => receiver.OnExit(from, reason, kind);

    public override string ToString() => $"exit signal {Term.Format(reason)}";
}

/// <summary>An exit signal sent by alias.</summary>
internal sealed class AliasExitSignal(Reference alias, Pid from, object reason, bool priority) : Signal
{
    internal override void Deliver(Process receiver) => receiver.OnAliasExit(alias, from, reason, priority);
}

/// <summary>Asks the receiver to report its exit to a watcher.</summary>
/// <param name="watcher">Who is told.</param>
/// <param name="reference">The monitor.</param>
/// <param name="name">What the report names instead of the pid, where the monitor was set by name; else null.</param>
/// <param name="endsWithAnswer">The receiver may drop its half when it sends to the reference, which is an alias.</param>
internal sealed class MonitorSignal(Pid watcher, Reference reference, object? name, bool endsWithAnswer) : Signal
{
    private const int Pending = 0;
    private const int Taken = 1;
    private const int Withdrawn = 2;

    private int _state;

    internal bool IsOf(Reference monitor) => reference == monitor;

    /// <summary>The watcher: takes the monitor back before the receiver has seen it. False if it has.</summary>
    internal bool TryWithdraw()
    {
        Interleaving.Point();
        return Interlocked.CompareExchange(ref _state, Withdrawn, Pending) == Pending;
    }

    internal override void Deliver(Process receiver)
    {
        if (TryTake())
            receiver.OnMonitor(watcher, reference, name, endsWithAnswer);
    }

    internal override void Reject(Process receiver)
    {
#if EXPLORATION
        if (Mutations.Is(Mutation.MonitorLostAtExit))
            return;
#endif
        if (TryTake())
            receiver.System.SendDown(watcher, reference, name, receiver.Pid, Atoms.NoProc);
    }

    private bool TryTake()
    {
        Interleaving.Point();
        return Interlocked.CompareExchange(ref _state, Taken, Pending) == Pending;
    }
}

/// <summary>Takes a monitor back.</summary>
internal sealed class DemonitorSignal(Reference reference) : Signal
{
    internal override void Deliver(Process receiver) => receiver.OnDemonitor(reference);
}

/// <summary>Asks the receiver to exit, and to report its exit.</summary>
internal sealed class ExitMonitorSignal(Pid from, Reference reference, object reason) : Signal
{
    internal override void Deliver(Process receiver)
    {
        receiver.OnMonitor(from, reference, null, endsWithAnswer: false);
        receiver.OnExit(from, reason, ExitKind.Explicit);
    }

    /// <summary>Why it exits is told, although the monitor came too late: whoever sent this does not listen to the link any more.</summary>
    internal override void Reject(Process receiver)
    {
#if EXPLORATION
        if (Mutations.Is(Mutation.MonitorLostAtExit))
            return;
#endif
        receiver.System.SendDown(from, reference, null, receiver.Pid, receiver.ExitReason);
    }

    public override string ToString() => $"monitored exit signal {Term.Format(reason)}";
}

/// <summary>Reports an exit to the watcher. If the monitor still stands, it is the message from then on: a <see cref="Down"/>, which is made when somebody looks at it as one.</summary>
internal sealed class DownSignal : Signal, IDeferredMessage
{
    internal readonly Reference Reference;
    internal readonly object Reason;
    private readonly Pid _exited;
    private object? _name;
    private Down? _message;

    internal DownSignal(Reference reference, Pid exited, object? name, object reason)
    {
        Reference = reference;
        Reason = reason;
        _exited = exited;
        _name = name;
        Payload = this;
        Bits = IDeferredMessage.Mark;
    }

    /// <summary>What the report names: the pid, or <c>{Name, Node}</c>.</summary>
    internal object Reported => _name ?? _exited;

    public object Message => _message ??= new Down(Reference, Reported, Reason);

    /// <summary>The watcher: what the monitor was set on.</summary>
    internal void Report(object name) => _name = name;

    internal override void Deliver(Process receiver) => receiver.OnDown(this);

    public override string ToString() => $"down {Term.Format(Reason)}";
}

/// <summary>The connection to a node was lost: links and monitors across it fire with <c>noconnection</c>.</summary>
internal sealed class ConnectionLostSignal(Atom node) : Signal
{
    internal override void Deliver(Process receiver) => receiver.OnConnectionLost(node);
}

/// <summary>Asks a process to describe itself; the answer is given on its own scheduler, between two slices.</summary>
internal sealed class InfoSignal(TaskCompletionSource<ProcessInfo?> answer, ProcessDetails details) : Signal
{
    internal override void Deliver(Process receiver) => answer.SetResult(receiver.Describe(details));

    internal override void Reject(Process receiver) => answer.SetResult(null);
}

/// <summary>What a body awaited outside of the node (a task, I/O) has completed.</summary>
internal sealed class ForeignResumeSignal(Process process) : Signal
{
    /// <summary>The continuation handed to the foreign awaiter. Any thread. An awaiter that calls it twice, against its contract, does so in vain: an envelope can hang in one chain, once.</summary>
    internal void Post()
    {
#if EXPLORATION
        if (Mutations.Is(Mutation.DoubleResume))
        {
            process.System.PostSignal(process, new ForeignResumeSignal(process));
            return;
        }
#endif
        if (Interlocked.Exchange(ref Bits, 1) == 0)
            process.System.PostSignal(process, this);
    }

    internal override void Deliver(Process receiver) => receiver.OnForeignResume(this);
}

/// <summary>Asks to be called when the receiver's mailbox has room; also when it exits.</summary>
internal sealed class RoomSignal(Action wake) : Signal
{
    internal override void Deliver(Process receiver) => receiver.OnAwaitRoom(wake);

    internal override void Reject(Process receiver) => wake();
}

/// <summary>Holds the receiver's body.</summary>
internal sealed class SuspendSignal(Pid by, TaskCompletionSource<bool>? done) : Signal
{
    internal override void Deliver(Process receiver)
    {
        receiver.OnSuspend(by);
        done?.SetResult(true);
    }

    internal override void Reject(Process receiver) => done?.SetResult(false);
}

/// <summary>Takes a suspension back, or all of one suspender's.</summary>
internal sealed class ResumeSignal(Pid by, bool all) : Signal
{
    internal override void Deliver(Process receiver) => receiver.OnResume(by, all);
}

/// <summary>The receiver is traced from here on, by whoever asked.</summary>
internal sealed class TraceSignal : Signal
{
    internal override void Deliver(Process receiver) => receiver.SetHook(Hooks.Traced, true);
}

/// <summary>Sets the receiver's group leader.</summary>
internal sealed class GroupLeaderSignal(Pid leader) : Signal
{
    internal override void Deliver(Process receiver) => receiver.GroupLeader = leader;
}
