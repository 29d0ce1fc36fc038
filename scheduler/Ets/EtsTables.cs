using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace CloudScale.Scheduling;

/// <summary>The tables of one node: the functions of Erlang's <c>ets</c> that make and find them.</summary>
/// <remarks>Threads: any. A table made inside a process belongs to that process; one made by other code to the node.</remarks>
public sealed partial class EtsTables
{
    private readonly ProcessSystem _system;
    private readonly ConcurrentDictionary<Reference, EtsTableBase> _all = new();
    private readonly ConcurrentDictionary<Atom, EtsTableBase> _named = new();

    internal EtsTables(ProcessSystem system) => _system = system;

    /// <summary>The named table; its name is found until it is deleted or renamed.</summary>
    /// <exception cref="EtsException">There is none of this name, or it is a typed one.</exception>
    public EtsTable this[Atom name]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(name);
            if (!_named.TryGetValue(name, out EtsTableBase? table))
                EtsException.Throw($"There is no table named {name} (badarg).");
            return table as EtsTable ?? throw new EtsException($"The table {name} is a typed table, {table.GetType()} (badarg).");
        }
    }

    /// <summary>Makes a table of tuples, as <c>ets:new/2</c>.</summary>
    /// <exception cref="EtsException">An option makes no sense, or the name of a named table is taken.</exception>
    public EtsTable New(Atom name, EtsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        options ??= new EtsOptions();
        if (options.KeyPosition < 1)
            EtsException.Throw($"The key position of a table counts from 1; {options.KeyPosition} was given (badarg).");
        EtsTable table = new(_system, name, options);
        Add(table);
        return table;
    }

    /// <summary>Makes a table from keys of one type to values of another: a set, or an ordered set.</summary>
    /// <exception cref="EtsException">It should be a bag, or ordered by keys that have no order; or the name of a named table is taken.</exception>
    public EtsTable<TKey, TValue> New<TKey, TValue>(Atom name, EtsOptions? options = null)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(name);
        options ??= new EtsOptions();
        if (options.Type is EtsType.Bag or EtsType.DuplicateBag)
            EtsException.Throw($"A typed table is a set or an ordered set; {options.Type} was given (badarg).");
        if (options.Type == EtsType.OrderedSet && !TypedKeys<TKey>.HaveOrder)
            EtsException.Throw($"{typeof(TKey)} has no order: it does not implement IComparable (badarg).");
        EtsTable<TKey, TValue> table = new(_system, name, options);
        Add(table);
        return table;
    }

    /// <summary>The id of the named table, as <c>ets:whereis/1</c>; <c>default</c> if there is none.</summary>
    public Reference WhereIs(Atom name) => _named.TryGetValue(name, out EtsTableBase? table) ? table.Id : default;

    /// <summary>Finds a table of any kind by its name.</summary>
    public bool TryGet(Atom name, [NotNullWhen(true)] out EtsTableBase? table) => _named.TryGetValue(name, out table);

    /// <summary>Finds a table of any kind by its id.</summary>
    public bool TryGet(Reference id, [NotNullWhen(true)] out EtsTableBase? table) => _all.TryGetValue(id, out table);

    /// <summary>Every table of the node, as <c>ets:all/0</c>.</summary>
    public IReadOnlyList<EtsTableBase> All() => [.. _all.Values];

    private void Add(EtsTableBase table)
    {
        table.SetFirstOwner(_system.CurrentScheduler?.Running);
        _all[table.Id] = table;
        if (!table.IsNamed || _named.TryAdd(table.Name, table))
            return;
        table.Discard();
        EtsException.Throw($"The name {table.Name} is taken by another table (badarg).");
    }

    internal void Rename(EtsTableBase table, Atom name)
    {
        if (!table.IsNamed)
        {
            table.SetName(name);
            return;
        }

        Atom old = table.Name;
        if (old == name)
            return;
        if (!_named.TryAdd(name, table))
            EtsException.Throw($"The name {name} is taken by another table (badarg).");
        table.SetName(name);
        _named.TryRemove(new KeyValuePair<Atom, EtsTableBase>(old, table));
        if (table.IsDeleted) // between the two names: whoever deleted it may have missed the new one
            _named.TryRemove(new KeyValuePair<Atom, EtsTableBase>(name, table));
    }

    internal void Remove(EtsTableBase table)
    {
        _all.TryRemove(table.Id, out _);
        if (table.IsNamed)
            _named.TryRemove(new KeyValuePair<Atom, EtsTableBase>(table.Name, table));
    }
}
