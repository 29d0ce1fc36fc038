using System.Collections.Concurrent;

namespace CloudScale.Scheduling;

/// <summary>What counts as out of the ordinary; Erlang's <c>system_monitor</c>. Null, the default of each, is not looked at.</summary>
public sealed record SystemMonitorOptions
{
    /// <summary>A slice at least as long as this.</summary>
    public TimeSpan? LongSchedule { get; init; }

    /// <summary>A mailbox that has grown to this many messages. Told once, and again after it has been below half of it.</summary>
    public int? LongMailbox { get; init; }

    /// <summary>A body that held its scheduler until a spare took its place.</summary>
    public bool BlockedScheduler { get; init; }

    /// <summary>A message between processes of this node that is estimated to hold at least this many bytes. While it is looked for, every send goes a longer way.</summary>
    public int? LargeMessageBytes { get; init; }

    /// <summary>A process that is held because the connection it sends over is busy; Erlang's <c>busy_dist_port</c>.</summary>
    public bool BusyDistribution { get; init; }
}

/// <summary>The kinds of <see cref="SystemEvent"/>.</summary>
public enum SystemEventKind
{
    /// <summary>A long slice: the value is its length in microseconds.</summary>
    LongSchedule,

    /// <summary>A long mailbox: the value is its length in messages.</summary>
    LongMailbox,

    /// <summary>A blocked scheduler: the value is its index.</summary>
    BlockedScheduler,

    /// <summary>A large message to the process: the value is its estimated size in bytes.</summary>
    LargeMessage,

    /// <summary>A process was held on sending to a busy node: the event names the node, the value is 0.</summary>
    BusyDistribution,
}

/// <summary>Something out of the ordinary.</summary>
/// <param name="Kind">What.</param>
/// <param name="Pid">The process concerned.</param>
/// <param name="Value">How much; the kind says of what.</param>
/// <param name="Node">The other node, where there is one.</param>
public readonly record struct SystemEvent(SystemEventKind Kind, Pid Pid, long Value, Atom? Node = null);

/// <summary>The watch over a node that <see cref="ProcessSystem.MonitorSystem"/> sets.</summary>
/// <remarks>Threads: any; the callback runs where the event happens, and delays it.</remarks>
internal sealed class SystemMonitor(SystemMonitorOptions options, Action<SystemEvent> tell)
{
    private readonly ConcurrentDictionary<ulong, byte> _long = new();
    private readonly long _longScheduleMicroseconds = (long)(options.LongSchedule?.TotalMicroseconds ?? long.MaxValue);

    internal bool WatchesMessages => options.LargeMessageBytes is not null;

    /// <summary>The scheduler, before a slice: it owns the process.</summary>
    internal void BeforeSlice(Process process)
    {
        if (options.LongMailbox is not { } limit)
            return;
        int length = process.MessageQueueLength;
        if (length >= limit)
        {
            if (_long.TryAdd(process.Number, 0))
                tell(new SystemEvent(SystemEventKind.LongMailbox, process.Pid, length));
        }
        else if (length < limit / 2 && !_long.IsEmpty)
        {
            _long.TryRemove(process.Number, out _);
        }
    }

    internal void AfterSlice(Pid pid, TimeSpan length)
    {
        long microseconds = (long)length.TotalMicroseconds;
        if (microseconds >= _longScheduleMicroseconds)
            tell(new SystemEvent(SystemEventKind.LongSchedule, pid, microseconds));
    }

    internal void OnExited(Process process)
    {
        if (!_long.IsEmpty)
            _long.TryRemove(process.Number, out _);
    }

    internal void OnBlocked(int scheduler, Pid pid)
    {
        if (options.BlockedScheduler)
            tell(new SystemEvent(SystemEventKind.BlockedScheduler, pid, scheduler));
    }

    internal void OnBusyDistribution(Pid sender, Atom node)
    {
        if (options.BusyDistribution)
            tell(new SystemEvent(SystemEventKind.BusyDistribution, sender, 0, node));
    }

    internal void OnMessage(Process to, object? payload)
    {
        if (payload is null || options.LargeMessageBytes is not { } limit)
            return;
        long bytes = MessageSize.Estimate(payload, limit);
        if (bytes >= limit)
            tell(new SystemEvent(SystemEventKind.LargeMessage, to.Pid, bytes));
    }
}
