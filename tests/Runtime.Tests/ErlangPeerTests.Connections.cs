namespace CloudScale.Runtime.Tests;

/// <summary>The life of connections: made, refused, lost, made again.</summary>
public sealed partial class ErlangPeerTests
{
    [Test]
    public async Task Reconnect_TenTimesInARow_EachTimeUpAndDown()
    {
        TaskCompletionSource<List<string>> done = Completion<List<string>>();
        await using Node other = await Node.StartAsync(Options("again@127.0.0.1"), _log);
        Pid watcher = other.Spawn(async self =>
        {
            List<string> seen = [];
            while (seen.Count < 20)
                seen.Add((await self.Receive()).GetType().Name);
            done.SetResult(seen);
        });
        other.MonitorNodes(watcher);
        for (int i = 0; i < 10; i++)
        {
            if (i % 2 == 0)
                Assert.That(await other.PingAsync("peer@127.0.0.1"), $"ping {i}");
            else
                Assert.That(await _erlang.EvalAsync("net_adm:ping('again@127.0.0.1')"), Is.EqualTo("pong"), $"ping {i}");
            await _erlang.IdleAsync();
            if (i % 3 == 0)
                Assert.That(other.Disconnect("peer@127.0.0.1"));
            else
                Assert.That(await _erlang.EvalAsync("erlang:disconnect_node('again@127.0.0.1')"), Is.EqualTo("true"));
            await Eventually.TrueAsync(() => other.Nodes.Count == 0, $"the connection is gone, {i}");
            await Eventually.TrueAsync(
                async () => await _erlang.EvalAsync("lists:member('again@127.0.0.1', nodes())") == "false",
                $"the connection is gone there too, {i}"
            );
        }

        Assert.That(
            await Within(done.Task),
            Is.EqualTo(Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? nameof(NodeUp) : nameof(NodeDown)))
        );
    }

    [Test]
    public async Task SimultaneousConnect_BothSucceedOverOneConnection()
    {
        for (int i = 0; i < 10; i++)
        {
            // A name below the peer's and one above it: either side's attempt is the one that counts.
            string name = i % 2 == 0 ? $"a{i}@127.0.0.1" : $"z{i}@127.0.0.1";
            await using Node other = await Node.StartAsync(Options(name));
            Task<string> there = _erlang.EvalAsync($"net_adm:ping('{name}')");
            Task<bool> here = other.PingAsync("peer@127.0.0.1");
            Assert.That(await Within(here), $"{name}: our ping");
            Assert.That(await Within(there), Is.EqualTo("pong"), $"{name}: their ping");
            Assert.That(other.Nodes, Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task WrongCookie_BothWays_IsRefusedAndLogged()
    {
        LogRecorder log = new();
        await using Node stranger = await Node.StartAsync(Options("stranger@127.0.0.1", "wrong"), log);
        Assert.That(await stranger.PingAsync("peer@127.0.0.1"), Is.False);
        Assert.That(await _erlang.EvalAsync("net_adm:ping('stranger@127.0.0.1')"), Is.EqualTo("pang"));
        Assert.That(stranger.Nodes, Is.Empty);
        Assert.That(
            string.Join("\n", log.AtLeast(Microsoft.Extensions.Logging.LogLevel.Warning)),
            Does.Contain("cookie").IgnoreCase.And.Contain("peer@127.0.0.1")
        );
    }

    [Test]
    public async Task ErlangKilled_NodeDownLinksAndMonitorsFire()
    {
        await using ErlangNode victim = await ErlangNode.StartAsync("victim@127.0.0.1", Cookie, _epmd.Port, "-kernel", "net_ticktime", "4");
        NodeOptions options = Options("mourner@127.0.0.1");
        options.TickTime = TimeSpan.FromSeconds(4);
        await using Node other = await Node.StartAsync(options);
        TaskCompletionSource<List<object>> done = Completion<List<object>>();
        TaskCompletionSource linked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Pid mourner = other.Spawn(
            async self =>
            {
                Pid peer = await self.Receive<Pid>();
                self.Link(peer);
                self.Monitor(peer);
                self.Send(peer, (Atom)"ready");
                linked.SetResult();
                List<object> got = [];
                for (int i = 0; i < 3; i++)
                    got.Add(
                        await self.Receive() switch
                        {
                            Down down => Tuple.Of((Atom)"down", down.Reason),
                            Exit exit => Tuple.Of((Atom)"exit", exit.Reason),
                            NodeDown node => Tuple.Of((Atom)"nodedown", node.Node),
                            object any => any,
                        }
                    );
                done.SetResult(got);
            },
            new SpawnOptions { Name = "mourner", TrapExit = true }
        );
        await victim.EvalAsync(
            "Pv = spawn(fun() -> {mourner, 'mourner@127.0.0.1'} ! self(), receive ready -> test ! ready end, receive never -> ok end end), receive ready -> ok end"
        );
        await Within(linked.Task.ContinueWith(_ => true, TaskScheduler.Default));
        other.MonitorNodes(mourner);
        long before = Environment.TickCount64;
        await victim.KillAsync();
        List<object> got = await Within(done.Task);
        Assert.That(Environment.TickCount64 - before, Is.LessThan(5_000), "within the tick time");
        Assert.That(
            got.Select(Term.Format),
            Is.EquivalentTo(new[] { "{down,noconnection}", "{exit,noconnection}", "{nodedown,'victim@127.0.0.1'}" })
        );
    }

    [Test]
    public async Task UnreachableNode_LinkAndMonitor_EndWithNoConnection()
    {
        TaskCompletionSource<List<object>> done = Completion<List<object>>();
        Pid ghost = new(new NodeIdentity("ghost@127.0.0.1", 1), 42);
        _node.Spawn(
            async self =>
            {
                List<object> got = [];
                self.Monitor(ghost);
                got.Add((await self.Receive<Down>()).Reason);
                self.Link(ghost);
                got.Add((await self.Receive<Exit>()).Reason);
                self.Monitor("name", "ghost@127.0.0.1");
                got.Add((await self.Receive<Down>()).Reason);
                self.Send(ghost, "lost, and no error");
                done.SetResult(got);
            },
            new SpawnOptions { TrapExit = true }
        );
        Assert.That(await Within(done.Task), Has.All.EqualTo(Atoms.NoConnection));
    }

    [Test]
    public async Task SeveralErlangNodes_AtOnce()
    {
        ErlangNode[] peers = await Task.WhenAll(
            Enumerable.Range(0, 3).Select(i => ErlangNode.StartAsync($"multi{i}@127.0.0.1", Cookie, _epmd.Port))
        );
        try
        {
            TaskCompletionSource<HashSet<string>> done = Completion<HashSet<string>>();
            _node.Spawn(
                async self =>
                {
                    HashSet<string> seen = [];
                    while (seen.Count < 3)
                        seen.Add((await self.Receive<Pid>()).Node.Name.Name);
                    done.SetResult(seen);
                },
                new SpawnOptions { Name = "gather" }
            );
            await Task.WhenAll(peers.Select(peer => peer.EvalAsync($"{{gather, {_here}}} ! self()")));
            Assert.That(await Within(done.Task), Is.EquivalentTo(peers.Select(peer => peer.Name)));
        }
        finally
        {
            foreach (ErlangNode peer in peers)
                await peer.DisposeAsync();
        }
    }
}
