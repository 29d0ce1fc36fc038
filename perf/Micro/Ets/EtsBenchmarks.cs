using BenchmarkDotNet.Attributes;
using CloudScale.Scheduling;

namespace CloudScale.Perf.Micro.Ets;

/// <summary>Single calls on tables of 100,000 objects, by type; keys are visited in an order that caches do not like.</summary>
[MemoryDiagnoser]
public class EtsBenchmarks
{
    private const int Objects = 100_000;
    private const int Step = 7_919;

    private readonly ProcessSystem _system = new(new ProcessSystemOptions { Schedulers = 1 });
    private EtsTable _table = null!;
    private EtsTable<long, long> _typed = null!;
    private object[] _atoms = null!;
    private MatchSpec _keyGiven = null!;
    private long _key;

    /// <summary>Which kind of table.</summary>
    [Params(EtsType.Set, EtsType.OrderedSet)]
    public EtsType Type { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        EtsOptions options = new() { Type = Type, Access = EtsAccess.Public };
        _table = _system.Ets.New(Atom.Of("t"), options);
        _typed = _system.Ets.New<long, long>(Atom.Of("t"), options);
        for (long key = 0; key < Objects; key++)
        {
            _table.Insert(Tuple.Of(key, 0L));
            _typed.Insert(key, 0);
        }

        _atoms = new object[1000];
        for (int i = 0; i < _atoms.Length; i++)
        {
            _atoms[i] = Atom.Of($"key{i}");
            _table.Insert(Tuple.Of(_atoms[i], 0L));
        }

        _keyGiven = List.Of(Tuple.Of(Tuple.Of(7L, Atom.Of("$1")), List.Empty, List.Of(Atom.Of("$1"))));
    }

    [GlobalCleanup]
    public void Stop() => _system.Dispose();

    [Benchmark(Baseline = true)]
    public bool LookupLong() => _table.TryLookup(NextKey(), out _);

    [Benchmark]
    public bool LookupAtom() => _table.TryLookup(_atoms[NextKey() % _atoms.Length], out _);

    [Benchmark]
    public bool LookupTyped() => _typed.TryLookup(NextKey(), out _);

    [Benchmark]
    public void Replace() => _table.Insert(Tuple.Of(NextKey(), 0L));

    [Benchmark]
    public void InsertAndDelete()
    {
        long key = NextKey() + Objects;
        _table.Insert(Tuple.Of(key, 0L));
        _table.Delete(key);
    }

    [Benchmark]
    public long UpdateCounter() => _table.UpdateCounter(NextKey(), 1);

    [Benchmark]
    public long UpdateCounterTyped() => _typed.UpdateCounter(NextKey(), 1);

    [Benchmark]
    public int SelectKeyGiven() => _table.Select(_keyGiven).Count;

    private long NextKey() => _key = (_key + Step) % Objects;
}

/// <summary>Counters by index.</summary>
[MemoryDiagnoser]
public class CountersBenchmarks
{
    private readonly Counters _plain = new(8);
    private readonly Counters _concurrent = new(8, writeConcurrency: true);

    [Benchmark(Baseline = true)]
    public void Add() => _plain.Add(3, 1);

    [Benchmark]
    public void AddWriteConcurrent() => _concurrent.Add(3, 1);

    [Benchmark]
    public long GetWriteConcurrent() => _concurrent.Get(3);
}
