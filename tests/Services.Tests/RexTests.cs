namespace CloudScale.Services.Tests;

/// <summary>Calls of a real Erlang node that our <c>rex</c> answers.</summary>
[Category("OtpNode")]
public sealed class RexTests : PeerFixture
{
    private protected override void Export(FunctionTable functions)
    {
        functions.Export("shop", "add", (long left, long right) => left + right);
        functions.Export("shop", "id", (object term) => term);
        functions.Export("shop", "fault", () => int.Parse("no number"));
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

    private Task<string> RexAsync(string request) => EvalAsync($"gen_server:call({{rex, {Here}}}, {{{request}, group_leader()}}, 10000)");

    [TestCase("call, shop, add, [1, 2]", "3")]
    [TestCase("block_call, shop, add, [1, 2]", "3")]
    [TestCase("call, shop, id, [{a, <<1:3>>, #{}}]", "{a,<<1:3>>,#{}}")]
    [TestCase("call, shop, raise, [throw, {ball, 1}]", "{ball,1}")]
    [TestCase("call, shop, raise, [exit, why]", "{badrpc,{'EXIT',why}}")]
    [TestCase("call, shop, raise, [error, why]", "{badrpc,{'EXIT',{why,[{shop,raise,2,[]}]}}}")]
    [TestCase("block_call, shop, raise, [exit, why]", "{badrpc,{'EXIT',why}}")]
    [TestCase("call, shop, die, [boom]", "{badrpc,{'EXIT',boom}}")]
    [TestCase("call, shop, add, [1, b]", "{badrpc,{'EXIT',{badarg,[{shop,add,2,[]}]}}}")]
    [TestCase("call, shop, nothing, [1]", "{badrpc,{'EXIT',{undef,[{shop,nothing,[1],[]}]}}}")]
    [TestCase("block_call, nowhere, at_all, []", "{badrpc,{'EXIT',{undef,[{nowhere,at_all,[],[]}]}}}")]
    public async Task Call_AnswersAsOtpDoes(string request, string answer) => Assert.That(await RexAsync(request), Is.EqualTo(answer));

    [Test]
    public async Task Call_FunctionThatFaults_IsAnErrorOfTypeAndMessage()
    {
        string answer = await RexAsync("call, shop, fault, []");
        Assert.That(
            answer,
            Does.StartWith("{badrpc,{'EXIT',{{'System.FormatException',<<\"").And.Contain("no number").And.EndWith("[{shop,fault,0,[]}]}}}")
        );
    }

    [Test]
    public async Task Undefined_IsCountedEachTime_AndLoggedOnce()
    {
        long before = Ours.Functions.UndefinedCalls;
        for (int i = 0; i < 3; i++)
            await RexAsync("call, shop, unheard_of, []");
        Assert.That(Ours.Functions.UndefinedCalls - before, Is.EqualTo(3));
        Assert.That(Log.Lines.Count(line => line.Text.Contains("unheard_of")), Is.EqualTo(1));
    }

    [Test]
    public async Task CNode_MessageWithoutGenServer_IsAnsweredWithRex()
    {
        string answer = await EvalAsync(
            $"{{rex, {Here}}} ! {{self(), {{call, shop, add, [20, 22], user}}}}, receive {{rex, V1}} -> V1 after 5000 -> timeout end"
        );
        Assert.That(answer, Is.EqualTo("42"));
    }

    [Test]
    public async Task Sbcast_SaysWhoHasTheName()
    {
        TaskCompletionSource<object> got = Completion<object>();
        Ours.Spawn(async self => got.SetResult(await self.Receive()), new SpawnOptions { Name = "listener" });
        Assert.That(
            await EvalAsync($"rpc:sbcast([node(), {Here}], listener, news)"),
            Is.EqualTo("{['ours@127.0.0.1'],['peer@127.0.0.1']}")
        );
        Assert.That(await Within(got.Task), Is.EqualTo((Atom)"news"));
    }

    [Test]
    public async Task Rpc_FromNodesThatSpawnFirst_Works()
    {
        Assert.That(await EvalAsync($"rpc:call({Here}, shop, add, [1, 2])"), Is.EqualTo("3"));
        Assert.That(await EvalAsync($"rpc:call({Here}, shop, add, [1, 2], 5000)"), Is.EqualTo("3"));
        Assert.That(await EvalAsync($"rpc:call({Here}, timer, sleep, [5000], 50)"), Is.EqualTo("{badrpc,timeout}"));
        Assert.That(await EvalAsync($"rpc:block_call({Here}, shop, add, [1, 2])"), Is.EqualTo("3"));
        Assert.That(
            await EvalAsync($"rpc:call({Here}, shop, nothing, [])"),
            Is.EqualTo("{badrpc,{'EXIT',{undef,[{shop,nothing,[],[]}]}}}")
        );
        Assert.That(await EvalAsync($"K1 = rpc:async_call({Here}, shop, add, [3, 4]), rpc:yield(K1)"), Is.EqualTo("7"));
    }

    [Test]
    public async Task Cast_RunsTheFunction()
    {
        Assert.That(
            await EvalAsync(
                $"true = rpc:cast({Here}, erlang, send, [self(), from_cast]), receive from_cast -> got after 5000 -> timeout end"
            ),
            Is.EqualTo("got")
        );
    }
}
