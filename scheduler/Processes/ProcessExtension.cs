namespace CloudScale.Scheduling;

/// <summary>The state that most processes never need: links, monitors, timers, what is owed at exit.</summary>
/// <remarks>Threads: the owner of the process.</remarks>
internal sealed class ProcessExtension
{
    /// <summary>Linked processes; the value is 0 for an active link, else the id of the unlink that is not acknowledged yet.</summary>
    internal SmallMap<Pid, ulong>? Links;

    /// <summary>Monitors this process has set.</summary>
    internal SmallMap<Reference, MonitorTarget>? Monitors;

    /// <summary>Monitors others have set on this process.</summary>
    internal SmallMap<Reference, Watcher>? MonitoredBy;

    internal RareState? Rare;

    /// <summary>Allocated only by processes that time out, hold resources, or are about to exit.</summary>
    internal RareState Rarely() => Rare ??= new RareState();

    internal sealed class RareState
    {
        internal ReceiveTimer? Timer;

        /// <summary>When the current receive gives up, in clock milliseconds; 0 for never.</summary>
        internal long TimeoutAt;

        /// <summary>Why the process is exiting, while it unwinds.</summary>
        internal object? ExitReason;

        /// <summary>Thrown by a receive's own predicate while the body was suspended; rethrown where the body awaits.</summary>
        internal Exception? MatcherFault;

        internal ulong LastUnlinkId;
        internal List<IDisposable>? Owned;

        /// <summary>The tables this process owns.</summary>
        internal HashSet<EtsTableBase>? Tables;
        internal CancellationTokenSource? ExitSource;

        /// <summary>Nodes that hold a link or monitor of this process, so that their loss can be told.</summary>
        internal HashSet<Atom>? RemotePeers;
    }
}

/// <summary>What a monitor watches: a process, or a name (then <see cref="Name"/> is what the report names).</summary>
internal readonly struct MonitorTarget(Pid pid, Atom? node, object? name)
{
    internal readonly Pid Pid = pid;

    /// <summary>The remote node that is watched; null when local.</summary>
    internal readonly Atom? Node = node;

    /// <summary>The atom, or <c>{Name, Node}</c>; null for a monitor by pid.</summary>
    internal readonly object? Name = name;

    internal object Object => Name ?? Pid;
}

/// <summary>Who watches this process.</summary>
internal readonly struct Watcher(Pid pid, object? name)
{
    internal readonly Pid Pid = pid;
    internal readonly object? Name = name;
}
