namespace CloudScale.HotCode.Tests;

/// <summary>Whole nodes under load, and what is left of the old code in memory.</summary>
public sealed class LoadTests
{
    private Node _node = null!;

    [SetUp]
    public async Task StartNode() =>
        _node = await Node.StartAsync(new NodeOptions { Schedulers = 2, ShutdownGrace = TimeSpan.FromMilliseconds(100) });

    [TearDown]
    public async Task StopNode() => await _node.DisposeAsync();

    [Test]
    public async Task Upgrade_UnderLoad_LosesNoCall_MigratesState_UnloadsTheOldCode()
    {
        const int Callers = 8;
        const int Servers = 4;
        _node.Code.Load(Library.First);
        Pid[] servers = new Pid[Servers];
        for (int i = 0; i < Servers; i++)
            servers[i] = (await _node.StartAsync(_node.Code.Create(Library.Name, Library.Counter))).Pid;
        bool isOver = false;
        System.Diagnostics.Stopwatch elapsed = System.Diagnostics.Stopwatch.StartNew();
        long calls = 0;
        Task<long>[] callers =
        [
            .. Enumerable
                .Range(0, Callers)
                .Select(caller =>
                    _node.RunAsync(async self =>
                    {
                        long mine = 0;
                        while (!Volatile.Read(ref isOver))
                        {
                            await self.Call(servers[(caller + mine) % Servers], (Atom)"next", Eventually.Patience);
                            mine++;
                            Interlocked.Increment(ref calls);
                        }

                        return mine;
                    })
                ),
        ];
        await Beyond(10_000);
        UpgradeResult failed = await _node.Code.UpgradeAsync(UpgradeInstruction.Update(Library.Name, Library.Stateless));
        await Beyond(10_000);
        UpgradeResult result = await _node.Code.UpgradeAsync(UpgradeInstruction.Update(Library.Name, Library.Second));
        await Beyond(10_000);
        Volatile.Write(ref isOver, true);
        long made = (await Task.WhenAll(callers).WaitAsync(Eventually.Patience)).Sum();
        long counted = 0;
        foreach (Pid server in servers)
            counted += (long)((Tuple)await _node.RunAsync(self => self.GetState(server)))[0];

        TestContext.Out.WriteLine($"{made} calls, {made / elapsed.Elapsed.TotalSeconds:F0} a second");
        Assert.Multiple(() =>
        {
            Assert.That(failed.IsOk, Is.False);
            Assert.That(result.ToString(), Is.EqualTo($"ok, {Servers} processes"));
            Assert.That(counted, Is.EqualTo(made), "each call was counted once, by old code or new");
        });
        Assert.That(await result.Replaced.Single().WaitUnloadedAsync(Eventually.Patience), "the old code is unloaded");

        Task Beyond(long more)
        {
            long target = Interlocked.Read(ref calls) + more;
            return Eventually.TrueAsync(() => Interlocked.Read(ref calls) >= target, $"{more} more calls");
        }
    }

    /// <summary>Everything that a process has at the time: timers, debugging, a supervisor, a state machine, a crash, a report.</summary>
    [Test]
    public async Task Upgrade_OfEveryKindOfProcess_AndBack_LeavesNoOldCode()
    {
        _node.Code.Load(Library.First);
        Pid tree = (await _node.StartAsync(_node.Code.Create(Library.Name, Library.Tree))).Pid;
        Pid door = (await _node.StartAsync(_node.Code.Create(Library.Name, Library.Door))).Pid;
        await _node.RunAsync(async self =>
        {
            self.Cast(door, "later");
            await self.Debug(door, Tuple.Of((Atom)"log", Atoms.True));
            await self.GetStatus(door);
            Pid child = (await self.WhichChildren(tree))[0].Pid;
            await self.Call(child, (Atom)"next");
            self.Exit(child, (Atom)"crash");
            return true;
        });
        UpgradeResult result = await _node.Code.UpgradeAsync(UpgradeInstruction.Update(Library.Name, Library.Second));
        Assert.That(result.ToString(), Does.StartWith("ok"));
        Assert.That(await result.Replaced.Single().WaitUnloadedAsync(Eventually.Patience), "the old code is unloaded");
        Assert.That(_node.Processes.IsAlive(door));
    }

    [Test]
    public async Task Upgrade_ThatFails_UnloadsTheNewCode_ManyTimes()
    {
        _node.Code.Load(Library.First);
        Pid counter = (await _node.StartAsync(_node.Code.Create(Library.Name, Library.Counter))).Pid;
        int before = AppDomain.CurrentDomain.GetAssemblies().Length;
        for (int i = 0; i < 10; i++)
            Assert.That((await _node.Code.UpgradeAsync(UpgradeInstruction.Update(Library.Name, Library.Failing))).IsOk, Is.False);
        await Eventually.TrueAsync(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return AppDomain.CurrentDomain.GetAssemblies().Length <= before;
            },
            "ten versions that were refused are unloaded"
        );
        Assert.That(await _node.CallAsync(counter, (Atom)"next"), Is.EqualTo(1L));
    }
}
