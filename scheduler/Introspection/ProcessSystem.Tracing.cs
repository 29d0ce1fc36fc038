namespace CloudScale.Scheduling;

/// <summary>Traces: who watches, and what is shown to them.</summary>
public sealed partial class ProcessSystem
{
    private readonly Lock _traceLock = new();
    private TraceSession[] _traces = [];

    /// <summary>Some session traces new processes, or those of traced parents.</summary>
    private bool _tracesNew;

    /// <summary>Begins a trace whose events go to a callback.</summary>
    public TraceSession Trace(Action<TraceEvent> tracer)
    {
        ArgumentNullException.ThrowIfNull(tracer);
        return BeginTrace(new TraceSession(this, tracer));
    }

    /// <summary>Begins a trace whose events are sent to a process, as <see cref="TraceEvent"/> messages.</summary>
    public TraceSession Trace(Pid tracer) => BeginTrace(new TraceSession(this, traced => Send(tracer, traced), tracer));

    private TraceSession BeginTrace(TraceSession session)
    {
        lock (_traceLock)
            _traces = [.. _traces, session];
        return session;
    }

    internal void EndTrace(TraceSession session)
    {
        lock (_traceLock)
            _traces = [.. _traces.Where(other => other != session)];
        OnTracesChanged();
    }

    internal void OnTracesChanged()
    {
        lock (_traceLock)
            Volatile.Write(ref _tracesNew, _traces.Any(session => session.WantsNew));
    }

    internal bool PostTrace(Pid pid) => TryPostSignal(pid, new TraceSignal());

    /// <summary>Before a process is published: whether it is traced from its first instant.</summary>
    private void AdoptTraces(Process process, Process? parent)
    {
        bool traced = false;
        foreach (TraceSession session in Volatile.Read(ref _traces))
            traced |= session.Adopt(process, parent);
        if (!traced)
            return;
        process.SetHook(Hooks.Traced, true);
        Traced(process, TraceFlags.Processes, TraceKind.Spawned, null, parent?.Pid);
    }

    /// <summary>Shows something of a process that has the hook; the sessions decide whether anybody wants it.</summary>
    internal void Traced(Process process, TraceFlags flag, TraceKind kind, object? data = null, object? other = null)
    {
        foreach (TraceSession session in Volatile.Read(ref _traces))
            session.Emit(process, flag, kind, data, other);
    }

    internal void ForgetTraces(Process process)
    {
        foreach (TraceSession session in Volatile.Read(ref _traces))
            session.Forget(process.Number);
    }
}
