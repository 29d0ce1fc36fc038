using CloudScale.Runtime.Registry;

namespace CloudScale;

/// <content>Waiting for keys, and monitoring them.</content>
public sealed partial class ProcessRegistry
{
    private static readonly Atom s_await = Atom.Of("await");

    /// <summary>Waits until somebody bears a unique key.</summary>
    /// <param name="self">Who waits.</param>
    /// <param name="key">The key.</param>
    /// <param name="timeout">How long; for ever by default.</param>
    /// <exception cref="ProcessExitException">Nobody has come in time: <c>{timeout, {gproc, await, [Key, Timeout]}}</c>.</exception>
    public async ProcessTask<RegistryEntry> Await(Self self, RegistryKey key, TimeSpan? timeout = null)
    {
        ReceiveMark mark = self.Mark();
        Reference reference = BeginAwait(self, key);
        bool IsIt(RegistryAwaited message) => message.Reference == reference;
        TimeSpan patience = timeout ?? Timeout.InfiniteTimeSpan;
        Received<RegistryAwaited> news = await self.TryReceive<RegistryAwaited>(IsIt, patience, mark);
        // Who cancels in vain has been told already.
        if (!news.HasValue && !CancelAwait(reference, self.Pid))
            news = await self.TryReceive<RegistryAwaited>(IsIt, Timeout.InfiniteTimeSpan, mark);
        return news.HasValue
            ? news.Value.Entry
            : throw new ProcessExitException(
                Tuple.Of(Atoms.Timeout, Tuple.Of(RegistryChange.Tag, s_await, List.Of(key.ToTerm(), (long)patience.TotalMilliseconds)))
            );
    }

    /// <summary>From now on <see cref="RegistryAwaited"/> comes as soon as somebody bears a unique key: <c>nb_wait</c>. At once, if somebody does.</summary>
    /// <returns>What the message carries.</returns>
    public Reference BeginAwait(Self self, RegistryKey key) => Watch(self, key, WatcherKind.Await);

    /// <summary>Ends a <see cref="BeginAwait"/>: <c>cancel_wait</c>.</summary>
    /// <returns>False if the message has been sent already.</returns>
    public bool CancelAwait(Self self, Reference reference) => CancelAwait(reference, self.Pid);

    private bool CancelAwait(Reference reference, Pid process)
    {
        lock (_lock)
            return TakeWatcherLocked(process, reference) is not null;
    }

    /// <summary>From now on <see cref="RegistryChange"/> comes when a unique key changes hands.</summary>
    /// <param name="self">Who monitors.</param>
    /// <param name="key">The key.</param>
    /// <param name="kind">
    /// What happens when the bearer is gone. If nobody bears the key now, a follower hears so and waits on, one who stands by bears it at once and hears of that, and any other hears that it is free.
    /// </param>
    /// <returns>What the messages carry.</returns>
    public Reference Monitor(Self self, RegistryKey key, RegistryMonitor kind = RegistryMonitor.Info) =>
        Watch(
            self,
            key,
            kind switch
            {
                RegistryMonitor.Info => WatcherKind.Info,
                RegistryMonitor.Follow => WatcherKind.Follow,
                _ => WatcherKind.Standby,
            }
        );

    /// <summary>Ends a monitor, and takes its messages out of the caller's mailbox.</summary>
    /// <returns>Whether it still stood.</returns>
    public async ProcessTask<bool> Demonitor(Self self, Reference reference)
    {
        bool stood = CancelAwait(reference, self.Pid);
        await Flush(self);
        while ((await self.TryReceive<RegistryChange>(change => change.Reference == reference, TimeSpan.Zero)).HasValue) { }
        return stood;
    }

    /// <summary>What is on its way comes before the server's answer. Without a server nothing is.</summary>
    private async ProcessTask Flush(Self self)
    {
        Pid server;
        lock (_lock)
            server = _server;
        if (server.IsNone)
            return;
        try
        {
            await self.Call(server, RegistryServer.News, Timeout.InfiniteTimeSpan);
        }
        catch (ProcessExitException) { }
    }

