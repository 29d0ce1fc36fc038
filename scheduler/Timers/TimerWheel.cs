using System.Numerics;

namespace CloudScale.Scheduling;

/// <summary>A hierarchical timing wheel: five levels of 64 slots, a clock tick each in the lowest, and for each level the lap to come beside the one that runs.</summary>
/// <remarks>
/// Threads: the owner – the scheduler that turns it, or that thread's body in its own name – adds, removes and turns without a lock. Any other thread posts what it wants, under a
/// lock of its own, and the owner does it before it turns the wheel. Add and remove take constant time; an entry moves down a level at most four times. A slot of a higher level may hold hundreds of thousands:
/// they move down in lots while the slot before it runs, into the next lap of the level below, so that no turn takes long. Units: clock ticks. Beyond
/// the range of the top level (about three days) an entry waits in its last slot and is put in again. Source: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987.
/// </remarks>
internal sealed class TimerWheel
{
    private const int LevelBits = 6;
    private const int Lap = 1 << LevelBits;
    private const int LevelSize = 2 * Lap;
    private const int Levels = 5;
    private const int Lot = 256; // entries moved down at once: some 40 µs
    private const long Range = 1L << (LevelBits * Levels);

    // Owner.
    private readonly SlotHead[] _slots = new SlotHead[Levels * LevelSize];
    private readonly ulong[] _occupied = new ulong[Levels * LevelSize / 64]; // a bit a slot
    private long _now; // everything due up to here has been taken out
    private long _nextDue = long.MaxValue; // a lower bound; written by the owner, read by all
    private int _count;

    // Any thread, under the lock; the two summaries are read without it.
    private readonly Lock _postLock = new();
    private List<(TimerEntry Entry, long Due)> _posted = [];
    private long _postedDue = long.MaxValue;
    private volatile int _postedCount;

    internal TimerWheel(ProcessSystem system, long now)
    {
        System = system;
        _now = now;
    }

    internal ProcessSystem System { get; }

    /// <summary>Entries in the wheel, but for those just posted. Any thread; a hint.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>The wheel need not be turned before this; <see cref="long.MaxValue"/> when empty. Any thread.</summary>
    internal long NextDue => Math.Min(Volatile.Read(ref _nextDue), Volatile.Read(ref _postedDue));

    /// <summary>Whether turning it at any time could do anything. Any thread.</summary>
    internal bool IsEmpty => Volatile.Read(ref _nextDue) == long.MaxValue && _postedCount == 0;

    /// <summary>Owner: hangs an entry in; one that is due already fires at the next turn.</summary>
    internal void Add(TimerEntry entry, long due)
    {
        due = Math.Max(due, _now + 1); // the slot of this tick has been emptied already
        Insert(entry, due);
        if (due < _nextDue)
            Volatile.Write(ref _nextDue, due);
    }

    /// <summary>Owner: takes an entry out; does nothing if it is not in the wheel.</summary>
    internal void Remove(TimerEntry entry)
    {
        if (entry.Slot != 0)
            Unhook(entry);
    }

    /// <summary>Any thread: has the owner add an entry.</summary>
    /// <returns>Whether the owner must be woken to see it in time.</returns>
    internal bool PostAdd(TimerEntry entry, long due)
    {
        lock (_postLock)
        {
            bool earlier = due < NextDue;
            _posted.Add((entry, due));
            _postedCount = _posted.Count;
            if (due < _postedDue)
                Volatile.Write(ref _postedDue, due);
            return earlier;
        }
    }

    /// <summary>Any thread: has the owner take an entry out, when it comes to it.</summary>
    internal void PostRemove(TimerEntry entry)
    {
        lock (_postLock)
        {
            _posted.Add((entry, 0));
            _postedCount = _posted.Count;
        }
    }

    /// <summary>Owner: fires all that is due. Returns how many fired.</summary>
    internal int Advance(long now)
    {
        if (_postedCount > 0)
            TakePosted();
        if (now < _nextDue)
            return 0;

        int fired = 0;
        TimerEntry? due = Collect(now);
        while (due is not null)
        {
            TimerEntry entry = due;
            due = entry.Following;
            entry.Next = null;
            fired++;
            long again = entry.Fire(now);
            if (again > 0)
                Add(entry, again);
        }

        return fired;
    }

    private void TakePosted()
    {
        List<(TimerEntry Entry, long Due)> posted;
        lock (_postLock)
        {
            posted = _posted;
            _posted = [];
            _postedCount = 0;
            Volatile.Write(ref _postedDue, long.MaxValue);
        }

        foreach ((TimerEntry entry, long due) in posted)
        {
            if (due == 0)
                Remove(entry);
            else if (entry.IsWanted)
                Add(entry, due);
        }
    }

