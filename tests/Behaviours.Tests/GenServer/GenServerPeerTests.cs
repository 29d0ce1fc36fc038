namespace CloudScale.Behaviours.Tests;

/// <summary>gen_server: Erlang's functions on our servers, and ours on Erlang's.</summary>
public sealed class GenServerPeerTests : PeerFixture
{
    private async Task Start(string name) =>
        Assert.That((await Node.StartAsync(new Counter(), new StartOptions { Name = name })).IsOk, Is.True);

    [Test]
    public async Task Erlang_CallCastInfoStop_OfOurs()
    {
        await Start("gs_calls");
        Assert.That(await Eval("gs_calls", "gen_server:call(S, next)"), Is.EqualTo("1"));
        Assert.That(await Eval("gs_calls", "gen_server:cast(S, next), gen_server:call(S, {add, 3})"), Is.EqualTo("5"));
        Assert.That(await Eval("gs_calls", "gen_server:call(S, {get, <<\"key\">>})"), Is.EqualTo("5"), "a contract by its tag and arity");
        Assert.That(await Eval("gs_calls", "S ! hello, lists:last(gen_server:call(S, seen))"), Is.EqualTo("'info hello'"));
        Assert.That(await Eval("gs_calls", "gen_server:call(S, {later, 5, late})"), Is.EqualTo("late"));
        Assert.That(await Eval("gs_calls", "gen_server:call(S, {slow, 5, slept})"), Is.EqualTo("slept"));
        Assert.That(
            await Eval("gs_calls", "try gen_server:call(S, no_reply, 20) catch exit:{R, {gen_server, call, [_, _, T]}} -> {R, T} end"),
            Is.EqualTo("{timeout,20}")
        );
        Assert.That(
            await Eval(
                "gs_calls",
                "try gen_server:call(S, {stop, why, bye}) of Bye -> {Bye, catch gen_server:call(S, next)} catch _:_ -> no end"
            ),
            Does.StartWith("{bye,{'EXIT',{noproc,{gen_server,call,").Or.StartWith("{bye,{'EXIT',{why,{gen_server,call,")
        );
        await Start("gs_stopped");
        Assert.That(await Eval("gs_stopped", "gen_server:stop(S)"), Is.EqualTo("ok"));
        Assert.That(await Eval("gs_stopped", "catch gen_server:stop(S)"), Does.StartWith("{'EXIT',noproc"));
        await Start("gs_reason");
        Assert.That(await Eval("gs_reason", "gen_server:stop(S, {shutdown, done}, 5000)"), Is.EqualTo("ok"));
        await Start("gs_crash");
        Assert.That(await Eval("gs_crash", "try gen_server:call(S, {exit, boom}) catch exit:{R, _} -> R end"), Is.EqualTo("boom"));
    }

    [Test]
    public async Task Erlang_RequestsMultiCallAbcast_OfOurs()
    {
        await Start("gs_many");
        Assert.That(
            await Eval("gs_many", "R = gen_server:send_request(S, next), gen_server:receive_response(R, 5000)"),
            Is.EqualTo("{reply,1}")
        );
        Assert.That(
            await Eval(
                "gs_many",
                """
                C0 = gen_server:reqids_new(), C1 = gen_server:send_request(S, {later, 20, slow}, one, C0), C2 = gen_server:send_request(S, next, two, C1),
                {R1, L1, C3} = gen_server:receive_response(C2, 5000, true), {R2, L2, _} = gen_server:wait_response(C3, 5000, true), [{L1, R1}, {L2, R2}]
                """
            ),
            Is.EqualTo("[{two,{reply,2}},{one,{reply,slow}}]")
        );
        Assert.That(
            await Eval(
                "gs_many",
                "gen_server:abcast(['ours@127.0.0.1'], gs_many, next), gen_server:multi_call(['ours@127.0.0.1', node()], gs_many, next)"
            ),
            Is.EqualTo("{[{'ours@127.0.0.1',4}],['peer@127.0.0.1']}")
        );
        Assert.That(
            await Eval("gs_many", "R = gen_server:send_request({nobody, 'ours@127.0.0.1'}, x), gen_server:receive_response(R, 5000)"),
            Is.EqualTo("{error,{noproc,{nobody,'ours@127.0.0.1'}}}")
        );
    }

