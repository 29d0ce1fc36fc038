namespace CloudScale.Runtime.Supervision;

/// <summary>The children of a supervisor, in the order of their start, by id and by pid. Everything takes constant time.</summary>
internal sealed class ChildTable
{
    internal static readonly Atom Restarting = Atom.Of("restarting");

    private readonly Dictionary<object, Child>? _byId;
    private readonly Dictionary<Pid, Child> _byPid = [];
    private Child? _first;
    private Child? _last;

    /// <param name="byId">False for dynamic children, which have no ids of their own.</param>
    internal ChildTable(bool byId) => _byId = byId ? new Dictionary<object, Child>(TermComparer.Instance) : null;

    internal int Count { get; private set; }

    internal Child? Last => _last;

    internal void Add(Child child)
    {
        _byId?.Add(child.Spec.Id, child);
        child.Before = _last;
        if (_last is null)
            _first = child;
        else
            _last.After = child;
        _last = child;
        child.IsKept = true;
        Count++;
    }

    internal void Remove(Child child)
    {
        if (!child.IsKept)
            return;
        Forget(child);
        _byId?.Remove(child.Spec.Id);
        if (child.Before is null)
            _first = child.After;
        else
            child.Before.After = child.After;
        if (child.After is null)
            _last = child.Before;
        else
            child.After.Before = child.Before;
        child.Before = child.After = null;
        child.IsKept = false;
        Count--;
    }

    /// <summary>The child runs under a pid from here on.</summary>
    internal void Runs(Child child, Pid pid)
    {
        Forget(child);
        child.Pid = pid;
        child.State = ChildState.Running;
        _byPid[pid] = child;
    }

    /// <summary>The child does not run any more, and is not found by its pid.</summary>
    internal void Stops(Child child)
    {
        Forget(child);
        child.Pid = default;
        child.State = ChildState.Stopped;
        child.Start = null;
        child.StartFailure = null;
        child.Turn++;
    }

    private void Forget(Child child)
    {
        if (!child.Pid.IsNone && _byPid.TryGetValue(child.Pid, out Child? known) && ReferenceEquals(known, child))
            _byPid.Remove(child.Pid);
    }

    /// <summary>The child of an id; null for none.</summary>
    internal Child? Find(object id) => _byId?.GetValueOrDefault(id);

    /// <summary>The child that runs under a pid, or ran under it last and is to be restarted; null for none.</summary>
    internal Child? Find(Pid pid) => _byPid.GetValueOrDefault(pid);

    /// <summary>The children in the order of their start, from one on; a copy, so that they may come and go meanwhile.</summary>
    internal static Child[] From(Child? first)
    {
        List<Child> children = [];
        for (Child? child = first; child is not null; child = child.After)
            children.Add(child);
        return [.. children];
    }

    /// <summary>All children in the order of their start; a copy.</summary>
    internal Child[] All() => From(_first);
}