    /// <summary>Takes out all that is due, in the order of time.</summary>
    private TimerEntry? Collect(long now)
    {
        TimerEntry? first = null;
        TimerEntry? last = null;
        while (_now < now)
        {
            long step = _count == 0 ? long.MaxValue : NextStep();
            if (step > now)
            {
                _now = now;
                break;
            }

            _now = step;
            Cascade();
            int slot = (int)(_now & (LevelSize - 1));
            while (_slots[slot].First is { } entry)
            {
                Unhook(entry);
                if (entry.Due > _now)
                {
                    Insert(entry, entry.Due);
                    continue;
                }

                if (last is null)
                    first = entry;
                else
                    last.Next = entry;
                last = entry;
            }
        }

        long next = _count == 0 ? long.MaxValue : NextStep();
        if (MoveLots())
            next = Math.Min(next, _now + 1);
        Volatile.Write(ref _nextDue, next);
        return first;
    }

    /// <summary>Moves a lot of each slot that comes next on its level down. True if more is left.</summary>
    private bool MoveLots()
    {
        bool more = false;
        for (int level = 1; level < Levels; level++)
        {
            int shift = level * LevelBits;
            long turn = (_now >> shift) + 1;
            int slot = (level * LevelSize) + ((int)turn & (LevelSize - 1));
            for (int moved = 0; moved < Lot && _slots[slot].First is { } entry; moved++)
            {
                Unhook(entry);
                if (entry.Due >> shift == turn)
                    Hook(entry, level - 1, entry.Due);
                else
                    Insert(entry, entry.Due); // waited here for want of a slot far enough
            }

            more |= _slots[slot].First is not null;
        }

        return more;
    }

    /// <summary>The next time at which a slot falls due or has to be moved down.</summary>
    private long NextStep()
    {
        long best = long.MaxValue;
        for (int level = 0; level < Levels; level++)
        {
            int shift = level * LevelBits;
            int position = (int)(_now >> shift) & (LevelSize - 1);
            int distance = Distance(_occupied[2 * level], _occupied[(2 * level) + 1], (position + 1) & (LevelSize - 1));
            if (distance >= 0)
                best = Math.Min(best, ((_now >> shift) + distance + 1) << shift);
        }

        return best;
    }

    /// <summary>How far the first bit that is set lies behind a position, in 128 bits that form a ring; -1 for none.</summary>
    private static int Distance(ulong low, ulong high, int from)
    {
        if (from >= 64)
            (low, high) = (high, low);
        int turn = from & 63;
        if (turn > 0)
            (low, high) = ((low >> turn) | (high << (64 - turn)), (high >> turn) | (low << (64 - turn)));
        if (low != 0)
            return BitOperations.TrailingZeroCount(low);
        return high != 0 ? 64 + BitOperations.TrailingZeroCount(high) : -1;
    }

    /// <summary>Moves the slots that begin at the current time down to where their entries fit.</summary>
    private void Cascade()
    {
        for (int level = Levels - 1; level > 0; level--)
        {
            int shift = level * LevelBits;
            if ((_now & ((1L << shift) - 1)) != 0)
                continue;
            int slot = (level * LevelSize) + ((int)(_now >> shift) & (LevelSize - 1));
            while (_slots[slot].First is { } entry)
            {
                Unhook(entry);
                Insert(entry, entry.Due);
            }
        }
    }

    private void Insert(TimerEntry entry, long due)
    {
        // An entry that has just cascaded down may be due now: then its slot is the one being emptied.
        long at = Math.Min(due, _now + Range - 1);
        long ahead = at - _now;
        int level = ahead < Lap ? 0 : BitOperations.Log2((ulong)ahead) / LevelBits;
        entry.Due = due;
        Hook(entry, level, at);
    }

    private void Hook(TimerEntry entry, int level, long at)
    {
        int index = (int)(at >> (level * LevelBits)) & (LevelSize - 1);
        int slot = (level * LevelSize) + index;
        ref TimerEntry? first = ref _slots[slot].First;
        TimerEntry? head = first;
        entry.Slot = slot + 1;
        entry.Previous = null;
        entry.Next = head;
        if (head is not null)
            head.Previous = entry;
        first = entry;
        _occupied[slot >> 6] |= 1UL << (slot & 63);
        _count++;
    }

    private void Unhook(TimerEntry entry)
    {
        int slot = entry.Slot - 1;
        ref TimerEntry? first = ref _slots[slot].First;
        TimerEntry? next = entry.Following;
        if (entry.Previous is null)
            first = next;
        else
            entry.Previous.Next = next;
        if (next is not null)
            next.Previous = entry.Previous;
        if (first is null)
            _occupied[slot >> 6] &= ~(1UL << (slot & 63));
        entry.Next = null;
        entry.Previous = null;
        entry.Slot = 0;
        _count--;
    }

    /// <summary>The first entry of a slot. In a struct, because an array of a class that is derived from asks at each store what is being stored.</summary>
    private struct SlotHead
    {
        internal TimerEntry? First;
    }
}
