using CloudScale.Runtime.Registry;

namespace CloudScale;

/// <summary>Workers of which one is picked for each task: what gproc_pool is to Erlang.</summary>
/// <remarks>
/// <para>A pool has places. A worker is first added under a name, which gives it a place, and then a process is connected to it, and again another when that one has exited. The process bears the name
/// <c>{n, l, [gproc_pool, Pool, Position, Name]}</c>, so nobody has to tell the pool of an exit.</para>
/// <para>Threads: any. Picking takes no lock. Made by <see cref="ProcessRegistry.CreatePool"/>.</para>
/// </remarks>
public sealed partial class ProcessPool
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private readonly ProcessRegistry _registry;
    private readonly PoolOptions _options;
    private readonly ulong _seed;
    private readonly Lock _lock = new();
    private PoolSlot?[] _slots; // replaced as a whole, under the lock
    private long _turn;

    internal ProcessPool(ProcessRegistry registry, object name, PoolKind kind, PoolOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Size, nameof(options));
        _registry = registry;
        _options = options;
        _slots = new PoolSlot?[options.Size];
        _seed = options.Seed ?? (ulong)Random.Shared.NextInt64();
        Name = name;
        Kind = kind;
    }

    /// <summary>The pool's name: any term.</summary>
    public object Name { get; }

    /// <summary>How it picks.</summary>
    public PoolKind Kind { get; }

    /// <summary>How many places it has.</summary>
    public int Size => Volatile.Read(ref _slots).Length;

    /// <summary>The workers that have been added, connected or not, in the order of their places.</summary>
    public IReadOnlyList<PoolWorker> Workers => [.. Volatile.Read(ref _slots).OfType<PoolSlot>().Select(View)];

    /// <summary>The workers that are connected.</summary>
    public IReadOnlyList<PoolWorker> ActiveWorkers => [.. Workers.Where(static worker => !worker.Pid.IsNone)];

    // ---- workers ----

    /// <summary>Adds a worker at the first free place.</summary>
    /// <param name="name">Any term.</param>
    /// <returns>Its place, from 1.</returns>
    /// <exception cref="ArgumentException">There is a worker of this name.</exception>
    /// <exception cref="InvalidOperationException">The pool is full, and does not grow.</exception>
    public int AddWorker(object name)
    {
        lock (_lock)
        {
            int index = Array.IndexOf(_slots, null);
            return AddLocked(name, index < 0 ? _slots.Length : index);
        }
    }

    /// <summary>Adds a worker at a place.</summary>
    /// <param name="name">Any term.</param>
    /// <param name="position">Counts from 1.</param>
    /// <inheritdoc cref="AddWorker(object)" path="/exception"/>
    /// <exception cref="ArgumentException">The place is taken, or there is a worker of this name.</exception>
    public void AddWorker(object name, int position)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(position, 1);
        lock (_lock)
            AddLocked(name, position - 1);
    }

    private int AddLocked(object name, int index)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Find(name) is not null)
            throw new ArgumentException($"The pool has a worker {Term.Format(name)} already.", nameof(name));
        if (index >= _slots.Length && !_options.Grows)
            throw new InvalidOperationException($"All {_slots.Length} places of the pool are taken.");
        if (index < _slots.Length && _slots[index] is not null)
            throw new ArgumentException($"The place {index + 1} is taken.", nameof(index));
        PoolSlot?[] slots = new PoolSlot?[Math.Max(_slots.Length, index + 1)];
        _slots.CopyTo(slots, 0);
        slots[index] = new PoolSlot(Name, index + 1, name);
        Volatile.Write(ref _slots, slots);
        return index + 1;
    }

    /// <summary>Removes a worker; the process that is connected leaves the pool.</summary>
    /// <returns>Whether there was one.</returns>
    public bool RemoveWorker(object name)
    {
        lock (_lock)
        {
            if (Find(name) is not { } slot)
                return false;
            PoolSlot?[] slots = [.. _slots];
            slots[slot.Position - 1] = null;
            Volatile.Write(ref _slots, slots);
            Disconnect(slot);
            return true;
        }
    }

    /// <summary>A process takes the place of a worker.</summary>
    /// <returns>False if another has it, or the process is not alive.</returns>
    /// <exception cref="ArgumentException">No worker of this name has been added.</exception>
    public bool ConnectWorker(object name, Pid process)
    {
        lock (_lock)
        {
            PoolSlot slot = Find(name) ?? throw Unknown(name);
            if (!_registry.TryRegister(slot.Key, process))
                return false;
            slot.Connected = _registry.FindOwn(slot.Key, process);
            if (Kind == PoolKind.Claim)
                ServeWaitingLocked();
            return true;
        }
    }

    /// <summary>The process of a worker leaves; the place stays.</summary>
    /// <returns>Whether one was connected.</returns>
    /// <exception cref="ArgumentException">No worker of this name has been added.</exception>
    public bool DisconnectWorker(object name) => Disconnect(Find(name) ?? throw Unknown(name));

    private bool Disconnect(PoolSlot slot) => WorkerOf(slot) is { IsNone: false } pid && _registry.Unregister(slot.Key, pid);

    /// <summary>The process of a worker; none if nobody is connected, or there is no such worker.</summary>
    public Pid WhereIsWorker(object name) => Find(name) is { } slot ? WorkerOf(slot) : default;

    /// <summary>Whoever works at a place; none for nobody.</summary>
    private Pid WorkerOf(PoolSlot slot) => slot.Connected is { } entry ? _registry.OwnerOf(entry) : default;

    /// <summary>The key that the process of a worker bears.</summary>
    /// <exception cref="ArgumentException">No worker of this name has been added.</exception>
    public RegistryKey WorkerKey(object name) => (Find(name) ?? throw Unknown(name)).Key;

    /// <summary>Counts one task of a worker, for those who want to see what is picked.</summary>
    /// <returns>How many it has.</returns>
    /// <exception cref="ArgumentException">No worker of this name has been added.</exception>
    public long Log(object name) => Interlocked.Increment(ref (Find(name) ?? throw Unknown(name)).Count);

    private PoolSlot? Find(object name)
    {
        foreach (PoolSlot? slot in Volatile.Read(ref _slots))
        {
            if (slot is not null && Term.AreEqual(slot.Name, name))
                return slot;
        }

        return null;
    }

    private PoolWorker View(PoolSlot slot) => new(slot.Name, slot.Position, WorkerOf(slot), Volatile.Read(ref slot.Count));

    // ---- picking ----

    /// <summary>Picks a worker, of a pool that goes round or by chance.</summary>
    /// <returns>Its process; none if nobody is connected.</returns>
    /// <exception cref="InvalidOperationException">The pool picks by a term, or is claimed from.</exception>
    public Pid Pick() =>
        Kind switch
        {
            PoolKind.RoundRobin => PickFrom((ulong)Interlocked.Increment(ref _turn) - 1, isExact: false),
            PoolKind.Random => PickFrom(Mixed((ulong)Interlocked.Increment(ref _turn)), isExact: false),
            _ => throw WrongKind(),
        };

    /// <summary>Picks the worker for a term, of a pool that picks by hash; or at a place, of a direct one, where places beyond the last go round.</summary>
    /// <param name="value">Any term; for a direct pool an integer from 1.</param>
    /// <returns>Its process. None if nobody is connected; in a direct pool, at that place.</returns>
    /// <exception cref="InvalidOperationException">The pool does not pick by a term.</exception>
    public Pid Pick(object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Kind switch
        {
            PoolKind.Hash => PickFrom(Mixed((uint)Term.Hash(value), 0), isExact: false),
            PoolKind.Direct => Term.Normalize(value) is long position and > 0
                ? PickFrom((ulong)position - 1, isExact: true)
                : throw new ArgumentException($"A place is an integer from 1, and not {Term.Format(value)}.", nameof(value)),
            _ => throw WrongKind(),
        };
    }

    /// <summary>Lets a pool that goes round go on from a place by chance.</summary>
    public void Randomize() => Interlocked.Exchange(ref _turn, (long)(Mixed((ulong)Interlocked.Increment(ref _turn)) >> 1));

    private Pid PickFrom(ulong start, bool isExact)
    {
        PoolSlot?[] slots = Volatile.Read(ref _slots);
        ulong count = (ulong)slots.Length;
        if (count == 0)
            return default;
        ulong index = start % count;
        for (ulong tried = 0; tried < count; tried++)
        {
            if (slots[index] is { } slot && WorkerOf(slot) is { IsNone: false } pid)
                return pid;
            if (isExact)
                return default;
            index = index + 1 == count ? 0 : index + 1;
        }

        return default;
    }

    /// <summary>SplitMix64.</summary>
    private ulong Mixed(ulong turn) => Mixed(turn, _seed);

    private static ulong Mixed(ulong turn, ulong seed)
    {
        ulong mixed = unchecked(seed + (turn * Golden));
        mixed = unchecked((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9);
        mixed = unchecked((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB);
        return mixed ^ (mixed >> 31);
    }

    private InvalidOperationException WrongKind() => new($"This pool picks by {Kind}, and not so.");

    private ArgumentException Unknown(object name) => new($"The pool {Term.Format(Name)} has no worker {Term.Format(name)}.", nameof(name));
}
