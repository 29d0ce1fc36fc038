using CloudScale.Interop.Connections;
using CloudScale.Interop.Transport;
using CloudScale.Scheduling;

namespace CloudScale.Perf.Pressure.Programs;

/// <summary>Systems and whole nodes are started and stopped over and over in one program: no thread and no memory may stay behind.</summary>
internal sealed class Restarts(int rounds) : PressureProgram
{
    public override string Name => "nodes";

    public override string What => $"{rounds:#,0} process systems, and as many pairs of connected nodes, started and stopped";

    public override async Task Run(Findings findings)
    {
        await Repeat("systems", findings, () => System(findings));
        await Repeat("pairs of nodes", findings, () => Nodes(findings));
    }

    // What the first tenth leaves is the code and the caches; the rest may leave nothing.
    private async Task Repeat(string what, Findings findings, Func<Task> once)
    {
        int first = Math.Max(rounds / 10, 1);
        for (int round = 0; round < first; round++)
            await once();
        (int threadsBefore, MemoryUse before) = (await Threads(), await MemoryUse.AfterCollection());
        long began = Environment.TickCount64;
        for (int round = first; round < rounds; round++)
            await once();
        findings.Add($"{what}, start to stop", (double)(Environment.TickCount64 - began) / (rounds - first), "ms each");
        (int threadsAfter, MemoryUse after) = (await Threads(), await MemoryUse.AfterCollection());
        findings.Add($"{what}, threads after a tenth", threadsBefore, "");
        findings.Add($"{what}, threads at the end", threadsAfter, "");
        findings.Add($"{what}, heap after a tenth", before.Heap / 1e6, "MB");
        findings.Add($"{what}, heap at the end", after.Heap / 1e6, "MB");
        findings.Add($"{what}, resident after a tenth", before.Resident / 1e6, "MB");
        findings.Add($"{what}, resident at the end", after.Resident / 1e6, "MB");
        // The pool of the base library comes and goes by a few.
        findings.Check(threadsAfter <= threadsBefore + 8, $"{what}: {threadsBefore} threads became {threadsAfter}");
        findings.Check(
            after.Heap <= before.Heap + (1 << 20),
            $"{what}: the heap grew from {before.Heap / 1e6:0.0} to {after.Heap / 1e6:0.0} MB"
        );
    }

    private static async Task System(Findings findings)
    {
        ProcessSystem system = findings.NewSystem(schedulers: 2);
        Pid echo = system.Spawn(Echo, new SpawnOptions { Name = Atom.Of("echo") });
        long answer = await system.Run(async self =>
        {
            self.Monitor(echo);
            self.SendAfter(TimeSpan.FromHours(1), echo, self.Pid); // what is on its way when all ends
            self.Send(echo, self.Pid);
            return await self.Receive<long>();
        });
        findings.Check(answer == 1, $"the echo answered {answer}");
        await findings.Stop(system);
    }

    private static async Task Nodes(Findings findings)
    {
        InMemoryNetwork network = new();
        InMemoryNodeDirectory directory = new();
        await using Node left = await Start("left.test");
        await using Node right = await Start("right.test");
        right.Spawn(Echo, new SpawnOptions { Name = Atom.Of("echo") });
        var answered = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        left.Spawn(async self =>
        {
            self.Send("echo", right.Name, self.Pid);
            answered.SetResult(await self.Receive<long>(TimeSpan.FromSeconds(30)));
        });
        long answer = await answered.Task.WaitAsync(TimeSpan.FromSeconds(30));
        findings.Check(answer == 1, $"the echo of the other node answered {answer}");

        Task<Node> Start(string host) =>
            Node.StartAsync(
                new NodeOptions
                {
                    Name = $"node@{host}",
                    Cookie = "pressure",
                    Schedulers = 1,
                    Transport = network.CreateTransport(host),
                    Directory = directory,
                    ShutdownGrace = TimeSpan.FromSeconds(1),
                }
            );
    }

    private static async ProcessTask Echo(Self self)
    {
        while (true)
            self.Send(await self.Receive<Pid>(), 1L);
    }

    // A thread that has been told to end may need a moment to be gone.
    private static async Task<int> Threads()
    {
        int fewest = int.MaxValue;
        for (int tries = 0; tries < 20; tries++)
        {
            fewest = Math.Min(fewest, Directory.GetDirectories("/proc/self/task").Length);
            await Task.Delay(10);
        }

        return fewest;
    }
}
