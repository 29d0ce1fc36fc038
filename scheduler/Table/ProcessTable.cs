using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>From the number of a pid to the process, for all processes of a node.</summary>
/// <remarks>
/// A pid's number is <c>serial:36 | slot:28</c>. Slots are handed out again with a later serial, so a stale pid misses: the process in the slot knows its own number, and that is
/// the check. A dead process leaves its slot, so whoever holds its pid holds no memory; and a segment of the table all of whose slots are free gives its memory back.
/// Threads: <see cref="Find"/> – any, no lock. Numbers come in batches under a lock; each scheduler keeps a batch.
/// </remarks>
internal sealed class ProcessTable
{
    internal const int SlotBits = 28;
    internal const int Batch = 64;
    internal const int SegmentBits = 13;
    internal const int SegmentSize = 1 << SegmentBits;
    private const ulong SlotMask = (1UL << SlotBits) - 1;

    private readonly Process?[]?[] _segments; // as many as the limit needs: a small system in a test is small
    private readonly int _limit;

    // Under the lock.
    private readonly Lock _lock = new();
    private readonly SegmentNumbers?[] _numbers; // beside each segment that ever was in use
    private readonly Queue<SegmentNumbers> _open = new(); // have free numbers; first come, first served. Some may have lost them again.
    private readonly Stack<SegmentNumbers> _empty = new(); // have given their memory back
    private SegmentNumbers _current; // numbers are taken from this one while it has any
    private int _used; // segments that ever were in use

    internal ProcessTable(int limit)
    {
        _limit = limit;
        int segments = (limit >> SegmentBits) + 1;
        _segments = new Process?[segments][];
        _numbers = new SegmentNumbers?[segments];
        _current = Use(NewSegment());
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
            do
            {
                while (count < numbers.Length && _current.TryTake(out ulong number))
                    numbers[count++] = number;
            } while (count < numbers.Length && TryNextSegment());

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
            {
                SegmentNumbers segment = _numbers[(number & SlotMask) >> SegmentBits]!;
                segment.Give(number);
                if (segment.State == SegmentState.Taken)
                {
                    segment.State = SegmentState.Open;
                    _open.Enqueue(segment);
                }

                if (segment.State == SegmentState.Open && segment.IsWhole)
                {
                    segment.State = SegmentState.Empty;
                    segment.Forget();
                    Volatile.Write(ref _segments[segment.Index], null);
                    _empty.Push(segment);
                }
            }
        }
    }

    /// <summary>With the lock held, when the current segment has no number left: those in use come first, so that the others can stay empty.</summary>
    private bool TryNextSegment()
    {
        SegmentNumbers? next = null;
        while (next is null && _open.TryDequeue(out SegmentNumbers? open))
            next = open.State == SegmentState.Open ? open : null;
        if (next is null && !_empty.TryPop(out next))
        {
            if (_used == _segments.Length)
                return false;
            next = NewSegment();
        }

        _current.State = SegmentState.Taken;
        _current = Use(next);
        return true;
    }

    private SegmentNumbers Use(SegmentNumbers segment)
    {
        segment.State = SegmentState.Current;
        _segments[segment.Index] ??= new Process?[SegmentSize];
        return segment;
    }

    private SegmentNumbers NewSegment()
    {
        int index = _used++;
        int end = (int)Math.Min((long)(index + 1) << SegmentBits, (long)_limit + 1);
        return _numbers[index] = new SegmentNumbers(index, end);
    }

    /// <summary>How many segments hold memory.</summary>
    internal int SegmentsHeld => _segments.Count(segment => segment is not null);

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
