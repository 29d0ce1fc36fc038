namespace CloudScale.Scheduling;

/// <summary>Runnable processes that no scheduler holds: woken by host threads and timers, or moved out of a full run queue.</summary>
/// <remarks>Threads: any, under one lock. <see cref="IsEmpty"/> needs no lock and is a hint, exact for whoever enqueued before a full fence.</remarks>
internal sealed class InjectQueue
{
    private readonly Lock _lock = new();
    private readonly Queue<Process> _queue = new();
    private volatile int _count;

    internal bool IsEmpty => _count == 0;

    internal int Count => _count;

    internal void Enqueue(Process process)
    {
        Interleaving.Point();
        lock (_lock)
        {
            _queue.Enqueue(process);
            _count = _queue.Count;
        }
    }

    /// <summary>Takes the oldest, and moves a fair share of the rest into a run queue that the caller owns.</summary>
    /// <param name="local">The caller's run queue.</param>
    /// <param name="sharers">How many schedulers the content is to be shared among.</param>
    internal Process? Take(RunQueue local, int sharers)
    {
        if (_count == 0)
            return null;

        Interleaving.Point();
        lock (_lock)
        {
            if (!_queue.TryDequeue(out Process? first))
                return null;

            int share = Math.Min(_queue.Count / sharers, RunQueue.Capacity / 2);
            Interleaving.BeginAtomic();
            while (share-- > 0 && local.TryPush(_queue.Peek()))
                _queue.Dequeue();
            Interleaving.EndAtomic();
            _count = _queue.Count;
            return first;
        }
    }
}
