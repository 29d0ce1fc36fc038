namespace CloudScale.Scheduling;

/// <summary>Walking through a table.</summary>
/// <remarks>A walk never fails because of what others write: an object that is in the table from its start to its end is met exactly once.</remarks>
public sealed partial class EtsTable
{
    /// <summary>The first key, in term order where the table is an ordered set; null for <c>'$end_of_table'</c>.</summary>
    /// <exception cref="EtsException">The caller may not read the table.</exception>
    public object? First() => KeyOf(FirstLookup());

    /// <summary>The last key of an ordered set; elsewhere the same as <see cref="First"/>.</summary>
    /// <inheritdoc cref="First" path="/exception"/>
    public object? Last() => KeyOf(LastLookup());

    /// <summary>The key behind this one, which need not be in the table (any more); null at the end.</summary>
    /// <inheritdoc cref="First" path="/exception"/>
    public object? Next(object key) => KeyOf(NextLookup(key));

    /// <summary>The key before this one in an ordered set; elsewhere the same as <see cref="Next"/>.</summary>
    /// <inheritdoc cref="First" path="/exception"/>
    public object? Prev(object key) => KeyOf(PrevLookup(key));

    /// <summary>The objects of the first key; none at the end of the table.</summary>
    /// <inheritdoc cref="First" path="/exception"/>
    public IReadOnlyList<Tuple> FirstLookup()
    {
        CheckRead();
        return FirstOf(Core.WalkAll());
    }

    /// <summary>The objects of the last key; none at the end of the table.</summary>
    /// <inheritdoc cref="First" path="/exception"/>
    public IReadOnlyList<Tuple> LastLookup()
    {
        CheckRead();
        return FirstOf(WalkAllBackward(Core));
    }

    /// <summary>The objects of the key behind this one; none at the end of the table.</summary>
    /// <inheritdoc cref="First" path="/exception"/>
    public IReadOnlyList<Tuple> NextLookup(object key)
    {
        CheckRead();
        return FirstOf(Core.WalkAfter(TermKey.Of(key)));
    }

    /// <summary>The objects of the key before this one; none at the end of the table.</summary>
    /// <inheritdoc cref="First" path="/exception"/>
    public IReadOnlyList<Tuple> PrevLookup(object key)
    {
        CheckRead();
        KeyedCore<TermKey> core = Core;
        TermKey own = TermKey.Of(key);
        return FirstOf(core is OrderedCore<TermKey, OrderedTerms> ordered ? ordered.WalkBefore(own) : core.WalkAfter(own));
    }

    /// <summary>Every object, one after the other; in key order where the table is an ordered set.</summary>
    /// <inheritdoc cref="First" path="/exception"/>
    public IEnumerable<Tuple> Rows()
    {
        CheckRead();
        return RowsOf(Core.WalkAll());
    }

    /// <summary>Folds over every object from the first: <c>foldl</c>.</summary>
    /// <inheritdoc cref="First" path="/exception"/>
    public TState FoldLeft<TState>(TState seed, Func<Tuple, TState, TState> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        foreach (Tuple row in Rows())
            seed = function(row, seed);
        return seed;
    }

    /// <summary>Folds over every object from the last of an ordered set, elsewhere in any order: <c>foldr</c>.</summary>
    /// <inheritdoc cref="First" path="/exception"/>
    public TState FoldRight<TState>(TState seed, Func<Tuple, TState, TState> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        CheckRead();
        foreach (Tuple row in RowsOf(WalkAllBackward(Core)))
            seed = function(row, seed);
        return seed;
    }

    private static Walk<TermKey> WalkAllBackward(KeyedCore<TermKey> core) =>
        core is OrderedCore<TermKey, OrderedTerms> ordered ? ordered.WalkAllBackward() : core.WalkAll();

    private object? KeyOf(IReadOnlyList<Tuple> rows) => rows.Count == 0 ? null : rows[0][KeyPosition - 1];

    private static Tuple[] FirstOf(Walk<TermKey> walk)
    {
        List<Slot<TermKey>> batch = [];
        while (true)
        {
            batch.Clear();
            walk.Next(batch);
            if (batch.Count == 0)
                return [];
            foreach (Slot<TermKey> slot in batch)
            {
                if (RowsOf(slot.State) is { Length: > 0 } rows)
                    return rows;
            }
        }
    }

    private IEnumerable<Tuple> RowsOf(Walk<TermKey> walk)
    {
        List<Slot<TermKey>> batch = [];
        while (true)
        {
            batch.Clear();
            walk.Next(batch);
            if (batch.Count == 0)
                yield break;
            Charge(batch.Count);
            foreach (Slot<TermKey> slot in batch)
            {
                object state = slot.State;
                if (state is Tuple only)
                {
                    yield return only;
                    continue;
                }

                foreach (Tuple row in RowsOf(state))
                    yield return row;
            }
        }
    }

    private protected override long EstimateBytes()
    {
        const int Sample = 64;
        const long SlotBytes = 64;
        long bytes = 0;
        int seen = 0;
        foreach (Tuple row in RowsOf(Core.WalkAll()))
        {
            bytes += SlotBytes + TermSize.Estimate(row);
            if (++seen == Sample)
                break;
        }

        return seen == 0 ? SlotBytes : bytes * CountObjects() / seen;
    }
}
