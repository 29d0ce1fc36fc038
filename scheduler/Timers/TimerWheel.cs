using System.Numerics;

namespace CloudScale.Scheduling;

/// <summary>A hierarchical timing wheel: five levels of 64 slots, a millisecond each in the lowest.</summary>
/// <remarks>
/// Threads: any, under one lock; each scheduler has a wheel of its own, so the lock is nearly always free, and a wheel whose scheduler is blocked can be turned by the
/// watchdog. Add and remove take constant time; an entry moves down a level at most four times. Units: clock milliseconds. Beyond the range of the top level (12 days)
/// an entry waits in its last slot and is put in again. Source: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987.
/// </remarks>
internal sealed class TimerWheel
{
    private const int LevelBits = 6;
    private const int LevelSize = 1 << LevelBits;
    private const int Levels = 5;
    private const long Range = 1L << (LevelBits * Levels);

    private readonly Lock _lock = new();
    private readonly ITimerEntry?[] _slots = new ITimerEntry?[Levels * LevelSize];
    private readonly ulong[] _occupied = new ulong[Levels]; // a bit a slot
    private long _now; // everything due up to here has been taken out
    private long _nextDue = long.MaxValue; // a lower bound, read without the lock
    private int _count;

    internal TimerWheel(long nowMs) => _now = nowMs;

    /// <summary>Entries in the wheel. Any thread; a hint.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>The wheel need not be turned before this; <see cref="long.MaxValue"/> when empty. Any thread.</summary>
    internal long NextDueMs => Volatile.Read(ref _nextDue);

    /// <summary>Hangs an entry in; one that is due already fires at the next turn.</summary>
    internal void Add(ITimerEntry entry, long dueMs)
    {
        lock (_lock)
        {
            dueMs = Math.Max(dueMs, _now + 1); // the slot of this millisecond has been emptied already
            InsertLocked(entry, dueMs);
            if (dueMs < _nextDue)
                Volatile.Write(ref _nextDue, dueMs);
        }
    }

    /// <summary>Takes an entry out; false if it is not in the wheel.</summary>
    internal bool Remove(ITimerEntry entry)
    {
        Interleaving.Point();
#if EXPLORATION
        if (Mutations.Is(Mutation.CancelInTwoSteps))
        {
            if (entry.Place.Slot == 0)
                return false;
            Interleaving.Point();
            lock (_lock)
            {
                if (entry.Place.Slot != 0)
                    UnhookLocked(entry);
            }

            return true;
        }
#endif
        lock (_lock)
        {
            if (entry.Place.Slot == 0)
                return false;
            UnhookLocked(entry);
            return true;
        }
    }

    /// <summary>Fires all that is due. Returns how many fired.</summary>
    internal int Advance(long nowMs)
    {
        if (nowMs < NextDueMs)
            return 0;

        ITimerEntry? due = null;
        Interleaving.Point();
        lock (_lock)
            CollectLocked(nowMs, ref due);

        int fired = 0;
        while (due is not null)
        {
            ITimerEntry entry = due;
            due = entry.Place.Next;
            entry.Place.Next = null;
            fired++;
            Interleaving.Point();
            long again = entry.Fire(nowMs);
            if (again > 0)
                Add(entry, again);
        }

        return fired;
    }

    private void CollectLocked(long nowMs, ref ITimerEntry? due)
    {
        ITimerEntry? lastDue = null;
        while (_now < nowMs)
        {
            if (_count == 0)
            {
                _now = nowMs;
                break;
            }

            long step = NextStepLocked();
            if (step > nowMs)
            {
                _now = nowMs;
                break;
            }

            _now = step;
            CascadeLocked();
            int slot = (int)(_now & (LevelSize - 1));
            while (_slots[slot] is { } entry)
            {
                UnhookLocked(entry);
                if (entry.Place.DueMs > _now)
                {
                    InsertLocked(entry, entry.Place.DueMs);
                    continue;
                }

                if (lastDue is null)
                    due = entry;
                else
                    lastDue.Place.Next = entry;
                lastDue = entry;
            }
        }

        Volatile.Write(ref _nextDue, _count == 0 ? long.MaxValue : NextStepLocked());
    }

    /// <summary>The next time at which a slot falls due or has to be moved down.</summary>
    private long NextStepLocked()
    {
        long best = long.MaxValue;
        for (int level = 0; level < Levels; level++)
        {
            ulong occupied = _occupied[level];
            if (occupied == 0)
                continue;
            int shift = level * LevelBits;
            int position = (int)(_now >> shift) & (LevelSize - 1);
            ulong ahead = BitOperations.RotateRight(occupied, position + 1); // bit 0: the next slot
            long distance = BitOperations.TrailingZeroCount(ahead) + 1;
            long start = ((_now >> shift) + distance) << shift;
            best = Math.Min(best, start);
        }

        return best;
    }

    /// <summary>Moves the slots that begin at the current time down to where their entries fit.</summary>
    private void CascadeLocked()
    {
        for (int level = Levels - 1; level > 0; level--)
        {
            int shift = level * LevelBits;
            if ((_now & ((1L << shift) - 1)) != 0)
                continue;
            int slot = (level * LevelSize) + ((int)(_now >> shift) & (LevelSize - 1));
            ITimerEntry? entry = _slots[slot];
            _slots[slot] = null;
            _occupied[level] &= ~(1UL << (slot & (LevelSize - 1)));
            while (entry is not null)
            {
                ITimerEntry? next = entry.Place.Next;
                _count--;
                InsertLocked(entry, entry.Place.DueMs);
                entry = next;
            }
        }
    }

    private void InsertLocked(ITimerEntry entry, long dueMs)
    {
        // An entry that has just cascaded down may be due now: then its slot is the one being emptied.
        long at = Math.Min(dueMs, _now + Range - 1);
        long ahead = at - _now;
        int level = ahead < LevelSize ? 0 : BitOperations.Log2((ulong)ahead) / LevelBits;
        int index = (int)(at >> (level * LevelBits)) & (LevelSize - 1);
        int slot = (level * LevelSize) + index;

        ref TimerPlace place = ref entry.Place;
        place.DueMs = dueMs;
        place.Slot = slot + 1;
        place.Previous = null;
        place.Next = _slots[slot];
        if (place.Next is not null)
            place.Next.Place.Previous = entry;
        _slots[slot] = entry;
        _occupied[level] |= 1UL << index;
        _count++;
    }

    private void UnhookLocked(ITimerEntry entry)
    {
        ref TimerPlace place = ref entry.Place;
        int slot = place.Slot - 1;
        if (place.Previous is null)
            _slots[slot] = place.Next;
        else
            place.Previous.Place.Next = place.Next;
        if (place.Next is not null)
            place.Next.Place.Previous = place.Previous;
        if (_slots[slot] is null)
            _occupied[slot / LevelSize] &= ~(1UL << (slot % LevelSize));
        place.Next = place.Previous = null;
        place.Slot = 0;
        _count--;
    }
}
