namespace CloudScale.Behaviours.Tests;

/// <summary>gen_event: Erlang's functions on our managers, and ours on Erlang's.</summary>
public sealed class GenEventPeerTests : PeerFixture
{
    private async Task Start(string name) =>
        await Node.StartAsync(new GenEvent().Know("recorder", () => new Recorder()), new StartOptions { Name = name });

    [Test]
    public async Task Erlang_HandlersComeAndGo_InOurs()
    {
        await Start("ge");
        Assert.That(
            await Eval(
                "ge",
                "[gen_event:add_handler(S, recorder, main), gen_event:add_handler(S, {recorder, 2}, two), gen_event:add_handler(S, {recorder, 3}, {refuse, no}), gen_event:add_handler(S, {recorder, 4}, {crash, no})]"
            ),
            Is.EqualTo("[ok,ok,{error,no},{'EXIT',no}]")
        );
        Assert.That(
            await Eval("ge", "{element(1, gen_event:add_handler(S, unknown, x)), gen_event:which_handlers(S)}"),
            Is.EqualTo("{'EXIT',[{recorder,2},recorder]}")
        );
        Assert.That(
            await Eval(
                "ge",
                "ok = gen_event:notify(S, one), ok = gen_event:sync_notify(S, two), {gen_event:call(S, recorder, get), gen_event:call(S, {recorder, 2}, arg), gen_event:call(S, recorder, what), gen_event:call(S, nobody, get)}"
            ),
            Is.EqualTo("{[one,two],two,{error,bad_query},{error,bad_module}}")
        );
        Assert.That(
            await Eval("ge", "gen_event:sync_notify(S, {tell, self(), hi}), receive {recorder, M} -> M after 5000 -> none end"),
            Is.EqualTo("hi")
        );
        Assert.That(
            await Eval("ge", "R = gen_event:send_request(S, recorder, arg), gen_event:receive_response(R, 5000)"),
            Is.EqualTo("{reply,main}")
        );
        Assert.That(
            await Eval("ge", "{gen_event:delete_handler(S, {recorder, 2}, why), gen_event:delete_handler(S, {recorder, 2}, why)}"),
            Is.EqualTo("{{terminated,why},{error,module_not_found}}")
        );
        Assert.That(
            await Eval(
                "ge",
                "ok = gen_event:swap_handler(S, {recorder, going}, {{recorder, new}, coming}), {gen_event:which_handlers(S), gen_event:call(S, {recorder, new}, arg)}"
            ),
            Is.EqualTo("{[{recorder,new}],{coming,{terminated,going}}}")
        );
        Assert.That(
            await Eval("ge", "{gen_event:call(S, {recorder, new}, {crash, oops}), gen_event:which_handlers(S)}"),
            Is.EqualTo("{{error,{'EXIT',oops}},[]}")
        );
        Assert.That(await Eval("ge", "gen_event:stop(S), catch gen_event:which_handlers(S)"), Does.StartWith("{'EXIT',"));
    }

    [Test]
    public async Task Erlang_SupervisedHandlers_TellTheirInstaller()
    {
        await Start("ge_sup");
        const string next = "receive {gen_event_EXIT, H, R} -> {H, R} after 5000 -> none end";
        Assert.That(
            await Eval("ge_sup", $"ok = gen_event:add_sup_handler(S, {{recorder, 1}}, a), gen_event:notify(S, remove), {next}"),
            Is.EqualTo("{{recorder,1},normal}")
        );
        Assert.That(
            await Eval("ge_sup", $"ok = gen_event:add_sup_handler(S, {{recorder, 2}}, a), gen_event:notify(S, {{crash, bad}}), {next}"),
            Is.EqualTo("{{recorder,2},{'EXIT',bad}}")
        );
        Assert.That(
            await Eval(
                "ge_sup",
                $"ok = gen_event:add_sup_handler(S, {{recorder, 3}}, a), {{terminated, x}} = gen_event:delete_handler(S, {{recorder, 3}}, x), {next}"
            ),
            Is.EqualTo("{{recorder,3},normal}")
        );
        Assert.That(
            await Eval(
                "ge_sup",
                $"ok = gen_event:add_sup_handler(S, {{recorder, 4}}, a), ok = gen_event:swap_sup_handler(S, {{{{recorder, 4}}, x}}, {{{{recorder, 5}}, y}}), {{H4, {{swapped, N, P}}}} = {next}, {{H4, N, P =:= self(), gen_event:which_handlers(S)}}"
            ),
            Is.EqualTo("{{recorder,4},{recorder,5},true,[{recorder,5}]}")
        );
        Assert.That(
            await Eval(
                "ge_sup",
                "P = spawn(fun() -> ok = gen_event:add_sup_handler(S, {recorder, 6}, a), receive die -> exit(dead) end end), W = fun W() -> case lists:member({recorder, 6}, gen_event:which_handlers(S)) of true -> ok; false -> W() end end, W(), P ! die, V = fun V() -> case lists:member({recorder, 6}, gen_event:which_handlers(S)) of false -> gone; true -> V() end end, V()"
            ),
            Is.EqualTo("gone")
        );
        Assert.That(await Eval("ge_sup", $"gen_event:stop(S), {next}"), Is.EqualTo("{{recorder,5},shutdown}"));
    }

    [Test]
    public async Task Ours_EverythingButSupervision_OfErlang()
    {
        await Load("peer_handler");
        await Erlang.EvalAsync("{ok, _} = gen_event:start({local, events}), ok");
        ServerRef manager = ServerRef.At("events", Peer);
        HandlerId second = ("peer_handler", 2L);
        string said = await TextOf(async self =>
        {
            object first = await self.AddHandler(manager, "peer_handler", (Atom)"main");
            object refused = await self.AddHandler(manager, second, Tuple.Of((Atom)"refuse", (Atom)"no"));
            object sup = await self.AddSupHandler(manager, second, (Atom)"sup");
            await self.Notify(manager, (Atom)"one");
            await self.SyncNotify(manager, (Atom)"two");
            object got = await self.CallHandler(manager, "peer_handler", (Atom)"get");
            object none = await self.CallHandler(manager, "nobody", (Atom)"get");
            object names = List.Create([.. (await self.WhichHandlers(manager)).Select(id => id.ToTerm())]);
            object removed = await self.DeleteHandler(manager, second, (Atom)"why");
            Tuple told = await self.Receive<Tuple>(TimeSpan.FromSeconds(5));
            object swapped = await self.SwapHandler(manager, "peer_handler", (Atom)"out", second, (Atom)"in");
            object argument = (await self.ReceiveResponse(await self.SendHandlerRequest(manager, second, (Atom)"arg"))).Reply;
            return Tuple.Of(first, refused, sup, got, none, names, removed, told, swapped, argument);
        });
        Assert.That(
            said,
            Is.EqualTo(
                "{ok,{error,no},ok,[one,two],{error,bad_module},[{peer_handler,2},peer_handler],{terminated,why},{gen_event_EXIT,{peer_handler,2},normal},ok,{in,{terminated,out}}}"
            )
        );
        await Node.StopAsync(manager);
    }
}
