namespace CloudScale.Runtime.Global;

/// <content>Names.</content>
internal sealed partial class GlobalNameServer
{
    private readonly Dictionary<Reference, object> _nameOf = []; // by the monitor of who bears it
    private readonly Dictionary<object, (Pid Pid, Atom Registrar)> _external = new(TermComparer.Instance);
    private bool _lockWasLost; // the last holder of the global lock has exited, or its node is lost

    /// <summary>Whoever bore the name bears it no more; the entry is replaced in one step, so that a look-up finds one or the other.</summary>
    private void Insert(object name, Pid pid, object method, Pid lockedBy = default, Tuple? joinedUnder = null)
    {
        if (table.TryGetName(name, out GlobalName? old))
            Unwatch(old);
        Reference monitor = Self.Monitor(pid);
        table.SetName(name, new GlobalName(pid, method, monitor));
        _nameOf[monitor] = name;
        ForgetRegistrar(name);
        if (!IsStillLocked(lockedBy, joinedUnder))
            Remove(name);
    }

    /// <summary>
    /// Whether the lock under which a name was sent is held yet. If its holder is gone, the node that took it has been lost, and has come back perhaps: the name is of a time before.
    /// </summary>
    private bool IsStillLocked(Pid lockedBy, Tuple? joinedUnder)
    {
        if (table.LockOn(LockId.Global) is not { } held)
            return !_lockWasLost;
        return joinedUnder is null ? held.Holders.Any(holder => holder.Pid == lockedBy) : Term.AreEqual(held.Requester, joinedUnder[1]);
    }

    private void Remove(object name)
    {
        if (!table.TryGetName(name, out GlobalName? entry))
            return;
        table.RemoveName(name);
        ForgetRegistrar(name);
        Unwatch(entry);
    }

    /// <summary>The name is of a process whose node has no names, a C node's: it stands for as long as the node does through which it was registered, which is linked to its bearer.</summary>
    private void SetRegistrar(object name, Pid pid, Atom registrar)
    {
        if (!table.TryGetName(name, out GlobalName? known) || known.Pid != pid)
            return; // it was refused
        _external[name] = (pid, registrar);
        if (ReferenceEquals(registrar, node.Name))
            Self.Link(pid);
    }

    private void ForgetRegistrar(object name)
    {
        if (
            _external.Remove(name, out var entry)
            && ReferenceEquals(entry.Registrar, node.Name)
            && !_external.ContainsValue(entry) // it may have another name
        )
            Self.Unlink(entry.Pid);
    }

    private void RemoveRegisteredBy(Atom registrar)
    {
        foreach (
            object name in _external.Where(entry => ReferenceEquals(entry.Value.Registrar, registrar)).Select(entry => entry.Key).ToArray()
        )
            Remove(name);
    }

    private void Unwatch(GlobalName entry)
    {
        Self.Demonitor(entry.Monitor, flush: true);
        _nameOf.Remove(entry.Monitor);
    }

    private void OnDown(Reference monitor)
    {
        OnHolderDown(monitor);
        if (_nameOf.TryGetValue(monitor, out object? name))
            Remove(name);
    }

    private void Do(List operations, List external, Tuple? joinedUnder)
    {
        foreach (object operation in operations)
            if (operation is Tuple and [Atom { Name: "insert" }, Tuple and [var name, Pid pid, var method]])
                Insert(name, pid, method, joinedUnder: joinedUnder ?? s_noLock);
        foreach (object entry in external)
            if (entry is Tuple and [var name, Pid pid, Atom registrar])
                SetRegistrar(name, pid, registrar);
        foreach (object operation in operations)
            if (operation is Tuple and [Atom { Name: "delete" }, var name])
                Remove(name);
    }

    private static readonly Tuple s_noLock = Tuple.Of(LockId.Global, Atoms.Undefined);

    private List AllNames() => List.Of([.. table.Names.Select(entry => (object)Tuple.Of(entry.Key, entry.Value.Pid, entry.Value.Method))]);

    private List ExternalNames() =>
        List.Of([.. _external.Select(entry => (object)Tuple.Of(entry.Key, entry.Value.Pid, entry.Value.Registrar))]);

    /// <summary>A C node's question; while names are being changed it has to wait.</summary>
    private void AnswerWhereIs(object name, From from)
    {
        if (table.LockOn(LockId.Global) is null)
            Self.Reply(from, node.Global.WhereIs(name) is { IsNone: false } pid ? pid : Atoms.Undefined);
        else
            Self.SendAfter(
                TimeSpan.FromMilliseconds(Random.Shared.Next(1, 4_000)),
                Self.Pid,
                Tuple.Of(Atom.Of("whereis"), name, from.ToTerm())
            );
    }
}
