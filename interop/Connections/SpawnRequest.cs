namespace CloudScale.Interop.Connections;

/// <summary>A process on one node asks another node to start a process: a SPAWN_REQUEST.</summary>
/// <param name="Reference">The number of the request; also the monitor's reference, where the options ask for one.</param>
/// <param name="From">Who asks: the parent of the new process.</param>
/// <param name="GroupLeader">The group leader of the new process.</param>
/// <param name="Module">The module of the function it begins with.</param>
/// <param name="Function">The function.</param>
/// <param name="Arity">How many arguments the function takes.</param>
/// <param name="Options">Erlang's spawn options, a proper list: <c>link</c>, <c>monitor</c>, <c>{priority, Level}</c> and their like.</param>
/// <param name="Arguments">The arguments, a proper list, of a request that goes out; one that comes in brings them in their bytes.</param>
public sealed record SpawnRequest(
    Reference Reference,
    Pid From,
    Pid GroupLeader,
    Atom Module,
    Atom Function,
    int Arity,
    List Options,
    List? Arguments = null
);

/// <summary>What a node has set up for a process that it started for another.</summary>
[Flags]
public enum SpawnReplyFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The new process is linked to its parent.</summary>
    Linked = 1,

    /// <summary>The parent monitors the new process.</summary>
    Monitored = 2,
}
