using System.Numerics;

namespace CloudScale.Scheduling;

/// <summary>One operation of <c>update_counter</c>: adds to an integer, with an optional limit.</summary>
/// <param name="Position">Which element, counted from 1.</param>
/// <param name="Increment">What is added; may be negative.</param>
/// <param name="Threshold">A sum beyond it, in the direction of the increment, becomes <paramref name="SetValue"/>; null for no limit.</param>
/// <param name="SetValue">What the counter starts again with.</param>
public readonly record struct CounterUpdate(int Position, long Increment, long? Threshold = null, long SetValue = 0);

/// <summary>Counting in place, and replacing single elements.</summary>
public sealed partial class EtsTable
{
    /// <summary>Adds to the element behind the key of an integer key's object, and returns the sum. Allocates nothing but for the first time.</summary>
    /// <exception cref="EtsException">
    /// The caller may not write the table, the table is a bag, there is no such key, the element is no integer, or the sum leaves 64 bits.
    /// </exception>
    public long UpdateCounter(long key, long increment)
    {
        CheckWrite();
        if (Core.Find(new TermKey(key))?.State is CounterCell cell && cell.Index == KeyPosition && cell.TryAdd(increment, out long sum))
            return sum;
        return CountOnce(new TermKey(key), new CounterUpdate(KeyPosition + 1, increment), null);
    }

    /// <summary>Adds to the element behind the key, and returns the sum.</summary>
    /// <param name="key">The key.</param>
    /// <param name="increment">What is added.</param>
    /// <param name="defaultObject">Is inserted first, with the key in place of its own, where there is no such key; null for an error then.</param>
    /// <inheritdoc cref="UpdateCounter(long, long)" path="/exception"/>
    public long UpdateCounter(object key, long increment, Tuple? defaultObject = null)
    {
        CheckWrite();
        return CountOnce(TermKey.Of(key), new CounterUpdate(KeyPosition + 1, increment), defaultObject);
    }

    /// <summary>Performs one operation and returns the counter's new value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="update">The operation.</param>
    /// <param name="defaultObject">Is inserted first, with the key in place of its own, where there is no such key; null for an error then.</param>
    /// <inheritdoc cref="UpdateCounter(long, long)" path="/exception"/>
    public long UpdateCounter(object key, CounterUpdate update, Tuple? defaultObject = null)
    {
        CheckWrite();
        return CountOnce(TermKey.Of(key), update, defaultObject);
    }

    /// <summary>Performs operations as Erlang writes them, at one instant: an increment, <c>{Pos, Incr}</c>, <c>{Pos, Incr, Threshold, SetValue}</c>, or a list of such tuples.</summary>
    /// <param name="key">The key.</param>
    /// <param name="operations">The operations; integers of any size.</param>
    /// <param name="defaultObject">Is inserted first, with the key in place of its own, where there is no such key; null for an error then.</param>
    /// <returns>The new value, or the list of new values where a list was given. A <see cref="BigInteger"/> where 64 bits do not suffice.</returns>
    /// <exception cref="EtsException">
    /// The caller may not write the table, the table is a bag, there is no such key, an element is no integer, or the operations make no sense.
    /// </exception>
    public object UpdateCounter(object key, object operations, Tuple? defaultObject = null)
    {
        CheckWrite();
        CounterOperation[] all = CounterOperation.Parse(operations, KeyPosition + 1, out bool single);
        object[] values = CountAll(TermKey.Of(key), all, defaultObject, asLong: false);
        return single ? values[0] : List.Create(values);
    }

    /// <summary>Replaces one element of the object of a key; false if there is no such key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="position">Which element, counted from 1; not that of the key.</param>
    /// <param name="value">The new element.</param>
    /// <exception cref="EtsException">The caller may not write the table, the table is a bag, or there is no such element.</exception>
    public bool UpdateElement(object key, int position, object value) => UpdateElement(key, [(position, value)]);

