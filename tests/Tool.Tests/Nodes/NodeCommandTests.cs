namespace CloudScale.Tool.Tests.Nodes;

/// <summary>Commands that look into nodes, at a real Erlang node and at one of ours.</summary>
[Category("OtpNode")]
public sealed class NodeCommandTests : NodesFixture
{
    [TestCase(There)]
    [TestCase(Here)]
    public async Task Ping_NodeThatIsThere_IsPong(string node) => Assert.That(await OutputAsync("ping", node), Does.StartWith("pong "));

    [Test]
    public async Task Ping_NobodyThere_IsPangAndAFailure()
    {
        (int exitCode, string output, _) = await RunAsync("ping", "nobody@127.0.0.1", "--timeout", "1");
        Assert.That((exitCode, output.Trim()), Is.EqualTo((1, "pang")));
    }

    [Test]
    public async Task Ping_WrongCookie_SaysSo()
    {
        (int exitCode, string output, string error) = await CommandRun.RunAsync(
            "",
            ["ping", There, "--timeout", "2", "--cookie", "another", .. Common[2..]]
        );
        Assert.That((exitCode, output.Trim()), Is.EqualTo((1, "pang")));
        Assert.That(error, Does.Contain("cookie").IgnoreCase);
    }

    [Test]
    public async Task Call_OfErlang_TakesTermsAndPrintsOne()
    {
        Assert.That(
            await OutputAsync("call", There, "erlang", "list_to_tuple", "[1, \"text\", <<\"bin\">>, {a, 'B c'}, #{k => 2.5}]"),
            Is.EqualTo("{1,\"text\",<<\"bin\">>,{a,'B c'},#{k => 2.5}}\n")
        );
        Assert.That(await OutputAsync("call", There, "erlang", "node"), Is.EqualTo($"'{There}'\n"));
    }

    [Test]
    public async Task Call_OfOurs_ReachesWhatIsExported()
    {
        Assert.That(await OutputAsync("call", Here, "shop", "twice", "21"), Is.EqualTo("42\n"));
    }

    [TestCase(There)]
    [TestCase(Here)]
    public async Task Call_FunctionThatIsNotThere_IsUndefAndAFailure(string node)
    {
        (int exitCode, string output, string error) = await RunAsync("call", node, "no_such", "function", "1");
        Assert.That((exitCode, output), Is.EqualTo((1, "")));
        Assert.That(error, Does.Contain("error: undef").And.Contain("no_such"));
    }

