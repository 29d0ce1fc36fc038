using CloudScale.Interop.Connections;
using CloudScale.Interop.Epmd;
using Microsoft.Extensions.Logging;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>Against real Erlang nodes.</summary>
[Category("OtpNode"), FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(120_000)]
public sealed class OtpNodeTests
{
    private const string Ours = "ours@127.0.0.1";
    private const string Theirs = "theirs@127.0.0.1";

    private readonly int _epmdPort = OtpInstallation.FreePort();
    private readonly Atom _theirName = Atom.Of(Theirs);

    [SetUp]
    public void RequireOtp() => OtpInstallation.Require();

    [Test]
    public async Task Ping_BothWays_WithARealEpmd()
    {
        await using RealEpmd epmd = await RealEpmd.StartAsync(_epmdPort);
        await using TestNode ours = await StartOursAsync(startServer: false);
        await using ErlangNode theirs = await StartTheirsAsync();
        await PingAsync(ours, theirs);
    }

    [Test]
    public async Task Ping_BothWays_WithOurEpmd()
    {
        await using TestNode ours = await StartOursAsync();
        await using ErlangNode theirs = await StartTheirsAsync();
        Assert.That(
            await theirs.EvalAsync("{ok, Names} = erl_epmd:names({127,0,0,1}), lists:sort([N || {N, _} <- Names])"),
            Is.EqualTo("[\"ours\",\"theirs\"]")
        );
        await PingAsync(ours, theirs);
    }

    [Test]
    public async Task Handshake_WeCall_NodesSeeEachOther()
    {
        await using TestNode ours = await StartOursAsync();
        await using ErlangNode theirs = await StartTheirsAsync();
        Assert.That(await ours.Distribution.ConnectAsync(_theirName), Is.True, string.Join('\n', ours.Log.AtLeast(LogLevel.Debug)));
        Recorded up = await ours.Events.NextAsync("up");
        Assert.That(((NodeInfo)up.Values[1]).IsHidden, Is.False);
        Assert.That(await theirs.EvalAsync("nodes()"), Is.EqualTo($"['{Ours}']"));
    }

    [Test]
    public async Task Handshake_HiddenNode_IsHiddenThere()
    {
        await using TestNode ours = await StartOursAsync(options => options with { IsHidden = true });
        await using ErlangNode theirs = await StartTheirsAsync();
        Assert.That(await ours.Distribution.ConnectAsync(_theirName), Is.True);
        Assert.That(await theirs.EvalAsync("{nodes(), nodes(hidden)}"), Is.EqualTo($"{{[],['{Ours}']}}"));
    }

    [Test]
    public async Task NamedSend_BothWays_ArrivesUnchanged()
    {
        await using TestNode ours = await StartOursAsync();
        await using ErlangNode theirs = await StartTheirsAsync();
        await theirs.EvalAsync(
            $"{{echo, '{Ours}'}} ! {{self(), [1, 2.5, \"text\", <<1,2,3>>, #{{a => b}}, 123456789012345678901234567890]}}"
        );
        await ours.Events.NextAsync("up");
        Recorded message = await ours.Events.SkipToAsync("named");
        Assert.That(message.Values[1], Is.SameAs(Atom.Of("echo")));
        Tuple tuple = (Tuple)message.Values[2];
        Pid caller = (Pid)tuple[0];

        ours.Distribution.Send(caller, ours.Pid(7), tuple[1]);
        Assert.That(
            await theirs.EvalAsync("receive X -> X end"),
            Is.EqualTo("[1,2.5,\"text\",<<1,2,3>>,#{a => b},123456789012345678901234567890]")
        );
        ours.Distribution.SendToName(_theirName, Atom.Of("test"), ours.Pid(7), Tuple.Of(Atom.Of("from"), ours.Pid(7)));
        await theirs.EvalAsync("receive {from, P} -> P ! {back, node(P)} end");
        Recorded back = await ours.Events.SkipToAsync("send");
        Assert.That(back.Values, Is.EqualTo(new object[] { ours.Pid(7), Tuple.Of(Atom.Of("back"), Atom.Of(Ours)) }));
    }

