using System.Text;

namespace CloudScale.Scheduling;

/// <summary>What a test may see and do while nothing runs.</summary>
internal sealed partial class Process
{
    /// <summary>The driving thread, while the process waits: code of the test in the place of the body.</summary>
    internal void RunAs(Scheduler scheduler, Action<Self> code)
    {
        Runner = scheduler;
        try
        {
            code(new Self(this));
        }
        finally
        {
            Runner = null;
            _reductions = SliceBudget;
        }
    }

    /// <summary>Whether it is parked: nobody owns it, and nothing has come that it has not seen.</summary>
    internal bool IsParked => _mailbox.IsIdle;

    /// <summary>Whether the body awaits something that is not ours: a task, I/O.</summary>
    internal bool AwaitsForeign => _wait == WaitState.Foreign && !IsExited;

    /// <summary>What the process is doing, in words.</summary>
    internal string DescribeWait()
    {
        StringBuilder text = new();
        text.Append(
            IsExited ? "has exited"
            : _exit != ExitState.None ? "is exiting"
            : _wait switch
            {
                WaitState.Foreign => "awaits a task that is not of this node",
                WaitState.Message when ReferenceEquals(_matcher, NothingMatcher.Instance) => "sleeps",
                WaitState.Message => $"waits for {_matcher?.Describe() ?? "any message"}",
                WaitState.Finished => "has finished",
                _ => "is runnable",
            }
        );
        if (_wait == WaitState.Message && _extension?.Rare is { TimeoutAt: > 0 } rare)
            text.Append(
                global::System.Globalization.CultureInfo.InvariantCulture,
                $" for another {System.Clock.Until(rare.TimeoutAt, System.Clock.Now).TotalMilliseconds} ms"
            );
        if (CurrentFunction() is { } function)
            text.Append(" in ").Append(function);
        return text.ToString();
    }

    /// <summary>The messages not yet received, oldest first. Only while nothing runs.</summary>
    internal List<object> PeekMessages()
    {
        List<object> messages = [];
        for (Envelope? envelope = _mailbox.Head; envelope is not null; envelope = envelope.Next)
            messages.Add(Payloads.Unwrap(envelope.Payload, envelope.Bits));
        int queued = messages.Count;
        for (Envelope? envelope = _mailbox.PeekArrivals(); envelope is not null; envelope = envelope.Next)
        {
            if (envelope.IsMessage)
                messages.Insert(queued, Payloads.Unwrap(envelope.Payload, envelope.Bits));
        }

        return messages;
    }
}
