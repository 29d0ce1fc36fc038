namespace CloudScale.Scheduling;

/// <summary>Suspension by tools: the process takes signals and messages, but its body does not run.</summary>
internal sealed partial class Process
{
    internal void OnSuspend(Pid by)
    {
        Suspension suspension = Extension.Attribute().Suspension ??= new();
        if (suspension.Count == 0)
        {
            suspension.Waiting = (byte)_wait;
            _wait = WaitState.Suspended;
        }

        suspension.Add(by);
    }

    /// <param name="by">Who suspended it.</param>
    /// <param name="all">Take back all of that one's suspensions, not one.</param>
    internal void OnResume(Pid by, bool all)
    {
        if (_extension?.Attributes?.Suspension is not { Count: > 0 } suspension || !suspension.Remove(by, all) || suspension.Count > 0)
            return;
        _wait = (WaitState)suspension.Waiting;
    }

    /// <summary>Owner, in the body: whom it suspends, so that its exit sets them free.</summary>
    internal void RememberSuspended(Pid other) => (Extension.Attribute().Suspension ??= new()).Others.Add(other);

    internal void ForgetSuspended(Pid other) => _extension?.Attributes?.Suspension?.Others.Remove(other);
}

/// <summary>Who suspends a process, and whom it suspends itself.</summary>
/// <remarks>Threads: the owner of the process.</remarks>
internal sealed class Suspension
{
    private readonly Dictionary<Pid, int> _by = [];

    /// <summary>What the process waits for underneath: a wait state.</summary>
    internal byte Waiting;

    /// <summary>Suspensions that stand; the process runs at 0.</summary>
    internal int Count { get; private set; }

    /// <summary>Processes this one has suspended, once for each time.</summary>
    internal List<Pid> Others { get; } = [];

    internal void Add(Pid by)
    {
        _by[by] = _by.GetValueOrDefault(by) + 1;
        Count++;
    }

    internal bool Remove(Pid by, bool all)
    {
        if (!_by.Remove(by, out int count))
            return false;
        Count -= all ? count : 1;
        if (!all && count > 1)
            _by[by] = count - 1;
        return true;
    }

    internal void ResumeAll(Process exiting)
    {
        foreach (Pid other in Others)
            exiting.System.SendResume(exiting.Pid, other, all: true);
    }
}
