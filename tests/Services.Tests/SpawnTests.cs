namespace CloudScale.Services.Tests;

/// <summary>Processes that a real Erlang node starts on ours, and what it hears of their ends; <c>erpc</c> and <c>rpc</c> over them.</summary>
[Category("OtpNode")]
public sealed class SpawnTests : PeerFixture
{
    private protected override void Export(FunctionTable functions)
    {
        functions.Export("shop", "add", (long left, long right) => left + right);
        functions.Export("shop", "wait", 0, async (self, _) => await self.Receive());
        functions.Export(
            "shop",
            "greet",
            1,
            async (self, arguments) =>
            {
                self.Send((Pid)arguments[0], Tuple.Of((Atom)"hello", self.Pid));
                throw new ProcessExitException(await self.Receive());
            }
        );
        functions.Export(
            "shop",
            "raise",
            2,
            (_, arguments) =>
                arguments[0] switch
                {
                    Atom { Name: "exit" } => throw new ProcessExitException(arguments[1]),
                    Atom { Name: "throw" } => throw ErlangException.Throw(arguments[1]),
                    _ => throw ErlangException.Error(arguments[1]),
                }
        );
        functions.Export(
            "shop",
            "die",
            1,
            async (self, arguments) =>
            {
                self.Exit(self.Pid, arguments[0]);
                return await self.Receive();
            }
        );
    }

    [TestCase("shop, add, [1, 2]", "{ok,3}")]
    [TestCase("shop, raise, [error, why]", "{error,{exception,why,[{shop,raise,2,[]}]}}")]
    [TestCase("shop, raise, [exit, why]", "{exit,{exception,why}}")]
    [TestCase("shop, raise, [throw, why]", "{throw,why}")]
    [TestCase("shop, die, [boom]", "{exit,{signal,boom}}")]
    [TestCase("shop, die, [kill]", "{exit,{signal,killed}}")]
    [TestCase("shop, nothing, [1, a]", "{error,{exception,undef,[{shop,nothing,[1,a],[]}]}}")]
    [TestCase("shop, add, [1, b]", "{error,{exception,badarg,[{shop,add,2,[]}]}}")]
    public async Task ErpcCall_EachClass_ArrivesAsSuch(string call, string outcome)
    {
        Assert.That(await EvalAsync($"try {{ok, erpc:call({Here}, {call}, 5000)}} catch C:R -> {{C, R}} end"), Is.EqualTo(outcome));
        Assert.That(await EvalAsync($"erpc:multicall([{Here}], {call}, 5000)"), Is.EqualTo($"[{outcome}]"));
    }

    [Test]
    public async Task ErpcCall_TooLate_TimesOut() =>
        Assert.That(
            await EvalAsync($"try erpc:call({Here}, shop, wait, [], 50) catch C:R -> {{C, R}} end"),
            Is.EqualTo("{error,{erpc,timeout}}")
        );

    [Test]
    public async Task ErpcSendRequest_Cast_Work()
    {
        Assert.That(
            await EvalAsync($"Q1 = erpc:send_request({Here}, shop, add, [3, 4]), erpc:receive_response(Q1, 5000)"),
            Is.EqualTo("7")
        );
        Assert.That(
            await EvalAsync(
                $"ok = erpc:cast({Here}, erlang, send, [self(), from_cast]), receive from_cast -> got after 5000 -> timeout end"
            ),
            Is.EqualTo("got")
        );
    }

    [Test]
    public async Task Multicall_OverBothNodes_AnswersInTheirOrder() =>
        Assert.That(
            await EvalAsync($"rpc:multicall([node(), {Here}, 'nowhere@127.0.0.1'], erlang, node, [])"),
            Is.EqualTo("{['peer@127.0.0.1','ours@127.0.0.1'],['nowhere@127.0.0.1']}")
        );

    [TestCase("spawn({0}, shop, greet, [self()])", "nothing")]
    [TestCase("spawn_link({0}, shop, greet, [self()])", "{exit,because}")]
    [TestCase("element(1, spawn_monitor({0}, shop, greet, [self()]))", "{down,because}")]
    [TestCase("spawn_opt({0}, shop, greet, [self()], [link, {{priority, low}}])", "{exit,because}")]
    [TestCase("element(1, erlang:spawn_opt({0}, shop, greet, [self()], [monitor]))", "{down,because}")]
    public async Task Spawn_EachForm_RunsAndTellsOfItsEnd(string spawn, string news)
    {
        string got = await EvalAsync(
            $$"""
            (fun() -> process_flag(trap_exit, true), P = {{string.Format(
                spawn,
                Here
            )}}, receive {hello, P} -> ok after 5000 -> exit(no_hello) end, P ! because,
              News = receive {'EXIT', P, R} -> {exit, R}; {'DOWN', _, process, P, R} -> {down, R} after 500 -> nothing end, process_flag(trap_exit, false), {node(P), News} end)()
            """
        );
        Assert.That(got, Is.EqualTo($"{{'ours@127.0.0.1',{news}}}"));
    }

    [TestCase("shop, nothing, [1]", "{undef,[{shop,nothing,[1],[]}]}")]
    [TestCase("shop, raise, [error, why]", "{why,[{shop,raise,2,[]}]}")]
    [TestCase("shop, raise, [throw, why]", "{{nocatch,why},[{shop,raise,2,[]}]}")]
    [TestCase("shop, raise, [exit, why]", "why")]
    [TestCase("shop, add, [1, 2]", "normal")]
    public async Task Spawn_FunctionFails_EndsWithErlangsReason(string function, string reason) =>
        Assert.That(
            await EvalAsync(
                $"{{P2, M2}} = spawn_monitor({Here}, {function}), receive {{'DOWN', M2, process, P2, R2}} -> R2 after 5000 -> timeout end"
            ),
            Is.EqualTo(reason)
        );

    [Test]
    public async Task Spawn_TheOldWay_ByNetKernel_Works()
    {
        string got = await EvalAsync(
            $$"""
            (fun() -> process_flag(trap_exit, true),
              P = gen_server:call({net_kernel, {{Here}}}, {spawn_link, shop, greet, [self()], group_leader()}, 5000),
              receive {hello, P} -> P ! because after 5000 -> exit(no_hello) end,
              X = receive {'EXIT', P, R} -> R after 5000 -> timeout end, process_flag(trap_exit, false), X end)()
            """
        );
        Assert.That(got, Is.EqualTo("because"));
    }

    [Test]
    public async Task GroupLeader_OfASpawnedProcess_IsTheCallers() =>
        Assert.That(await EvalAsync($"erpc:call({Here}, erlang, group_leader, []) =:= group_leader()"), Is.EqualTo("true"));
}
