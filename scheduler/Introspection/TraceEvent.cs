namespace CloudScale;

/// <summary>What a trace is to show.</summary>
[Flags]
public enum TraceFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Messages the process sends.</summary>
    Send = 1,

    /// <summary>Messages that reach its mailbox.</summary>
    Receive = 2,

    /// <summary>Spawn, exit, link, unlink.</summary>
    Processes = 4,

    /// <summary>When it gets a scheduler, and when it leaves it.</summary>
    Running = 8,

    /// <summary>Processes it spawns are traced in the same way.</summary>
    SetOnSpawn = 16,

    /// <summary>Collections of the .NET heap, of the whole program: they belong to no process. One flag of this kind anywhere in a session turns them on.</summary>
    GarbageCollection = 32,

    /// <summary>All of them.</summary>
    All = Send | Receive | Processes | Running | SetOnSpawn | GarbageCollection,
}

/// <summary>The kinds of <see cref="TraceEvent"/>, with Erlang's names for them.</summary>
public enum TraceKind
{
    /// <summary><c>send</c>: <see cref="TraceEvent.Data"/> is the message, <see cref="TraceEvent.Other"/> the receiver.</summary>
    Send,

    /// <summary><c>receive</c>: the message.</summary>
    Receive,

    /// <summary><c>spawn</c>: the other is the child.</summary>
    Spawn,

    /// <summary><c>spawned</c>: the other is the parent.</summary>
    Spawned,

    /// <summary><c>exit</c>: the reason.</summary>
    Exit,

    /// <summary><c>link</c>: the other is whom it links to.</summary>
    Link,

    /// <summary><c>unlink</c>.</summary>
    Unlink,

    /// <summary><c>in</c>: it begins a slice.</summary>
    In,

    /// <summary><c>out</c>: it ends a slice.</summary>
    Out,

    /// <summary><c>gc_end</c>: the data is the tuple <c>{Generation, PauseMicroseconds}</c>; no process.</summary>
    GarbageCollection,
}

/// <summary>One thing that a traced process did, or met.</summary>
/// <param name="Kind">What.</param>
/// <param name="Pid">The traced process.</param>
/// <param name="Data">A message or a reason; null where there is none.</param>
/// <param name="Other">The other process or name concerned; null where there is none.</param>
/// <param name="At">The node's <see cref="Scheduling.ProcessSystem.MonotonicTime"/>.</param>
public readonly record struct TraceEvent(TraceKind Kind, Pid Pid, object? Data, object? Other, TimeSpan At) : ITermConvertible
{
    private static readonly Atom s_trace = Atom.Of("trace_ts");
    private static readonly Atom[] s_kinds =
    [
        Atom.Of("send"),
        Atom.Of("receive"),
        Atom.Of("spawn"),
        Atom.Of("spawned"),
        Atom.Of("exit"),
        Atom.Of("link"),
        Atom.Of("unlink"),
        Atom.Of("in"),
        Atom.Of("out"),
        Atom.Of("gc_end"),
    ];

    /// <summary>
    /// As Erlang's tracers get it, with a time stamp in microseconds: <c>{trace_ts, Pid, Kind, …, Time}</c>, in the middle the data, the other, or both as <c>trace/3</c> orders them.
    /// </summary>
    public object ToTerm()
    {
        long time = (long)At.TotalMicroseconds;
        Atom kind = s_kinds[(int)Kind];
        return (Data, Other) switch
        {
            (null, null) => Tuple.Of(s_trace, Pid, kind, time),
            ({ } data, null) => Tuple.Of(s_trace, Pid, kind, data, time),
            (null, { } other) => Tuple.Of(s_trace, Pid, kind, other, time),
            ({ } data, { } other) => Tuple.Of(s_trace, Pid, kind, data, other, time),
        };
    }
}