    private Reference Watch(Self self, RegistryKey key, WatcherKind kind)
    {
        if (!key.IsUnique)
            ThrowNotUnique(key);
        Pid pid = self.Pid;
        Reference reference = _processes.MakeReference();
        lock (_lock)
        {
            Client client = ClientLocked(pid) ?? throw NotAlive(pid);
            Entry? entry = IsFreeLocked(key, pid) ? null : _unique[key];
            switch (kind)
            {
                case WatcherKind.Await when entry is not null:
                    TellLaterLocked(pid, new RegistryAwaited(reference, View(entry)));
                    return reference;
                case WatcherKind.Info when entry is null:
                    TellLaterLocked(pid, new RegistryChange(reference, key, RegistryEvent.Unregistered, default));
                    return reference;
                case WatcherKind.Follow when entry is null:
                    TellLaterLocked(pid, new RegistryChange(reference, key, RegistryEvent.Unregistered, default));
                    break;
                case WatcherKind.Standby when entry is null:
                    AddLocked(new Draft(key, null, null), client);
                    TellLaterLocked(pid, new RegistryChange(reference, key, RegistryEvent.FailedOver, pid));
                    return reference;
            }

            Watcher watcher = new(client, reference, key, kind);
            client.Watchers.Add(reference, watcher);
            if (!_watched.TryGetValue(key, out List<Watcher>? watchers))
                _watched.Add(key, watchers = []);
            watchers.Add(watcher);
        }

        return reference;
    }

    /// <summary>What the server is to send next, oldest first.</summary>
    internal IReadOnlyList<(Pid To, object Message)> TakeNews()
    {
        lock (_lock)
        {
            (Pid, object)[] news = [.. _news];
            _news.Clear();
            return news;
        }
    }

    // ---- under the lock ----

    /// <summary>Whoever changes something may be any process, and messages of two processes have no order between them. So one process sends the news of all changes, in their order.</summary>
    private void TellLaterLocked(Pid to, object message)
    {
        _news.Enqueue((to, message));
        if (_news.Count == 1 && !_server.IsNone)
            _processes.Send(_server, RegistryServer.News);
    }

    private Watcher? TakeWatcherLocked(Pid process, Reference reference)
    {
        if (!_clients.TryGetValue(process, out Client? client) || !client.HasWatchers)
            return null;
        if (!client.Watchers.TryGetValue(reference, out Watcher? watcher))
            return null;
        ForgetLocked(watcher);
        return watcher;
    }

    private void ForgetLocked(Watcher watcher)
    {
        watcher.Client.Watchers.Remove(watcher.Reference);
        if (!_watched.TryGetValue(watcher.Key, out List<Watcher>? watchers))
            return;
        watchers.Remove(watcher);
        if (watchers.Count == 0)
            _watched.Remove(watcher.Key);
    }

    /// <summary>Somebody bears the key: those who wait hear of it and are done, those who follow hear of it.</summary>
    private void TellRegisteredLocked(Entry entry)
    {
        if (!_watched.TryGetValue(entry.Key, out List<Watcher>? watchers))
            return;
        RegistryEntry view = View(entry);
        foreach (Watcher watcher in (Watcher[])[.. watchers])
        {
            if (watcher.Kind == WatcherKind.Await)
            {
                ForgetLocked(watcher);
                TellLaterLocked(watcher.Client.Pid, new RegistryAwaited(watcher.Reference, view));
            }
            else
            {
                TellLaterLocked(watcher.Client.Pid, new RegistryChange(watcher.Reference, entry.Key, RegistryEvent.Registered, view.Pid));
            }
        }
    }

    /// <summary>Tells all monitors of a key. Where nobody bears it any more, only those who follow stay.</summary>
    private void TellLocked(RegistryKey key, RegistryEvent what, Pid to)
    {
        if (!_watched.TryGetValue(key, out List<Watcher>? watchers))
            return;
        foreach (Watcher watcher in (Watcher[])[.. watchers])
        {
            if (watcher.Kind == WatcherKind.Await)
                continue;
            if (what == RegistryEvent.Unregistered && watcher.Kind != WatcherKind.Follow)
                ForgetLocked(watcher);
            TellLaterLocked(watcher.Client.Pid, new RegistryChange(watcher.Reference, key, what, to));
        }
    }

    /// <summary>The bearer is dead: the first who stands by, and lives, bears the key from here on, with its value.</summary>
    private bool TryFailOverLocked(Entry entry)
    {
        if (!_watched.TryGetValue(entry.Key, out List<Watcher>? watchers))
            return false;
        Watcher? heir = watchers.Find(watcher => watcher.Kind == WatcherKind.Standby && _isAlive(watcher.Client.Pid));
        if (heir is null)
            return false;
        MoveLocked(entry, heir.Client);
        TellLocked(entry.Key, RegistryEvent.FailedOver, heir.Client.Pid);
        ForgetLocked(heir);
        return true;
    }
}
