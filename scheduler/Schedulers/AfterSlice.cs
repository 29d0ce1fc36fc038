namespace CloudScale.Scheduling;

/// <summary>What a scheduler does when it has nothing else to run, or some slices later: it writes what its processes have said to other nodes.</summary>
/// <remarks>
/// So all that is said in one go leaves in one system call, from the thread that said it: waking another for it costs more than the call. The watchdog does it for a scheduler that is held up in a body.
/// Threads: <see cref="TryDefer"/> on any, it finds the scheduler by the thread; <see cref="Run"/> on any, each item is done once.
/// </remarks>
internal sealed class AfterSlice
{
    private const int MaxSlices = 8; // untuned; each may say something that leaves in the same call

    private readonly Lock _lock = new();
    private readonly Stack<IThreadPoolWorkItem> _items = new();
    private int _slices; // own thread
    private bool _any;
    private long _watchedSlice = -1; // watchdog

    /// <summary>Whether there is something. Any thread; exact on the own one.</summary>
    internal bool Any => Volatile.Read(ref _any);

    /// <summary>Leaves the work to the scheduler of this thread. False on any other thread: whoever asks has to see to it.</summary>
    internal static bool TryDefer(IThreadPoolWorkItem item)
    {
        if (Scheduler.Current is not { } scheduler)
            return false;
        scheduler.AfterSlice.Add(item);
        return true;
    }

    /// <summary>Own thread, after a slice while something is there: whether it has waited long enough.</summary>
    internal bool IsDue() => ++_slices >= MaxSlices;

    /// <summary>Watchdog: whether something has been there since its last look, and the same slice has run since then.</summary>
    internal bool IsOverdue(long slice)
    {
        bool isOverdue = Any && slice == _watchedSlice;
        _watchedSlice = Any ? slice : -1;
        return isOverdue;
    }

    /// <summary>Does what is there.</summary>
    internal void Run()
    {
        _slices = 0;
        while (TryTake() is { } item)
            item.Execute();
    }

    private void Add(IThreadPoolWorkItem item)
    {
        lock (_lock)
        {
            _items.Push(item);
            Volatile.Write(ref _any, true);
        }
    }

    private IThreadPoolWorkItem? TryTake()
    {
        lock (_lock)
        {
            bool has = _items.TryPop(out IThreadPoolWorkItem? item);
            Volatile.Write(ref _any, _items.Count > 0);
            return has ? item : null;
        }
    }
}
