using CloudScale.Scheduling;

namespace CloudScale.Runtime.Registry;

/// <summary>An entry: under one key, of one owner at a time.</summary>
/// <remarks>
/// Threads: <see cref="Owner"/> changes under the registry's lock alone, the value at any time; both are read by any. Whoever reads the owner gets a whole pid, as it is behind one reference.
/// </remarks>
internal sealed class Entry(RegistryKey key, Client owner)
{
    private volatile Client _owner = owner;
    private volatile object _value = Atoms.Undefined;
    private volatile Map _attributes = Map.Empty;
    private volatile MatchSpec? _condition;
    private volatile bool _isRemoved;
    private long _count;

    internal RegistryKey Key { get; } = key;

    internal Client Owner
    {
        get => _owner;
        set => _owner = value;
    }

    /// <summary>Nobody has it any more, and nobody will.</summary>
    internal bool IsRemoved
    {
        get => _isRemoved;
        set => _isRemoved = value;
    }

    /// <summary>The value; of no use in a counter.</summary>
    internal object Value
    {
        get => _value;
        set => _value = value;
    }

    internal Map Attributes
    {
        get => _attributes;
        set => _attributes = value;
    }

    /// <summary>What a counter began with, and is reset to.</summary>
    internal long Initial { get; init; }

    internal ZeroAction[] OnZero { get; init; } = [];

    /// <summary>The condition of a subscription; null for none.</summary>
    internal MatchSpec? Condition
    {
        get => _condition;
        set => _condition = value;
    }

    internal bool IsCounter => Key.Kind == RegistryKind.Counter;

    internal long Count
    {
        get => Volatile.Read(ref _count);
        set => Volatile.Write(ref _count, value);
    }

    internal long Add(CounterChange change)
    {
        if (change.Threshold is null)
        {
            long added = Interlocked.Add(ref _count, change.Increment);
            long before = unchecked(added - change.Increment);
            if (((before ^ added) & (change.Increment ^ added)) >= 0)
                return added;
            Interlocked.Add(ref _count, -change.Increment);
            throw new OverflowException($"The counter {Key} would leave the range of 64 bits.");
        }

        while (true)
        {
            long value = Count;
            long next = change.Apply(value);
            if (Interlocked.CompareExchange(ref _count, next, value) == value)
                return next;
        }
    }

    internal long Exchange(long value) => Interlocked.Exchange(ref _count, value);

    internal long Reset() => Interlocked.Exchange(ref _count, Initial);
}
