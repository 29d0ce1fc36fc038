using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>What all tables share: identity, owner, heir, access rights.</summary>
/// <remarks>
/// Threads: any; the access rights decide who may do what. The caller is the process that runs on the calling thread; code outside of processes counts as the node
/// itself: it may use public tables, read protected ones, and owns the tables it has made.
/// </remarks>
public abstract partial class EtsTableBase : ITermConvertible
{
    private const int AnyoneReads = 1;
    private const int AnyoneWrites = 2;

    private protected readonly ProcessSystem System;
    private int _rights; // what the fast checks look at; 0 also once the table is deleted
    private int _deleted;
    private int _fixations;
    private Atom _name;

    private protected EtsTableBase(ProcessSystem system, Atom name, EtsOptions options, int keyPosition)
    {
        System = system;
        _name = name;
        Type = options.Type;
        Protection = options.Access;
        IsNamed = options.Named;
        KeyPosition = keyPosition;
        _heir = CheckHeir(options.Heir, options.HeirData);
        _rights = options.Access switch
        {
            EtsAccess.Public => AnyoneReads | AnyoneWrites,
            EtsAccess.Protected => AnyoneReads,
            _ => 0,
        };
        Id = system.NewReference();
    }

    /// <summary>The table's identity: what <c>ets:new</c> returns for a table without a name.</summary>
    public Reference Id { get; }

    /// <summary>The table's name. Only a named table is found by it.</summary>
    public Atom Name => Volatile.Read(ref _name);

    /// <summary>Whether the table is found by its name.</summary>
    public bool IsNamed { get; }

    /// <summary>How the table keeps its objects.</summary>
    public EtsType Type { get; }

    /// <summary>Who may use the table besides its owner.</summary>
    public EtsAccess Protection { get; }

    /// <summary>Which element of an object is its key, counted from 1.</summary>
    public int KeyPosition { get; }

    /// <summary>Whether the table is gone: every other call fails then.</summary>
    public bool IsDeleted => Volatile.Read(ref _deleted) != 0;

    /// <summary>How many objects the table holds; exact when nobody writes. Anyone may ask.</summary>
    /// <exception cref="EtsException">The table is gone.</exception>
    public long Size
    {
        get
        {
            CheckExists();
            return CountObjects();
        }
    }

    /// <summary>Everything about the table, as <c>ets:info/1</c>; null when it is gone. Anyone may ask.</summary>
    public EtsInfo? GetInfo()
    {
        if (IsDeleted)
            return null;
        return new EtsInfo
        {
            Id = Id,
            Name = Name,
            Named = IsNamed,
            Type = Type,
            Protection = Protection,
            KeyPosition = KeyPosition,
            Size = CountObjects(),
            MemoryBytes = EstimateBytes(),
            Owner = Owner,
            Heir = Heir,
            Node = System.Identity.Name,
            Fixed = Volatile.Read(ref _fixations) != 0,
        };
    }

    /// <summary>Deletes the whole table, as <c>ets:delete/1</c>. On a public table anyone may.</summary>
    /// <exception cref="EtsException">The table is gone, or the caller may not write it.</exception>
    public void Delete()
    {
        CheckWrite();
        Process? caller = CurrentProcess;
        if (!TryDestroy())
            ThrowGone();
        if (OwnerProcess is not { } owner)
            return;
        if (owner == caller)
            owner.DropTable(this);
        else
            System.PostSignal(owner, new EtsDeletedSignal(this));
    }

    /// <summary>Gives the table another name, as <c>ets:rename/2</c>.</summary>
    /// <exception cref="EtsException">The table is gone, the caller may not write it, or the name of a named table is taken.</exception>
    public void Rename(Atom name)
    {
        ArgumentNullException.ThrowIfNull(name);
        CheckWrite();
        System.Ets.Rename(this, name);
    }

    /// <summary>
    /// Holds the table fixed until it is disposed, as <c>ets:safe_fixtable(Tab, true)</c>; at the latest until the calling process exits.
    /// </summary>
    /// <remarks>Walks are safe without it (see README.md); it shows in <see cref="EtsInfo.Fixed"/>.</remarks>
    /// <exception cref="EtsException">The table is gone, or the caller may not read it.</exception>
    public IDisposable Fix()
    {
        CheckRead();
        return new Fixation(this, CurrentProcess);
    }

    /// <summary>The term that stands for a table: its id.</summary>
    public object ToTerm() => Id;

    /// <summary>The name and the id.</summary>
    public override string ToString() => $"{Term.Format(Name)} {Term.Format(Id)}";

    internal void SetName(Atom name) => Volatile.Write(ref _name, name);

    private protected abstract long CountObjects();

    private protected abstract long EstimateBytes();

    /// <summary>The table is deleted: its objects may be collected.</summary>
    private protected abstract void Clear();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected void CheckRead()
    {
        if ((Volatile.Read(ref _rights) & AnyoneReads) == 0)
            CheckOwner("read");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected void CheckWrite()
    {
        if ((Volatile.Read(ref _rights) & AnyoneWrites) == 0)
            CheckOwner("write");
    }

    private protected void CheckExists()
    {
        if (IsDeleted)
            ThrowGone();
    }

    /// <summary>Charges a long operation to the process that called it, so that it gives way when it next awaits.</summary>
    private protected void Charge(long objects) => CurrentProcess?.Charge((int)Math.Min(objects / 8, Process.SliceBudget));

    private protected bool TryDestroy()
    {
        if (Interlocked.Exchange(ref _deleted, 1) != 0)
            return false;
        Volatile.Write(ref _rights, 0);
        System.Ets.Remove(this);
        Clear();
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CheckOwner(string deed)
    {
        CheckExists();
        if (OwnerProcess == CurrentProcess)
            return;
        string who = CurrentProcess is { } process ? $"Process {process.Pid}" : "Code outside of any process";
        EtsException.Throw(
            $"{who} may not {deed} the table {this}: it is {(Protection == EtsAccess.Private ? "private" : "protected")} and owned by {DescribeOwner()} (badarg)."
        );
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ThrowGone() => EtsException.Throw($"The table {this} no longer exists: it was deleted, or its owner exited (badarg).");

    private sealed class Fixation : IDisposable
    {
        private readonly Process? _holder;
        private EtsTableBase? _table;

        internal Fixation(EtsTableBase table, Process? holder)
        {
            _table = table;
            _holder = holder;
            Interlocked.Increment(ref table._fixations);
            holder?.Own(this);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _table, null) is not { } table)
                return;
            Interlocked.Decrement(ref table._fixations);
            // At exit the list of owned resources is being walked, and no longer this process's to change.
            if (_holder is { IsExited: false } holder && holder == table.CurrentProcess)
                holder.Disown(this);
        }
    }
}
