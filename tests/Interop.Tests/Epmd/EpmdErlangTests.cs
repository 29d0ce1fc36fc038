using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Epmd;
using CloudScale.Interop.Tests.Connections;

namespace CloudScale.Interop.Tests.Epmd;

/// <summary>Real Erlang nodes with our epmd, with one that dies, and with none.</summary>
[Category("OtpNode"), FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(120_000)]
public sealed class EpmdErlangTests
{
    private const string Cookie = "cookie";

    [SetUp]
    public void RequireOtp() => OtpInstallation.Require();

    [Test]
    public async Task OwnServer_TwoErlangNodes_FindEachOtherThroughIt()
    {
        await using EpmdServer server = EpmdServer.Start(new EpmdOptions { Port = OtpInstallation.FreePort() });
        await using ErlangNode a = await ErlangNode.StartAsync("a@127.0.0.1", Cookie, server.EndPoint.Port);
        ErlangNode b = await ErlangNode.StartAsync("b@127.0.0.1", Cookie, server.EndPoint.Port);
        Assert.That(await a.EvalAsync("net_adm:ping('b@127.0.0.1')"), Is.EqualTo("pong"));
        Assert.That(
            await a.EvalAsync("{ok, Names} = net_adm:names({127,0,0,1}), lists:sort([N || {N, _} <- Names])"),
            Is.EqualTo("[\"a\",\"b\"]")
        );
        Assert.That(await a.EvalAsync("erlang:system_info(creation) > 3"), Is.EqualTo("true"));

        // A second node of that name has no chance while the first lives.
        Assert.That(await ToolAsync(server.EndPoint.Port, "-names"), Does.Contain("name a at port").And.Contain("name b at port"));
        string taken = await a.EvalAsync("""erl_epmd:register_node("b", 4711)""");
        Assert.That(taken, Does.Contain("error").Or.Contain("already_registered"));

        await b.DisposeAsync();
        await Eventually.TrueAsync(
            async () => await a.EvalAsync("""erl_epmd:port_please("b", {127,0,0,1})""") == "noport",
            "its name is free when it is gone"
        );
        await using ErlangNode again = await ErlangNode.StartAsync("b@127.0.0.1", Cookie, server.EndPoint.Port);
        Assert.That(await again.EvalAsync("net_adm:ping('a@127.0.0.1')"), Is.EqualTo("pong"));
    }

    [Test]
    public async Task OwnServer_AskedToEndByTheTool_RefusesWhileNodesLive()
    {
        await using EpmdServer server = EpmdServer.Start(new EpmdOptions { Port = OtpInstallation.FreePort() });
        await using (ErlangNode node = await ErlangNode.StartAsync("a@127.0.0.1", Cookie, server.EndPoint.Port))
        {
            Assert.That(await ToolAsync(server.EndPoint.Port, "-kill"), Does.Contain("Killing not allowed"));
            Assert.That(await ToolAsync(server.EndPoint.Port, "-stop", "a"), Does.Contain("NOEXIST"));
            Assert.That(await ToolAsync(server.EndPoint.Port, "-names"), Does.Contain("name a at port"));
            Assert.That(server.Stopped.IsCompleted, Is.False);
        }

        await Eventually.TrueAsync(async () => !(await ToolAsync(server.EndPoint.Port, "-names")).Contains("name a"), "the node is gone");
        Assert.That(await ToolAsync(server.EndPoint.Port, "-kill"), Does.Contain("Killed"));
        await server.Stopped.WaitAsync(Eventually.Patience);
    }

    [Test]
    public async Task Registration_EveryField_ComesBackAsItWasGiven_FromBothDaemons([Values] bool isReal)
    {
        int port = OtpInstallation.FreePort();
        EpmdOptions options = new() { Port = port, StartServer = false };
        await using IAsyncDisposable daemon = isReal ? await RealEpmd.StartAsync(port) : EpmdServer.Start(options);
        EpmdClient client = new(options);
        EpmdNode node = new(
            "fields_é",
            65535,
            IsHidden: true,
            HighestVersion: 6,
            LowestVersion: 5,
            Protocol: 1,
            new Binary("some extra"u8.ToArray())
        );
        await using EpmdRegistration registration = await client.RegisterAsync(node);
        Assert.That(await client.ResolveAsync("fields_é"), Is.EqualTo(node));
    }

