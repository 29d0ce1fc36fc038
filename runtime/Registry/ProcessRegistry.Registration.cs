using CloudScale.Runtime.Registry;

namespace CloudScale;

/// <content>Registering, giving away, unregistering.</content>
public sealed partial class ProcessRegistry
{
    /// <summary>Registers a process under a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="owner">A living process of this node: the caller (gproc's <c>reg</c>) or another (<c>reg_other</c>).</param>
    /// <param name="value">A value to go with it; for a counter an integer, and what it is reset to. By default <c>undefined</c>, and 0.</param>
    /// <param name="attributes">More of it, by key.</param>
    /// <exception cref="ArgumentException">The key is taken, the process has it already, or the process is not alive.</exception>
    public void Register(RegistryKey key, Pid owner, object? value = null, Map? attributes = null)
    {
        if (!TryRegister(key, owner, value, attributes))
            throw new ArgumentException($"{key} is taken, or {owner} is no living process of this node.", nameof(key));
    }

    /// <summary>Registers a process under a key.</summary>
    /// <inheritdoc cref="Register" path="/param"/>
    /// <returns>False where <see cref="Register"/> throws.</returns>
    public bool TryRegister(RegistryKey key, Pid owner, object? value = null, Map? attributes = null)
    {
        Draft draft = new(key, value, attributes);
        lock (_lock)
            return IsFreeLocked(key, owner) && ClientLocked(owner) is { } client && AddLocked(draft, client);
    }

    /// <summary>Registers a process under several keys of one kind, or under none of them: <c>mreg</c>.</summary>
    /// <returns>False if one is taken or the process is not alive.</returns>
    public bool TryRegisterMany(RegistryKind kind, Pid owner, params ReadOnlySpan<(object Name, object Value)> entries)
    {
        Draft[] drafts = new Draft[entries.Length];
        HashSet<RegistryKey> keys = [];
        for (int i = 0; i < drafts.Length; i++)
        {
            drafts[i] = new Draft(new RegistryKey(kind, entries[i].Name), entries[i].Value, null);
            if (!keys.Add(drafts[i].Key))
                return false;
        }

        lock (_lock)
        {
            foreach (Draft draft in drafts)
            {
                if (!IsFreeLocked(draft.Key, owner))
                    return false;
            }

            if (ClientLocked(owner) is not { } client)
                return false;
            foreach (Draft draft in drafts)
                AddLocked(draft, client);
            return true;
        }
    }

    /// <summary>Registers an entry that no process owns, and that stays until it is unregistered: <c>reg_shared</c>.</summary>
    /// <returns>Whether there was none of this key.</returns>
    /// <exception cref="ArgumentException">The key is that of a name.</exception>
    public bool TryRegisterShared(RegistryKey key, object? value = null, Map? attributes = null)
    {
        if (key.Kind == RegistryKind.Name)
            throw new ArgumentException($"A name belongs to a process; {key} cannot be shared.", nameof(key));
        Draft draft = new(key, value, attributes);
        lock (_lock)
            return IsFreeLocked(key, default) && AddLocked(draft, _shared);
    }

    /// <summary>Registers a process as the counter of a resource.</summary>
    /// <param name="name">The name of the resource.</param>
    /// <param name="owner">A living process of this node; none for a shared entry.</param>
    /// <param name="onZero">What is done when the last process that holds the resource gives it up.</param>
    /// <returns>Whether it was free, and the process alive.</returns>
    public bool TryRegisterResourceCounter(object name, Pid owner, params ReadOnlySpan<ZeroAction> onZero)
    {
        RegistryKey key = RegistryKey.OfResourceCounter(name);
        Draft draft = new(key, null, null) { OnZero = onZero.ToArray() };
        lock (_lock)
        {
            return IsFreeLocked(key, owner) && (owner.IsNone ? _shared : ClientLocked(owner)) is { } client && AddLocked(draft, client);
        }
    }

    /// <summary>Registers a process under a unique key unless another bears it: <c>reg_or_locate</c>.</summary>
    /// <returns>The entry of whoever bears it now.</returns>
    /// <exception cref="ArgumentException">The key is not unique, or the process is not alive.</exception>
    public RegistryEntry RegisterOrLocate(RegistryKey key, Pid owner, object? value = null, Map? attributes = null)
    {
        if (!key.IsUnique)
            ThrowNotUnique(key);
        Draft draft = new(key, value, attributes);
        lock (_lock)
        {
            if (IsFreeLocked(key, owner) && !AddLocked(draft, ClientLocked(owner) ?? throw NotAlive(owner)))
                throw NotAlive(owner);
            return View(_unique[key]);
        }
    }

