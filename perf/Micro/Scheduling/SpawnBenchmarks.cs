using BenchmarkDotNet.Attributes;
using CloudScale.Scheduling;

namespace CloudScale.Perf.Micro.Scheduling;

/// <summary>The life of a process that does nothing, by how it is made and watched. Allocated is per process.</summary>
public class SpawnBenchmarks
{
    private const int Spawns = 50_000;

    private readonly ManualResetEventSlim _done = new();
    private ProcessSystem _system = null!;

    [GlobalSetup]
    public void Start() => _system = new ProcessSystem(new ProcessSystemOptions { Schedulers = 1 });

    [GlobalCleanup]
    public void Stop() => _system.Dispose();

    [Benchmark(Baseline = true, OperationsPerInvoke = Spawns)]
    public void Body() => Run(static self => self.Spawn(static _ => ProcessTask.Completed));

    [Benchmark(OperationsPerInvoke = Spawns)]
    public void Handler() => Run(static self => self.Spawn(new Idle()), kill: true);

    [Benchmark(OperationsPerInvoke = Spawns)]
    public void MonitoredBody()
    {
        _done.Reset();
        _system.Spawn(async self =>
        {
            for (int left = Spawns; left > 0; left--)
            {
                self.SpawnMonitor(static _ => ProcessTask.Completed, out _);
                await self.Receive<Down>();
            }

            _done.Set();
        });
        _done.Wait();
    }

    private void Run(Func<Self, Pid> spawn, bool kill = false)
    {
        _done.Reset();
        _system.Spawn(async self =>
        {
            for (int left = Spawns; left > 0; left--)
            {
                Pid child = spawn(self);
                if (kill)
                    self.Exit(child, Atoms.Kill);
                await self.Yield(); // the child runs, and is garbage before the next
            }

            _done.Set();
        });
        _done.Wait();
    }

    private sealed class Idle : ProcessHandler
    {
        protected internal override ProcessTask OnMessage(Self self, Message message) => default;
    }
}
