namespace CloudScale.Behaviours.Tests;

/// <summary>gen_statem: Erlang's functions on our machines, and ours on Erlang's.</summary>
public sealed class GenStateMachinePeerTests : PeerFixture
{
    [Test]
    public async Task Erlang_CallCastRequestStop_OfOurs()
    {
        await Node.StartAsync(new Switch(), new StartOptions { Name = "sm" });
        Assert.That(
            await Eval("sm", "{gen_statem:call(S, toggle), gen_statem:call(S, toggle), gen_statem:call(S, get)}"),
            Is.EqualTo("{on,off,{off,2}}")
        );
        Assert.That(
            await Eval("sm", "gen_statem:call(S, toggle), gen_statem:cast(S, reset), gen_statem:call(S, get, {clean_timeout, 5000})"),
            Is.EqualTo("{off,0}")
        );
        Assert.That(
            await Eval(
                "sm",
                "R = gen_statem:send_request(S, {delay, 20, late}), N = gen_statem:call(S, {delay, 1, soon}), {N, gen_statem:receive_response(R, 5000)}"
            ),
            Is.EqualTo("{soon,{reply,late}}")
        );
        Assert.That(await Eval("sm", "gen_statem:call(S, what)"), Is.EqualTo("{error,unknown}"));
        Assert.That(
            await Eval("sm", "gen_statem:stop(S), catch gen_statem:call(S, get)"),
            Does.StartWith("{'EXIT',{noproc,{gen_statem,call,")
        );
    }

    [Test]
    public async Task Ours_Call_OfErlang()
    {
        await Load("peer_machine");
        await Erlang.EvalAsync("{ok, _} = gen_statem:start({local, machine}, peer_machine, [], []), ok");
        ServerRef machine = ServerRef.At("machine", Peer);
        Assert.That(await TextOf(self => self.Call(machine, (Atom)"toggle")), Is.EqualTo("on"));
        Assert.That(await TextOf(self => self.GetState(machine)), Is.EqualTo("{on,1}"));
        Node.Cast(machine, (Atom)"reset");
        await Eventually.TrueAsync(async () => await TextOf(self => self.GetState(machine)) == "{off,0}", "the cast has come");
        await Node.StopAsync(machine);
    }
}
