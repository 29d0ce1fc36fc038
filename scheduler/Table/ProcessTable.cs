using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>From the number of a pid to the process, for all processes of a node.</summary>
/// <remarks>
/// A pid's number is <c>serial:36 | slot:28</c>. Slots are handed out again in first-freed order with the next serial, so a stale pid misses: the process in the slot
/// knows its own number, and that is the check. A dead process leaves its slot, so whoever holds its pid holds no memory.
/// Threads: <see cref="Find"/> – any, no lock. Numbers come in batches under a lock; each scheduler keeps a batch.
/// </remarks>
internal sealed class ProcessTable
{
    internal const int SlotBits = 28;
    internal const int Batch = 64;
    private const int SegmentBits = 13;
    private const int SegmentSize = 1 << SegmentBits;
    private const ulong SlotMask = (1UL << SlotBits) - 1;

    private readonly Process?[]?[] _segments; // as many as the limit needs: a small system in a test is small
    private readonly Lock _lock = new();
    private readonly Queue<ulong> _free = new();
    private readonly int _limit;
    private uint _fresh = 1; // slot 0 is never given out: number 0 names no process

    internal ProcessTable(int limit)
    {
        _limit = limit;
        _segments = new Process?[(limit >> SegmentBits) + 1][];
    }

    /// <summary>The process of this number, or null if it never was or is gone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Process? Find(ulong number)
    {
        Process?[]?[] segments = _segments;
        uint index = (uint)((number & SlotMask) >> SegmentBits);
        if (index >= (uint)segments.Length || segments[index] is not { } segment)
            return null;

        Process? process = Volatile.Read(ref segment[number & (SegmentSize - 1)]);
        return process is not null && process.Number == number ? process : null;
    }

    /// <summary>Puts a process into the slot of its number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Set(Process process)
    {
        ulong number = process.Number;
        Interleaving.Point();
        Volatile.Write(ref _segments[(number & SlotMask) >> SegmentBits]![number & (SegmentSize - 1)], process);
    }

    /// <summary>Empties the slot of a number. The number is given back by the caller, see <see cref="Release"/>.</summary>
    internal void Clear(ulong number)
    {
        Interleaving.Point();
        Volatile.Write(ref _segments[(number & SlotMask) >> SegmentBits]![number & (SegmentSize - 1)], null);
    }

    /// <summary>The number that the slot of a freed one bears next.</summary>
    internal static ulong Next(ulong number)
    {
#if EXPLORATION
        if (Mutations.Is(Mutation.SerialNotCounted))
            return number;
#endif
        return number + (1UL << SlotBits);
    }

    /// <summary>Reserves up to <see cref="Batch"/> numbers and returns how many.</summary>
    /// <exception cref="SystemLimitException">All slots are taken.</exception>
    internal int Reserve(Span<ulong> numbers)
    {
        lock (_lock)
        {
            int count = 0;
            while (count < numbers.Length && _free.TryDequeue(out ulong number))
                numbers[count++] = number;
            while (count < numbers.Length && _fresh <= (uint)_limit)
            {
                uint slot = _fresh++;
                _segments[slot >> SegmentBits] ??= new Process?[SegmentSize];
                numbers[count++] = slot;
            }

            if (count == 0)
                throw new SystemLimitException($"The process table is full: {_limit} processes (ProcessSystemOptions.MaxProcesses).");
            return count;
        }
    }

    /// <summary>Gives numbers back; pass each through <see cref="Next"/> first if it was in use.</summary>
    internal void Release(ReadOnlySpan<ulong> numbers)
    {
        lock (_lock)
        {
            foreach (ulong number in numbers)
                _free.Enqueue(number);
        }
    }

    /// <summary>Calls <paramref name="visit"/> for each process that is alive through the whole walk, and perhaps for others. Any thread.</summary>
    internal void ForEach(Action<Process> visit)
    {
        foreach (Process?[]? segment in _segments)
        {
            if (segment is null)
                continue;
            for (int i = 0; i < segment.Length; i++)
            {
                if (Volatile.Read(ref segment[i]) is { } process)
                    visit(process);
            }
        }
    }
}
