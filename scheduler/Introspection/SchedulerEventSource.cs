using System.Diagnostics.Tracing;

namespace CloudScale.Scheduling;

/// <summary>What goes wrong in a node, for <c>dotnet-trace</c> and EventPipe: rare events only, so that listening costs nothing.</summary>
[EventSource(Name = "CloudScale-Scheduler")]
internal sealed class SchedulerEventSource : EventSource
{
    internal static readonly SchedulerEventSource Log = new();

    private SchedulerEventSource() { }

    /// <summary>A body ended with an exception.</summary>
    [Event(1, Level = EventLevel.Error)]
    public void ProcessCrashed(string pid, string exception) => WriteEvent(1, pid, exception);

    /// <summary>A body held its scheduler, and a spare took its place.</summary>
    [Event(2, Level = EventLevel.Warning)]
    public void SchedulerBlocked(int scheduler, string pid) => WriteEvent(2, scheduler, pid);

    /// <summary>A receiver was killed because its mailbox was full.</summary>
    [Event(3, Level = EventLevel.Error)]
    public void MailboxOverflow(string pid, int limit) => WriteEvent(3, pid, limit);

    /// <summary>A node began.</summary>
    [Event(4, Level = EventLevel.Informational)]
    public void NodeStarted(string node, int schedulers) => WriteEvent(4, node, schedulers);

    /// <summary>A node ended.</summary>
    [Event(5, Level = EventLevel.Informational)]
    public void NodeStopped(string node) => WriteEvent(5, node);
}
