namespace CloudScale.Services.Tests;

/// <summary>Functions that act: called one after the other in one process of ours, as an agent does for Erlang.</summary>
[Category("OtpNode")]
public sealed class AgentFunctionTests : PeerFixture
{
    private readonly List<HaltRequest> _halts = [];

    private protected override NodeOptions Options(string name)
    {
        NodeOptions options = base.Options(name);
        options.OnHalt = _halts.Add;
        return options;
    }

    /// <summary>agent:run([{M, F, A}]) gives the results of all, and then the inbox.</summary>
    private protected override void Export(FunctionTable functions)
    {
        functions.Export(
            "agent",
            "run",
            1,
            async (self, arguments) =>
            {
                List<object> results = [];
                foreach (object call in (List)arguments[0])
                {
                    Tuple function = (Tuple)call;
                    CallOutcome outcome = await functions.TryApply(self, (Atom)function[0], (Atom)function[1], (List)function[2]);
                    results.Add(
                        outcome.Failure is null
                            ? outcome.Value
                            : Tuple.Of((Atom)"raise", FunctionAtoms.Of(outcome.Failure.Value), outcome.Value)
                    );
                }

                while ((await self.TryReceive<object>(TimeSpan.FromMilliseconds(200))) is { HasValue: true } message)
                    results.Add(Tuple.Of((Atom)"inbox", message.Value));
                return List.Of([.. results]);
            }
        );
        functions.Export(
            "shop",
            "say",
            2,
            (self, arguments) =>
            {
                self.Send((Pid)arguments[0], arguments[1]);
                return new ProcessTask<object>(Atoms.Ok);
            }
        );
    }

    private Task<string> RunAsync(string calls) => EvalAsync($"erpc:call({Here}, agent, run, [[{calls}]])");

    [TestCase("{erlang, process_flag, [trap_exit, true]}, {erlang, process_flag, [trap_exit, false]}", "[false,true]")]
    [TestCase("{erlang, apply, [lists, reverse, [[1, 2]]]}, {erlang, apply, [fun lists:reverse/1, [[1, 2]]]}", "[[2,1],[2,1]]")]
    [TestCase(
        "{erlang, exit, [bye]}, {erlang, error, [e]}, {erlang, throw, [t]}, {no, such, []}",
        "[{raise,exit,bye},{raise,error,e},{raise,throw,t},{raise,error,undef}]"
    )]
    [TestCase("{erlang, link, [self]}, {erlang, whereis, [1]}", "[{raise,error,badarg},{raise,error,badarg}]")]
    [TestCase("{erlang, register, [rex, self()]}", "[{raise,error,badarg}]")]
    [TestCase("{erlang, send, [nobody_here, hello]}", "[{raise,error,badarg}]")]
    [TestCase("{net_kernel, connect_node, ['peer@127.0.0.1']}, {net_kernel, connect_node, ['nowhere@127.0.0.1']}", "[true,false]")]
    [TestCase("{net_adm, ping, ['peer@127.0.0.1']}, {net_adm, ping, ['nowhere@127.0.0.1']}", "[pong,pang]")]
    [TestCase(
        "{rpc, call, ['peer@127.0.0.1', erlang, node, []]}, {erpc, call, ['peer@127.0.0.1', erlang, node, []]}",
        "['peer@127.0.0.1','peer@127.0.0.1']"
    )]
    [TestCase("{rpc, call, ['peer@127.0.0.1', erlang, exit, [why], 5000]}", "[{badrpc,{'EXIT',why}}]")]
    [TestCase("{erpc, call, ['peer@127.0.0.1', erlang, exit, [why], 5000]}", "[{raise,exit,{exception,why}}]")]
    [TestCase("{erpc, call, ['nowhere@127.0.0.1', erlang, exit, [why], 5000]}", "[{raise,error,{erpc,noconnection}}]")]
    [TestCase("{erlang, monitor_node, ['nowhere@127.0.0.1', true]}", "[true,{inbox,{nodedown,'nowhere@127.0.0.1'}}]")]
    public async Task Calls_InOneProcess_AnswerAsErlangsDo(string calls, string results) =>
        Assert.That(await RunAsync(calls), Is.EqualTo(results));

