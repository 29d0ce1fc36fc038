namespace CloudScale.Services.Tests;

/// <summary>Erlang's own functions on our node, called by a real Erlang node.</summary>
[Category("OtpNode")]
public sealed class StandardModuleTests : PeerFixture
{
    /// <summary>Calls a function on our node.</summary>
    private Task<string> CallAsync(string module, string function, string arguments = "") => EvalAsync(Rex(module, function, arguments));

    private string Rex(string module, string function, string arguments = "") =>
        $"gen_server:call({{rex, {Here}}}, {{call, {module}, {function}, [{arguments}], group_leader()}}, 10000)";

    [TestCase("erlang", "node", "", "'ours@127.0.0.1'")]
    [TestCase("erlang", "nodes", "", "['peer@127.0.0.1']")]
    [TestCase("erlang", "nodes", "this", "['ours@127.0.0.1']")]
    [TestCase("erlang", "node", "self()", "'peer@127.0.0.1'")]
    [TestCase("erlang", "is_alive", "", "true")]
    [TestCase("erlang", "whereis", "nobody_at_all", "undefined")]
    [TestCase("erlang", "system_info", "otp_release", "\"25\"")]
    [TestCase("erlang", "system_info", "wordsize", "8")]
    [TestCase("erlang", "function_exported", "erlang, node, 0", "true")]
    [TestCase("erlang", "function_exported", "erlang, node, 7", "false")]
    [TestCase("erlang", "send", "{nobody, node()}, hello", "hello")]
    [TestCase("erlang", "error", "why", "{badrpc,{'EXIT',{why,[{erlang,error,1,[]}]}}}")]
    [TestCase("erlang", "exit", "why", "{badrpc,{'EXIT',why}}")]
    [TestCase("erlang", "throw", "why", "why")]
    [TestCase("erlang", "system_info", "no_such_thing", "{badrpc,{'EXIT',{badarg,[{erlang,system_info,1,[]}]}}}")]
    [TestCase("lists", "reverse", "[1, 2, 3]", "[3,2,1]")]
    [TestCase("lists", "reverse", "\"abc\"", "\"cba\"")]
    [TestCase("timer", "sleep", "1", "ok")]
    [TestCase("net_adm", "ping", "node()", "pong")]
    [TestCase("net_adm", "localhost", "", "\"127.0.0.1\"")]
    [TestCase("code", "is_loaded", "lists", "{file,preloaded}")]
    [TestCase("code", "ensure_loaded", "no_such_module", "{error,nofile}")]
    [TestCase("net_kernel", "get_net_ticktime", "", "60")]
    public async Task Function_Answers(string module, string function, string arguments, string answer) =>
        Assert.That(await CallAsync(module, function, arguments), Is.EqualTo(answer));

    [Test]
    public async Task Self_OfACall_IsAProcessOfOurs_AndEndsWithIt()
    {
        Assert.That(
            await EvalAsync($"P1 = {Rex("erlang", "self")}, {{is_pid(P1), node(P1), {Rex("erlang", "is_process_alive", "P1")}}}"),
            Is.EqualTo("{true,'ours@127.0.0.1',false}")
        );
    }

    [Test]
    public async Task ProcessInfo_TellsOfANamedProcess()
    {
        Pid pid = Ours.Spawn(
            async self =>
            {
                self.Dictionary[(Atom)"key"] = 17L;
                await self.Receive<string>();
            },
            new SpawnOptions { Name = "described", TrapExit = true }
        );
        Ours.Send(pid, (Atom)"waiting");
        string info = await Erlang.EvalAsync(
            $"D1 = {Rex("erlang", "whereis", "described")}, {Rex("erlang", "process_info", "D1, [registered_name, message_queue_len, messages, dictionary, trap_exit, status, priority]")}"
        );
        Assert.That(
            info,
            Is.EqualTo(
                "[{registered_name,described},{message_queue_len,1},{messages,[waiting]},{dictionary,[{key,17}]},{trap_exit,true},{status,waiting},{priority,normal}]"
            )
        );
        string all = await Erlang.EvalAsync($"[K || {{K, _}} <- {Rex("erlang", "process_info", "D1")}]");
        string usual = await EvalAsync("[K || {K, _} <- process_info(whereis(init))]");
        Assert.That(all, Is.EqualTo(usual), "the items that a process of Erlang has, in their order");
        Assert.That(
            await Erlang.EvalAsync(
                $"{{C1, F1, A1}} = element(2, {Rex("erlang", "process_info", "D1, current_function")}), is_atom(C1) and is_atom(F1) and is_integer(A1)"
            ),
            Is.EqualTo("true")
        );
        Ours.Exit(pid, Atoms.Kill);
        await Eventually.TrueAsync(
            async () => await Erlang.EvalAsync(Rex("erlang", "process_info", "D1")) == "undefined",
            "the process is gone"
        );
    }

