namespace CloudScale.Scheduling;

/// <summary>The end of a process.</summary>
internal sealed partial class Process
{
    /// <summary>Owner: leaves the table, answers what has arrived, tells links and monitors, frees what it holds.</summary>
    private void Terminate()
    {
        object reason = _extension?.Rare?.ExitReason ?? Atoms.Normal;
        System.Table.Clear(Number);
        Envelope? left = _mailbox.Close(); // a full fence: from here on the process is dead for every sender
        Interleaving.Point();
        if (IsNamed)
            System.RemoveNames(this);
        ReleaseTables(); // before anybody is told: whoever hears of the exit finds the tables gone, or with their heirs

        if (_extension is not null)
            TellPeers(_extension, reason);

        while (left is not null)
        {
            Envelope? next = left.Next;
            left.Next = null;
            if (left is Signal signal)
                signal.Reject(this);
            left = next;
        }

        ReleaseResources();
        _extension = null;
        SetContinuation(null);
        _code = null;
        _matcher = null;
        _scan = null;
        Runner = null;
        ProcessSystem.OnExited(this);
    }

    private void TellPeers(ProcessExtension extension, object reason)
    {
        if (extension.Links is { } links)
        {
            foreach (KeyValuePair<Pid, ulong> link in links)
            {
                if (link.Value == 0)
                    System.SendExit(Pid, link.Key, reason, ExitKind.Link);
            }
        }

        if (extension.MonitoredBy is { } watchers)
        {
            foreach (KeyValuePair<Reference, Watcher> watcher in watchers)
                System.SendDown(watcher.Value.Pid, watcher.Key, watcher.Value.Name ?? Pid, Pid, reason);
        }

        if (extension.Monitors is { } monitors)
        {
            foreach (KeyValuePair<Reference, MonitorTarget> monitor in monitors)
                System.SendDemonitor(Pid, monitor.Value, monitor.Key);
        }

        if (extension.Rare?.RemotePeers is { } peers)
        {
            foreach (Atom node in peers)
                System.Remotes.Remove(node, this);
        }
    }

    private void ReleaseResources()
    {
        if (_extension?.Rare is not { } rare)
            return;
        rare.ExitSource?.Cancel();
        if (rare.Owned is null)
            return;
        for (int i = rare.Owned.Count - 1; i >= 0; i--)
        {
            try
            {
                rare.Owned[i].Dispose();
            }
            catch (Exception exception)
            {
                System.ReportCrash(this, exception); // one that fails to close must not keep the others open
            }
        }
    }

    /// <summary>Owner: disposes the resource when the process exits, however it exits.</summary>
    internal void Own(IDisposable resource) => (Extension.Rarely().Owned ??= []).Add(resource);

    /// <summary>Owner: takes back what <see cref="Own"/> gave.</summary>
    internal bool Disown(IDisposable resource) => _extension?.Rare?.Owned?.Remove(resource) ?? false;

    /// <summary>Owner: a token that is cancelled at exit.</summary>
    internal CancellationToken ExitToken => (Extension.Rarely().ExitSource ??= new CancellationTokenSource()).Token;

    /// <summary>Owner: what process info says.</summary>
    internal ProcessInfo Describe() =>
        new()
        {
            Pid = Pid,
            Status = Runner is not null && _wait == WaitState.Ready ? ProcessStatus.Running : Status,
            RegisteredName = System.NameOf(this),
            MessageQueueLength = MessageQueueLength,
            Reductions = _reductionsTotal + (SliceBudget - _reductions),
            TrapExit = TrapExit,
            CurrentFunction = CurrentFunction(),
            Links = _extension?.Links?.ToArray().Where(link => link.Value == 0).Select(link => link.Key).ToArray() ?? [],
            Monitors = _extension?.Monitors?.ToArray().Select(monitor => monitor.Value.Object).ToArray() ?? [],
            MonitoredBy = _extension?.MonitoredBy?.ToArray().Select(watcher => watcher.Value.Pid).ToArray() ?? [],
        };

    /// <summary>Messages not yet received. Any thread; an estimate while the process runs.</summary>
    internal int MessageQueueLength => _mailbox.Count + _mailbox.CountArrivals(CountLimit);

    private const int CountLimit = 1 << 20; // a longer backlog is reported as this much: the walk must end

    private ProcessStatus Status =>
        _exit != ExitState.None ? ProcessStatus.Exiting
        : _wait is WaitState.Message or WaitState.Foreign ? ProcessStatus.Waiting
        : ProcessStatus.Runnable;

    /// <summary>The method that will run next, from the type the compiler made for it: <c>Agent+&lt;Loop&gt;d__3</c> is Agent.Loop.</summary>
    private string? CurrentFunction()
    {
        Type? type = Continuation?.StateMachineType;
        if (type is null)
            return _code is ProcessHandler handler ? handler.GetType().FullName
                : _code is Delegate body ? $"{body.Method.DeclaringType?.FullName}.{body.Method.Name}"
                : null;

        string name = type.Name;
        int open = name.IndexOf('<', StringComparison.Ordinal);
        int close = name.LastIndexOf('>');
        string method = open >= 0 && close > open ? name[(open + 1)..close] : name;
        return $"{type.DeclaringType?.FullName}.{method}";
    }
}
