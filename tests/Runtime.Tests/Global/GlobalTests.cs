using CloudScale.Interop.Connections;
using CloudScale.Interop.Transport;

namespace CloudScale.Runtime.Tests;

/// <summary>Global names and locks on nodes of ours, over a network in memory.</summary>
public sealed class GlobalTests
{
    private static readonly Atom s_stop = Atom.Of("stop");
    private readonly InMemoryNetwork _network = new();
    private readonly InMemoryNodeDirectory _directory = new();
    private readonly List<Node> _nodes = [];

    [TearDown]
    public async Task StopNodes()
    {
        foreach (Node node in _nodes)
            await node.DisposeAsync();
        _nodes.Clear();
    }

    private async Task<Node> StartAsync(string host, bool prevents = true)
    {
        Node node = await Node.StartAsync(
            new NodeOptions
            {
                Name = $"node@{host}",
                Cookie = "secret",
                Schedulers = 1,
                Transport = _network.CreateTransport(host),
                Directory = _directory,
                ShutdownGrace = TimeSpan.FromMilliseconds(100),
                PreventOverlappingPartitions = prevents,
            }
        );
        _nodes.Add(node);
        return node;
    }

    private static Pid SpawnBearer(Node node) => node.Spawn(async self => await self.Receive<Atom>(atom => atom == s_stop));

    private static Task<bool> RegisterAsync(Node node, object name, Pid pid, ExternalFun? method = null) =>
        node.RunAsync(self => node.Global.Register(self, name, pid, method));

    private static Task<bool> SyncAsync(Node node) =>
        node.RunAsync(async self =>
        {
            await node.Global.Sync(self);
            return true;
        });

    private async Task<Node[]> ClusterAsync(int count)
    {
        Node[] nodes = new Node[count];
        for (int i = 0; i < count; i++)
            nodes[i] = await StartAsync($"{(char)('a' + i)}.test");
        for (int i = 1; i < count; i++)
            Assert.That(await nodes[i].ConnectAsync(nodes[0].Name));
        foreach (Node node in nodes)
        {
            await Eventually.TrueAsync(() => node.Nodes.Count == count - 1, $"{node.Name} is connected to all");
            await SyncAsync(node).WaitAsync(Eventually.Patience);
        }

        return nodes;
    }

    [Test]
    public async Task Register_OnOneNode_IsAnyTermsNameAndFreeAfterTheExit()
    {
        Node node = await StartAsync("a.test");
        Pid bearer = SpawnBearer(node);
        object name = Tuple.Of(Atom.Of("room"), 7);
        Assert.That(await RegisterAsync(node, name, bearer));
        Assert.That(node.Global.WhereIs(Tuple.Of(Atom.Of("room"), 7L)), Is.EqualTo(bearer));
        Assert.That(await RegisterAsync(node, name, SpawnBearer(node)), Is.False, "the name is taken");
        Assert.That(await RegisterAsync(node, "other", bearer), Is.False, "the process has a name");
        node.Send(bearer, s_stop);
        await Eventually.TrueAsync(() => node.Global.Names.Count == 0, "the name is free");
        Assert.That(await RegisterAsync(node, name, SpawnBearer(node)));
    }

    [Test]
    public async Task Register_InACluster_IsSeenByAllWhenItReturns()
    {
        Node[] nodes = await ClusterAsync(3);
        for (int i = 0; i < 10; i++)
        {
            Pid bearer = SpawnBearer(nodes[i % 3]);
            Assert.That(await RegisterAsync(nodes[(i + 1) % 3], i, bearer).WaitAsync(Eventually.Patience));
            foreach (Node node in nodes)
                Assert.That(node.Global.WhereIs(i), Is.EqualTo(bearer), $"{node.Name}, name {i}");
        }
    }