    /// <summary>Replaces elements of the object of a key, at one instant; false if there is no such key and no default.</summary>
    /// <param name="key">The key.</param>
    /// <param name="elements">Positions, counted from 1, and values; of several for one position the last counts.</param>
    /// <param name="defaultObject">Is inserted first, with the key in place of its own, where there is no such key.</param>
    /// <exception cref="EtsException">The caller may not write the table, the table is a bag, or there is no such element.</exception>
    public bool UpdateElement(object key, IReadOnlyList<(int Position, object Value)> elements, Tuple? defaultObject = null)
    {
        CheckWrite();
        CheckSet("update_element");
        ArgumentNullException.ThrowIfNull(elements);
        foreach ((_, object value) in elements)
            ArgumentNullException.ThrowIfNull(value, nameof(elements));
        TermKey own = TermKey.Of(key);
        while (true)
        {
            if (Transform(own, state => Replace(state, elements)) is not null)
                return true;
            if (defaultObject is null)
                return false;
            if (TryAdd(own, Replace(WithKey(defaultObject, own), elements)))
                return true;
        }
    }

    private Tuple Replace(object state, IReadOnlyList<(int Position, object Value)> elements)
    {
        Tuple row = FirstRow(state)!;
        object[] copy = row.AsSpan().ToArray();
        foreach ((int position, object value) in elements)
        {
            CheckPosition(row, position);
            copy[position - 1] = value;
        }

        return Tuple.Create(copy);
    }

    private long CountOnce(in TermKey key, CounterUpdate update, Tuple? defaultObject)
    {
        if (Core.Find(key)?.State is CounterCell cell && cell.Index == update.Position - 1)
        {
            long sum;
            bool counted = update.Threshold is { } threshold
                ? cell.TryAdd(update.Increment, threshold, update.SetValue, out sum)
                : cell.TryAdd(update.Increment, out sum);
            if (counted)
                return sum;
        }

        return (long)CountAll(key, [CounterOperation.Of(update)], defaultObject, asLong: true)[0];
    }

    private object[] CountAll(TermKey key, CounterOperation[] operations, Tuple? defaultObject, bool asLong)
    {
        CheckSet("update_counter");
        object[] values = [];
        while (true)
        {
            object? before = Transform(
                key,
                state =>
                {
                    Tuple row = Apply(FirstRow(state)!, operations, asLong, out values);
                    // Counted at one place only: from now on in place. A row with several counters would go to and fro, so it stays a tuple every other time.
                    return state is Tuple && operations is [{ } only] && values[0] is long value && CounterCell.Fits(value)
                        ? new CounterCell(row, only.Position - 1, value)
                        : row;
                }
            );
            if (before is not null)
                return values;
            if (defaultObject is null)
                EtsException.Throw($"The table {this} has no object with the key {Term.Format(key.ToTerm())} to count in (badarg).");
            if (TryAdd(key, Apply(WithKey(defaultObject!, key), operations, asLong, out values)))
                return values;
        }
    }

    private Tuple Apply(Tuple row, CounterOperation[] operations, bool asLong, out object[] values)
    {
        values = new object[operations.Length];
        object[] copy = row.AsSpan().ToArray();
        for (int i = 0; i < operations.Length; i++)
        {
            int position = operations[i].Position;
            CheckPosition(row, position);
            if (!Integers.Is(copy[position - 1]))
                EtsException.Throw($"Element {position} of {row} is no integer (badarg).");
            object value = operations[i].Apply(copy[position - 1]);
            if (asLong && value is not long)
                EtsException.Throw($"The counter {position} of {row} leaves 64 bits; give the operation as a term to go beyond (badarg).");
            copy[position - 1] = value;
            values[i] = value;
        }

        return operations.Length == 0 ? row : Tuple.Create(copy);
    }

    /// <summary>The default object under the key that is asked for.</summary>
    private Tuple WithKey(Tuple row, in TermKey key)
    {
        KeyOf(row);
        return Terms.With(row, KeyPosition - 1, key.ToTerm());
    }

    private void CheckPosition(Tuple row, int position)
    {
        if (position == KeyPosition)
            EtsException.Throw($"Element {position} is the key of the table {this}: it cannot be changed (badarg).");
        ElementOf(row, position);
    }

    private void CheckSet(string function)
    {
        if (_isBag)
            EtsException.Throw($"{function} needs a set or ordered_set; the table {this} is a {Type} (badarg).");
    }
}
