using CloudScale.Scheduling;

namespace CloudScale.Testing;

/// <summary>A process in the hands of a test: it sends, links and monitors as the test says, and the test expects what it receives.</summary>
/// <remarks>
/// It traps exits. Expectations let the system run until they are met, or until virtual time is over; a failure says what came instead and what every process waits for.
/// Messages are taken in the order of arrival. Threads: the one that drives the system, from outside of any process.
/// </remarks>
public sealed partial class TestProbe
{
    private readonly TestSystem _system;
    private readonly Process _process;
    private readonly Queue<(object? Payload, long Bits, Pid From)> _senders = new();
    private readonly List<(object Message, Pid From)> _inbox = [];
    private readonly List<Func<object, bool>> _ignored = [];

    internal TestProbe(TestSystem system, Atom? name)
    {
        _system = system;
        Pid = system.Spawn(new Inbox(this), new SpawnOptions { TrapExit = true, Name = name });
        _process = system.Adopt(this, Pid);
    }

    /// <summary>Its pid: give it to those it plays with.</summary>
    public Pid Pid { get; }

    /// <summary>Who sent the message that was expected last; <c>default</c> if it came from the test, a timer, or the node.</summary>
    public Pid LastSender { get; private set; }

    /// <summary>What has come and was not expected yet, oldest first.</summary>
    public IReadOnlyList<object> Unread => [.. _inbox.Select(entry => entry.Message)];

    // ---- what it does ----

    /// <summary>Sends a message. It arrives when the schedule has it, after what this probe sent to the same process before.</summary>
    public void Send(Pid to, object message) => Do(self => self.Send(to, message));

    /// <summary>Sends to a registered name.</summary>
    /// <inheritdoc cref="Self.Send(Atom, object)" path="/exception"/>
    public void Send(Atom name, object message) => Do(self => self.Send(name, message));

    /// <summary>Sends to <see cref="LastSender"/>.</summary>
    /// <exception cref="InvalidOperationException">The last message came from no process.</exception>
    public void Reply(object message)
    {
        if (LastSender.IsNone)
            throw new InvalidOperationException("The last message that was expected came from no process: there is nobody to reply to.");
        Send(LastSender, message);
    }

    /// <summary>Watches a process; see <see cref="ExpectDown(Pid, TimeSpan?)"/>.</summary>
    public Reference Monitor(Pid target)
    {
        Reference reference = default;
        Do(self => reference = self.Monitor(target));
        return reference;
    }

    /// <summary>Takes a monitor back.</summary>
    public bool Demonitor(Reference monitor, bool flush = false)
    {
        bool stood = false;
        Do(self => stood = self.Demonitor(monitor, flush));
        if (flush)
            _inbox.RemoveAll(entry => entry.Message is Down down && down.Reference == monitor);
        return stood;
    }

    /// <summary>Links to a process; see <see cref="ExpectExit(Pid, TimeSpan?)"/>.</summary>
    public void Link(Pid peer) => Do(self => self.Link(peer));

    /// <summary>Takes a link down.</summary>
    public void Unlink(Pid peer) => Do(self => self.Unlink(peer));

    /// <summary>Sends an exit signal.</summary>
    public void Exit(Pid to, object reason) => Do(self => self.Exit(to, reason));

    /// <summary>Does anything else that a process can do without waiting.</summary>
    /// <param name="code">Runs at once, as the body of this process; it must not keep the <see cref="Self"/>.</param>
    /// <exception cref="InvalidOperationException">The probe has been killed, or this was called from inside a process.</exception>
    public void Do(Action<Self> code)
    {
        ArgumentNullException.ThrowIfNull(code);
        if (_process.IsExited)
            throw new InvalidOperationException($"The probe {Pid} has been killed.");
        _system.Director.RunAs(_process, code);
    }

    /// <summary>From now on messages that satisfy the predicate are dropped as they come, and no expectation sees them.</summary>
    public void Ignore(Func<object, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        _ignored.Add(predicate);
        _inbox.RemoveAll(entry => predicate(entry.Message));
    }

    // ---- the receive side ----

    internal void OnArrival(object? payload, long bits, Pid from) => _senders.Enqueue((payload, bits, from));

    private void OnMessage(Message message)
    {
        object value = message.Value;
        Pid from = default;
        // What the node makes itself, a Down or an Exit, has no envelope that was sent.
        if (
            _senders.TryPeek(out (object? Payload, long Bits, Pid From) sent)
            && Payloads.Unwrap(sent.Payload, sent.Bits) is { } same
            && Same(same, value)
        )
        {
            _senders.Dequeue();
            from = sent.From;
        }

        if (!_ignored.Exists(ignore => ignore(value)))
            _inbox.Add((value, from));
    }

    private static bool Same(object one, object other) =>
        ReferenceEquals(one, other) || (one is long or CloudScale.Pid && one.Equals(other));

    private sealed class Inbox(TestProbe probe) : ProcessHandler
    {
        protected internal override ProcessTask OnMessage(Self self, Message message)
        {
            probe.OnMessage(message);
            return default;
        }
    }
}
