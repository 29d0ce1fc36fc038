using BenchmarkDotNet.Attributes;
using CloudScale.Scheduling;

namespace CloudScale.Perf.Micro.Scheduling;

/// <summary>The cost of a message between processes of one scheduler, by what it carries. Allocated is per message: one envelope, and a box where there is one.</summary>
public class LocalSendBenchmarks
{
    private const int Messages = 100_000;
    private static readonly object s_message = new();

    private readonly ManualResetEventSlim _done = new();
    private ProcessSystem _system = null!;

    [GlobalSetup]
    public void Start() => _system = new ProcessSystem(new ProcessSystemOptions { Schedulers = 1 });

    [GlobalCleanup]
    public void Stop() => _system.Dispose();

    [Benchmark(Baseline = true, OperationsPerInvoke = Messages)]
    public void LongToSelf() =>
        Run(async self =>
        {
            for (int left = Messages; left > 0; left--)
            {
                self.Send(self.Pid, left);
                await self.Receive<long>();
            }

            _done.Set();
        });

    [Benchmark(OperationsPerInvoke = Messages)]
    public void ObjectToSelf() =>
        Run(async self =>
        {
            for (int left = Messages; left > 0; left--)
            {
                self.Send(self.Pid, s_message);
                await self.Receive();
            }

            _done.Set();
        });

    // Two messages and two switches an operation.
    [Benchmark(OperationsPerInvoke = Messages)]
    public void LongRoundTrip() =>
        Run(async self =>
        {
            Pid echo = self.Spawn(Echo);
            for (int left = Messages; left > 0; left--)
            {
                self.Send(echo, self.Pid);
                await self.Receive<long>();
            }

            self.Exit(echo, Atoms.Kill);
            _done.Set();
        });

    // From a thread that is no scheduler: the way of I/O into the house.
    [Benchmark(OperationsPerInvoke = Messages)]
    public void ObjectFromHostThread()
    {
        _done.Reset();
        Pid receiver = _system.Spawn(async self =>
        {
            for (int left = Messages; left > 0; left--)
                await self.Receive();
            _done.Set();
        });
        for (int left = Messages; left > 0; left--)
            _system.Send(receiver, s_message);
        _done.Wait();
    }

    private static async ProcessTask Echo(Self self)
    {
        while (true)
            self.Send(await self.Receive<Pid>(), 1L);
    }

    private void Run(Func<Self, ProcessTask> body)
    {
        _done.Reset();
        _system.Spawn(body);
        _done.Wait();
    }
}
