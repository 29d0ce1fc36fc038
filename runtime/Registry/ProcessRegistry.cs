using System.Collections.Concurrent;
using CloudScale.Runtime.Registry;
using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>Processes by names and properties of any term, with values, counters, waits, hand-over and searches: what gproc is to Erlang.</summary>
/// <remarks>
/// <para>Threads: any, for every member that takes no <see cref="Self"/>. Looking up takes no lock and allocates nothing; what adds or removes entries takes one lock for a moment.</para>
/// <para>Whatever a process owns here is gone when it has exited, for everyone who has heard of the exit: who meets an entry of a dead process buries it first.</para>
/// <para>Names serve behaviours, too: <c>ServerName.Via(node.Registry, name)</c>. Source: gproc.</para>
/// </remarks>
public sealed partial class ProcessRegistry : INameRegistry
{
    private readonly ProcessSystem _processes;
    private readonly ConcurrentDictionary<RegistryKey, Entry> _unique = [];
    private readonly ConcurrentDictionary<RegistryKey, Group> _groups = [];
    private readonly Func<Pid, bool> _isAlive;

    // All that follows is changed under this lock, and so are the entries themselves.
    private readonly Lock _lock = new();
    private readonly Dictionary<Pid, Client> _clients = [];
    private readonly Dictionary<RegistryKey, List<Watcher>> _watched = [];
    private readonly Client _shared = new(default);
    private readonly Queue<(Pid To, object Message)> _news = [];
    private Pid _server;

    /// <summary>A registry for the processes of a node. It is to be <see cref="Start">started</see>; that of a <see cref="Node"/> is.</summary>
    public ProcessRegistry(ProcessSystem processes)
    {
        ArgumentNullException.ThrowIfNull(processes);
        _processes = processes;
        _isAlive = processes.IsAlive;
    }

    /// <summary>The name of the process that buries the dead, and tells those who wait and monitor.</summary>
    public static Atom ServerName { get; } = Atom.Of("cloudscale_registry");

    /// <summary>Starts the process that buries the dead, and tells those who wait and monitor. If it ends, entries are right without it, and the next one that is started makes up for the rest.</summary>
    public Pid Start() => _processes.Spawn(NewServer(), new SpawnOptions { Name = ServerName });

    internal RegistryServer NewServer() => new(this);

    // ---- looking up ----

    /// <summary>Who bears a name; none for nobody. As <c>gproc:where({n, l, Name})</c>.</summary>
    public Pid WhereIs(object name) => WhereIs(RegistryKey.OfName(name));

    /// <summary>Who bears a unique key; none for nobody.</summary>
    /// <exception cref="ArgumentException">Many may have the key: ask for its <see cref="Entries"/>.</exception>
    public Pid WhereIs(RegistryKey key)
    {
        if (!key.IsUnique)
            ThrowNotUnique(key);
        return _unique.TryGetValue(key, out Entry? entry) ? LivingOwner(entry) : default;
    }

    /// <summary>Whoever has an entry now; none if it is removed.</summary>
    internal Pid OwnerOf(Entry entry) => entry.IsRemoved ? default : LivingOwner(entry);

    private Pid LivingOwner(Entry entry)
    {
        Pid owner = entry.Owner.Pid;
        return _processes.IsAlive(owner) ? owner : AfterBurial(entry.Key, owner);
    }

    /// <summary>The owner is dead and nobody has buried it yet; one that stood by may bear the key afterwards.</summary>
    private Pid AfterBurial(RegistryKey key, Pid dead)
    {
        if (dead.IsNone)
            return dead; // shared
        Audit(dead);
        return WhereIs(key);
    }

    /// <summary>The entry of a unique key, or the shared one of a key that many may have.</summary>
    /// <returns>Whether there is one.</returns>
    public bool TryGet(RegistryKey key, out RegistryEntry entry)
    {
        entry = default;
        if (Find(key, default) is not { } found)
            return false;
        entry = View(found);
        return true;
    }

    /// <summary>The entries of a key: one at most if it is unique. In no order.</summary>
    public IReadOnlyList<RegistryEntry> Entries(RegistryKey key)
    {
        if (key.IsUnique)
            return TryGet(key, out RegistryEntry one) ? [one] : [];
        List<RegistryEntry> entries = [];
        foreach (Entry entry in Living(key))
            entries.Add(View(entry));
        return entries;
    }

    /// <summary>Who has a key; as <c>gproc:lookup_pids/1</c>, so without the shared entry.</summary>
    public IReadOnlyList<Pid> Pids(RegistryKey key)
    {
        if (key.IsUnique)
            return WhereIs(key) is { IsNone: false } pid ? [pid] : [];
        List<Pid> pids = [];
        foreach (Entry entry in Living(key))
        {
            if (entry.Owner.Pid is { IsNone: false } owner)
                pids.Add(owner);
        }

        return pids;
    }

