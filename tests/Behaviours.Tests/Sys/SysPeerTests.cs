namespace CloudScale.Behaviours.Tests;

/// <summary>Erlang's sys on our processes.</summary>
public sealed class SysPeerTests : PeerFixture
{
    private async Task<Pid> Start(string name, Behaviour behaviour) =>
        (await Node.StartAsync(behaviour, new StartOptions { Name = name })).Pid;

    [Test]
    public async Task GetState_OfEachBehaviour()
    {
        await Start("sys_gs", new Counter());
        await Start("sys_sm", new Switch());
        await Start("sys_ge", new GenEvent().Know("recorder", () => new Recorder()));
        Assert.That(await Eval("sys_gs", "gen_server:call(S, next), sys:get_state(S)"), Is.EqualTo("1"));
        Assert.That(await Eval("sys_sm", "gen_statem:call(S, toggle), sys:get_state(S)"), Is.EqualTo("{on,1}"));
        Assert.That(
            await Eval(
                "sys_ge",
                "ok = gen_event:add_handler(S, {recorder, 1}, a), ok = gen_event:add_handler(S, recorder, b), gen_event:sync_notify(S, x), sys:get_state(S)"
            ),
            Is.EqualTo("[{recorder,false,[x]},{recorder,1,[x]}]")
        );
    }

    [Test]
    public async Task GetStatus_HasTheShapeOfOtp()
    {
        await Start("status_gs", new Counter());
        await Start("status_sm", new Switch());
        await Start("status_ge", new GenEvent().Know("recorder", () => new Recorder()));
        const string plain =
            "[PDict, running, Parent, [], [{header, H}, {data, [{\"Status\", running}, {\"Parent\", Parent}, {\"Logged events\", []}]}, {data, [{\"State\", State}]}]]";
        Assert.That(
            await Eval(
                "status_gs",
                $"{{status, P, {{module, gen_server}}, {plain}}} = sys:get_status(S), {{is_pid(P), Parent =:= P, H, State, lists:sort([K || {{K, _}} <- PDict])}}"
            ),
            Is.EqualTo("{true,true,\"Status for generic server status_gs\",0,['$ancestors','$initial_call']}")
        );
        Assert.That(
            await Eval(
                "status_sm",
                "{status, P, {module, gen_statem}, [_, running, P, [], [{header, H}, {data, Data}, {data, [{\"State\", State}]}]]} = sys:get_status(S), {H, [K || {K, _} <- Data], State}"
            ),
            Is.EqualTo(
                "{\"Status for state machine status_sm\",[\"Status\",\"Parent\",\"Modules\",\"Time-outs\",\"Logged Events\",\"Postponed\"],{off,0}}"
            )
        );
        Assert.That(
            await Eval(
                "status_ge",
                "ok = gen_event:add_handler(S, recorder, a), {status, _, {module, gen_event}, [_, running, _, [], [{header, H}, {data, _}, {items, {\"Installed handlers\", Hs}}]]} = sys:get_status(S), {H, Hs}"
            ),
            Is.EqualTo("{\"Status for event handler status_ge\",[{handler,recorder,false,[],false}]}")
        );
    }

    [Test]
    public async Task SuspendResume_HoldsMessages_AndStatusSaysSo()
    {
        foreach (
            (string name, Behaviour behaviour, string call) in new (string, Behaviour, string)[]
            {
                ("hold_gs", new Counter(), "gen_server:call(S, next, 100)"),
                ("hold_sm", new Switch(), "gen_statem:call(S, toggle, 100)"),
                ("hold_ge", new GenEvent(), "gen:call(S, self(), which_handlers, 100)"),
            }
        )
        {
            await Start(name, behaviour);
            Assert.That(
                await Eval(
                    name,
                    $"ok = sys:suspend(S), {{status, _, _, [_, Held | _]}} = sys:get_status(S), No = (catch {call}), ok = sys:resume(S), {{Held, element(1, No), is_tuple(catch {call})}}"
                ),
                Does.StartWith("{suspended,'EXIT',"),
                name
            );
        }

        Assert.That(await Eval("hold_gs", "gen_server:call(S, next)"), Is.EqualTo("3"), "what came while it was held was handled later");
    }

    [Test]
    public async Task Terminate_EndsEachBehaviour_WithItsReason()
    {
        foreach (
            (string name, Behaviour behaviour) in new (string, Behaviour)[]
            {
                ("end_gs", new Counter()),
                ("end_sm", new Switch()),
                ("end_ge", new GenEvent()),
            }
        )
        {
            await Start(name, behaviour);
            Assert.That(
                await Eval(
                    name,
                    "M = monitor(process, S), ok = sys:terminate(S, over), receive {'DOWN', M, _, _, R} -> R after 5000 -> none end"
                ),
                Is.EqualTo("over"),
                name
            );
        }
    }