    [Test]
    public async Task LargeMessages_BothWays_Arrive()
    {
        await using TestNode ours = await StartOursAsync();
        await using ErlangNode theirs = await StartTheirsAsync();
        await theirs.EvalAsync($"{{echo, '{Ours}'}} ! {{self(), binary:copy(<<7>>, 20000000)}}, ok");
        Tuple tuple = (Tuple)(await ours.Events.SkipToAsync("named")).Values[2];
        Assert.That(((Binary)tuple[1]).Span.IndexOfAnyExcept((byte)7), Is.EqualTo(-1));
        ours.Distribution.Send((Pid)tuple[0], ours.Pid(1), tuple[1]);
        Assert.That(
            await theirs.EvalAsync("receive Big -> {byte_size(Big), Big =:= binary:copy(<<7>>, 20000000)} end"),
            Is.EqualTo("{20000000,true}")
        );
    }

    [Test]
    public async Task AtomCache_OfOurs_IsUnderstoodThere()
    {
        await using TestNode ours = await StartOursAsync(options => options with { UsesAtomCache = true, FragmentBytes = 1_000 });
        await using ErlangNode theirs = await StartTheirsAsync();
        // More atoms than slots, so that they push each other out; and every other message in fragments.
        Atom[] atoms = [.. Enumerable.Range(0, 3_000).Select(i => Atom.Of($"ours_{i}"))];
        for (int i = 0; i < 200; i++)
        {
            object[] some = [.. Enumerable.Range(0, 40).Select(k => (object)atoms[(i * 7_919 + k * 104_729) % atoms.Length])];
            ours.Distribution.SendToName(
                _theirName,
                "test",
                ours.Pid((ulong)(1 + (i % 3))),
                Tuple.Of((long)i, List.Of(some), new byte[i % 2 * 5_000])
            );
        }

        Assert.That(
            await theirs.EvalAsync(
                """
                (fun() -> [receive {I, As, B} -> As =:= [list_to_atom("ours_" ++ integer_to_list((I * 7919 + K * 104729) rem 3000)) || K <- lists:seq(0, 39)]
                   andalso byte_size(B) =:= (I rem 2) * 5000 orelse throw({wrong, I}) after 10000 -> throw({timeout, I}) end || I <- lists:seq(0, 199), I rem 3 =:= 0], order_of_one end)()
                """
            ),
            Is.EqualTo("order_of_one")
        );
    }

