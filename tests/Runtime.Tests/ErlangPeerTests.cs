namespace CloudScale.Runtime.Tests;

/// <summary>A node of ours beside a real Erlang node: what each can do to the other's processes.</summary>
[Category("OtpNode")]
public sealed partial class ErlangPeerTests
{
    private const string Cookie = "secret";

    private RealEpmd _epmd = null!;
    private ErlangNode _erlang = null!;
    private Node _node = null!;
    private string _here = null!;
    private readonly LogRecorder _log = new();

    [TearDown]
    public void ShowLogs()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status != NUnit.Framework.Interfaces.TestStatus.Failed)
            return;
        TestContext.Out.WriteLine(string.Join("\n", _log.Lines.TakeLast(30).Select(line => line.Text)));
        TestContext.Out.WriteLine(_erlang.Output);
    }

    [OneTimeSetUp]
    public async Task StartBoth()
    {
        _epmd = await RealEpmd.StartAsync();
        _erlang = await ErlangNode.StartAsync("peer@127.0.0.1", Cookie, _epmd.Port);
        _node = await Node.StartAsync(Options("ours@127.0.0.1"), _log);
        _node.RemoteSpawn = new TestExports();
        _here = $"'{_node.Name.Name}'";
    }

    [OneTimeTearDown]
    public async Task StopBoth()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        if (_erlang is not null)
            await _erlang.DisposeAsync();
        if (_epmd is not null)
            await _epmd.DisposeAsync();
    }

    private NodeOptions Options(string name, string cookie = Cookie) =>
        new()
        {
            Name = name,
            Cookie = cookie,
            EpmdPort = _epmd.Port,
            StartEpmd = false,
            ListenAddress = System.Net.IPAddress.Loopback,
            ShutdownGrace = TimeSpan.FromMilliseconds(100),
            ConnectAll = false, // nodes come and go here, and what global makes of that has its own tests
        };

    private static async Task<T> Within<T>(Task<T> task) => await task.WaitAsync(Eventually.Patience);

    private static TaskCompletionSource<T> Completion<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Test]
    public async Task Ping_BothWays_IsPong()
    {
        Assert.That(await _node.PingAsync("peer@127.0.0.1"));
        Assert.That(await _erlang.EvalAsync($"net_adm:ping({_here})"), Is.EqualTo("pong"));
        Assert.That(await _node.PingAsync("nobody@127.0.0.1"), Is.False);
        Assert.That(await _erlang.EvalAsync($"lists:member({_here}, nodes())"), Is.EqualTo("true"));
        Assert.That(_node.Nodes.Select(node => node.Name.Name), Does.Contain("peer@127.0.0.1"));
    }

    [Test]
    public async Task Ping_FirstFromErlang_Connects()
    {
        await using Node other = await Node.StartAsync(Options("first@127.0.0.1"));
        Assert.That(await _erlang.EvalAsync("net_adm:ping('first@127.0.0.1')"), Is.EqualTo("pong"));
    }

    [Test]
    public async Task NamedSend_FirstOfAll_ConnectsByItself_BothWays()
    {
        await using Node other = await Node.StartAsync(Options("sender@127.0.0.1"));
        TaskCompletionSource<object> got = Completion<object>();
        Pid asker = other.Spawn(async self =>
        {
            self.Register("asker", self.Pid);
            self.Send("test", "peer@127.0.0.1", Tuple.Of((Atom)"hello", self.Pid, "text", 42, 1.5));
            got.SetResult(await self.Receive());
        });
        string seen = await _erlang.EvalAsync(
            "receive {hello, P, <<\"text\">>, 42, 1.5} -> P ! {back, self(), [1,2,3], #{a => b}}, {node(P), is_pid(P)} after 10000 -> none end"
        );
        Assert.That(seen, Is.EqualTo("{'sender@127.0.0.1',true}"));
        Assert.That(await Within(got.Task) is Tuple and [Atom { Name: "back" }, Pid, List and [1L, 2L, 3L], Map], $"got {got.Task.Result}");

        await using Node receiver = await Node.StartAsync(Options("receiver@127.0.0.1"));
        TaskCompletionSource<object> first = Completion<object>();
        receiver.Spawn(async self => first.SetResult(await self.Receive()), new SpawnOptions { Name = "inbox" });
        await _erlang.EvalAsync("{inbox, 'receiver@127.0.0.1'} ! {first, self()}");
        Assert.That(await Within(first.Task) is Tuple and [Atom { Name: "first" }, Pid { Node.Name.Name: "peer@127.0.0.1" }]);
    }

    [Test]
    public async Task Echo_EveryKindOfTerm_ComesBackEqual()
    {
        Pid echo = _node.Spawn(async self =>
        {
            while (await self.Receive() is Tuple and [Pid from, var any])
                self.Send(from, Tuple.Of((Atom)"echo", any));
        });
        _node.Register("echo", echo);
        string equal = await _erlang.EvalAsync(
            $$$"""
            Terms = [1, -1, 255, 256, 1 bsl 31, -(1 bsl 31), 1 bsl 63, 1 bsl 64, -(1 bsl 2040), 1.5, -0.0, 1.0e300, abc, 'with space', 'åäö', '',
                     [], "string", [1, 2 | 3], [256, 257], <<>>, <<1, 2, 3>>, <<1:3>>, <<"utf8 åäö"/utf8>>, {}, {a}, {a, {b, [c]}}, #{}, #{a => 1, 2 => b, "k" => #{}},
                     maps:from_list([{I, I * I} || I <- lists:seq(1, 100)]), self(), make_ref(), hd(erlang:ports()), fun lists:map/2, fun(X) -> X + 1 end,
                     list_to_tuple(lists:seq(1, 300)), lists:seq(1, 1000), binary:copy(<<"x">>, 100000), lists:duplicate(70000, $a)],
            [T || T <- Terms, begin {echo, {{{_here}}}} ! {self(), T}, receive {echo, R} -> R =/= T after 10000 -> true end end]
            """
        );
        Assert.That(equal, Is.EqualTo("[]"), "the terms that did not come back equal");
        _node.Exit(echo, Atoms.Kill);
    }

    private static readonly (string Erlang, object Term)[] s_reasons =
    [
        ("normal", Atoms.Normal),
        ("shutdown", Atoms.Shutdown),
        ("kill", Atoms.Kill),
        ("boom", (Atom)"boom"),
        ("{shutdown, 7}", Tuple.Of(Atoms.Shutdown, 7L)),
        ("[1, 2]", List.Of(1L, 2L)),
        ("<<\"why\">>", "why"),
        ("#{code => 17}", Map.Empty.With((Atom)"code", 17L)),
        ("12345678901234567890123", System.Numerics.BigInteger.Parse("12345678901234567890123")),
        ("1.5", 1.5),
    ];

    [Test]
    public async Task LinkAndMonitor_OursOfErlang_EveryReasonArrives([Range(0, 9)] int index)
    {
        (string erlang, object term) = s_reasons[index];
        TaskCompletionSource<(Exit, Down)> got = Completion<(Exit, Down)>();
        TaskCompletionSource<Pid> ready = Completion<Pid>();
        _node.Spawn(
            async self =>
            {
                self.Register($"linker{index}", self.Pid);
                ready.SetResult(self.Pid);
                Pid peer = await self.Receive<Pid>();
                self.Link(peer);
                self.Monitor(peer);
                self.Send(peer, (Atom)"go");
                Exit exit = await self.Receive<Exit>();
                got.SetResult((exit, await self.Receive<Down>()));
            },
            new SpawnOptions { TrapExit = true }
        );
        await Within(ready.Task);
        await _erlang.EvalAsync($"P{index} = spawn(fun() -> receive go -> exit({erlang}) end end), {{linker{index}, {_here}}} ! P{index}");
        (Exit exit, Down down) = await Within(got.Task);
        Assert.That(Term.AreEqual(exit.Reason, term), $"{exit}");
        Assert.That(Term.AreEqual(down.Reason, term), $"{down}");
        Assert.That(exit.From.Node.Name.Name, Is.EqualTo("peer@127.0.0.1"));
    }

    [Test]
    public async Task Links_ErlangToOurs_ReasonsRoundTrip()
    {
        // A factory hands out pids of ours that exit as they are told; Erlang links to each, tells it, and compares what comes back.
        Pid factory = _node.Spawn(async self =>
        {
            while (await self.Receive() is Pid from)
            {
                Pid worker = self.Spawn(async child =>
                {
                    if (await child.Receive() is Tuple and [Atom { Name: "exit" }, var reason])
                        child.Exit(reason);
                });
                self.Send(from, Tuple.Of((Atom)"worker", worker));
            }
        });
        _node.Register("factory", factory);
        string reasons = string.Join(", ", s_reasons.Select(reason => reason.Erlang));
        string wrong = await _erlang.EvalAsync(
            $$"""
            process_flag(trap_exit, true),
            Wrong = [{R, Got} || R <- [{{reasons}}],
              begin {factory, {{_here}}} ! self(), receive {worker, W} -> link(W), M = monitor(process, W), W ! {exit, R} end,
                Got = {receive {'EXIT', W, E} -> E after 5000 -> timeout end, receive {'DOWN', M, process, W, D} -> D after 5000 -> timeout end},
                Got =/= {R, R} end],
            process_flag(trap_exit, false), Wrong
            """
        );
        Assert.That(wrong, Is.EqualTo("[]"), "reasons that did not arrive as they were");
        Assert.That(
            await _erlang.EvalAsync(
                $"{{factory, {_here}}} ! self(), receive {{worker, W0}} -> W0 ! {{exit, a}}, timer:sleep(100), M0 = monitor(process, W0), receive {{'DOWN', M0, _, _, R0}} -> R0 after 5000 -> timeout end end"
            ),
            Is.EqualTo("noproc")
        );
        _node.Exit(factory, Atoms.Kill);
    }

    [Test]
    public async Task Monitors_OursOfErlang_ByPidAndName()
    {
        TaskCompletionSource<List<object>> done = Completion<List<object>>();
        _node.Spawn(
            async self =>
            {
                List<object> got = [];
                Pid peer = await self.Receive<Pid>();
                Reference byPid = self.Monitor(peer);
                Reference byName = self.Monitor("watched", "peer@127.0.0.1");
                Reference nobody = self.Monitor("nobody_at_all", "peer@127.0.0.1");
                Reference taken = self.Monitor(peer);
                self.Demonitor(taken);
                Down none = await self.Receive<Down>(down => down.Reference == nobody);
                got.Add(Tuple.Of(none.Object, none.Reason));
                self.Send(peer, (Atom)"go");
                Down first = await self.Receive<Down>(down => down.Reference == byPid);
                got.Add(first.Object.Equals(peer));
                got.Add(first.Reason);
                Down second = await self.Receive<Down>(down => down.Reference == byName);
                got.Add(Tuple.Of(second.Object, second.Reason));
                got.Add((await self.TryReceive<Down>(TimeSpan.FromMilliseconds(100))).HasValue);
                done.SetResult(got);
            },
            new SpawnOptions { Name = "watcher" }
        );
        await _erlang.EvalAsync(
            $"Watched = spawn(fun() -> register(watched, self()), {{watcher, {_here}}} ! self(), receive go -> exit({{done, 1}}) end end)"
        );
        List<object> got = await Within(done.Task);
        Assert.That(
            got.Select(Term.Format),
            Is.EqualTo(
                new[] { "{{nobody_at_all,'peer@127.0.0.1'},noproc}", "true", "{done,1}", "{{watched,'peer@127.0.0.1'},{done,1}}", "false" }
            )
        );
    }

    [Test]
    public async Task Monitors_ErlangOfOurs_ByName_AndDemonitor()
    {
        Pid named = _node.Spawn(async self => self.Exit(await self.Receive()));
        _node.Register("named", named);
        Assert.That(
            await _erlang.EvalAsync(
                $$"""
                Here = {{_here}}, MA = monitor(process, {named, Here}), MB = monitor(process, {named, Here}), demonitor(MB), {named, Here} ! {because, 3},
                A = receive {'DOWN', MA, process, {named, Here}, RA} -> RA after 5000 -> timeout end,
                B = receive {'DOWN', MB, _, _, RB} -> RB after 200 -> nothing end, {A, B}
                """
            ),
            Is.EqualTo("{{because,3},nothing}")
        );
        Assert.That(
            await _erlang.EvalAsync(
                $"MC = monitor(process, {{nobody, {_here}}}), receive {{'DOWN', MC, process, Obj, RC}} -> {{Obj, RC}} after 5000 -> timeout end"
            ),
            Is.EqualTo($"{{{{nobody,{_here}}},noproc}}")
        );
    }

    [Test]
    public async Task Exit2_BothWays_FollowsTheRules()
    {
        TaskCompletionSource<object> trapped = Completion<object>();
        Pid trapper = _node.Spawn(
            async self =>
            {
                trapped.SetResult(await self.Receive());
                await self.Receive();
            },
            new SpawnOptions { Name = "trapper", TrapExit = true }
        );
        TaskCompletionSource<Pid> peer = Completion<Pid>();
        _node.Spawn(async self => peer.SetResult(await self.Receive<Pid>()), new SpawnOptions { Name = "collect" });
        await _erlang.EvalAsync(
            $"Tr = spawn(fun() -> process_flag(trap_exit, true), {{collect, {_here}}} ! self(), receive Ex -> test ! {{trapped, Ex}} end, receive never -> ok end end)"
        );
        Pid theirs = await Within(peer.Task);
        TaskCompletionSource<object> reason = Completion<object>();
        Pid sender = _node.Spawn(async self =>
        {
            self.Exit(theirs, "polite");
            self.Monitor(theirs);
            await self.Receive<string>();
            self.Exit(theirs, Atoms.Kill);
            reason.SetResult((await self.Receive<Down>()).Reason);
        });
        Assert.That(
            await _erlang.EvalAsync("receive {trapped, {'EXIT', F, R5}} -> {node(F), R5} after 5000 -> timeout end"),
            Is.EqualTo($"{{{_here},<<\"polite\">>}}")
        );
        _node.Send(sender, "now kill");
        Assert.That(await Within(reason.Task), Is.EqualTo(Atoms.Killed));

        // And the other way round; the pid comes over the wire.
        TaskCompletionSource<object> down = Completion<object>();
        _node.Spawn(async self =>
        {
            self.Monitor(trapper);
            self.Send("test", "peer@127.0.0.1", Tuple.Of((Atom)"target", trapper));
            down.SetResult((await self.Receive<Down>()).Reason);
        });
        await _erlang.EvalAsync("receive {target, T5} -> exit(T5, please) after 5000 -> timeout end");
        Assert.That(await Within(trapped.Task) is Exit { Reason: Atom { Name: "please" } });
        await _erlang.EvalAsync("exit(T5, kill)");
        Assert.That(await Within(down.Task), Is.EqualTo(Atoms.Killed));
    }

    [Test]
    public async Task Unlink_BothWays_NoExitAfterIt()
    {
        TaskCompletionSource<string> done = Completion<string>();
        _node.Spawn(
            async self =>
            {
                Pid peer = await self.Receive<Pid>();
                for (int i = 0; i < 50; i++)
                {
                    self.Link(peer);
                    self.Unlink(peer);
                }

                self.Send(peer, (Atom)"go");
                Received<Exit> exit = await self.TryReceive<Exit>(TimeSpan.FromMilliseconds(300));
                done.SetResult(exit.HasValue ? $"{exit.Value}" : "none");
            },
            new SpawnOptions { Name = "unlinker", TrapExit = true }
        );
        await _erlang.EvalAsync($"spawn(fun() -> {{unlinker, {_here}}} ! self(), receive go -> exit(late) end end)");
        Assert.That(await Within(done.Task), Is.EqualTo("none"));

        // The other way round: our process tells its pid, is linked and unlinked from there, and exits.
        _node.Spawn(
            async self =>
            {
                Pid from = await self.Receive<Pid>();
                self.Send(from, Tuple.Of((Atom)"me", self.Pid));
                self.Exit(await self.Receive());
            },
            new SpawnOptions { Name = "unlinked" }
        );
        Assert.That(
            await _erlang.EvalAsync(
                $$"""
                process_flag(trap_exit, true), {unlinked, {{_here}}} ! self(), PU = receive {me, Pme} -> Pme after 5000 -> none end,
                [begin link(PU), unlink(PU) end || _ <- lists:seq(1, 50)], MU = monitor(process, PU), PU ! because,
                D9 = receive {'DOWN', MU, process, PU, RU} -> RU after 5000 -> timeout end,
                E9 = receive {'EXIT', PU, _} = X9 -> X9 after 200 -> none end, process_flag(trap_exit, false), {D9, E9}
                """
            ),
            Is.EqualTo("{because,none}")
        );
    }
}
