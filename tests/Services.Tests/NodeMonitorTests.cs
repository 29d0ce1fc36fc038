using CloudScale.Interop.Connections;

namespace CloudScale.Services.Tests;

/// <summary><c>net_kernel</c>: who is told of nodes and what, the tick time, allowed nodes; each beside what a real node does.</summary>
[Category("OtpNode")]
public sealed class NodeMonitorTests : PeerFixture
{
    // As subscribers ask for it; numbers of connections are taken out before comparing.
    private static readonly string[] s_options =
    [
        "[]",
        "#{}",
        "[{node_type,visible}]",
        "[{node_type,hidden}]",
        "[{node_type,all},nodedown_reason]",
        "[nodedown_reason]",
        "[connection_id,nodedown_reason,{node_type,all}]",
        "#{connection_id => true,nodedown_reason => true,node_type => all}",
        "#{node_type => hidden,nodedown_reason => false}",
    ];

    private const string Watcher = """
        fun(Call, Options) -> spawn(fun() -> Call(Options),
            (fun L(Seen) -> receive {get, Pid} -> Pid ! {seen, lists:reverse(Seen)}, L(Seen); M -> L([M | Seen]) end end)([]) end) end
        """;

    private protected override NodeOptions Options(string name)
    {
        NodeOptions options = base.Options(name);
        options.PreventOverlappingPartitions = false; // what is cut here is not to be cut elsewhere
        return options;
    }

    private protected override void Export(FunctionTable functions) =>
        functions.Export("test", "watch", (List arguments) => Watch(arguments));

    /// <summary>A process here that subscribes and answers <c>{get, Pid}</c> with what it has seen.</summary>
    private Pid Watch(List arguments) =>
        Ours.Spawn(async self =>
        {
            await Ours.Functions.Apply(self, "net_kernel", "monitor_nodes", arguments);
            List<object> seen = [];
            while (true)
            {
                object message = await self.Receive();
                if (message is Tuple and [Atom { Name: "get" }, Pid asker])
                    self.Send(asker, Tuple.Of((Atom)"seen", List.Of([.. seen])));
                else
                    seen.Add(message);
            }
        });

    [Test]
    public async Task Monitors_EachOption_TellWhatARealNodeTells()
    {
        string subscribe = string.Join(", ", s_options.Select(options => $"[true, {options}]"));
        string there = await ScenarioAsync(
            $"[({Watcher})(fun(A) -> ok = apply(net_kernel, monitor_nodes, A) end, O) || O <- [{subscribe}]]",
            other => Erlang.EvalAsync($"net_kernel:connect_node('{other.Name.Name}')"),
            other => Erlang.EvalAsync($"erlang:disconnect_node('{other.Name.Name}')")
        );
        string here = await ScenarioAsync(
            $"[rpc:call({Here}, test, watch, [O]) || O <- [{subscribe}]]",
            async other => await Ours.ConnectAsync(other.Name),
            other => Task.FromResult(Ours.Disconnect(other.Name))
        );
        Assert.That(here, Is.EqualTo(there));
        Assert.That(here, Does.Contain("{nodedown_reason,disconnect},{node_type,visible}").And.Contain("node_type => hidden"), here);
    }

    // A visible node and a hidden one come and go; the visible one is cut off, the hidden one leaves.
    private async Task<string> ScenarioAsync<T>(string watchers, Func<Node, Task<T>> connect, Func<Node, Task<T>> disconnect)
    {
        await Erlang.EvalAsync($"put(watchers, {watchers.ReplaceLineEndings(" ")})");
        const string Collect =
            "[begin W ! {get, self()}, receive {seen, S} -> [case M of {K, N, I} when is_list(I) -> {K, N, lists:keydelete(connection_id, 1, I)}; {K, N, I} -> {K, N, maps:remove(connection_id, I)}; _ -> M end || M <- S] end end || W <- get(watchers)]";
        string Seen(int events) => $"length(lists:nth(7, {Collect})) >= {events}"; // the seventh is told of everything
        await using (Node visible = await Node.StartAsync(Apart("seen@127.0.0.1", hidden: false)))
        {
            await connect(visible);
            await Eventually.TrueAsync(async () => await EvalAsync(Seen(1)) == "true", "the visible node is seen");
            await Erlang.IdleAsync();
            await disconnect(visible);
            await Eventually.TrueAsync(async () => await EvalAsync(Seen(2)) == "true", "and is gone");
        }

        await using (Node hidden = await Node.StartAsync(Apart("unseen@127.0.0.1", hidden: true)))
        {
            await connect(hidden);
            await Eventually.TrueAsync(async () => await EvalAsync(Seen(3)) == "true", "the hidden node is seen");
        }

        await Eventually.TrueAsync(async () => await EvalAsync(Seen(4)) == "true", "and is gone");
        return await EvalAsync(Collect);
    }

    private NodeOptions Apart(string name, bool hidden)
    {
        NodeOptions options = Options(name);
        options.Hidden = hidden;
        options.ConnectAll = false;
        return options;
    }

    [TestCase("true, [foo, bar]")]
    [TestCase("true, #{foo => true}")]
    [TestCase("true, [{node_type, x}]")]
    [TestCase("true, #{node_type => foo}")]
    [TestCase("true, #{nodedown_reason => foo}")]
    [TestCase("true, [{node_type, hidden}, {node_type, visible}]")]
    [TestCase("true, foo")]
    [TestCase("foo, []")]
    [TestCase("false, []")]
    [TestCase("false, [foo]")]
    [TestCase("true")]
    [TestCase("foo")]
    public async Task MonitorNodes_OptionsThatAreNone_AreRefusedAsThere(string arguments) =>
        Assert.That(
            await EvalAsync($"rpc:call({Here}, net_kernel, monitor_nodes, [{arguments}])"),
            Is.EqualTo(await EvalAsync($"rpc:call(node(), net_kernel, monitor_nodes, [{arguments}])"))
        );