    [Test]
    public async Task Register_OneNameFromAllNodesAtOnce_OneOfThemHasIt()
    {
        Node[] nodes = await ClusterAsync(3);
        bool[] got = await Task.WhenAll(nodes.Select(node => RegisterAsync(node, "one", SpawnBearer(node)))).WaitAsync(Eventually.Patience);
        Assert.That(got.Count(yes => yes), Is.EqualTo(1));
        Pid bearer = nodes[0].Global.WhereIs("one");
        Assert.That(bearer.Node, Is.EqualTo(nodes[Array.IndexOf(got, true)].Identity));
        Assert.That(nodes.Select(node => node.Global.WhereIs("one")), Is.All.EqualTo(bearer));
    }

    /// <summary>As a C node gets a name: by a call to a node that has names.</summary>
    [Test]
    public async Task RegisterExternal_StandsWhileTheNodeDoesThatRegistered_AndItsBearerHearsOfTheEnd()
    {
        Node[] nodes = await ClusterAsync(3);
        TaskCompletionSource<object> end = new();
        Pid bearer = nodes[2]
            .Spawn(async self =>
            {
                self.TrapExit = true;
                end.SetResult((await self.Receive<Exit>()).Reason);
                await self.Receive<Atom>(atom => atom == s_stop);
            });
        Task<object> CallAsync(string function, params object[] arguments) =>
            nodes[0].RunAsync(self => Rpc.Call(self, nodes[1].Name, "global", function, [.. arguments]));
        foreach (string name in (string[])["one", "two"])
            Assert.That(await CallAsync("register_name_external", name, bearer), Is.EqualTo(Atom.Of("yes")));
        Assert.That(await CallAsync("register_name_external", "one", SpawnBearer(nodes[0])), Is.EqualTo(Atom.Of("no")));
        Assert.That(nodes.Select(node => node.Global.WhereIs("one")), Is.All.EqualTo(bearer));
        Assert.That(await CallAsync("unregister_name_external", "two"), Is.EqualTo(Atoms.Ok));
        Assert.That(end.Task.IsCompleted, Is.False);
        await nodes[1].DisposeAsync();
        Node[] left = [nodes[0], nodes[2]];
        await Eventually.TrueAsync(() => left.All(node => node.Global.Names.Count == 0), "the name has gone with its registrar");
        Assert.That(await end.Task.WaitAsync(Eventually.Patience), Is.EqualTo(Atoms.Shutdown).Or.EqualTo(Atoms.NoConnection));
    }

    [Test]
    public async Task ReRegisterAndUnregister_ChangeAllNodes()
    {
        Node[] nodes = await ClusterAsync(2);
        Assert.That(await RegisterAsync(nodes[0], "x", SpawnBearer(nodes[0])));
        Pid next = SpawnBearer(nodes[1]);
        await nodes[1]
            .RunAsync(async self =>
            {
                await nodes[1].Global.ReRegister(self, "x", next);
                return true;
            });
        Assert.That(nodes.Select(node => node.Global.WhereIs("x")), Is.All.EqualTo(next));
        await nodes[0]
            .RunAsync(async self =>
            {
                await nodes[0].Global.Unregister(self, "x");
                return true;
            });
        Assert.That(nodes.Select(node => node.Global.WhereIs("x").IsNone), Is.All.True);
    }

    [Test]
    public async Task Join_OfANode_BringsTheNamesOfBothSides()
    {
        Node[] nodes = await ClusterAsync(2);
        Assert.That(await RegisterAsync(nodes[0], "there", SpawnBearer(nodes[1])));
        Node late = await StartAsync("z.test");
        Pid bearer = SpawnBearer(late);
        Assert.That(await RegisterAsync(late, "late", bearer));
        Assert.That(await late.ConnectAsync(nodes[1].Name));
        await Eventually.TrueAsync(() => nodes.All(node => node.Global.WhereIs("late") == bearer), "its name comes to all");
        await Eventually.TrueAsync(() => !late.Global.WhereIs("there").IsNone, "and theirs to it");
        await Eventually.TrueAsync(() => late.Nodes.Count == 2, "it is connected to all");
    }

