namespace CloudScale.Scheduling;

/// <summary>Runnable processes of any level but normal, shared by all schedulers of a node.</summary>
/// <remarks>
/// Threads: any, under one lock; the two counts are read without it, once a slice. Few processes have a level, so these queues may be dear and the run queues of the others stay
/// as they are. Order: oldest first within a level.
/// </remarks>
internal sealed class PriorityQueues
{
    private readonly Lock _lock = new();
    private readonly Queue<Process> _max = new();
    private readonly Queue<Process> _high = new();
    private readonly Queue<Process> _low = new();
    private volatile int _urgentCount;
    private volatile int _lowCount;

    /// <summary>Whether a process waits that goes before normal ones. Exact for whoever enqueued before a full fence.</summary>
    internal bool HasUrgent => _urgentCount > 0;

    internal bool HasLow => _lowCount > 0;

    internal int Count => _urgentCount + _lowCount;

    internal void Enqueue(Process process)
    {
        ProcessPriority level = process.Priority;
        Interleaving.Point();
        lock (_lock)
        {
            (
                level == ProcessPriority.Max ? _max
                : level == ProcessPriority.High ? _high
                : _low
            ).Enqueue(process);
            CountLocked();
        }
    }

    internal Process? TakeUrgent()
    {
        Interleaving.Point();
        lock (_lock)
        {
            if (_max.TryDequeue(out Process? process) || _high.TryDequeue(out process))
                CountLocked();
            return process;
        }
    }

    internal Process? TakeLow()
    {
        Interleaving.Point();
        lock (_lock)
        {
            if (_low.TryDequeue(out Process? process))
                CountLocked();
            return process;
        }
    }

    private void CountLocked()
    {
        _urgentCount = _max.Count + _high.Count;
        _lowCount = _low.Count;
    }
}
