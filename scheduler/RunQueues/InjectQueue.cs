namespace CloudScale.Scheduling;

/// <summary>Runnable processes that no scheduler holds: woken by host threads and timers, or moved out of a full run queue.</summary>
/// <remarks>Threads: any, under one lock. <see cref="IsEmpty"/> needs no lock and is a hint, exact for whoever enqueued before a full fence.</remarks>
internal sealed class InjectQueue
{
    private const int KeptCapacity = 4_096; // what more a burst took is given back when the queue is empty again

    private readonly Lock _lock = new();
    private readonly Queue<object> _queue = new();
    private volatile int _count;

    internal bool IsEmpty => _count == 0;

    internal int Count => _count;

    /// <param name="runnable">As in a <see cref="RunQueue"/>: a process, or the message that woke it.</param>
    internal void Enqueue(object runnable)
    {
        Interleaving.Point();
        lock (_lock)
        {
            _queue.Enqueue(runnable);
            _count = _queue.Count;
        }
    }

    /// <summary>Takes the oldest, and moves a fair share of the rest into a run queue that the caller owns.</summary>
    /// <param name="local">The caller's run queue.</param>
    /// <param name="sharers">How many schedulers the content is to be shared among.</param>
    internal object? Take(RunQueue local, int sharers)
    {
        if (_count == 0)
            return null;

        Interleaving.Point();
        lock (_lock)
        {
            if (!_queue.TryDequeue(out object? first))
                return null;

            int share = Math.Min(_queue.Count / sharers, RunQueue.Capacity / 2);
            Interleaving.BeginAtomic();
            while (share-- > 0 && local.TryPush(_queue.Peek()))
                _queue.Dequeue();
            Interleaving.EndAtomic();
            _count = _queue.Count;
            if (_count == 0 && _queue.Capacity > KeptCapacity)
                _queue.TrimExcess(KeptCapacity);
            return first;
        }
    }
}