    [Test]
    public async Task Ours_CallCastStop_OfErlang()
    {
        await Load("peer_server");
        await Erlang.EvalAsync("{ok, _} = gen_server:start({local, theirs}, peer_server, 7, []), ok");
        ServerRef server = ServerRef.At("theirs", Peer);
        Assert.That(await Run(async self => await self.Call(server, new Get("x"))), Is.EqualTo(7), "a typed call");
        Assert.That(
            await TextOf(async self =>
            {
                await self.Cast(server, Tuple.Of((Atom)"add", 5L));
                return await self.Call(server, Tuple.Of((Atom)"get", (Atom)"any"));
            }),
            Is.EqualTo("12")
        );
        Assert.That(
            await TextOf(self => self.Call(server, (Atom)"silence", TimeSpan.FromMilliseconds(20))),
            Is.EqualTo("exit {timeout,{gen_server,call,[{theirs,'peer@127.0.0.1'},silence,20]}}")
        );
        Assert.That(
            await TextOf(async self =>
            {
                RequestIds requests = new();
                await self.SendRequest(server, Tuple.Of((Atom)"later", 20L, (Atom)"late"), (Atom)"one", requests);
                await self.SendRequest(server, (Atom)"hello", (Atom)"two", requests);
                Response first = await self.ReceiveResponse(requests);
                Response second = await self.ReceiveResponse(requests);
                return Tuple.Of(first.Label!, first.ToTerm(), second.Label!, second.ToTerm());
            }),
            Is.EqualTo("{two,{reply,{echo,hello}},one,{reply,late}}")
        );
        MultiCallResult many = await Run(async self => await self.MultiCall([Peer, Node.Name], "theirs", (Atom)"hi"));
        Assert.That(many.Replies.Single().Node, Is.EqualTo(Peer));
        Assert.That(many.BadNodes.Single(), Is.EqualTo(Node.Name));
        Assert.That(await TextOf(self => self.Call(server, (Atom)"crash")), Does.StartWith("exit {boom,{gen_server,call,[{theirs,"));
        Assert.That(await TextOf(self => self.Call(server, (Atom)"crash")), Does.StartWith("exit {noproc,{gen_server,call,[{theirs,"));
        await Erlang.EvalAsync("{ok, _} = gen_server:start({local, theirs}, peer_server, 7, []), ok");
        await Node.StopAsync(server);
        Assert.That(await Erlang.EvalAsync("whereis(theirs)"), Is.EqualTo("undefined"));
    }

    [Test]
    public async Task Ours_Sys_OfErlang()
    {
        await Load("peer_server");
        await Erlang.EvalAsync("{ok, _} = gen_server:start({local, watched}, peer_server, 7, []), ok");
        ServerRef server = ServerRef.At("watched", Peer);
        Assert.That(await TextOf(self => self.GetState(server)), Is.EqualTo("7"));
        Assert.That(await TextOf(self => self.GetStatus(server)), Does.Contain("{module,gen_server}"));
        Assert.That(await TextOf(self => self.Debug(server, Tuple.Of((Atom)"log", true))), Is.EqualTo("ok"));
        Assert.That(
            await TextOf(async self =>
            {
                await self.SuspendServer(server);
                object changed = await self.ChangeCode(server, "peer_server", 1L, 10L);
                await self.ResumeServer(server);
                return Tuple.Of(changed, await self.GetState(server));
            }),
            Is.EqualTo("{ok,17}")
        );
        Assert.That(
            await TextOf(self => self.GetState(ServerRef.At("nobody", Peer))),
            Is.EqualTo("exit {noproc,{sys,get_state,[{nobody,'peer@127.0.0.1'}]}}")
        );
    }
}
