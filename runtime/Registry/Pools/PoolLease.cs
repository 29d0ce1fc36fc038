namespace CloudScale.Runtime.Registry;

/// <summary>The claim of a process on a worker, or its place among those who wait for one; also the message by which it is granted. Owned by the process, so it ends with it.</summary>
internal sealed class PoolLease(ProcessPool pool, Pid pid) : IDisposable
{
    internal readonly Pid Pid = pid;
    private volatile PoolSlot? _slot;

    /// <summary>What was granted; set once, under the pool's lock.</summary>
    internal PoolSlot? Slot
    {
        get => _slot;
        set => _slot = value;
    }

    public void Dispose() => pool.Release(this);
}