    [Test]
    public async Task Call_ArgumentThatIsNoTerm_SaysWhere()
    {
        (int exitCode, _, string error) = await RunAsync("call", There, "lists", "sum", "[1, 2");
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Does.Contain("expected ']' at the end"));
    }

    [Test]
    public async Task Call_NodeThatIsNotThere_SaysSo()
    {
        (int exitCode, _, string error) = await RunAsync("call", "nobody@127.0.0.1", "erlang", "node");
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Does.Contain("nobody@127.0.0.1 cannot be reached"));
    }

    [Test]
    public async Task Top_OfErlang_ShowsItsProcesses()
    {
        string screen = await OutputAsync("top", There, "--once", "--lines", "60");
        Assert.That(screen, Does.Contain(There).And.Contain("code_server").And.Contain("kernel_sup").And.Contain("gen_server:loop/"));
    }

    [Test]
    public async Task Top_OfOurs_ShowsItsProcessesByMailbox()
    {
        Pid busy = Ours.Spawn(async self => await self.Receive<string>());
        for (int i = 0; i < 1234; i++)
            Ours.Send(busy, (long)i);
        string screen = await OutputAsync("top", Here, "--once", "--lines", "1", "--sort", "Mailbox");
        Assert.That(screen, Does.Contain($"<0.{busy.Id}.{busy.Serial}>").And.Contain("1,234"));
        Ours.Exit(busy, Atom.Of("kill"));
    }

    [TestCase(There)]
    [TestCase(Here)]
    public async Task Top_TwoSamples_ShowWhatSchedulersDid(string node)
    {
        string screens = await OutputAsync("top", node, "--count", "3", "--interval", "0.2", "--lines", "3");
        Assert.That(screens.Split(node), Has.Length.GreaterThanOrEqualTo(4), "three screens");
        Assert.That(screens, Does.Match(@"schedulers  1: \d+ %"));
        Assert.That(screens, Does.Contain("connections "));
    }

    [Test]
    public async Task Tree_OfErlang_IsThatOfItsKernel()
    {
        string tree = await OutputAsync("tree", There);
        Assert.That(tree, Does.Match(@"kernel_sup <0\.\d+\.0>"));
        Assert.That(tree, Does.Match(@"│   +├── net_kernel").Or.Match(@"│   +└── net_kernel"), "below net_sup");
    }

    [Test]
    public async Task Tree_OfOurs_ShowsSupervisorsAndTheirChildren()
    {
        string[] lines = (await OutputAsync("tree", Here)).Split('\n');
        int root = Array.FindIndex(lines, line => line.Contains("shop_sup <"));
        Assert.That(root, Is.GreaterThan(0), string.Join('\n', lines));
        Assert.That(lines[root + 1], Does.Contain("├── till <"));
        Assert.That(lines[root + 2], Does.Contain("shelves"));
        Assert.That(lines[root + 3], Does.Contain("shelf"));
        Assert.That(await OutputAsync("tree", Here, "shop_sup"), Does.Contain("other shelf"));
    }

    [TestCase(There, "rex")]
    [TestCase(Here, "till")]
    public async Task Trace_Call_IsSeenComingAndAnswered(string node, string process)
    {
        using CommandRun trace = CommandRun.Start(["trace", node, process, "--filter", "{add, 7}", "--count", "1", .. Common]);
        await Eventually.TrueAsync(() => trace.Error.Contains("tracing"), "the trace stands");
        if (node == Here)
            Assert.That(await Ours.CallAsync("till", Tuple.Of((Atom)"add", 7L)), Is.GreaterThanOrEqualTo(7L));
        else
            await Erlang.EvalAsync("rex ! {add, 6}, rex ! {add, 7}, ok");
        Assert.That(await trace.EndAsync(), Is.Zero, trace.Error);
        Assert.That(trace.Output.Trim().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(trace.Output, Does.Contain("<-").And.Contain("{add,7}"));
    }

    [Test]
    public async Task Trace_Cancelled_EndsAndLeavesNothingBehind()
    {
        Newcomers newcomers = new(Ours.Processes);
        using CommandRun trace = CommandRun.Start(["trace", Here, "till", .. Common]);
        await Eventually.TrueAsync(() => trace.Error.Contains("tracing"), "the trace stands");
        Assert.That(newcomers.Count, Is.GreaterThan(0), "the relay");
        trace.Cancel();
        Assert.That(await trace.EndAsync(), Is.Zero);
        await Eventually.TrueAsync(() => newcomers.Count == 0, "the relay ends with its tracer");
    }

    [TestCase(There)]
    [TestCase(Here)]
    public async Task Trace_ProcessExits_SaysWhy(string node)
    {
        Pid pid = default;
        if (node == Here)
            Ours.Register("mortal", pid = Ours.Spawn(async self => await self.Receive<string>()));
        else
            await Erlang.EvalAsync("register(mortal, spawn(fun() -> receive stop -> exit(had_enough) end end))");
        using CommandRun trace = CommandRun.Start(["trace", node, "mortal", .. Common]);
        await Eventually.TrueAsync(() => trace.Error.Contains("tracing"), "the trace stands");
        if (node == Here)
            Ours.Exit(pid, Atom.Of("had_enough"));
        else
            await Erlang.EvalAsync("mortal ! stop");
        Assert.That(await trace.EndAsync(), Is.Zero);
        Assert.That(trace.Error, Does.Contain("it has exited: had_enough"));
    }

    [Test]
    public async Task Shell_Lines_AreCallsWithNamesForResults()
    {
        (int exitCode, string output, _) = await CommandRun.RunAsync(
            "X = lists:seq(1, 4).\nlists:sum(X)\nlists:sum(Y)\nX = node()\nlists:nothing()\nexit()\nnode()\n",
            ["shell", There, .. Common]
        );
        Assert.That(exitCode, Is.Zero);
        string[] lines = output.ReplaceLineEndings("\n").Split('\n');
        Assert.That(lines[0], Is.EqualTo("[1,2,3,4]"));
        Assert.That(lines[1], Is.EqualTo("10"));
        Assert.That(lines[2], Does.Contain("'Y' is unbound"));
        Assert.That(lines[3], Does.Contain("'X' is bound"));
        Assert.That(lines[4], Does.Contain("undef"));
        Assert.That(output, Does.Not.Contain(There), "exit() leaves");
    }

    [TestCase(There, "lists", "sum/1")]
    [TestCase(Here, "shop", "twice/1")]
    public async Task Completion_OfANode_KnowsWhatItExports(string node, string module, string function)
    {
        Assert.That(await OutputAsync("call", node, "erlang", "loaded"), Does.Contain(module));
        string exports = await OutputAsync("call", node, "erlang", "get_module_info", module, "exports");
        Assert.That(exports, Does.Contain($"{{{function.Replace('/', ',')}}}"));
    }
}