    [Test]
    public async Task RealDaemon_KilledAndStartedAgain_OurNodeIsFoundAgain()
    {
        await using RealEpmd daemon = await RealEpmd.StartAsync();
        await using TestNode ours = await StartOursAsync(options =>
            options with
            {
                Epmd = new EpmdOptions { Port = daemon.Port, StartServer = false },
            }
        );
        ours.Events.Answering = ours.Distribution;
        await daemon.KillAsync();
        await daemon.StartAgainAsync();
        long start = Stopwatch.GetTimestamp();
        await using ErlangNode theirs = await ErlangNode.StartAsync("theirs@127.0.0.1", Cookie, daemon.Port);
        await Eventually.TrueAsync(async () => await theirs.EvalAsync("net_adm:ping('ours@127.0.0.1')") == "pong", "it is found");
        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(10)));
        ours.Distribution.Disconnect(theirs.Name);
        await ours.Events.SkipToAsync("down");
        Assert.That(await ours.Distribution.ConnectAsync(theirs.Name));
    }

    [Test]
    public async Task WithoutEpmd_OneFixedPort_BothWays()
    {
        int port = OtpInstallation.FreePort(IPAddress.Any);
        await using TestNode ours = await StartOursAsync(options =>
            options with
            {
                Directory = new FixedPortNodeDirectory(port),
                ListenPortMin = port,
                ListenPortMax = port,
            }
        );
        ours.Events.Answering = ours.Distribution;
        await using ErlangNode theirs = await StartWithoutEpmdAsync(port);
        Assert.That(await theirs.EvalAsync("net_adm:ping('ours@127.0.0.1')"), Is.EqualTo("pong"), theirs.Output);
        ours.Distribution.Disconnect(theirs.Name);
        await ours.Events.SkipToAsync("down");
        Assert.That(await ours.Distribution.ConnectAsync(theirs.Name), theirs.Output);
    }

    [Test]
    public async Task WithoutEpmd_Table_BothWays()
    {
        int port = OtpInstallation.FreePort(IPAddress.Any);
        StaticNodeDirectory table = new(
            new Dictionary<string, EndPoint>
            {
                ["ours@127.0.0.1"] = new IPEndPoint(IPAddress.Loopback, port),
                ["theirs@127.0.0.2"] = new DnsEndPoint("127.0.0.2", port),
            }
        );
        await using TestNode ours = await StartOursAsync(options =>
            options with
            {
                Directory = table,
                ListenPortMin = port,
                ListenPortMax = port,
            }
        );
        ours.Events.Answering = ours.Distribution;
        await using ErlangNode theirs = await StartWithoutEpmdAsync(port);
        Assert.That(await ours.Distribution.ConnectAsync(theirs.Name), theirs.Output);
        ours.Distribution.Disconnect(theirs.Name);
        await ours.Events.SkipToAsync("down");
        Assert.That(await theirs.EvalAsync("net_adm:ping('ours@127.0.0.1')"), Is.EqualTo("pong"), theirs.Output);
        Assert.That(await ours.Distribution.ConnectAsync("unknown@127.0.0.2"), Is.False);
    }

    [Test]
    public void WithoutEpmd_ListeningElsewhereThanOthersLook_IsRefused()
    {
        StaticNodeDirectory table = new(new Dictionary<string, EndPoint> { ["ours@127.0.0.1"] = new IPEndPoint(IPAddress.Loopback, 1) });
        foreach (INodeDirectory directory in new INodeDirectory[] { table, new FixedPortNodeDirectory(1) })
            Assert.That(
                async () => await StartOursAsync(options => options with { Directory = directory }),
                Throws.InstanceOf<IOException>().With.Message.Contain("ListenPort")
            );
    }

    // -erl_epmd_port is the port of this node and of all others, so each has an address of its own.
    private static Task<ErlangNode> StartWithoutEpmdAsync(int port) =>
        ErlangNode.StartAsync(
            "theirs@127.0.0.2",
            Cookie,
            OtpInstallation.FreePort(),
            "-erl_epmd_port",
            port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            "-kernel",
            "inet_dist_use_interface",
            "{127,0,0,2}"
        );

    private static Task<TestNode> StartOursAsync(Func<DistributionOptions, DistributionOptions> with) =>
        TestNode.StartAsync(
            with(
                new DistributionOptions
                {
                    Name = "ours@127.0.0.1",
                    Cookie = Cookie,
                    ListenAddress = IPAddress.Loopback,
                }
            )
        );

    private static async Task<string> ToolAsync(int port, params string[] arguments)
    {
        using Process tool = OtpInstallation.Start("epmd", port, arguments);
        Task<string> error = tool.StandardError.ReadToEndAsync();
        return await tool.StandardOutput.ReadToEndAsync() + await error;
    }
}
