using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>A table of tuples, one element of which is the key: Erlang's ets table.</summary>
/// <remarks>
/// <para>Names, meanings and results are those of OTP's <c>ets</c>; positions count from 1, as there. Where Erlang answers <c>badarg</c>, an <see cref="EtsException"/> says why.</para>
/// <para>Threads: any process and any thread, within the access rights. Reading takes no lock. Each call on one key is atomic; <see cref="Insert(IEnumerable{Tuple})"/> and
/// <see cref="InsertNew(IEnumerable{Tuple})"/> are atomic over all their objects.</para>
/// </remarks>
public sealed partial class EtsTable : EtsTableBase
{
    private KeyedCore<TermKey> _core;
    private readonly bool _isBag;

    internal EtsTable(ProcessSystem system, Atom name, EtsOptions options)
        : base(system, name, options, options.KeyPosition)
    {
        _isBag = options.Type is EtsType.Bag or EtsType.DuplicateBag;
        _core = NewCore();
    }

    private KeyedCore<TermKey> Core
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _core);
    }

    // ---- insert ----

    /// <summary>Inserts an object. In a set it replaces the one of its key; a bag keeps it beside others, once.</summary>
    /// <exception cref="EtsException">The caller may not write the table, or the object has no element at the key position.</exception>
    public void Insert(Tuple row)
    {
        CheckWrite();
        TermKey key = KeyOf(row);
        if (_isBag)
            InsertIntoBag(key, row);
        else
            Put(key, row);
    }

    /// <summary>Inserts all of some objects at one instant. Where a set is given several of one key, the last counts.</summary>
    /// <inheritdoc cref="Insert(Tuple)" path="/exception"/>
    public void Insert(IEnumerable<Tuple> rows)
    {
        CheckWrite();
        InsertTogether(rows, onlyNew: false);
    }

    /// <summary>Inserts an object unless its key is there already; says whether it did.</summary>
    /// <inheritdoc cref="Insert(Tuple)" path="/exception"/>
    public bool InsertNew(Tuple row)
    {
        CheckWrite();
        return TryAdd(KeyOf(row), row);
    }

    /// <summary>Inserts all of some objects at one instant, unless one of their keys is there already; says whether it did.</summary>
    /// <inheritdoc cref="Insert(Tuple)" path="/exception"/>
    public bool InsertNew(IEnumerable<Tuple> rows)
    {
        CheckWrite();
        return InsertTogether(rows, onlyNew: true);
    }

    // ---- read ----

    /// <summary>The objects of a key, in the order they were inserted; none or one where the table is a set.</summary>
    /// <exception cref="EtsException">The caller may not read the table.</exception>
    public IReadOnlyList<Tuple> Lookup(object key)
    {
        CheckRead();
        return RowsOf(Core.Find(TermKey.Of(key))?.State);
    }

    /// <summary>The object of a key; of a bag, the one inserted first. Allocates nothing, unless the object has been counted since it was last read.</summary>
    /// <inheritdoc cref="Lookup" path="/exception"/>
    public bool TryLookup(object key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Tuple? row)
    {
        CheckRead();
        row = FirstRow(Core.Find(TermKey.Of(key))?.State);
        return row is not null;
    }

    /// <summary>As <see cref="TryLookup(object, out Tuple?)"/>, for an integer without its box.</summary>
    /// <inheritdoc cref="Lookup" path="/exception"/>
    public bool TryLookup(long key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Tuple? row)
    {
        CheckRead();
        object? state = Core.Find(new TermKey(key))?.State;
        row = state as Tuple ?? FirstRow(state);
        return row is not null;
    }

    /// <summary>One element of the object of a key; of a bag, the list of that element of each.</summary>
    /// <param name="key">The key.</param>
    /// <param name="position">Which element, counted from 1.</param>
    /// <exception cref="EtsException">The caller may not read the table, there is no such key, or no such element.</exception>
    public object LookupElement(object key, int position)
    {
        object? element = FindElement(key, position);
        if (element is null)
            EtsException.Throw($"The table {this} has no object with the key {Term.Format(key)} (badarg).");
        return element!;
    }

    /// <summary>As <see cref="LookupElement(object, int)"/>, but with an answer where there is no such key.</summary>
    /// <exception cref="EtsException">The caller may not read the table, or an object has no such element.</exception>
    public object LookupElement(object key, int position, object defaultValue) => FindElement(key, position) ?? defaultValue;

    /// <summary>Whether there is an object of this key.</summary>
    /// <inheritdoc cref="Lookup" path="/exception"/>
    public bool Member(object key)
    {
        CheckRead();
        return Core.Find(TermKey.Of(key)) is { } slot && !ReferenceEquals(Shown(slot.State), Slot.Dead);
    }

    /// <summary>Every object, as <c>ets:tab2list/1</c>.</summary>
    /// <inheritdoc cref="Lookup" path="/exception"/>
    public IReadOnlyList<Tuple> ToList() => [.. Rows()];

    // ---- delete ----

    /// <summary>Deletes the objects of a key.</summary>
    /// <exception cref="EtsException">The caller may not write the table.</exception>
    public void Delete(object key)
    {
        CheckWrite();
        Kill(TermKey.Of(key));
    }

    /// <summary>Deletes the objects of a key and returns them, at one instant.</summary>
    /// <inheritdoc cref="Delete(object)" path="/exception"/>
    public IReadOnlyList<Tuple> Take(object key)
    {
        CheckWrite();
        return RowsOf(Kill(TermKey.Of(key)));
    }

    /// <summary>Deletes this very object (as <c>=:=</c>); of a duplicate bag, all that are equal to it.</summary>
    /// <inheritdoc cref="Insert(Tuple)" path="/exception"/>
    public void DeleteObject(Tuple row)
    {
        CheckWrite();
        TermKey key = KeyOf(row);
        Transform(key, state => RemoveRow(state, row));
    }

    /// <summary>Deletes every object, at one instant.</summary>
    /// <inheritdoc cref="Delete(object)" path="/exception"/>
    public void DeleteAllObjects()
    {
        CheckWrite();
        Clear();
    }

    // Whoever is at work in the old core counts as having come before.
    private protected override void Clear() => Volatile.Write(ref _core, NewCore());

    private protected override long CountObjects()
    {
        KeyedCore<TermKey> core = Core;
        return Math.Max(0, core.Count + (core.Surplus?.Sum() ?? 0));
    }

    private KeyedCore<TermKey> NewCore() =>
        Type == EtsType.OrderedSet
            ? new OrderedCore<TermKey, OrderedTerms>()
            : new HashCore<TermKey, ExactTerms> { Surplus = _isBag ? new StripedCounter() : null };

    private TermKey KeyOf(Tuple row)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (KeyPosition > row.Count)
            EtsException.Throw($"{row} has no element {KeyPosition}, which is the key of the table {this} (badarg).");
        return TermKey.Of(row[KeyPosition - 1]);
    }

    private object? FindElement(object key, int position)
    {
        CheckRead();
        object state = Shown(Core.Find(TermKey.Of(key))?.State ?? Slot.Dead);
        if (ReferenceEquals(state, Slot.Dead))
            return null;
        if (state is CounterCell cell && cell.Index == position - 1)
            return cell.Value;
        if (!_isBag)
            return ElementOf(FirstRow(state)!, position);
        Tuple[] rows = RowsOf(state);
        object[] elements = new object[rows.Length];
        for (int i = 0; i < elements.Length; i++)
            elements[i] = ElementOf(rows[i], position);
        return List.Create(elements);
    }

    private static object ElementOf(Tuple row, int position)
    {
        if (position < 1 || position > row.Count)
            EtsException.Throw($"{row} has no element {position} (badarg).");
        return row[position - 1];
    }
}
