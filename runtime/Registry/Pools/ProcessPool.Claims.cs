using CloudScale.Runtime.Registry;

namespace CloudScale;

/// <content>Workers that one process has for itself for a while.</content>
public sealed partial class ProcessPool
{
    private readonly LinkedList<PoolLease> _waiting = [];

    /// <summary>Claims a worker that nobody else has: <c>gproc_pool:claim</c>. It is given back by disposing of what is returned, and when the process exits.</summary>
    /// <param name="self">Who claims.</param>
    /// <param name="patience">How long to wait for one to become free, behind whoever waits already; not at all by default.</param>
    /// <returns>The claim; null if none became free.</returns>
    /// <exception cref="InvalidOperationException">It is no pool to claim from.</exception>
    public async ProcessTask<PoolClaim?> TryClaim(Self self, TimeSpan patience = default)
    {
        if (Kind != PoolKind.Claim)
            throw WrongKind();
        ReceiveMark mark = self.Mark();
        PoolLease lease = new(this, self.Pid);
        self.Own(lease);
        lock (_lock)
        {
            if (_waiting.Count == 0 && TakeFreeLocked(out PoolSlot? free))
                GrantLocked(lease, free);
            else if (patience != TimeSpan.Zero)
                _waiting.AddLast(lease);
        }

        if (lease.Slot is null && patience != TimeSpan.Zero)
        {
            bool IsIt(PoolLease granted) => ReferenceEquals(granted, lease);
            Received<PoolLease> news = await self.TryReceive<PoolLease>(IsIt, patience, mark);
            // Whom nobody waits for any more, and who has it all the same, has been told.
            if (!news.HasValue && !CancelWait(lease))
                await self.TryReceive<PoolLease>(IsIt, Timeout.InfiniteTimeSpan, mark);
        }

        if (lease.Slot is { } slot)
            return new PoolClaim(self, lease, View(slot));
        self.Disown(lease);
        return null;
    }

    private bool CancelWait(PoolLease lease)
    {
        lock (_lock)
            return _waiting.Remove(lease);
    }

    private static void GrantLocked(PoolLease lease, PoolSlot slot)
    {
        slot.Claimer = lease;
        lease.Slot = slot;
    }

    private bool TakeFreeLocked([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PoolSlot? free)
    {
        foreach (PoolSlot? slot in _slots)
        {
            if (slot is not { Claimer: null } || WorkerOf(slot).IsNone)
                continue;
            free = slot;
            return true;
        }

        free = null;
        return false;
    }

    /// <summary>A worker has become free, or is new: whoever waits longest has it.</summary>
    private void ServeWaitingLocked()
    {
        while (_waiting.First is { } first && TakeFreeLocked(out PoolSlot? free))
        {
            _waiting.Remove(first);
            GrantLocked(first.Value, free);
            _registry.Processes.Send(first.Value.Pid, first.Value);
        }
    }

    /// <summary>Whoever waited or had a worker does so no longer.</summary>
    internal void Release(PoolLease lease)
    {
        lock (_lock)
        {
            if (_waiting.Remove(lease) || lease.Slot is not { } slot || !ReferenceEquals(slot.Claimer, lease))
                return;
            slot.Claimer = null;
            ServeWaitingLocked();
        }
    }
}

/// <summary>A worker that one process has for itself until this is disposed of.</summary>
/// <remarks>Threads: the process that claimed it.</remarks>
public sealed class PoolClaim : IDisposable
{
    private readonly Self _self;
    private readonly PoolLease _lease;

    internal PoolClaim(Self self, PoolLease lease, PoolWorker worker)
    {
        _self = self;
        _lease = lease;
        Worker = worker;
    }

    /// <summary>The worker.</summary>
    public PoolWorker Worker { get; }

    /// <summary>Gives the worker back.</summary>
    public void Dispose()
    {
        if (_self.Disown(_lease))
            _lease.Dispose();
    }
}
