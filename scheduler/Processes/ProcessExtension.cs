namespace CloudScale.Scheduling;

/// <summary>The state that most processes never need: links, monitors, aliases, and pointers to what is rarer still.</summary>
/// <remarks>Threads: the owner of the process.</remarks>
internal sealed class ProcessExtension
{
    /// <summary>Linked processes; the value is one of <see cref="LinkState"/>, else the id of the unlink that is not acknowledged yet.</summary>
    internal SmallMap<Pid, ulong>? Links;

    /// <summary>Monitors this process has set.</summary>
    internal SmallMap<Reference, MonitorTarget>? Monitors;

    /// <summary>Monitors others have set on this process.</summary>
    internal SmallMap<Reference, Watcher>? MonitoredBy;

    internal AliasTable? Aliases;

    /// <summary>The monitor set last on a process of this node: taken back at once, it need not reach its target.</summary>
    internal MonitorSignal? LastMonitor;

    /// <summary>Only for processes that time out, or are about to exit.</summary>
    internal RareState? Rare;

    /// <summary>Only for processes that are told more about themselves than most.</summary>
    internal ProcessAttributes? Attributes;

    /// <summary>Lets go of what stands empty.</summary>
    internal void Trim()
    {
        if (Links is { Count: 0 })
            Links = null;
        if (Monitors is { Count: 0 })
            Monitors = null;
        if (MonitoredBy is { Count: 0 })
            MonitoredBy = null;
        LastMonitor = null;
        if (Rare is { Timer: not { IsArmed: true }, LastUnlinkId: 0 })
            Rare = null;
    }

    internal RareState Rarely() => Rare ??= new RareState();

    internal ProcessAttributes Attribute() => Attributes ??= new ProcessAttributes();

    internal sealed class RareState
    {
        internal ReceiveTimer? Timer;

        /// <summary>When the current receive gives up, in clock ticks; 0 for never.</summary>
        internal long TimeoutAt;

        /// <summary>Why the process is exiting, while it unwinds.</summary>
        internal object? ExitReason;

        /// <summary>Thrown by a receive's own predicate while the body was suspended; rethrown where the body awaits.</summary>
        internal Exception? MatcherFault;

        internal ulong LastUnlinkId;
    }
}

/// <summary>What a process may be given beyond its body: values, resources, bounds.</summary>
/// <remarks>Threads: the owner of the process, but for <see cref="Bound"/>, which every sender reads.</remarks>
internal sealed class ProcessAttributes
{
    /// <summary>The process dictionary.</summary>
    internal Dictionary<object, object>? Dictionary;

    internal object? Label;

    /// <summary>None for the node's own.</summary>
    internal Pid GroupLeader;

    internal List<IDisposable>? Owned;

    /// <summary>The tables this process owns.</summary>
    internal HashSet<EtsTableBase>? Tables;

    internal CancellationTokenSource? ExitSource;

    /// <summary>Nodes that hold a link or monitor of this process, so that their loss can be told.</summary>
    internal HashSet<Atom>? RemotePeers;

    /// <summary>Spawn requests without an answer.</summary>
    internal Dictionary<Reference, PendingSpawn>? Spawns;

    /// <summary>The newest priority message in the mailbox, while it may still be there.</summary>
    internal Envelope? LastPriority;

    internal MailboxBound? Bound;

    internal Suspension? Suspension;
}

/// <summary>The states of an active link in <see cref="ProcessExtension.Links"/>; any other number is the id of a pending unlink.</summary>
internal static class LinkState
{
    internal const ulong Active = 0;

    /// <summary>Active, and its exit signal becomes a priority message where exits are trapped.</summary>
    internal const ulong ActivePriority = ulong.MaxValue;

    /// <summary>Active, and its exit signal comes to nothing: a monitor tells of the same exit.</summary>
    internal const ulong ActiveQuiet = ulong.MaxValue - 1;

    internal static bool IsActive(ulong state) => state is Active or ActivePriority or ActiveQuiet;
}

/// <summary>What a monitor watches: a process, or a name (then <see cref="Name"/> is what the report names).</summary>
/// <remarks>Four words: it is copied into the table of monitors and out of it for every call.</remarks>
internal readonly struct MonitorTarget(Pid pid, bool isRemote, object? name, MonitorOptions options = default)
{
    internal readonly Pid Pid = pid;

    private readonly object? _more = options.Tag is { } tag ? new Tagged(tag, name) : name;

    internal readonly AliasMode Alias = options.Alias;

    /// <summary>The report is a priority message.</summary>
    internal readonly bool Priority = options.Priority;

    private readonly bool _isRemote = isRemote;

    /// <summary>The remote node that is watched; null when local.</summary>
    internal Atom? Node =>
        !_isRemote ? null
        : Name is Tuple and [_, Atom node] ? node
        : Pid.Node.Name;

    /// <summary><c>{Name, Node}</c>; null for a monitor by pid.</summary>
    internal object? Name => _more is Tagged tagged ? tagged.Name : _more;

    /// <summary>Takes the place of <c>'DOWN'</c> in the report; null for <see cref="Down"/> itself.</summary>
    internal object? Tag => (_more as Tagged)?.Tag;

    internal object Object => Name ?? Pid;

    private sealed record Tagged(object Tag, object? Name);
}

/// <summary>Who watches this process.</summary>
internal readonly struct Watcher(Pid pid, object? name, bool endsWithAnswer)
{
    internal readonly Pid Pid = pid;
    internal readonly object? Name = name;

    /// <summary>The monitor's reference is an alias that ends, with the monitor, when this process answers by it.</summary>
    internal readonly bool EndsWithAnswer = endsWithAnswer;
}
