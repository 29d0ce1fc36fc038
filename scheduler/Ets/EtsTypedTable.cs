using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>A table from keys of one .NET type to values of another; owner, heir, access and walks are those of every ets table.</summary>
/// <remarks>
/// <para>Types: set and ordered set. Values are passed by reference, as messages are: they must be immutable, and are replaced, not changed.</para>
/// <para>Threads: any process and any thread, within the access rights. Reading takes no lock and allocates nothing. Each call is atomic.</para>
/// </remarks>
/// <typeparam name="TKey">The keys; equal by their own Equals.</typeparam>
/// <typeparam name="TValue">The values.</typeparam>
public sealed class EtsTable<TKey, TValue> : EtsTableBase
    where TKey : notnull
{
    private static readonly object s_null = new();

    private KeyedCore<TKey> _core;

    internal EtsTable(ProcessSystem system, Atom name, EtsOptions options)
        : base(system, name, options, keyPosition: 1)
    {
        _core = NewCore();
    }

    private KeyedCore<TKey> Core
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _core);
    }

    /// <summary>Puts a value under a key, in the place of what was there.</summary>
    /// <exception cref="EtsException">The caller may not write the table.</exception>
    public void Insert(TKey key, TValue value)
    {
        CheckWrite();
        KeyedCore<TKey> core = Core;
        object state = Box(value);
        while (true)
        {
            Slot<TKey>? slot = core.Find(key);
            if (slot is null)
            {
                slot = core.GetOrAdd(key, state, out bool added);
                if (added)
                    return;
            }

            object before = slot.State;
            if (ReferenceEquals(before, Slot.Dead))
            {
                core.Remove(slot);
                continue;
            }

            (before as CounterCell)?.Freeze();
            if (slot.TryReplace(before, state))
                return;
        }
    }

    /// <summary>Puts a value under a key unless there is one already; says whether it did.</summary>
    /// <inheritdoc cref="Insert" path="/exception"/>
    public bool InsertNew(TKey key, TValue value)
    {
        CheckWrite();
        return TryAdd(key, Box(value));
    }

    /// <summary>The value of a key.</summary>
    /// <exception cref="EtsException">The caller may not read the table.</exception>
    public bool TryLookup(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        CheckRead();
        object? state = Core.Find(key)?.State;
        if (state is null || ReferenceEquals(state, Slot.Dead))
        {
            value = default;
            return false;
        }

        value = Unbox(state);
        return true;
    }

    /// <summary>The value of a key.</summary>
    /// <exception cref="EtsException">The caller may not read the table, or there is no such key.</exception>
    public TValue Lookup(TKey key) =>
        TryLookup(key, out TValue? value) ? value : throw new EtsException($"The table {this} has no key {key} (badarg).");

    /// <summary>Whether there is a value of this key.</summary>
    /// <inheritdoc cref="TryLookup" path="/exception"/>
    public bool Member(TKey key) => TryLookup(key, out _);

    /// <summary>Deletes a key; nothing happens where there is none.</summary>
    /// <inheritdoc cref="Insert" path="/exception"/>
    public void Delete(TKey key) => TryTake(key, out _);

    /// <summary>Deletes a key and gives its value, at one instant.</summary>
    /// <inheritdoc cref="Insert" path="/exception"/>
    public bool TryTake(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        CheckWrite();
        KeyedCore<TKey> core = Core;
        while (core.Find(key) is { } slot)
        {
            object state = slot.State;
            (state as CounterCell)?.Freeze();
            if (!ReferenceEquals(state, Slot.Dead) && !slot.TryReplace(state, Slot.Dead))
                continue;
            core.Remove(slot);
            if (ReferenceEquals(state, Slot.Dead))
                continue;
            value = Unbox(state);
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Deletes everything, at one instant.</summary>
    /// <inheritdoc cref="Insert" path="/exception"/>
    public void DeleteAllObjects()
    {
        CheckWrite();
        Clear();
    }

    /// <summary>Replaces the value of a key by a function of it, at one instant; false if there is no such key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="function">Gives the new value. It may run several times, and holds no lock meanwhile.</param>
    /// <param name="value">The new value.</param>
    /// <inheritdoc cref="Insert" path="/exception"/>
    public bool TryUpdate(TKey key, Func<TValue, TValue> function, [MaybeNullWhen(false)] out TValue value)
    {
        ArgumentNullException.ThrowIfNull(function);
        CheckWrite();
        KeyedCore<TKey> core = Core;
        while (core.Find(key) is { } slot)
        {
            object state = slot.State;
            if (ReferenceEquals(state, Slot.Dead))
            {
                core.Remove(slot);
                continue;
            }

            (state as CounterCell)?.Freeze();
            value = function(Unbox(state));
            if (slot.TryReplace(state, Box(value)))
                return true;
        }

        value = default;
        return false;
    }

    /// <summary>Replaces the value of a key by a function of it, or puts the first value there, at one instant; gives the new value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="first">The value where there is no such key.</param>
    /// <param name="function">Gives the new value from the old. It may run several times, and holds no lock meanwhile.</param>
    /// <inheritdoc cref="Insert" path="/exception"/>
    public TValue Update(TKey key, TValue first, Func<TValue, TValue> function)
    {
        while (true)
        {
            if (TryUpdate(key, function, out TValue? value))
                return value;
            if (TryAdd(key, Box(first)))
                return first;
        }
    }

    /// <summary>Every key and value; in key order where the table is an ordered set. What is there all the time is met exactly once.</summary>
    /// <inheritdoc cref="TryLookup" path="/exception"/>
    public IEnumerable<KeyValuePair<TKey, TValue>> Rows()
    {
        CheckRead();
        return RowsOf(Core.WalkAll());
    }

    /// <summary>As <see cref="Rows"/>, from behind a key, which need not be there; an ordered set only.</summary>
    /// <exception cref="EtsException">The caller may not read the table, or it is no ordered set.</exception>
    public IEnumerable<KeyValuePair<TKey, TValue>> RowsAfter(TKey key)
    {
        CheckRead();
        return RowsOf(Ordered().WalkAfter(key));
    }

    /// <summary>As <see cref="Rows"/>, backward from before a key, which need not be there; an ordered set only.</summary>
    /// <inheritdoc cref="RowsAfter" path="/exception"/>
    public IEnumerable<KeyValuePair<TKey, TValue>> RowsBefore(TKey key)
    {
        CheckRead();
        return RowsOf(Ordered().WalkBefore(key));
    }

    /// <summary>As <see cref="Rows"/>, backward from the end; an ordered set only.</summary>
    /// <inheritdoc cref="RowsAfter" path="/exception"/>
    public IEnumerable<KeyValuePair<TKey, TValue>> RowsReverse()
    {
        CheckRead();
        return RowsOf(Ordered().WalkAllBackward());
    }

    /// <summary>Adds to the value of a key, where values are counted in place.</summary>
    internal bool TryCount(TKey key, long increment, out long sum)
    {
        CheckWrite();
        sum = 0;
        return Core.Find(key)?.State is CounterCell cell && cell.TryAdd(increment, out sum);
    }

    private protected override void Clear() => Volatile.Write(ref _core, NewCore());

    private protected override long CountObjects() => Math.Max(0, Core.Count);

    private protected override long EstimateBytes() => CountObjects() * (64 + (typeof(TValue) == typeof(long) ? 40 : 24));

    private static object Box(TValue value)
    {
        if (typeof(TValue) == typeof(long) && CounterCell.Fits((long)(object)value!))
            return new CounterCell((long)(object)value!);
        return value ?? s_null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TValue Unbox(object state)
    {
        if (typeof(TValue) == typeof(long) && state is CounterCell cell)
        {
            long value = cell.Value;
            return Unsafe.As<long, TValue>(ref value);
        }

        return ReferenceEquals(state, s_null) ? default! : (TValue)state;
    }

    private bool TryAdd(TKey key, object state)
    {
        KeyedCore<TKey> core = Core;
        while (true)
        {
            Slot<TKey>? slot = core.Find(key);
            if (slot is null)
            {
                slot = core.GetOrAdd(key, state, out bool added);
                if (added)
                    return true;
            }

            if (!ReferenceEquals(slot.State, Slot.Dead))
                return false;
            core.Remove(slot);
        }
    }

    private IEnumerable<KeyValuePair<TKey, TValue>> RowsOf(Walk<TKey> walk)
    {
        List<Slot<TKey>> batch = [];
        while (true)
        {
            batch.Clear();
            walk.Next(batch);
            if (batch.Count == 0)
                yield break;
            Charge(batch.Count);
            foreach (Slot<TKey> slot in batch)
            {
                object state = slot.State;
                if (!ReferenceEquals(state, Slot.Dead))
                    yield return new KeyValuePair<TKey, TValue>(slot.Key, Unbox(state));
            }
        }
    }

    private OrderedCore<TKey, TypedKeys<TKey>> Ordered() =>
        Core as OrderedCore<TKey, TypedKeys<TKey>>
        ?? throw new EtsException($"The table {this} has no order: it is no ordered set (badarg).");

    private KeyedCore<TKey> NewCore() =>
        Type == EtsType.OrderedSet ? new OrderedCore<TKey, TypedKeys<TKey>>() : new HashCore<TKey, TypedKeys<TKey>>();
}

/// <summary>Counting in typed tables.</summary>
public static class EtsCounting
{
    /// <summary>Adds to the value of a key and gives the sum, at one instant: <c>update_counter</c>. Allocates nothing where the key is there.</summary>
    /// <param name="table">The table.</param>
    /// <param name="key">The key.</param>
    /// <param name="increment">What is added.</param>
    /// <param name="first">What is added to where there is no such key; null for an error then.</param>
    /// <typeparam name="TKey">The keys.</typeparam>
    /// <exception cref="EtsException">The caller may not write the table, or there is no such key and no first value.</exception>
    /// <exception cref="OverflowException">The sum leaves 64 bits.</exception>
    public static long UpdateCounter<TKey>(this EtsTable<TKey, long> table, TKey key, long increment, long? first = null)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.TryCount(key, increment, out long sum) ? sum : CountSlowly(table, key, increment, first);
    }

    // Apart, because what the function captures is allocated at the start of the method.
    private static long CountSlowly<TKey>(EtsTable<TKey, long> table, TKey key, long increment, long? first)
        where TKey : notnull
    {
        while (true)
        {
            if (table.TryUpdate(key, value => checked(value + increment), out long sum))
                return sum;
            if (first is not { } start)
                throw new EtsException($"The table {table} has no key {key} to count in (badarg).");
            sum = checked(start + increment);
            if (table.InsertNew(key, sum))
                return sum;
        }
    }
}