    /// <summary>Registers a process under a key, or sets value and attributes if it has the key already: <c>ensure_reg</c>.</summary>
    /// <returns>True if it is new, false if it was changed.</returns>
    /// <exception cref="ArgumentException">Another process bears the key, or this one is not alive.</exception>
    public bool EnsureRegistered(RegistryKey key, Pid owner, object? value = null, Map? attributes = null)
    {
        lock (_lock)
        {
            if (Find(key, owner) is not { } entry || entry.Owner.Pid != owner)
            {
                Register(key, owner, value, attributes);
                return true;
            }

            if (value is not null)
                SetLocked(entry, value);
            if (attributes is not null)
                entry.Attributes = attributes;
            return false;
        }
    }

    /// <summary>Takes a key from a process.</summary>
    /// <returns>Whether the process had it.</returns>
    public bool Unregister(RegistryKey key, Pid owner)
    {
        lock (_lock)
        {
            if (!_clients.TryGetValue(owner, out Client? client) || !client.Entries.TryGetValue(key, out Entry? entry))
                return false;
            RemoveLocked(entry);
            return _isAlive(owner);
        }
    }

    /// <summary>Takes several keys of one kind from a process: <c>munreg</c>. Those it does not have are passed over.</summary>
    public void UnregisterMany(RegistryKind kind, Pid owner, params ReadOnlySpan<object> names)
    {
        lock (_lock)
        {
            foreach (object name in names)
                Unregister(new RegistryKey(kind, name), owner);
        }
    }

    /// <summary>Removes an entry that no process owns.</summary>
    /// <returns>Whether there was one.</returns>
    public bool UnregisterShared(RegistryKey key)
    {
        lock (_lock)
        {
            if (FindShared(key) is not { } entry)
                return false;
            RemoveLocked(entry);
            return true;
        }
    }

    /// <summary>Takes everything from a process that it owns here: <c>goodbye</c>. What it waits for and monitors stays.</summary>
    public void UnregisterAll(Pid owner)
    {
        lock (_lock)
        {
            if (!_clients.TryGetValue(owner, out Client? client))
                return;
            foreach (Entry entry in (Entry[])[.. client.Entries.Values])
                RemoveLocked(entry);
        }
    }

    /// <summary>Gives an entry, with value and attributes, to another process. Monitors of it are told, and stay.</summary>
    /// <param name="key">The key.</param>
    /// <param name="owner">Who has it.</param>
    /// <param name="to">Who is to have it. If it is not alive, the key is unregistered, as gproc does.</param>
    /// <returns>Who has it now; none for nobody.</returns>
    /// <exception cref="ArgumentException">The owner does not have it, or the other has an entry of its own under this key.</exception>
    public Pid GiveAway(RegistryKey key, Pid owner, Pid to)
    {
        lock (_lock)
        {
            if (Find(key, owner) is not { } entry || entry.Owner.Pid != owner || owner.IsNone)
                throw NoEntry(key, owner);
            if (owner == to)
                return to;
            if (ClientLocked(to) is not { } client)
            {
                RemoveLocked(entry);
                return default;
            }

            if (client.Entries.ContainsKey(key))
                throw new ArgumentException($"{to} has an entry of its own under {key}.", nameof(to));
            MoveLocked(entry, client);
            TellLocked(key, RegistryEvent.Migrated, to);
            return to;
        }
    }

    /// <summary>Gives an entry to whoever bears another key.</summary>
    /// <inheritdoc cref="GiveAway(RegistryKey, Pid, Pid)"/>
    public Pid GiveAway(RegistryKey key, Pid owner, RegistryKey to)
    {
        lock (_lock)
            return GiveAway(key, owner, WhereIs(to));
    }

    /// <summary>Sets the value that a process has under a key. Of a counter it is the count.</summary>
    /// <exception cref="ArgumentException">The process does not have the key, or the value does not fit it.</exception>
    public void SetValue(RegistryKey key, Pid owner, object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Entry entry = Find(key, owner) ?? throw NoEntry(key, owner);
        SetLocked(entry, value);
    }

    /// <summary>Sets the value of an entry that no process owns.</summary>
    /// <exception cref="ArgumentException">There is none, or the value does not fit it.</exception>
    public void SetSharedValue(RegistryKey key, object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        SetLocked(FindShared(key) ?? throw NoEntry(key, default), value);
    }