    [Test]
    public async Task Processes_Registered_AreThoseOfTheNode()
    {
        Assert.That(
            await EvalAsync($"R1 = {Rex("erlang", "registered")}, [lists:member(N, R1) || N <- [rex, net_kernel, user, kernel_sup]]"),
            Is.EqualTo("[true,true,true,true]")
        );
        Assert.That(await EvalAsync($"length({Rex("erlang", "processes")}) >= 4"), Is.EqualTo("true"));
    }

    [Test]
    public async Task SysInfo_HasTheItemsOfObserver()
    {
        string missing = await Erlang.EvalAsync(
            $"Mine = observer_backend:sys_info(), Yours = {Rex("observer_backend", "sys_info")}, [K || {{K, _}} <- Mine, not lists:keymember(K, 1, Yours)]"
        );
        Assert.That(missing, Is.EqualTo("[]"), "items that a node of Erlang tells and ours does not");
        Assert.That(
            await Erlang.EvalAsync(
                "[{K, V} || K <- [process_count, schedulers, total], V <- [proplists:get_value(K, Yours)], not (is_integer(V) andalso V > 0)]"
            ),
            Is.EqualTo("[]")
        );
    }

    [Test]
    public async Task Statistics_Memory_AreWhatToolsCalculateWith()
    {
        Assert.That(
            await EvalAsync(
                $"{{{{_, _}}, {{_, _}}, true}} = {{{Rex("erlang", "statistics", "reductions")}, {Rex("erlang", "statistics", "wall_clock")}, is_integer({Rex("erlang", "memory", "total")})}}, ok"
            ),
            Is.EqualTo("ok")
        );
    }

    [Test]
    public async Task WhichApplications_NamesWhatTheNodeSpeaks() =>
        Assert.That(
            await EvalAsync($"[A || {{A, D, V}} <- {Rex("application", "which_applications")}, is_list(D), is_list(V)]"),
            Is.EqualTo("[kernel,stdlib,runtime_tools]")
        );

    [Test]
    public async Task Link_FromACall_TellsOfItsEnd()
    {
        Assert.That(
            await EvalAsync(
                $"process_flag(trap_exit, true), L1 = self(), {Rex("erlang", "link", "L1")}, X1 = receive {{'EXIT', _, W1}} -> W1 after 5000 -> timeout end, process_flag(trap_exit, false), X1"
            ),
            Is.EqualTo("normal")
        );
    }

    [Test]
    public async Task MonitorNodes_OfACall_IsOfItsProcess() =>
        Assert.That(await CallAsync("net_kernel", "monitor_nodes", "true"), Is.EqualTo("ok"));

    [Test]
    public async Task Allowed_NotMoreThanTheHostAllows()
    {
        NodeOptions options = Options("strict@127.0.0.1");
        options.AllowedFunctions = StandardFunctions.None;
        await using Node strict = await Node.StartAsync(options);
        Assert.That(
            await EvalAsync("gen_server:call({rex, 'strict@127.0.0.1'}, {call, erlang, node, [], group_leader()}, 10000)"),
            Is.EqualTo("{badrpc,{'EXIT',{undef,[{erlang,node,[],[]}]}}}")
        );
    }

    [TestCase("rex")]
    [TestCase("net_kernel")]
    [TestCase("user")]
    public async Task Service_Killed_IsStartedAgainUnderItsName(string name)
    {
        Pid before = Ours.WhereIs(name);
        Ours.Exit(before, Atoms.Kill);
        await Eventually.TrueAsync(() => Ours.WhereIs(name) is { IsNone: false } pid && pid != before, "the service is back");
        Assert.That(await CallAsync("erlang", "node"), Is.EqualTo("'ours@127.0.0.1'"));
        Assert.That(await EvalAsync($"net_adm:ping({Here})"), Is.EqualTo("pong"));
    }

    [TestCase("rex", "#{running => 0}")]
    [TestCase("net_kernel", "{state,'ours@127.0.0.1'}")]
    public async Task Sys_WorksOnServices(string name, string state)
    {
        Assert.That(await EvalAsync($"sys:get_state({{{name}, {Here}}})"), Is.EqualTo(state));
        Assert.That(
            await EvalAsync($"S = {{{name}, {Here}}}, ok = sys:suspend(S), ok = sys:resume(S), element(1, sys:get_status(S))"),
            Is.EqualTo("status")
        );
    }
}
