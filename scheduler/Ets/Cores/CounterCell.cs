namespace CloudScale.Scheduling;

/// <summary>A row, or a typed value, one integer of which is counted in place.</summary>
/// <remarks>
/// <para>The first update_counter of a row puts a cell in its place; those that follow are one compare-and-swap and allocate nothing. Readers make the tuple when they want it,
/// and the last one made is kept.</para>
/// <para>Threads: any. The word is <c>value &lt;&lt; 1 | frozen</c>. Whoever wants to replace the row freezes the cell first: a frozen cell never counts again, so no
/// increment is lost between reading it and replacing it. Limit: values of 62 bits; beyond them the row is a tuple again.</para>
/// </remarks>
internal sealed class CounterCell
{
    internal const long MaxValue = (1L << 61) - 1;
    internal const long MinValue = -(1L << 61);

    private readonly Tuple? _template;
    private Tuple? _latest;
    private long _word;

    /// <summary>A cell for one element of a row, which is an integer in range.</summary>
    internal CounterCell(Tuple template, int index, long value)
    {
        _template = template;
        Index = index;
        _word = value << 1;
    }

    /// <summary>A cell for a typed value.</summary>
    internal CounterCell(long value)
    {
        Index = -1;
        _word = value << 1;
    }

    /// <summary>Which element is counted, from 0.</summary>
    internal int Index { get; }

    internal long Value => Volatile.Read(ref _word) >> 1;

    internal static bool Fits(long value) => value is >= MinValue and <= MaxValue;

    /// <summary>Adds. False if the cell is frozen or the sum does not fit: nothing is changed then.</summary>
    internal bool TryAdd(long increment, out long sum)
    {
        long word = Volatile.Read(ref _word);
        while (true)
        {
            sum = unchecked((word >> 1) + increment);
            if ((word & 1) != 0 || !Fits(sum) || !Fits(increment))
                return false;
            Interleaving.Point();
            long seen = Interlocked.CompareExchange(ref _word, sum << 1, word);
            if (seen == word)
                return true;
            word = seen;
        }
    }

    /// <summary>Adds; a sum beyond the threshold in the direction of the increment becomes the set value.</summary>
    internal bool TryAdd(long increment, long threshold, long setValue, out long sum)
    {
        long word = Volatile.Read(ref _word);
        while (true)
        {
            sum = unchecked((word >> 1) + increment);
            if ((word & 1) != 0 || !Fits(sum) || !Fits(increment) || !Fits(setValue))
                return false;
            if (increment >= 0 ? sum > threshold : sum < threshold)
                sum = setValue;
            Interleaving.Point();
            long seen = Interlocked.CompareExchange(ref _word, sum << 1, word);
            if (seen == word)
                return true;
            word = seen;
        }
    }

    /// <summary>Ends the counting, for good.</summary>
    internal void Freeze()
    {
        Interleaving.Point();
#if EXPLORATION
        if (Mutations.Is(Mutation.CounterNotFrozen))
            return;
#endif
        Interlocked.Or(ref _word, 1);
        Interleaving.Point();
    }

    /// <summary>The row as it is now.</summary>
    internal Tuple ToRow()
    {
        long value = Value;
        Tuple? latest = Volatile.Read(ref _latest);
        if (latest is not null && (long)latest[Index] == value)
            return latest;
        latest = Terms.With(_template!, Index, value);
        Volatile.Write(ref _latest, latest);
        return latest;
    }
}