    /// <summary>Sets the attributes of an entry.</summary>
    /// <exception cref="ArgumentException">The process does not have the key.</exception>
    public void SetAttributes(RegistryKey key, Pid owner, Map attributes)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        (Find(key, owner) ?? throw NoEntry(key, owner)).Attributes = attributes;
    }

    /// <summary>Buries a process that is dead: takes what it owned, lets those who stand by take over, tells those who monitor. Nothing happens to one that lives.</summary>
    public void Audit(Pid process)
    {
        if (_isAlive(process))
            return;
        lock (_lock)
            BuryLocked(process);
    }

    // ---- under the lock ----

    private static void SetLocked(Entry entry, object value)
    {
        if (entry.IsCounter)
            entry.Count = CountOf(value);
        else if (entry.Key.Kind is RegistryKind.AggregatedCounter or RegistryKind.ResourceCounter)
            throw new ArgumentException($"The value of {entry.Key} is counted, and not set.", nameof(value));
        else
            entry.Value = value;
    }

    /// <summary>Whether nobody alive bears a unique key, or the owner has no entry under one that many may have. Who is found dead is buried.</summary>
    private bool IsFreeLocked(RegistryKey key, Pid owner)
    {
        if (!key.IsUnique)
            return _groups.GetValueOrDefault(key)?.Of(owner) is null;
        while (_unique.TryGetValue(key, out Entry? entry))
        {
            Pid bearer = entry.Owner.Pid;
            if (bearer.IsNone || _isAlive(bearer))
                return false;
            BuryLocked(bearer);
        }

        return true;
    }

    /// <summary>What the registry knows of a living process; null for one that is dead or of another node.</summary>
    private Client? ClientLocked(Pid pid)
    {
        if (_clients.TryGetValue(pid, out Client? known))
            return _isAlive(pid) ? known : null;
        if (!_isAlive(pid))
            return null;
        Client client = new(pid);
        _clients.Add(pid, client);
        // From here on its end is not missed: a monitor that is set too late says so at once, and a server that starts anew asks for all clients.
        if (!_server.IsNone)
            _processes.Send(_server, new RegistryServer.Watch(pid));
        return client;
    }

    private bool AddLocked(Draft draft, Client client)
    {
        Entry entry = draft.ToEntry(client);
        RegistryKey key = entry.Key;
        client.Entries.Add(key, entry);
        if (key.IsUnique)
            _unique[key] = entry;
        else
            GroupLocked(key).Add(entry);
        TellRegisteredLocked(entry);
        return true;
    }

    private Group GroupLocked(RegistryKey key)
    {
        if (!_groups.TryGetValue(key, out Group? group))
            _groups[key] = group = new Group();
        return group;
    }

    private void RemoveLocked(Entry entry)
    {
        DropLocked(entry);
        TellLocked(entry.Key, RegistryEvent.Unregistered, default);
    }

    private void DropLocked(Entry entry)
    {
        RegistryKey key = entry.Key;
        entry.Owner.Entries.Remove(key);
        entry.IsRemoved = true;
        if (key.IsUnique)
        {
            _unique.TryRemove(key, out _);
            return;
        }

        Group group = _groups[key];
        group.Remove(entry);
        if (key.Kind == RegistryKind.Resource)
            OnResourceGoneLocked(key, group);
        if (group.IsEmpty)
            _groups.TryRemove(key, out _);
    }

    private void MoveLocked(Entry entry, Client to)
    {
        entry.Owner.Entries.Remove(entry.Key);
        to.Entries.Add(entry.Key, entry);
        if (entry.Key.IsUnique)
            entry.Owner = to;
        else
            _groups[entry.Key].Move(entry, to);
    }

    private void BuryLocked(Pid dead)
    {
        if (!_clients.Remove(dead, out Client? client))
            return;
        if (client.HasWatchers)
        {
            foreach (Watcher watcher in (Watcher[])[.. client.Watchers.Values])
                ForgetLocked(watcher);
        }

        foreach (Entry entry in (Entry[])[.. client.Entries.Values])
        {
            if (!entry.Key.IsUnique || !TryFailOverLocked(entry))
                RemoveLocked(entry);
        }
    }

    private static long CountOf(object value) =>
        Term.Normalize(value) is long count
            ? count
            : throw new ArgumentException($"A counter counts integers of 64 bits, and not {Term.Format(value)}.", nameof(value));

    private static ArgumentException NotAlive(Pid owner) => new($"{owner} is no living process of this node.", nameof(owner));

    /// <summary>What is to be registered, checked before the lock is taken.</summary>
    private readonly struct Draft
    {
        private readonly object? _value;
        private readonly Map? _attributes;
        private readonly long _count;

        internal Draft(RegistryKey key, object? value, Map? attributes)
        {
            Key = key;
            _attributes = attributes;
            if (key.Kind == RegistryKind.Counter)
                _count = value is null ? 0 : CountOf(value);
            else if (value is not null && key.Kind is RegistryKind.AggregatedCounter or RegistryKind.ResourceCounter)
                throw new ArgumentException($"The value of {key} is counted, and not given.", nameof(value));
            else
                _value = value;
        }

        internal RegistryKey Key { get; }

        internal ZeroAction[]? OnZero { private get; init; }

        internal Entry ToEntry(Client owner) =>
            new(Key, owner)
            {
                Initial = _count,
                Count = _count,
                Value = _value ?? Atoms.Undefined,
                Attributes = _attributes ?? Map.Empty,
                OnZero = OnZero ?? [],
            };
    }
}
