using CloudScale.Runtime.Registry;
using CloudScale.Scheduling;

namespace CloudScale;

/// <content>Searching, and sending to whom is found.</content>
public sealed partial class ProcessRegistry
{
    /// <summary>Events for whoever subscribes to them.</summary>
    public RegistryEvents Events => field ??= new RegistryEvents(this);

    internal int ClientCount
    {
        get
        {
            lock (_lock)
                return _clients.Count;
        }
    }

    internal ProcessSystem Processes => _processes;

    /// <summary>The entries of the living, of one kind or all: those that stay all the while are among them. In no order.</summary>
    public IEnumerable<RegistryEntry> All(RegistryKind? kind = null)
    {
        if (kind is null or RegistryKind.Name or RegistryKind.AggregatedCounter or RegistryKind.ResourceCounter)
        {
            foreach ((RegistryKey key, Entry entry) in _unique)
            {
                if ((kind ?? key.Kind) == key.Kind && (entry.Owner.Pid.IsNone || !LivingOwner(entry).IsNone))
                    yield return View(entry);
            }
        }

        if (kind is RegistryKind.Name or RegistryKind.AggregatedCounter or RegistryKind.ResourceCounter)
            yield break;
        foreach (RegistryKey key in _groups.Keys)
        {
            if ((kind ?? key.Kind) != key.Kind)
                continue;
            foreach (Entry entry in Living(key))
                yield return View(entry);
        }
    }

    /// <summary>What a match specification gives for entries, <c>{Key, Pid, Value}</c> with <c>{n, l, Name}</c> for the key and <c>shared</c> for the pid of nobody: <c>gproc:select/2</c>.</summary>
    /// <param name="specification">A list of clauses becomes one by itself.</param>
    /// <param name="kind">Which entries are looked at; all by default. A search looks at each.</param>
    public IReadOnlyList<object> Select(MatchSpec specification, RegistryKind? kind = null)
    {
        ArgumentNullException.ThrowIfNull(specification);
        return specification.Run(All(kind).Select(static entry => entry.ToTerm()));
    }

    /// <summary>For how many entries a match specification gives <c>true</c>: <c>gproc:select_count/2</c>.</summary>
    /// <inheritdoc cref="Select" path="/param"/>
    public int SelectCount(MatchSpec specification, RegistryKind? kind = null) =>
        Select(specification, kind).Count(static result => ReferenceEquals(Term.Normalize(result), Atoms.True));

    /// <summary>Sends to whoever bears a unique key, or to all who have one that many may have.</summary>
    /// <exception cref="ArgumentException">Nobody bears the unique key.</exception>
    public void Send(Self self, RegistryKey key, object message)
    {
        if (key.IsUnique)
            self.Send(Bearer(key), message);
        else
            foreach (Pid pid in Pids(key))
                self.Send(pid, message);
    }

    /// <summary>Sends from outside of any process to whoever bears a unique key, or to all who have one that many may have.</summary>
    /// <inheritdoc cref="Send(Self, RegistryKey, object)" path="/exception"/>
    public void Send(RegistryKey key, object message)
    {
        if (key.IsUnique)
            _processes.Send(Bearer(key), message);
        else
            foreach (Pid pid in Pids(key))
                _processes.Send(pid, message);
    }

    private Pid Bearer(RegistryKey key) => WhereIs(key) is { IsNone: false } pid ? pid : throw NoEntry(key, default);

    /// <summary>A server that buries the dead begins: all that are known, for it to monitor.</summary>
    internal IReadOnlyList<Pid> OnServer(Pid server)
    {
        lock (_lock)
        {
            _server = server;
            return [.. _clients.Keys];
        }
    }

    /// <summary>The entries of a key with what they are told by, for events.</summary>
    internal IEnumerable<Entry> Subscribers(RegistryKey key) => Living(key);

    internal Entry? FindOwn(RegistryKey key, Pid owner) => Find(key, owner);
}