    [Test]
    public async Task LinksAndMonitors_BothWays_FireWithTheReason()
    {
        await using TestNode ours = await StartOursAsync();
        await using ErlangNode theirs = await StartTheirsAsync();

        // Theirs on ours.
        await theirs.EvalAsync($"process_flag(trap_exit, true), {{echo, '{Ours}'}} ! self()");
        Pid tester = (Pid)(await ours.Events.SkipToAsync("named")).Values[2];
        Pid mine = ours.Pid(3);
        ours.Distribution.Send(tester, mine, mine);
        await theirs.EvalAsync(
            "Mine = receive M when is_pid(M) -> M end, link(Mine), Ref = monitor(process, Mine), Ref2 = monitor(process, {name, node(Mine)})"
        );
        Assert.That((await ours.Events.NextAsync("link")).Values, Is.EqualTo(new object[] { tester, mine }));
        Recorded monitor = await ours.Events.NextAsync("monitor");
        Assert.That(monitor.Values[1], Is.EqualTo(mine));
        Recorded byName = await ours.Events.NextAsync("monitor");
        Assert.That(byName.Values[1], Is.SameAs(Atom.Of("name")));

        object reason = Tuple.Of(Atom.Of("bad"), 42L);
        ours.Distribution.MonitorExit(mine, tester, (Reference)monitor.Values[2], reason);
        ours.Distribution.Exit(mine, tester, reason);
        ours.Distribution.MonitorExit(Atom.Of("name"), tester, (Reference)byName.Values[2], Atom.Of("noproc"));
        Assert.That(
            await theirs.EvalAsync(
                "[receive {'DOWN', Ref, process, Mine, R1} -> R1 end, receive {'EXIT', Mine, R2} -> R2 end, receive {'DOWN', Ref2, process, W, R3} -> {element(1, W), R3} end]"
            ),
            Is.EqualTo("[{bad,42},{bad,42},{name,noproc}]")
        );

        // Unlink, with its acknowledgement, and demonitor.
        await theirs.EvalAsync("link(Mine), unlink(Mine), demonitor(monitor(process, Mine))");
        await ours.Events.NextAsync("link");
        Recorded unlink = await ours.Events.NextAsync("unlink");
        Assert.That(unlink.Values[0], Is.Not.Zero);
        ours.Distribution.UnlinkAck((ulong)unlink.Values[0], mine, tester);
        await ours.Events.NextAsync("monitor");
        await ours.Events.NextAsync("demonitor");

        // Ours on theirs.
        await theirs.EvalAsync($"Victim = spawn(fun() -> receive {{die, R}} -> exit(R) end end), {{echo, '{Ours}'}} ! Victim");
        Pid victim = (Pid)(await ours.Events.SkipToAsync("named")).Values[2];
        Reference reference = new(ours.Distribution.Self, 99);
        ours.Distribution.Link(mine, victim);
        ours.Distribution.Monitor(mine, victim, reference);
        ours.Distribution.Unlink(77, mine, victim);
        Assert.That((await ours.Events.NextAsync("unlink ack")).Values, Is.EqualTo(new object[] { 77ul, victim, mine }));
        ours.Distribution.Link(mine, victim);
        ours.Distribution.Send(victim, mine, Tuple.Of(Atom.Of("die"), Atom.Of("because")));
        Recorded[] ends = [await ours.Events.SkipToAsync("exit"), .. ours.Events.Rest()];
        Assert.That(ends[0].Values, Is.EqualTo(new object[] { victim, mine, Atom.Of("because") }));
        Recorded down =
            ends.Skip(1).FirstOrDefault(recorded => recorded.What == "monitor exit") ?? await ours.Events.SkipToAsync("monitor exit");
        Assert.That(down.Values, Is.EqualTo(new object[] { victim, mine, reference, Atom.Of("because") }));

        // exit/2 both ways.
        await theirs.EvalAsync("exit(Mine, go)");
        Assert.That((await ours.Events.SkipToAsync("exit2")).Values, Is.EqualTo(new object[] { tester, mine, Atom.Of("go") }));
        ours.Distribution.Exit2(mine, tester, Atom.Of("gone"));
        Assert.That(await theirs.EvalAsync("receive {'EXIT', Mine, R4} -> R4 end"), Is.EqualTo("gone"));
    }

    [Test]
    public async Task Cookie_Wrong_IsRefusedBothWaysWithAClearLine()
    {
        await using TestNode ours = await StartOursAsync();
        await using ErlangNode theirs = await StartTheirsAsync(cookie: "different");
        Assert.That(await theirs.EvalAsync($"net_adm:ping('{Ours}')"), Is.EqualTo("pang"));
        await Eventually.TrueAsync(() => ours.Log.AtLeast(LogLevel.Warning).Any(), "the refusal is logged");
        Assert.That(ours.Log.AtLeast(LogLevel.Warning).First(), Does.Contain($"'{Theirs}'").And.Contain("cookie"));

        Assert.That(await ours.Distribution.ConnectAsync(_theirName), Is.False);
        Assert.That(ours.Log.AtLeast(LogLevel.Warning).Last(), Does.Contain($"'{Theirs}'").And.Contain("cookie"));
        Assert.That(ours.Events.Rest().Select(recorded => recorded.What), Is.EqualTo(new[] { "failed" }), "no node was up");
    }

    [Test]
    public async Task Kill_TheirNode_IsNodeDownAtOnce()
    {
        await using TestNode ours = await StartOursAsync();
        await using ErlangNode theirs = await StartTheirsAsync();
        await ours.Distribution.ConnectAsync(_theirName);
        await theirs.KillAsync();
        await ours.Events.SkipToAsync("up");
        Recorded down = await ours.Events.NextAsync("down");
        Assert.That(down.Values, Is.EqualTo(new object[] { _theirName, Atom.Of("connection_closed") }));
    }