    [Test]
    public async Task Monitors_SetTwice_TellTwice_AndEndTogether()
    {
        TaskCompletionSource<int> counted = Completion<int>();
        TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        NodeMonitorOptions withReason = new() { WithReason = true };
        Pid watcher = Ours.Spawn(async self =>
        {
            Ours.MonitorNodes(self.Pid);
            Ours.MonitorNodes(self.Pid);
            Ours.MonitorNodes(self.Pid, withReason);
            ready.SetResult();
            int count = 0;
            while (await self.Receive() is not Atom { Name: "stop" })
                count++;
            counted.SetResult(count);
        });
        await ready.Task;
        await using (Node other = await Node.StartAsync(Apart("twice@127.0.0.1", hidden: false)))
        {
            Assert.That(await Ours.ConnectAsync(other.Name));
            Assert.That(Ours.DemonitorNodes(watcher));
            Assert.That(Ours.DemonitorNodes(watcher), Is.False);
        }

        await Eventually.TrueAsync(() => Ours.Nodes.All(info => info.Name.Name != "twice@127.0.0.1"), "the node is gone");
        Assert.That(Ours.DemonitorNodes(watcher, withReason with { }), "an equal record is the same subscription");
        Ours.Send(watcher, (Atom)"stop");
        Assert.That(await Within(counted.Task), Is.InRange(3, 4), "two ups and one with options; its down may come after the end");
    }

    [Test]
    public async Task TickTime_ChangedByErlang_AnswersAsThere()
    {
        await using Node other = await Node.StartAsync(Apart("ticking@127.0.0.1", hidden: false));
        const string Questions = """
            [F(net_kernel, get_net_ticktime, []), F(net_kernel, set_net_ticktime, [60]), F(net_kernel, set_net_ticktime, [8, 1]),
             F(net_kernel, get_net_ticktime, []), F(net_kernel, set_net_ticktime, [9]), F(net_kernel, set_net_ticktime, [8]),
             element(1, element(2, element(2, F(net_kernel, set_net_ticktime, [0])))), element(1, element(2, element(2, F(net_kernel, set_net_ticktime, [5, -1]))))]
            """;
        string On(string node) => $"(fun(F) -> {Questions} end)(fun(M, N, A) -> rpc:call({node}, M, N, A) end)";
        const string Expected =
            "[60,unchanged,change_initiated,{ongoing_change_to,8},{ongoing_change_to,8},{ongoing_change_to,8},function_clause,function_clause]";
        Assert.That(await EvalAsync(On("node()")), Is.EqualTo(Expected), "a real node");
        Assert.That(await EvalAsync(On("'ticking@127.0.0.1'")), Is.EqualTo(Expected), "ours");
        await Eventually.TrueAsync(
            async () => await EvalAsync("rpc:call('ticking@127.0.0.1', net_kernel, get_net_ticktime, [])") == "8",
            "the transition ends"
        );
        Assert.That(other.NetTickTime, Is.EqualTo(new NetTickTime(TimeSpan.FromSeconds(8), null)));
        Assert.That(await EvalAsync("lists:member('ticking@127.0.0.1', nodes())"), Is.EqualTo("true"), "still connected");
        await Eventually.TrueAsync(async () => await EvalAsync("net_kernel:get_net_ticktime()") == "8", "the real node's ends, too");
        await EvalAsync("net_kernel:set_net_ticktime(60, 0)"); // the other tests' node is as it was
    }

    [Test]
    public async Task AutoConnect_Never_MessagesAndMonitorsStayHere_UntilSomebodyConnects()
    {
        NodeOptions options = Apart("aloof@127.0.0.1", hidden: false);
        options.AutoConnect = AutoConnect.Never;
        await using Node aloof = await Node.StartAsync(options);
        TaskCompletionSource<object> reason = Completion<object>();
        aloof.Spawn(async self =>
        {
            self.Monitor("rex", There);
            reason.SetResult((await self.Receive<Down>()).Reason);
        });
        Assert.That(await Within(reason.Task), Is.EqualTo(Atoms.NoConnection));
        Assert.That(await aloof.PingAsync(There), Is.False);
        Assert.That(await aloof.ConnectAsync(There));
        Assert.That(await aloof.PingAsync(There));
    }

    [Test]
    public async Task Allow_ByErlang_LeavesOutAllOthers()
    {
        await using Node strict = await Node.StartAsync(Apart("strict@127.0.0.1", hidden: false), Log);
        await using Node friend = await Node.StartAsync(Apart("friend@127.0.0.1", hidden: false));
        await using Node stranger = await Node.StartAsync(Apart("stranger@127.0.0.1", hidden: false));
        Assert.That(
            await EvalAsync("[rpc:call('strict@127.0.0.1', net_kernel, allow, [A]) || A <- [[1], foo, [], ['friend@127.0.0.1']]]"),
            Is.EqualTo("[error,error,ok,ok]")
        );
        Assert.That(await stranger.ConnectAsync(strict.Name), Is.False);
        Assert.That(await strict.ConnectAsync(stranger.Name), Is.False, "it does not call those it does not allow, as in OTP");
        Assert.That(await friend.ConnectAsync(strict.Name));
        Assert.That(
            await EvalAsync("rpc:call('strict@127.0.0.1', erlang, node, [])"),
            Is.EqualTo("'strict@127.0.0.1'"),
            "who was connected stays"
        );
        strict.Allow("stranger@127.0.0.1");
        Assert.That(await strict.ConnectAsync(stranger.Name));
    }
}
