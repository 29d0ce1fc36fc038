namespace CloudScale.Supervision.Tests;

/// <summary>Our supervisors in the hands of Erlang's supervisor module, and Erlang's supervisors in ours.</summary>
public sealed class PeerTests : PeerFixture
{
    private static int s_forms;
    private readonly Journal _journal = new();

    [OneTimeSetUp]
    public async Task Prepare()
    {
        await Load("peer_child");
        Node.Functions.Export(
            "worker",
            "start_link",
            1,
            async (self, arguments) => (await self.StartLink(new Worker(Term.Format(arguments[0]), _journal))).ToTerm()
        );
        Node.Functions.Export("worker", "refuse", 0, (self, arguments) => new(Tuple.Of(Atoms.Error, (Atom)"why")));
        Node.Functions.Export("worker", "ignore", 0, (self, arguments) => new((Atom)"ignore"));
    }

    private async Task Start(Supervisor supervisor, string name) =>
        Assert.That((await Node.StartAsync(supervisor, new StartOptions { Name = name })).IsOk);

    private static Supervisor Static() => new SupervisorBuilder().WithIntensity(5, TimeSpan.FromSeconds(5)).Build();

    private static Supervisor Dynamic() =>
        new Given(
            new SupervisorInit(
                new SupervisorFlags { Strategy = RestartStrategy.SimpleOneForOne },
                [new ChildSpec((Atom)"dyn", "worker", "start_link", List.Empty)]
            )
        );

    [Test]
    public async Task Erlang_EveryRequest_OfOurs()
    {
        await Start(Static(), "static");
        const string spec = "#{id => a, start => {worker, start_link, [1]}}";
        Assert.Multiple(async () =>
        {
            Assert.That(await Eval("static", $"{{ok, P}} = supervisor:start_child(S, {spec}), is_pid(P)"), Is.EqualTo("true"));
            Assert.That(
                await Eval("static", $"{{error, {{already_started, P}}}} = supervisor:start_child(S, {spec}), is_pid(P)"),
                Is.EqualTo("true")
            );
            Assert.That(await Eval("static", "[{a, P, worker, [worker]}] = supervisor:which_children(S), is_pid(P)"), Is.EqualTo("true"));
            Assert.That(
                await Eval("static", "supervisor:count_children(S)"),
                Is.EqualTo("[{specs,1},{active,1},{supervisors,0},{workers,1}]")
            );
            Assert.That(
                await Eval(
                    "static",
                    "{ok, M} = supervisor:get_childspec(S, a), [maps:get(K, M) || K <- [id, start, restart, significant, shutdown, type, modules]]"
                ),
                Is.EqualTo("[a,{worker,start_link,[1]},permanent,false,5000,worker,[worker]]")
            );
            Assert.That(await Eval("static", "supervisor:delete_child(S, a)"), Is.EqualTo("{error,running}"));
            Assert.That(await Eval("static", "supervisor:restart_child(S, a)"), Is.EqualTo("{error,running}"));
            Assert.That(await Eval("static", "supervisor:terminate_child(S, a)"), Is.EqualTo("ok"));
            Assert.That(await Eval("static", "supervisor:which_children(S)"), Is.EqualTo("[{a,undefined,worker,[worker]}]"));
            Assert.That(await Eval("static", $"supervisor:start_child(S, {spec})"), Is.EqualTo("{error,already_present}"));
            Assert.That(await Eval("static", "element(1, supervisor:restart_child(S, a))"), Is.EqualTo("ok"));
            Assert.That(await Eval("static", "supervisor:terminate_child(S, a)"), Is.EqualTo("ok"));
            Assert.That(await Eval("static", "supervisor:delete_child(S, a)"), Is.EqualTo("ok"));
            Assert.That(await Eval("static", "supervisor:delete_child(S, a)"), Is.EqualTo("{error,not_found}"));
        });
    }

    [TestCase("{old, {worker, start_link, [1]}, temporary, brutal_kill, worker, dynamic}", "ok")]
    [TestCase("#{id => new, start => {worker, ignore, []}}", "ok")]
    [TestCase("#{id => bad, start => {worker, refuse, []}}", "why")]
    [TestCase("#{id => no, start => {no, where, []}}", "{'EXIT',{undef")]
    [TestCase("not_a_spec", "{error,{invalid_child_spec,not_a_spec}}")]
    [TestCase("#{start => {a, b, []}}", "{error,missing_id}")]
    [TestCase("#{id => a}", "{error,missing_start}")]
    [TestCase("#{id => a, start => b}", "{error,{invalid_mfa,b}}")]
    [TestCase("#{id => a, start => {a, b, []}, restart => often}", "{error,{invalid_restart_type,often}}")]
    [TestCase("#{id => a, start => {a, b, []}, type => other}", "{error,{invalid_child_type,other}}")]
    [TestCase("#{id => a, start => {a, b, []}, shutdown => -1}", "{error,{invalid_shutdown,-1}}")]
    [TestCase("#{id => a, start => {a, b, []}, modules => x}", "{error,{invalid_modules,x}}")]
    [TestCase("#{id => a, start => {a, b, []}, modules => [1]}", "{error,{invalid_module,1}}")]
    [TestCase("#{id => a, start => {a, b, []}, significant => 1}", "{error,{invalid_significant,1}}")]
    [TestCase(
        "#{id => a, start => {a, b, []}, significant => true}",
        "{error,{bad_combination,[{auto_shutdown,never},{significant,true}]}}"
    )]
    public async Task Erlang_StartChild_OfEveryForm_IsAnsweredAsByOtp(string spec, string expected)
    {
        string name = $"forms{Interlocked.Increment(ref s_forms)}";
        await Start(Static(), name);
        string ours = await Eval(name, $"supervisor:start_child(S, {spec})");
        Assert.That(ours, Does.Contain(expected));
        if (!expected.StartsWith("{error", StringComparison.Ordinal))
            return;
        string theirs = await Erlang.EvalAsync(
            $"(fun() -> {{ok, S}} = peer_child:start_sup(one_for_one), R = supervisor:start_child(S, {spec}), unlink(S), gen_server:stop(S), R end)()"
        );
        Assert.That(ours, Is.EqualTo(theirs));
    }

