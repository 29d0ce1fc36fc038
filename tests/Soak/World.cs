using System.Collections.Concurrent;
using CloudScale.Perf.Pressure;
using CloudScale.Scheduling;

namespace CloudScale.Soak;

/// <summary>What all roles share: the system, the crowd of strangers they monitor, link to and kill, and the account of what went wrong.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class World(Findings findings, ProcessSystem system, int seed, int crowd)
{
    private readonly Pid[] _crowd = new Pid[crowd];
    private readonly ConcurrentDictionary<string, StrongBox> _episodes = new();
    private volatile bool _stopping;
    private int _resources;

    public ProcessSystem System => system;

    public int CrowdSize => _crowd.Length;

    /// <summary>Everyone is to finish what it has begun.</summary>
    public bool Stopping => _stopping;

    /// <summary>Resources that processes own now.</summary>
    public int Resources => Volatile.Read(ref _resources);

    /// <summary>Episodes lived, by role.</summary>
    public IEnumerable<(string Role, long Count)> Episodes =>
        _episodes.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, Volatile.Read(ref pair.Value.Count)));

    public void Stop() => _stopping = true;

    public void Check(bool holds, string promise) => findings.Check(holds, promise);

    public void CountEpisode(Role role) => Interlocked.Increment(ref _episodes.GetOrAdd(role.Name, _ => new()).Count);

    /// <summary>A source of chance that a seed and a place decide, not the order of threads.</summary>
    public Random NewRandom(int place) => new((seed * 31) + place);

    /// <summary>Some process of the crowd; it may be dead already, or never have been.</summary>
    public Pid Stranger(Random random)
    {
        lock (_crowd)
            return _crowd[random.Next(_crowd.Length)] is { IsNone: false } pid ? pid : new Pid(system.Identity, (1UL << 27) - 1);
    }

    public void SetStranger(int place, Pid pid)
    {
        lock (_crowd)
            _crowd[place] = pid;
    }

    /// <summary>Something a process owns: it must be given back however the process ends.</summary>
    public IDisposable NewResource()
    {
        Interlocked.Increment(ref _resources);
        return new Resource(this);
    }

    private sealed class Resource(World world) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            world.Check(Interlocked.Exchange(ref _disposed, 1) == 0, "a resource was given back twice");
            Interlocked.Decrement(ref world._resources);
        }
    }

    private sealed class StrongBox
    {
        public long Count;
    }
}
