namespace CloudScale.Scheduling;

/// <summary>Who owns a table, and who will.</summary>
/// <remarks>
/// The owner is one word, written only by whoever owns the table: before a transfer it is set to the receiver, then the signal is posted; if the receiver was dead the
/// giver, still the only writer, sets it back or destroys the table. A receiver that exits with the signal in its mailbox answers it as an owner that exits. So there is no
/// moment without exactly one owner, and no lock.
/// </remarks>
public abstract partial class EtsTableBase
{
    private Process? _owner; // null: the node itself
    private Inheritance _heir;

    /// <summary>The owner; number 0 is the node itself.</summary>
    public Pid Owner => OwnerProcess?.Pid ?? System.SystemPid;

    /// <summary>The process that inherits the table; <c>default</c> for none.</summary>
    public Pid Heir => Volatile.Read(ref _heir).Pid;

    internal Process? OwnerProcess => Volatile.Read(ref _owner);

    private protected Process? CurrentProcess => System.CurrentScheduler?.Running;

    /// <summary>Makes another process the owner, and tells it by an <see cref="EtsTransfer"/>, as <c>ets:give_away/3</c>. Only the owner may.</summary>
    /// <exception cref="EtsException">
    /// The table is gone, the caller is not its owner, or the receiver is not alive, not of this node, or the owner already.
    /// </exception>
    public void GiveAway(Pid to, object data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Process? giver = CheckIsOwner("give away");
        if (System.FindLocal(to) is not { } receiver)
        {
            EtsException.Throw($"The table {this} cannot be given to {to}: that is no living process of this node (badarg).");
            return;
        }

        if (receiver == giver)
            EtsException.Throw($"The table {this} cannot be given to {to}, who owns it already (badarg).");
        giver?.DropTable(this);
        if (TryTransfer(receiver, new EtsTransfer(this, giver?.Pid ?? System.SystemPid, data)))
            return;
        Volatile.Write(ref _owner, giver);
        giver?.AdoptTable(this);
        EtsException.Throw($"The table {this} cannot be given to {to}: that process has exited (badarg).");
    }

    /// <summary>Says who inherits the table when its owner exits, as <c>ets:setopts(Tab, {heir, …})</c>. Only the owner may.</summary>
    /// <param name="heir">A local process; <c>default</c> for none.</param>
    /// <param name="data">What it is told in its <see cref="EtsTransfer"/>; null to tell it nothing.</param>
    /// <exception cref="EtsException">The table is gone, the caller is not its owner, or the heir is of another node.</exception>
    public void SetHeir(Pid heir, object? data = null)
    {
        CheckIsOwner("choose the heir of");
        Volatile.Write(ref _heir, CheckHeir(heir, data));
    }

    /// <summary>The first owner; set before anybody else sees the table.</summary>
    internal void SetFirstOwner(Process? owner)
    {
        _owner = owner;
        owner?.AdoptTable(this);
    }

    /// <summary>The first owner takes back a table that nobody has seen.</summary>
    internal void Discard()
    {
        _owner?.DropTable(this);
        TryDestroy();
    }

    /// <summary>On the exiting owner's thread: hands the table to its heir, or destroys it.</summary>
    internal void OnOwnerExit(Process owner)
    {
        if (IsDeleted)
            return;
        Inheritance heir = Volatile.Read(ref _heir);
        if (System.FindLocal(heir.Pid) is { } receiver && receiver != owner)
        {
            EtsTransfer? message = heir.Data is null ? null : new EtsTransfer(this, owner.Pid, heir.Data);
            if (TryTransfer(receiver, message))
                return;
        }

        TryDestroy();
    }

    private bool TryTransfer(Process receiver, EtsTransfer? message)
    {
        // The full fence orders this with a deletion by somebody else: either the receiver sees the table deleted, or the deleter sees the new owner.
        Interlocked.Exchange(ref _owner, receiver);
        return System.PostSignal(receiver, new EtsTransferSignal(this, message)) != Posted.Dead;
    }

    private Process? CheckIsOwner(string deed)
    {
        CheckExists();
        Process? caller = CurrentProcess;
        if (OwnerProcess != caller)
            EtsException.Throw($"Only its owner, {DescribeOwner()}, may {deed} the table {this} (badarg).");
        return caller;
    }

    private string DescribeOwner() => OwnerProcess is { } owner ? $"process {owner.Pid}" : "the node itself";

    private Inheritance CheckHeir(Pid heir, object? data)
    {
        if (!heir.IsNone && !System.IsHere(heir))
            EtsException.Throw($"Process {heir} cannot be the heir of a table: it is not of this node (badarg).");
        return heir.IsNone ? Inheritance.None : new Inheritance(heir, data);
    }

    /// <summary>The heir and what it is told, replaced together.</summary>
    private sealed class Inheritance(Pid pid, object? data)
    {
        internal static readonly Inheritance None = new(default, null);

        internal readonly Pid Pid = pid;
        internal readonly object? Data = data;
    }
}
