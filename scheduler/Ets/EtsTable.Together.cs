namespace CloudScale.Scheduling;

/// <summary>The insertion of many objects at one instant.</summary>
public sealed partial class EtsTable
{
    private bool InsertTogether(IEnumerable<Tuple> rows, bool onlyNew)
    {
        ArgumentNullException.ThrowIfNull(rows);
        List<(TermKey Key, Tuple Row)> all = [];
        foreach (Tuple row in rows)
            all.Add((KeyOf(row), row));
        if (all.Count == 0)
            return true;

        KeyedCore<TermKey> core = Core;
        // One order for all writers, so that two of them never wait for each other. Equal keys keep the order they came in.
        int[] order = new int[all.Count];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(order, (l, r) => core.ComparePlaces(all[l].Key, all[r].Key) is int sign and not 0 ? sign : l - r);

        Transaction transaction = new();
        List<Change> changes = [];
        bool done = false;
        try
        {
            int at = 0;
            while (at < order.Length)
            {
                int first = at++;
                while (at < order.Length && core.ComparePlaces(all[order[first]].Key, all[order[at]].Key) == 0)
                    at++;
                if (!TryPrepare(core, transaction, all, order.AsSpan(first, at - first), onlyNew, changes))
                    return false;
            }

            Interleaving.Point();
            transaction.Commit();
            Interleaving.Point();
            done = true;
            return true;
        }
        finally
        {
            foreach (Change change in changes)
                Settle(core, change, done);
            Charge(all.Count);
        }
    }

    /// <summary>Puts the pending change of one key into its slot; false if the key must be new and is not.</summary>
    private bool TryPrepare(
        KeyedCore<TermKey> core,
        Transaction transaction,
        List<(TermKey Key, Tuple Row)> all,
        ReadOnlySpan<int> group,
        bool onlyNew,
        List<Change> changes
    )
    {
        TermKey key = all[group[0]].Key;
        SpinWait spin = default;
        while (true)
        {
            Slot<TermKey>? slot = core.Find(key);
            if (slot is null)
            {
                object after = Combine(Slot.Dead, all, group);
                Pending fresh = new(transaction, Slot.Dead, after);
                slot = core.GetOrAdd(key, fresh, out bool added);
                if (added)
                {
                    changes.Add(new Change(slot, fresh, Slot.Dead, after));
                    return true;
                }
            }

            object state = slot.State;
            if (!IsFree(core, slot, state, ref spin))
                continue;
            if (onlyNew)
                return false;
            (state as CounterCell)?.Freeze();
            object before = state is CounterCell cell ? cell.ToRow() : state;
            object next = Combine(before, all, group);
            Pending pending = new(transaction, before, next);
            if (!slot.TryReplace(state, pending))
                continue;
            changes.Add(new Change(slot, pending, before, next));
            return true;
        }
    }

    private object Combine(object before, List<(TermKey Key, Tuple Row)> all, ReadOnlySpan<int> group)
    {
        if (!_isBag)
            return all[group[^1]].Row;
        object state = before;
        foreach (int index in group)
            state = ReferenceEquals(state, Slot.Dead) ? all[index].Row : AddRow(state, all[index].Row);
        return state;
    }

    /// <summary>Replaces a pending change by what it stands for. Nobody else touches a slot while its change is pending.</summary>
    private static void Settle(KeyedCore<TermKey> core, Change change, bool committed)
    {
        object state = committed ? change.After : change.Before;
        // Counted first: nobody can change the slot again before its state is settled.
        CountChange(core, CountOf(change.Before), CountOf(state));
        change.Slot.TryReplace(change.Pending, state);
        if (ReferenceEquals(state, Slot.Dead))
            core.Remove(change.Slot);
    }

    private readonly record struct Change(Slot<TermKey> Slot, Pending Pending, object Before, object After);
}