    [Test]
    public async Task Erlang_Dynamic_OfOurs()
    {
        await Start(Dynamic(), "dynamic");
        Assert.That(
            await Eval(
                "dynamic",
                "{ok, P} = supervisor:start_child(S, [7]), "
                    + "[{undefined, P, worker, [worker]}] = supervisor:which_children(S), "
                    + "{supervisor:count_children(S), supervisor:terminate_child(S, dyn), supervisor:delete_child(S, P), "
                    + "supervisor:terminate_child(S, P), supervisor:terminate_child(S, P), supervisor:which_children(S)}"
            ),
            Is.EqualTo(
                "{[{specs,1},{active,1},{supervisors,0},{workers,1}],{error,simple_one_for_one},{error,simple_one_for_one},ok,{error,not_found},[]}"
            )
        );
    }

    [Test]
    public async Task Erlang_ChildExits_OursRestartsIt()
    {
        await Start(Static(), "restarts");
        Assert.That(
            await Eval(
                "restarts",
                "{ok, P} = supervisor:start_child(S, #{id => a, start => {worker, start_link, [1]}}), M = monitor(process, P), exit(P, kill), "
                    + "receive {'DOWN', M, _, _, R} -> R end, "
                    + "(fun W() -> case supervisor:which_children(S) of [{a, Q, _, _}] when is_pid(Q), Q =/= P -> R; _ -> W() end end)()"
            ),
            Is.EqualTo("killed")
        );
    }

    [Test]
    public async Task Erlang_Sys_OfOurs()
    {
        await Start(Static(), "looked_at");
        Assert.Multiple(async () =>
        {
            Assert.That(
                await Eval("looked_at", "T = sys:get_state(S), {element(1, T), element(2, T), element(3, T), element(6, T)}"),
                Is.EqualTo("{state,{local,looked_at},one_for_one,5}")
            );
            Assert.That(await Eval("looked_at", "is_atom(supervisor:get_callback_module(S))"), Is.EqualTo("true"));
            Assert.That(
                await Eval("looked_at", "ok = sys:suspend(S), ok = sys:resume(S), {status, _, {module, M}, _} = sys:get_status(S), M"),
                Is.EqualTo("gen_server")
            );
            Assert.That(await Eval("looked_at", "gen_server:stop(S)"), Is.EqualTo("ok"));
        });
    }

    [Test]
    public async Task Ours_EveryRequest_OfErlang()
    {
        await Erlang.EvalAsync("(fun() -> {ok, S} = peer_child:start_sup(one_for_one), unlink(S), S end)()");
        ServerRef supervisor = ("peer_sup", Peer);
        ChildSpec second = new((Atom)"second", "peer_child", "start_link", List.Of(2L)) { Restart = ChildRestart.Transient };
        string text = await Run(async self =>
        {
            List<object> seen = [];
            StartResult started = await self.StartChild(supervisor, second);
            seen.Add(started.IsOk);
            seen.Add((await self.StartChild(supervisor, second)).AlreadyStarted == started.Pid);
            seen.Add(string.Join(',', (await self.WhichChildren(supervisor)).Select(child => Term.Format(child.Id))));
            seen.Add(await self.CountChildren(supervisor));
            seen.Add(await self.DeleteChild(supervisor, (Atom)"second"));
            seen.Add(await self.TerminateChild(supervisor, (Atom)"second"));
            seen.Add((await self.RestartChild(supervisor, (Atom)"second")).IsOk);
            seen.Add(Term.Format((await self.RestartChild(supervisor, (Atom)"second")).Error));
            seen.Add(Term.Format((await self.GetChildSpec(supervisor, (Atom)"second"))![(Atom)"restart"]));
            seen.Add(await self.GetChildSpec(supervisor, (Atom)"nobody") is null);
            seen.Add(await self.TerminateChild(supervisor, (Atom)"second"));
            seen.Add(await self.DeleteChild(supervisor, (Atom)"second"));
            seen.Add(await self.TerminateChild(supervisor, (Atom)"second"));
            await self.Stop(supervisor);
            return string.Join(" ", seen);
        });
        Assert.That(
            text,
            Is.EqualTo(
                "True True second,first ChildCounts { Specs = 2, Active = 2, Supervisors = 0, Workers = 2 } Running Ok True running transient True Ok Ok NotFound"
            )
        );
    }

    [Test]
    public async Task Ours_Dynamic_OfErlang()
    {
        await Erlang.EvalAsync("(fun() -> {ok, S} = peer_child:start_sup(simple_one_for_one), unlink(S), S end)()");
        ServerRef supervisor = ("peer_sup", Peer);
        string text = await Run(async self =>
        {
            Pid child = (await self.StartChild(supervisor, 7L)).Pid;
            object state = await self.Call(child, (Atom)"get");
            StartResult refused = await self.StartChild(supervisor, (Atom)"stop");
            ChildOutcome byId = await self.TerminateChild(supervisor, (Atom)"dyn");
            ChildOutcome byPid = await self.TerminateChild(supervisor, child);
            await self.Stop(supervisor);
            return $"{state} {refused} {byId} {byPid}";
        });
        Assert.That(text, Is.EqualTo("7 {error,why} SimpleOneForOne Ok"));
    }
}
