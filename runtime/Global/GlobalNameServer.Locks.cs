namespace CloudScale.Runtime.Global;

/// <content>Locks.</content>
internal sealed partial class GlobalNameServer
{
    private readonly Dictionary<Reference, object> _resourceOf = []; // by the monitor of a holder

    private bool SetLock(LockId id, Pid pid)
    {
        if (!table.MayLock(id))
            return false;
        IReadOnlyList<(Pid Pid, Reference Monitor)> holders = table.LockOn(id.Resource)?.Holders ?? [];
        if (holders.Any(holder => holder.Pid == pid))
            return true;
        Reference monitor = Self.Monitor(pid);
        _resourceOf[monitor] = id.Resource;
        table.SetLock(id.Resource, new GlobalLock(id.Requester, [.. holders, (pid, monitor)]));
        return true;
    }

    private void DeleteLock(LockId id, Pid pid)
    {
        if (table.LockOn(id.Resource) is { } held && Term.AreEqual(held.Requester, id.Requester))
            Release(id.Resource, held, holder => holder.Pid == pid, isLost: false);
    }

    private void OnHolderDown(Reference monitor)
    {
        if (_resourceOf.TryGetValue(monitor, out object? resource) && table.LockOn(resource) is { } held)
            Release(resource, held, holder => holder.Monitor == monitor, isLost: true);
    }

    private void Release(object resource, GlobalLock held, Func<(Pid Pid, Reference Monitor), bool> isReleased, bool isLost)
    {
        foreach ((_, Reference monitor) in held.Holders.Where(isReleased))
        {
            Self.Demonitor(monitor, flush: true);
            _resourceOf.Remove(monitor);
        }

        (Pid, Reference)[] left = [.. held.Holders.Where(holder => !isReleased(holder))];
        if (left.Length > 0)
        {
            table.SetLock(resource, held with { Holders = left });
            return;
        }

        table.RemoveLock(resource);
        if (ReferenceEquals(resource, LockId.Global))
            _lockWasLost = isLost;
    }
}