    [Test]
    public async Task SpawnForms_ReachBothNodes_AndTellOfEnds()
    {
        string got = await EvalAsync(
            $$"""
            Calls = [{erlang, process_flag, [trap_exit, true]}] ++ [{erlang, F, ['peer@127.0.0.1', erlang, exit, [F]]} || F <- [spawn, spawn_link, spawn_monitor]]
              ++ [{erlang, spawn_request, ['peer@127.0.0.1', erlang, exit, [q], []]}],
            [_, S, L, {M, _}, Q | Inbox] = erpc:call({{Here}}, agent, run, [Calls]), {node(S), node(L), node(M), is_reference(Q), length(Inbox)}
            """
        );
        Assert.That(
            got,
            Is.EqualTo("{'peer@127.0.0.1','peer@127.0.0.1','peer@127.0.0.1',true,3}"),
            "an exit, a report, and the answer to the request"
        );
    }

    [Test]
    public async Task Spawn_OnANodeThatIsNotThere_IsAPidWhoseEndIsNoConnection()
    {
        string got = await EvalAsync(
            $"[{{P, M}}, {{inbox, {{'DOWN', M, process, P, R}}}}] = erpc:call({Here}, agent, run, [[{{erlang, spawn_monitor, ['nowhere@127.0.0.1', erlang, exit, [x]]}}]]), R"
        );
        Assert.That(got, Is.EqualTo("noconnection"));
    }

    [Test]
    public async Task Alias_EachForm_IsAReference() =>
        Assert.That(
            await EvalAsync(
                $"[A, B] = erpc:call({Here}, agent, run, [[{{erlang, alias, []}}, {{erlang, alias, [[reply]]}}]]), {{is_reference(A), is_reference(B)}}"
            ),
            Is.EqualTo("{true,true}")
        );

    [Test]
    public async Task GenServerCall_FromHere_ReachesErlang()
    {
        Assert.That(
            await RunAsync(
                "{gen_server, call, [{net_kernel, 'peer@127.0.0.1'}, {is_auth, x}]}, {gen_server, call, [{nobody, 'peer@127.0.0.1'}, hi, 100]}"
            ),
            Is.EqualTo("[yes,{raise,exit,{noproc,{gen_server,call,[{nobody,'peer@127.0.0.1'},hi,100]}}}]")
        );
    }

    [Test]
    public async Task Halt_AndStop_AreTheHostsToDecide()
    {
        _halts.Clear();
        Assert.That(await RunAsync("{init, stop, []}, {erlang, halt, [3]}"), Is.EqualTo("[ok,true]"));
        Assert.That(_halts, Is.EqualTo(new[] { new HaltRequest(0, IsOrderly: true), new HaltRequest(3, IsOrderly: false) }));
    }

    [Test]
    public async Task Default_AllowsNoCallsNoControlAndNoHalt()
    {
        NodeOptions options = Options("default@127.0.0.1");
        options.AllowedFunctions = StandardFunctions.Default;
        await using Node plain = await Node.StartAsync(options);
        foreach (
            (string module, string function, int arity) in new[]
            {
                ("erlang", "halt", 0),
                ("init", "stop", 0),
                ("erlang", "apply", 3),
                ("erlang", "spawn", 4),
                ("erlang", "register", 2),
                ("rpc", "call", 4),
            }
        )
            Assert.That(plain.Functions.Contains(module, function, arity), Is.False, $"{module}:{function}/{arity}");
        Assert.That(
            await EvalAsync("rpc:call('default@127.0.0.1', erlang, halt, [])"),
            Is.EqualTo("{badrpc,{'EXIT',{undef,[{erlang,halt,[],[]}]}}}")
        );
        Assert.That(await EvalAsync("rpc:call('default@127.0.0.1', erlang, node, [])"), Is.EqualTo("'default@127.0.0.1'"));
    }
}