    /// <summary>The value of a unique key.</summary>
    /// <exception cref="ArgumentException">Nobody bears the key.</exception>
    public object GetValue(RegistryKey key) => ValueOf(Find(key, default) ?? throw NoEntry(key, default));

    /// <summary>The value that a process has under a key.</summary>
    /// <exception cref="ArgumentException">It has none.</exception>
    public object GetValue(RegistryKey key, Pid owner) => ValueOf(Find(key, owner) ?? throw NoEntry(key, owner));

    /// <summary>The value of an entry that no process owns.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public object GetSharedValue(RegistryKey key) => ValueOf(FindShared(key) ?? throw NoEntry(key, default));

    /// <summary>The attributes that a process gave its entry; empty if it gave none.</summary>
    /// <inheritdoc cref="GetValue(RegistryKey, Pid)" path="/exception"/>
    public Map GetAttributes(RegistryKey key, Pid owner) => (Find(key, owner) ?? throw NoEntry(key, owner)).Attributes;

    /// <summary>All that a process owns here.</summary>
    public IReadOnlyList<RegistryEntry> EntriesOf(Pid owner)
    {
        if (!_isAlive(owner))
            return [];
        lock (_lock)
        {
            return _clients.TryGetValue(owner, out Client? client) ? [.. client.Entries.Values.Select(View)] : [];
        }
    }

    /// <summary>The entry of a living owner; for a unique key of whoever bears it, if none is named.</summary>
    private Entry? Find(RegistryKey key, Pid owner)
    {
        if (!key.IsUnique)
            return owner.IsNone || _isAlive(owner) ? _groups.GetValueOrDefault(key)?.Of(owner) : null;
        if (!_unique.TryGetValue(key, out Entry? entry))
            return null;
        Pid bearer = entry.Owner.Pid;
        if (!bearer.IsNone && !_isAlive(bearer))
        {
            Audit(bearer);
            return Find(key, owner);
        }

        return owner.IsNone || bearer == owner ? entry : null;
    }

    private Entry? FindShared(RegistryKey key)
    {
        Entry? entry = key.IsUnique ? _unique.GetValueOrDefault(key) : _groups.GetValueOrDefault(key)?.Of(default);
        return entry is { Owner.Pid.IsNone: true } ? entry : null;
    }

    private IEnumerable<Entry> Living(RegistryKey key)
    {
        if (!_groups.TryGetValue(key, out Group? group))
            yield break;
        foreach ((Pid owner, Entry entry) in group.All)
        {
            if (owner.IsNone || _isAlive(owner))
                yield return entry;
        }
    }

    private RegistryEntry View(Entry entry) => new(entry.Key, entry.Owner.Pid, ValueOf(entry));

    private object ValueOf(Entry entry) =>
        entry.Key.Kind switch
        {
            RegistryKind.Counter => entry.Count,
            RegistryKind.AggregatedCounter => Sum(new RegistryKey(RegistryKind.Counter, entry.Key.Name), static one => one.Count),
            RegistryKind.ResourceCounter => Sum(new RegistryKey(RegistryKind.Resource, entry.Key.Name), static _ => 1),
            _ => entry.Value,
        };

    private long Sum(RegistryKey key, Func<Entry, long> of) => _groups.TryGetValue(key, out Group? group) ? group.Sum(_isAlive, of) : 0;

    // ---- names of behaviours ----

    object INameRegistry.ToTerm(object name) => Tuple.Of(Atom.Of("via"), RegistryChange.Tag, KeyOf(name).ToTerm());

    ProcessTask<bool> INameRegistry.Register(Self self, object name, Pid pid) => new(TryRegister(KeyOf(name), pid));

    ProcessTask INameRegistry.Unregister(Self self, object name)
    {
        RegistryKey key = KeyOf(name);
        Pid owner = WhereIs(key);
        if (!owner.IsNone)
            Unregister(key, owner);
        return default;
    }

    ProcessTask<Pid> INameRegistry.WhereIs(Self self, object name) => new(WhereIs(KeyOf(name)));

    /// <summary>A name is a key, as an object or as Erlang's term; any other term is a name by itself.</summary>
    private static RegistryKey KeyOf(object name) =>
        name is RegistryKey given ? given
        : RegistryKey.TryFrom(name, out RegistryKey key) ? key
        : RegistryKey.OfName(name);

    // ---- errors ----

    private static void ThrowNotUnique(RegistryKey key) =>
        throw new ArgumentException($"Many processes may have {key}; one at most bears a name or a counter of counters.", nameof(key));

    private static ArgumentException NoEntry(RegistryKey key, Pid owner) =>
        new(owner.IsNone ? $"{key} is not registered." : $"{owner} has not registered {key}.", nameof(key));
}
