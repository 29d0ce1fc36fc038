using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CloudScale.Scheduling;

/// <summary>The runnable processes of one scheduler.</summary>
/// <remarks>
/// Threads: <see cref="TryPush"/>, <see cref="StealInto"/> on the receiving side – owner only; <see cref="TryPop"/> – any. Order: oldest first, for owner and thief
/// alike. A slot holds a <see cref="Process"/>, or the message that woke it, which leads to it (see <see cref="Runnable"/>). Limit: <see cref="Capacity"/>. A popped slot keeps its reference until it is written again: clearing it would race with the owner's next push.
/// </remarks>
internal sealed class RunQueue
{
#if DEBUG
    internal const int Capacity = 4; // so that every test wraps and overflows
#else
    internal const int Capacity = 256; // power of two
#endif
    private readonly QueueSlot[] _slots = new QueueSlot[Capacity];
    private RunQueueIndexes _indexes;

    /// <summary>How many wait; exact for the owner when nobody steals, else a hint.</summary>
    internal int Count => (int)(Volatile.Read(ref _indexes.Tail) - Volatile.Read(ref _indexes.Head));

    internal bool IsEmpty => Volatile.Read(ref _indexes.Tail) == Volatile.Read(ref _indexes.Head);

    /// <summary>Owner: puts a process at the end; false if the queue is full.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryPush(object runnable)
    {
        uint tail = _indexes.Tail;
        if (tail - Volatile.Read(ref _indexes.Head) >= Capacity)
            return false;

        _slots[tail & (Capacity - 1)].Value = runnable;
        Interleaving.Point();
        Volatile.Write(ref _indexes.Tail, tail + 1); // publishes the slot; pairs with the reads in TryPop and StealInto
        return true;
    }

    /// <summary>Takes the oldest.</summary>
    internal object? TryPop()
    {
        while (true)
        {
            Interleaving.Point();
            uint head = Volatile.Read(ref _indexes.Head);
            if (head == Volatile.Read(ref _indexes.Tail))
                return null;

            Interleaving.Point();
            object runnable = _slots[head & (Capacity - 1)].Value;
            Interleaving.Point();
#if EXPLORATION
            if (Mutations.Is(Mutation.DoublePop))
            {
                Volatile.Write(ref _indexes.Head, head + 1);
                return runnable;
            }
#endif
            if (Interlocked.CompareExchange(ref _indexes.Head, head + 1, head) == head)
                return runnable;
        }
    }

    /// <summary>Moves the older half of this queue into an empty one that the caller owns, and returns the oldest of them to run; null if there was nothing.</summary>
    internal object? StealInto(RunQueue thief)
    {
        while (true)
        {
            uint head = Volatile.Read(ref _indexes.Head);
            Interleaving.Point();
            uint available = Volatile.Read(ref _indexes.Tail) - head;
            if (available == 0 || available > Capacity)
                return null; // empty, or head and tail were read apart: the caller looks again soon

            Interleaving.Point();
            uint take = available - (available / 2);
            uint thiefTail = thief._indexes.Tail;
            for (uint i = 1; i < take; i++)
                thief._slots[(thiefTail + i - 1) & (Capacity - 1)] = _slots[(head + i) & (Capacity - 1)];
            object first = _slots[head & (Capacity - 1)].Value;

            Interleaving.Point();
            // What was copied is ours only if nobody moved the head meanwhile.
            if (Interlocked.CompareExchange(ref _indexes.Head, head + take, head) == head)
            {
                Interleaving.Point();
                Volatile.Write(ref thief._indexes.Tail, thiefTail + take - 1);
                return first;
            }
        }
    }
}

/// <summary>Around the reference, so that a store needs no check of the array's element type.</summary>
internal struct QueueSlot
{
    internal object Value;
}

/// <summary>Head and tail on cache lines of their own: thieves write the one, the owner the other.</summary>
[StructLayout(LayoutKind.Explicit, Size = 3 * CacheLine.Size)]
internal struct RunQueueIndexes
{
    [FieldOffset(1 * CacheLine.Size)]
    public uint Head; // moved by CAS: owner and thieves

    [FieldOffset(2 * CacheLine.Size)]
    public uint Tail; // written by the owner, read by thieves
}

/// <summary>The size of a cache line, doubled where processors fetch in pairs.</summary>
internal static class CacheLine
{
    internal const int Size = 64;
}