    [Test]
    public async Task Conflict_WhenPartitionsMeet_OneIsKilledAndAllSeeTheOther()
    {
        Node a = await StartAsync("a.test");
        Node b = await StartAsync("b.test");
        Pid[] bearers = [SpawnBearer(a), SpawnBearer(b)];
        Assert.That(await RegisterAsync(a, "x", bearers[0]));
        Assert.That(await RegisterAsync(b, "x", bearers[1]));
        Assert.That(await a.ConnectAsync(b.Name));
        await SyncAsync(a).WaitAsync(Eventually.Patience);
        await Eventually.TrueAsync(() => !a.Processes.IsAlive(bearers[0]) ^ !b.Processes.IsAlive(bearers[1]), "one of the two is killed");
        Pid kept = a.Processes.IsAlive(bearers[0]) ? bearers[0] : bearers[1];
        await Eventually.TrueAsync(() => a.Global.WhereIs("x") == kept && b.Global.WhereIs("x") == kept, "both know the other");
    }

    [Test]
    public async Task Conflict_UnderNotifyAll_BothHearOfItAndTheNameIsFree()
    {
        Node a = await StartAsync("a.test");
        Node b = await StartAsync("b.test");
        List<object> heard = [];
        Pid Listener(Node node) =>
            node.Spawn(async self =>
            {
                object news = await self.Receive();
                lock (heard)
                    heard.Add(news);
                await self.Receive();
            });
        Pid one = Listener(a);
        Pid other = Listener(b);
        Assert.That(await RegisterAsync(a, "x", one, GlobalNames.NotifyAll));
        Assert.That(await RegisterAsync(b, "x", other, GlobalNames.NotifyAll));
        Assert.That(await a.ConnectAsync(b.Name));
        await Eventually.TrueAsync(() => heard.Count == 2, "both are told");
        Assert.That(
            heard,
            Is.EquivalentTo(
                new object[]
                {
                    Tuple.Of(Atom.Of("global_name_conflict"), Binary.FromUtf8("x"), other),
                    Tuple.Of(Atom.Of("global_name_conflict"), Binary.FromUtf8("x"), one),
                }
            )
        );
        await Eventually.TrueAsync(() => a.Global.WhereIs("x").IsNone && b.Global.WhereIs("x").IsNone, "nobody has the name");
    }

    [Test]
    public async Task Locks_OnAllNodes_HaveOneHolderAndGoWithIt()
    {
        Node[] nodes = await ClusterAsync(2);
        Atom[] both = [nodes[0].Name, nodes[1].Name];
        TaskCompletionSource held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Pid holder = nodes[0]
            .Spawn(async self =>
            {
                Assert.That(await nodes[0].Global.SetLock(self, "door", self.Pid, both, 0));
                Assert.That(await nodes[0].Global.SetLock(self, "door", self.Pid, both, 0), "again, for the same requester");
                held.SetResult();
                await self.Receive();
            });
        await held.Task.WaitAsync(Eventually.Patience);
        Assert.That(await nodes[1].RunAsync(self => nodes[1].Global.SetLock(self, "door", self.Pid, both, 0)), Is.False);
        Assert.That(await nodes[1].RunAsync(self => nodes[1].Global.SetLock(self, "window", self.Pid, both, 0)), "another resource");
        nodes[0].Send(holder, s_stop);
        Assert.That(
            await nodes[1].RunAsync(self => nodes[1].Global.SetLock(self, "door", self.Pid, both)).WaitAsync(Eventually.Patience),
            "it goes with its holder"
        );
    }

    [Test]
    public async Task LostConnection_BetweenTwoOfThree_LeavesPartitionsThatDoNotOverlap()
    {
        Node[] nodes = await ClusterAsync(3);
        Assert.That(nodes[0].Disconnect(nodes[1].Name));
        // The third must not stay with both: it parts with at least one.
        await Eventually.TrueAsync(() => nodes[2].Nodes.Count < 2, "the third parts");
        Assert.That(nodes.Select(node => node.Global.Names.Count), Is.All.Zero);
    }

