using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>The count that bounds a mailbox, and who waits for room.</summary>
/// <remarks>
/// Threads: <see cref="TryReserve"/> and the counters – any sender; the rest – the owner of the process. The owner of an unbounded mailbox pays nothing: it counts what it
/// takes anyway, and senders compare that with what they have posted.
/// </remarks>
internal sealed class MailboxBound(MailboxLimit limit, long present)
{
    private long _posted = present; // by senders
    private long _own; // by the owner, for reports the node makes
    private long _dropped;
    private int _killed;
    private List<Action>? _waiters;

    internal MailboxLimit Limit { get; } = limit;

    internal long Dropped => Volatile.Read(ref _dropped);

    internal bool HasWaiters => _waiters is { Count: > 0 };

    /// <summary>Counts a message that is about to be posted; false, and not counted, if there is no room for it.</summary>
    internal bool TryReserve(long taken)
    {
        if (Interlocked.Increment(ref _posted) + Volatile.Read(ref _own) - taken <= Limit.Messages)
            return true;
        Interlocked.Decrement(ref _posted);
        return false;
    }

    /// <summary>Counts a message that is posted whether there is room or not.</summary>
    internal void Reserve() => Interlocked.Increment(ref _posted);

    /// <summary>True once: for the first message that finds no room, if that kills.</summary>
    internal bool BeginKill() => Interlocked.Exchange(ref _killed, 1) == 0;

    internal void CountDropped() => Interlocked.Increment(ref _dropped);

    /// <summary>Owner: a report of the node joins the queue (1), or a message that was counted does not (−1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void CountOwn(int by = 1) => Volatile.Write(ref _own, _own + by);

    internal long Room(long taken) => Limit.Messages - (Volatile.Read(ref _posted) + _own - taken);

    internal void AddWaiter(Action wake) => (_waiters ??= []).Add(wake);

    /// <summary>Wakes as many as there is room for, the oldest first; all, if the process exits.</summary>
    internal void Wake(long room)
    {
        if (_waiters is null)
            return;
        int count = (int)Math.Clamp(room, 0, _waiters.Count);
        for (int i = 0; i < count; i++)
            _waiters[i]();
        _waiters.RemoveRange(0, count);
    }
}