    [Test]
    public async Task Stop_OurNode_IsNodeDownThere()
    {
        TestNode ours = await StartOursAsync(startServer: false, epmd: await RealEpmd.StartAsync(_epmdPort));
        await using ErlangNode theirs = await StartTheirsAsync();
        await ours.Distribution.ConnectAsync(_theirName);
        await theirs.EvalAsync($"erlang:monitor_node('{Ours}', true)");
        await ours.DisposeAsync();
        Assert.That(await theirs.EvalAsync("receive {nodedown, N} -> N end"), Is.EqualTo($"'{Ours}'"));
        Assert.That(await theirs.EvalAsync("erl_epmd:port_please(\"ours\", {127,0,0,1})"), Is.EqualTo("noport"), "the epmd entry is gone");
        await _epmd!.DisposeAsync();
    }

    [Test]
    public async Task Reconnect_TenTimesInARow_AlternatingSides()
    {
        await using TestNode ours = await StartOursAsync();
        ours.Events.Answering = ours.Distribution;
        await using ErlangNode theirs = await StartTheirsAsync();
        for (int round = 0; round < 10; round++)
        {
            if (round % 2 == 0)
                Assert.That(await ours.Distribution.ConnectAsync(_theirName), Is.True, $"round {round}");
            else
                Assert.That(await theirs.EvalAsync($"net_kernel:connect_node('{Ours}')"), Is.EqualTo("true"), $"round {round}");
            await ours.Events.SkipToAsync("up");
            await theirs.IdleAsync();
            if (round % 3 == 0)
                ours.Distribution.Disconnect(_theirName);
            else
                await theirs.EvalAsync($"erlang:disconnect_node('{Ours}')");
            await ours.Events.SkipToAsync("down");
            await Eventually.TrueAsync(async () => await theirs.EvalAsync("nodes()") == "[]", $"they see it in round {round}");
        }
    }

    [Test]
    public async Task Connect_SimultaneousWithBothOrders_GivesOneConnection([Values("aaa@127.0.0.1", "zzz@127.0.0.1")] string name)
    {
        await using TestNode ours = await StartOursAsync(options => options with { Name = name });
        await using ErlangNode theirs = await StartTheirsAsync();
        for (int round = 0; round < 10; round++)
        {
            Task<string> there = theirs.EvalAsync($"net_kernel:connect_node('{name}')");
            bool here = await ours.Distribution.ConnectAsync(_theirName);
            Assert.That(
                (here, await there),
                Is.EqualTo((true, "true")),
                $"round {round}: {theirs.Output} {string.Join('\n', ours.Log.AtLeast(LogLevel.Debug))}"
            );
            await ours.Events.SkipToAsync("up");
            Assert.That(await theirs.EvalAsync("nodes()"), Is.EqualTo($"['{name.Split('@')[0]}@127.0.0.1']"));
            await theirs.IdleAsync();
            ours.Distribution.Disconnect(_theirName);
            await ours.Events.NextAsync("down");
            await Eventually.TrueAsync(async () => await theirs.EvalAsync("nodes()") == "[]", "they see it");
        }
    }

    [Test]
    public async Task Ticks_ShortTickTime_KeepAnIdleConnection()
    {
        await using TestNode ours = await StartOursAsync(options => options with { TickTime = TimeSpan.FromSeconds(2) });
        await using ErlangNode theirs = await StartTheirsAsync(arguments: ["-kernel", "net_ticktime", "2"]);
        await ours.Distribution.ConnectAsync(_theirName);
        await ours.Events.NextAsync("up");
        await theirs.EvalAsync("timer:sleep(5000)");
        Assert.That(await theirs.EvalAsync("nodes()"), Is.EqualTo($"['{Ours}']"));
        Assert.That(ours.Events.Rest().Select(recorded => recorded.What), Has.None.EqualTo("down"));
    }

    [Test]
    public async Task Ticks_StoppedNode_IsDownWithinTheTickTime()
    {
        await using TestNode ours = await StartOursAsync(options => options with { TickTime = TimeSpan.FromSeconds(2) });
        await using ErlangNode theirs = await StartTheirsAsync();
        await ours.Distribution.ConnectAsync(_theirName);
        await ours.Events.NextAsync("up");
        using System.Diagnostics.Process stop = OtpInstallation.Start("kill", _epmdPort, "-STOP", theirs.ProcessId.ToString());
        await stop.WaitForExitAsync();
        Recorded down = await ours.Events.SkipToAsync("down");
        Assert.That(down.Values[1], Is.SameAs(Atom.Of("net_tick_timeout")));
    }