    [Test]
    public async Task LogStatisticsTrace_OfAServer()
    {
        await Start("log_gs", new Counter());
        Assert.That(await Eval("log_gs", "sys:statistics(S, get)"), Is.EqualTo("{ok,no_statistics}"));
        Assert.That(
            await Eval(
                "log_gs",
                """
                ok = sys:log(S, true), ok = sys:statistics(S, true), ok = sys:trace(S, true), gen_server:call(S, next), gen_server:cast(S, next), gen_server:call(S, next),
                {ok, Events} = sys:log(S, get), {ok, Stats} = sys:statistics(S, get),
                {[element(1, E) || E <- Events], element(2, lists:nth(2, Events)), proplists:get_value(messages_in, Stats), proplists:get_value(messages_out, Stats),
                 [K || {K, _} <- Stats]}
                """
            ),
            Is.EqualTo("{[in,out,in,noreply,in,out],1,3,2,[start_time,current_time,reductions,messages_in,messages_out]}")
        );
        Assert.That(
            await Eval(
                "log_gs",
                "ok = sys:no_debug(S), gen_server:call(S, next), {sys:log(S, get), sys:statistics(S, get), sys:log_to_file(S, \"x\"), sys:log(S, print)}"
            ),
            Is.EqualTo("{{ok,[]},{ok,no_statistics},{error,open_file},ok}")
        );
        Assert.That(Log.Lines.Select(line => line.Text), Has.Some.StartsWith("*DBG* log_gs: {in,{'$gen_call',"));
        await Start("log_sm", new Switch());
        Assert.That(
            await Eval(
                "log_sm",
                "sys:log(S, true), gen_statem:call(S, toggle), {ok, [{in, {{call, _}, toggle}, off}, {out, on, _}, {consume, {_, toggle}, off, on}]} = sys:log(S, get), fine"
            ),
            Is.EqualTo("fine")
        );
    }

    [Test]
    public async Task ReplaceState_UnknownFunctionFails_AndOneTheNodeExportsIsApplied()
    {
        await Start("replace_gs", new Counter());
        Assert.That(
            await Eval(
                "replace_gs",
                "try sys:replace_state(S, fun nowhere:at_all/1) catch error:{callback_failed, W, {C, _}} -> {W, C, sys:get_state(S)} end"
            ),
            Is.EqualTo("{{gen_server,system_replace_state},error,0}")
        );
        Node.Functions.Export(
            "conformance",
            "double",
            1,
            (_, arguments) =>
                new(
                    arguments[0] switch
                    {
                        long number => number * 2,
                        Tuple and [var module, var id, List] => Tuple.Of(module, id, List.Of((Atom)"replaced")),
                        _ => Tuple.Of((Atom)"on", 9L),
                    }
                )
        );
        Assert.That(
            await Eval("replace_gs", "gen_server:call(S, {add, 21}), {sys:replace_state(S, fun conformance:double/1), sys:get_state(S)}"),
            Is.EqualTo("{42,42}")
        );
        await Start("replace_sm", new Switch());
        Assert.That(await Eval("replace_sm", "sys:replace_state(S, fun conformance:double/1)"), Is.EqualTo("{on,9}"));
        Assert.That(await Eval("replace_sm", "gen_statem:call(S, toggle)"), Is.EqualTo("off"));
        await Start("replace_ge", new GenEvent().Know("recorder", () => new Recorder()));
        Assert.That(
            await Eval("replace_ge", "ok = gen_event:add_handler(S, recorder, a), sys:replace_state(S, fun conformance:double/1)"),
            Is.EqualTo("[{recorder,false,[replaced]}]")
        );
    }

    [Test]
    public async Task ChangeCode_OnlyWhileHeld()
    {
        await Start("code_gs", new Changing());
        Assert.That(
            await Eval(
                "code_gs",
                "A = sys:change_code(S, m, 1, x), ok = sys:suspend(S), B = sys:change_code(S, m, {down, 2}, extra), C = sys:change_code(S, m, 1, crash), ok = sys:resume(S), {A, B, element(1, C), sys:get_state(S)}"
            ),
            Is.EqualTo("{{error,{unknown_system_msg,{change_code,m,1,x}}},ok,error,{changed,{down,2},extra}}")
        );
    }

    private sealed class Changing : GenServer
    {
        private object _state = (Atom)"old";

        protected override ProcessTask CodeChange(object oldVersion, object extra)
        {
            if (extra is Atom { Name: "crash" })
                throw new InvalidOperationException("no");
            _state = Tuple.Of((Atom)"changed", oldVersion, extra);
            return default;
        }

        protected override object GetState() => _state;
    }
}
