using CloudScale.Scheduling;

namespace CloudScale.Testing;

/// <summary>Something that can take the next step: a process, the test itself, work of tasks, or time.</summary>
/// <remarks>
/// What a process sends in a slice waits in its outbox, and each delivery is a step of its own. So others may act between two sends of one slice, as they may on a node with several
/// schedulers, although the body of the slice ran in one go. A process with something in its outbox does not run: its sends lie before what it does next.
/// </remarks>
internal sealed class Actor(ActorKind kind, Process? process)
{
    internal readonly ActorKind Kind = kind;
    internal readonly Process? Process = process;
    internal readonly Queue<Parcel> Outbox = new();

    /// <summary>The process was offered; or there is work of tasks, or a timer.</summary>
    internal bool IsReady;

    internal bool IsKnown; // to the walk
    internal int Index = -1; // in the list of those enabled
    internal long EnabledAt;
    internal int Priority;

    internal bool CanStep => IsReady || Outbox.Count > 0;
}

/// <summary>What an actor is.</summary>
internal enum ActorKind
{
    Process,

    /// <summary>The test: what it sends from outside of any process.</summary>
    Host,

    /// <summary>Continuations of tasks that the test or a process awaits.</summary>
    Tasks,

    /// <summary>The next timer, where time may pass while others can go on.</summary>
    Time,
}

/// <summary>A message or signal on its way.</summary>
internal readonly record struct Parcel(Process To, Envelope Envelope);