    [Test]
    public async Task SeveralErlangNodes_AtOnce_AllConnect()
    {
        await using TestNode ours = await StartOursAsync();
        ErlangNode[] nodes = await Task.WhenAll(
            Enumerable.Range(0, 3).Select(i => ErlangNode.StartAsync($"n{i}@127.0.0.1", "cookie", _epmdPort))
        );
        foreach (ErlangNode node in nodes)
            ours.Distribution.SendToName(Atom.Of(node.Name), Atom.Of("test"), ours.Pid(1), Atom.Of("hello"));
        foreach (ErlangNode node in nodes)
            Assert.That(await node.EvalAsync("receive Hello -> Hello end"), Is.EqualTo("hello"));
        Assert.That(ours.Distribution.Nodes, Has.Count.EqualTo(3));
        foreach (ErlangNode node in nodes)
            await node.DisposeAsync();
    }

    [Test]
    public async Task Ping_ShortNames_WithOurEpmd()
    {
        string host = System.Net.Dns.GetHostName().Split('.')[0];
        try
        {
            await System.Net.Dns.GetHostAddressesAsync(host);
        }
        catch (System.Net.Sockets.SocketException)
        {
            Assert.Ignore($"This host's name, {host}, has no address: Erlang cannot use short names here.");
        }

        await using TestNode ours = await StartOursAsync(options => options with { Name = "ours" });
        Assert.That(ours.Distribution.Self.Name.Name, Is.EqualTo($"ours@{host}"));
        ours.Events.Answering = ours.Distribution;
        await using ErlangNode theirs = await ErlangNode.StartAsync("theirs", "cookie", _epmdPort);
        Assert.That(await theirs.EvalAsync($"net_adm:ping('ours@{host}')"), Is.EqualTo("pong"));
        await theirs.EvalAsync($"erlang:disconnect_node('ours@{host}')");
        await ours.Events.SkipToAsync("down");
        Assert.That(await ours.Distribution.ConnectAsync(Atom.Of($"theirs@{host}")), Is.True);
    }

    private RealEpmd? _epmd;

    private async Task PingAsync(TestNode ours, ErlangNode theirs)
    {
        ours.Events.Answering = ours.Distribution;
        Assert.That(await theirs.EvalAsync($"net_adm:ping('{Ours}')"), Is.EqualTo("pong"));
        await ours.Events.NextAsync("up");

        // Our ping: what net_adm:ping sends.
        Reference reference = new(ours.Distribution.Self, 4711);
        ours.Distribution.SendToName(
            _theirName,
            Atom.Of("net_kernel"),
            ours.Pid(5),
            Tuple.Of(Atom.Of("$gen_call"), Tuple.Of(ours.Pid(5), reference), Tuple.Of(Atom.Of("is_auth"), Atom.Of(Ours)))
        );
        Recorded reply = await ours.Events.SkipToAsync("send");
        Assert.That(reply.Values, Is.EqualTo(new object[] { ours.Pid(5), Tuple.Of(reference, Atom.Of("yes")) }));
    }

    private Task<TestNode> StartOursAsync(
        Func<DistributionOptions, DistributionOptions>? with = null,
        bool startServer = true,
        RealEpmd? epmd = null
    )
    {
        _epmd = epmd;
        DistributionOptions options = new()
        {
            Name = Ours,
            Cookie = "cookie",
            ListenAddress = System.Net.IPAddress.Loopback,
            Epmd = new EpmdOptions { Port = _epmdPort, StartServer = startServer },
        };
        return TestNode.StartAsync(with?.Invoke(options) ?? options);
    }

    private Task<ErlangNode> StartTheirsAsync(string cookie = "cookie", string[]? arguments = null) =>
        ErlangNode.StartAsync(Theirs, cookie, _epmdPort, arguments ?? []);
}
