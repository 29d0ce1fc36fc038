using System.Collections.Concurrent;

namespace CloudScale.Scheduling;

/// <summary>A trace: which processes, what of them, and who is told. Sessions do not see each other; dispose one to end it.</summary>
/// <remarks>
/// Threads: any. Events of one process come in order, on the thread where they happen, which waits for the tracer: be short, or send to a process. A process that is not traced
/// costs nothing: senders and schedulers look at a byte that they look at anyway.
/// </remarks>
public sealed class TraceSession : IDisposable
{
    private readonly ProcessSystem _system;
    private readonly Action<TraceEvent> _tracer;
    private readonly Pid _tracerPid;
    private readonly ConcurrentDictionary<ulong, TraceFlags> _processes = new();
    private CollectionWatch? _collections;
    private TraceFlags _new;
    private bool _ended;

    internal TraceSession(ProcessSystem system, Action<TraceEvent> tracer, Pid tracerPid = default)
    {
        _system = system;
        _tracer = tracer;
        _tracerPid = tracerPid;
    }

    internal bool WantsNew => _new != TraceFlags.None;

    /// <summary>Traces a process from its next slice on; replaces what was asked of it before. <see cref="TraceFlags.None"/> ends it.</summary>
    /// <returns>False if it is not alive.</returns>
    /// <exception cref="ArgumentException">It is the tracer of this session: each event would bring another.</exception>
    public bool Add(Pid pid, TraceFlags flags)
    {
        if (pid == _tracerPid)
            throw new ArgumentException("A tracer cannot be traced by its own session.", nameof(pid));
        ObjectDisposedException.ThrowIf(_ended, this);
        WatchCollections(flags);
        if (flags == TraceFlags.None)
        {
            _processes.TryRemove(pid.Number, out _); // the hook stays: harmless, and another session may need it
            return true;
        }

        _processes[pid.Number] = flags;
        if (_system.PostTrace(pid))
            return true;
        _processes.TryRemove(pid.Number, out _);
        return false;
    }

    /// <summary>Traces every process there is, but for the tracer.</summary>
    public void AddAll(TraceFlags flags)
    {
        foreach (Pid pid in _system.Processes())
        {
            if (pid != _tracerPid)
                Add(pid, flags);
        }
    }

    /// <summary>Traces every process that is spawned from now on; <see cref="TraceFlags.None"/> ends that.</summary>
    public void AddNew(TraceFlags flags)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        _new = flags;
        WatchCollections(flags);
        _system.OnTracesChanged();
    }

    /// <summary>Ends the session: no event comes after the tracer has returned from those that are on their way.</summary>
    public void Dispose()
    {
        if (_ended)
            return;
        _ended = true;
        _new = TraceFlags.None;
        _collections?.Dispose();
        _system.EndTrace(this);
        _processes.Clear();
    }

    /// <summary>Before a new process is published; true if it is traced.</summary>
    internal bool Adopt(Process process, Process? parent)
    {
        TraceFlags inherited =
            parent is not null && _processes.TryGetValue(parent.Number, out TraceFlags flags) && (flags & TraceFlags.SetOnSpawn) != 0
                ? flags
                : TraceFlags.None;
        if ((inherited | _new) == TraceFlags.None)
            return false;
        _processes[process.Number] = inherited | _new;
        return true;
    }

    internal void Forget(ulong number) => _processes.TryRemove(number, out _);

    internal void Emit(Process process, TraceFlags flag, TraceKind kind, object? data, object? other)
    {
        if (!_ended && _processes.TryGetValue(process.Number, out TraceFlags flags) && (flags & flag) != 0)
            _tracer(new TraceEvent(kind, process.Pid, data, other, _system.MonotonicTime));
    }

    private void WatchCollections(TraceFlags flags)
    {
        if ((flags & TraceFlags.GarbageCollection) == 0 || _collections is not null)
            return;
        _collections = CollectionWatch.Start(
            (generation, pause) =>
            {
                if (!_ended)
                    _tracer(
                        new TraceEvent(
                            TraceKind.GarbageCollection,
                            default,
                            Tuple.Of((long)generation, (long)pause.TotalMicroseconds),
                            null,
                            _system.MonotonicTime
                        )
                    );
            }
        );
    }
}
