namespace CloudScale.Scheduling;

/// <summary>What stands in the slots of a table, and how it changes.</summary>
public sealed partial class EtsTable
{
    /// <summary>What a state means now: a pending change shows what it stands for.</summary>
    private static object Shown(object state) => state is Pending pending ? pending.Shown : state;

    private static Tuple? FirstRow(object? state)
    {
        if (state is null)
            return null;
        switch (Shown(state))
        {
            case Tuple row:
                return row;
            case CounterCell cell:
                return cell.ToRow();
            case BagRows rows:
                while (rows.Older is not null)
                    rows = rows.Older;
                return rows.Row;
            default:
                return null;
        }
    }

    private static Tuple[] RowsOf(object? state)
    {
        if (state is null)
            return [];
        switch (Shown(state))
        {
            case Tuple row:
                return [row];
            case CounterCell cell:
                return [cell.ToRow()];
            case BagRows rows:
                Tuple[] all = new Tuple[rows.Count];
                int at = all.Length;
                for (BagRows? next = rows; next is not null; next = next.Older)
                    all[--at] = next.Row;
                return all;
            default:
                return [];
        }
    }

    private static int CountOf(object state) =>
        state switch
        {
            BagRows rows => rows.Count,
            Tuple or CounterCell => 1,
            _ => 0,
        };

    /// <summary>A set: this row and no other under the key.</summary>
    private void Put(in TermKey key, Tuple row)
    {
        KeyedCore<TermKey> core = Core;
        SpinWait spin = default;
        while (true)
        {
            Slot<TermKey>? slot = core.Find(key);
            if (slot is null)
            {
                slot = core.GetOrAdd(key, row, out bool added);
                if (added)
                    return;
            }

            object state = slot.State;
            if (!IsFree(core, slot, state, ref spin))
                continue;
            (state as CounterCell)?.Freeze();
            if (slot.TryReplace(state, row))
                return;
        }
    }

    /// <summary>This row, if the key is new.</summary>
    private bool TryAdd(in TermKey key, Tuple row)
    {
        KeyedCore<TermKey> core = Core;
        SpinWait spin = default;
        while (true)
        {
            Slot<TermKey>? slot = core.Find(key);
            if (slot is null)
            {
                slot = core.GetOrAdd(key, row, out bool added);
                if (added)
                    return true;
            }

            if (IsFree(core, slot, slot.State, ref spin))
                return false;
        }
    }

    private void InsertIntoBag(in TermKey key, Tuple row) => Update(key, state => AddRow(state, row), row);

    /// <summary>The state with one more row; the same state if a bag has it already.</summary>
    private object AddRow(object state, Tuple row)
    {
        BagRows rows = state as BagRows ?? new BagRows((Tuple)state, null);
        if (Type == EtsType.Bag)
        {
            for (BagRows? next = rows; next is not null; next = next.Older)
            {
                if (next.Row.Equals(row))
                    return state;
            }
        }

        return new BagRows(row, rows);
    }

    /// <summary>The state without the rows equal to this one.</summary>
    private static object RemoveRow(object state, Tuple row)
    {
        if (state is CounterCell cell)
            return cell.ToRow().Equals(row) ? Slot.Dead : state;
        if (state is Tuple single)
            return single.Equals(row) ? Slot.Dead : state;
        return Rewrite((BagRows)state, other => other.Equals(row) ? null : other);
    }

    /// <summary>The rows each as the function gives it, without those it gives null for; the same state if none has changed.</summary>
    private static object Rewrite(BagRows rows, Func<Tuple, Tuple?> function)
    {
        BagRows? kept = null;
        bool changed = false;
        foreach (Tuple row in RowsOf(rows)) // oldest first
        {
            Tuple? next = function(row);
            changed |= !ReferenceEquals(next, row);
            if (next is not null)
                kept = new BagRows(next, kept);
        }

        if (!changed)
            return rows;
        if (kept is null)
            return Slot.Dead;
        return kept.Older is null ? kept.Row : kept;
    }

    /// <summary>Deletes a key and returns what was there.</summary>
    private object? Kill(in TermKey key) => Transform(key, static _ => Slot.Dead);

    /// <summary>Changes what is under a key, if anything is; returns what was there, null for nothing. The function may run several times.</summary>
    private object? Transform(in TermKey key, Func<object, object> change)
    {
        KeyedCore<TermKey> core = Core;
        while (core.Find(key) is { } slot)
        {
            if (TryTransform(core, slot, change, out object? before))
                return before;
        }

        return null;
    }

    /// <summary>As Transform, of a slot; false to look for the key again.</summary>
    private static bool TryTransform(KeyedCore<TermKey> core, Slot<TermKey> slot, Func<object, object> change, out object? before)
    {
        SpinWait spin = default;
        while (true)
        {
            object state = slot.State;
            if (ReferenceEquals(state, Slot.Dead))
            {
                before = null;
                core.Remove(slot);
                return false;
            }

            if (!IsFree(core, slot, state, ref spin))
                continue;
            if (state is CounterCell cell)
            {
                cell.Freeze();
                if (!ReferenceEquals(cell, slot.State))
                    continue;
            }

            object after = change(state);
            before = state;
            // A frozen cell must go even where nothing changes: it counts no more.
            if (ReferenceEquals(after, state))
            {
                if (state is not CounterCell frozen)
                    return true;
                after = frozen.ToRow();
            }

            if (!slot.TryReplace(state, after))
                continue;
            CountChange(core, CountOf(state), CountOf(after));
            if (ReferenceEquals(after, Slot.Dead))
                core.Remove(slot);
            return true;
        }
    }

    /// <summary>Changes what is under a key, or puts a row there.</summary>
    private void Update(in TermKey key, Func<object, object> change, Tuple orElse)
    {
        KeyedCore<TermKey> core = Core;
        while (true)
        {
            Slot<TermKey>? slot = core.Find(key);
            if (slot is null)
            {
                slot = core.GetOrAdd(key, orElse, out bool added);
                if (added)
                    return;
            }

            if (TryTransform(core, slot, change, out _))
                return;
        }
    }

    /// <summary>Whether a state may be replaced now. A dead slot is unlinked first; a pending one belongs to its transaction for some instructions more.</summary>
    private static bool IsFree(KeyedCore<TermKey> core, Slot<TermKey> slot, object state, ref SpinWait spin)
    {
        if (ReferenceEquals(state, Slot.Dead))
        {
            core.Remove(slot);
            return false;
        }

        if (state is not Pending)
            return true;
        Interleaving.Spin(ref spin);
        return false;
    }

    /// <summary>A core counts keys; a bag has more objects than that.</summary>
    private static void CountChange(KeyedCore<TermKey> core, int before, int after)
    {
        if (before > 1 || after > 1)
            core.Surplus!.Add(Math.Max(after, 1) - Math.Max(before, 1));
    }
}