    [Test]
    public async Task LostConnection_WherePartitionsMayOverlap_LeavesTheOthersAlone()
    {
        Node[] nodes = [await StartAsync("a.test", false), await StartAsync("b.test", false), await StartAsync("c.test", false)];
        for (int i = 1; i < 3; i++)
            Assert.That(await nodes[i].ConnectAsync(nodes[0].Name));
        await Eventually.TrueAsync(() => nodes.All(node => node.Nodes.Count == 2), "all are connected");
        foreach (Node node in nodes)
            await SyncAsync(node).WaitAsync(Eventually.Patience);
        Assert.That(nodes[0].Disconnect(nodes[1].Name));
        await Eventually.TrueAsync(() => nodes[0].Nodes.Count == 1, "that connection is gone");
        await SyncAsync(nodes[2]).WaitAsync(Eventually.Patience);
        Assert.That(nodes[2].Nodes, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Servers_UnderGlobalNames_AreCalledFromOtherNodes()
    {
        Node[] nodes = await ClusterAsync(2);
        Assert.That(
            (await nodes[0].StartAsync(new Doubler(), new StartOptions { Name = ServerName.Via(nodes[0].Global, "doubler") })).IsOk
        );
        Assert.That(
            await nodes[1].CallAsync(ServerName.Via(nodes[1].Global, "doubler"), 21L).WaitAsync(Eventually.Patience),
            Is.EqualTo(42L)
        );
        StartResult again = await nodes[1]
            .StartAsync(new Doubler(), new StartOptions { Name = ServerName.Via(nodes[1].Global, "doubler") });
        Assert.That(again.AlreadyStarted, Is.EqualTo(nodes[0].Global.WhereIs("doubler")));
    }

    private sealed class Doubler : GenServer
    {
        protected override ProcessTask<Next> HandleCall(object request, From from) => Reply(2 * (long)request);
    }

    /// <summary>Nodes come and go while names are registered; when all are connected again, all see the same names, each of a living process.</summary>
    [Test]
    public async Task Names_AfterRandomJoinsAndLosses_AreTheSameEverywhere()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        Node[] nodes = [await StartAsync("a.test"), await StartAsync("b.test"), await StartAsync("c.test")];
        for (int step = 0; step < 40; step++)
        {
            Node node = nodes[random.Next(3)];
            switch (random.Next(4))
            {
                case 0:
                    await node.ConnectAsync(nodes[random.Next(3)].Name);
                    break;
                case 1:
                    node.Disconnect(nodes[random.Next(3)].Name);
                    break;
                default:
                    await RegisterAsync(node, random.Next(8), SpawnBearer(node)).WaitAsync(Eventually.Patience);
                    break;
            }
        }

        await Eventually.TrueAsync(
            async () =>
            {
                foreach (Node node in nodes)
                foreach (Node other in nodes)
                    await node.ConnectAsync(other.Name);
                return Views(nodes).Distinct().Count() == 1
                    && nodes.All(node => node.Nodes.Count == 2 && node.Global.Names.All(name => !node.Global.WhereIs(name).IsNone));
            },
            $"all see the same (seed {seed}): {string.Join(" | ", Views(nodes))}"
        );
        foreach (object name in nodes[0].Global.Names)
        {
            Pid bearer = nodes[0].Global.WhereIs(name);
            Assert.That(
                nodes.Single(node => ReferenceEquals(node.Name, bearer.Node.Name)).Processes.IsAlive(bearer),
                $"seed {seed}, name {name}"
            );
        }
    }

    private static string[] Views(Node[] nodes) =>
        [
            .. nodes.Select(node =>
                string.Join(
                    ", ",
                    node.Global.Names.Order(TermComparer.Instance)
                        .Select(name => $"{name}={node.Global.WhereIs(name)}@{node.Global.WhereIs(name).Node?.Name}")
                )
            ),
        ];
}
