using System.Net;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Epmd;
using CloudScale.Interop.Transport;
using Microsoft.Extensions.Logging;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>Nodes that are given a name by the first node they meet.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(120_000)]
public sealed class DynamicNameTests
{
    private readonly int _epmdPort = OtpInstallation.FreePort();

    [Test, Category("OtpNode")]
    public async Task ErlangWithoutAName_GetsOneFromUs_AndTheSameAgain()
    {
        OtpInstallation.Require();
        await using TestNode ours = await TestNode.StartAsync(
            new DistributionOptions
            {
                Name = "ours@127.0.0.1",
                Cookie = "cookie",
                ListenAddress = IPAddress.Loopback,
                Epmd = new EpmdOptions { Port = _epmdPort },
            }
        );
        ours.Events.Answering = ours.Distribution;
        await using ErlangNode theirs = await ErlangNode.StartAsync("undefined@127.0.0.1", "cookie", _epmdPort);
        Assert.That(await theirs.EvalAsync("node()"), Is.EqualTo("nonode@nohost"));
        Assert.That(
            await theirs.EvalAsync("net_kernel:connect_node('ours@127.0.0.1')"),
            Is.EqualTo("true"),
            theirs.Output + string.Join('\n', ours.Log.AtLeast(LogLevel.Debug))
        );
        NodeInfo info = (NodeInfo)(await ours.Events.SkipToAsync("up")).Values[1];
        Assert.That(info.IsHidden, "as between Erlang nodes");
        Assert.That(await theirs.EvalAsync("node()"), Is.EqualTo($"'{info.Name.Name}'"));
        Assert.That(await theirs.EvalAsync("erlang:system_info(creation)"), Is.EqualTo($"{info.Creation}"));

        await theirs.EvalAsync("{echo, 'ours@127.0.0.1'} ! self()");
        Pid tester = (Pid)(await ours.Events.SkipToAsync("named")).Values[2];
        Assert.That(tester.Node, Is.EqualTo(new NodeIdentity(info.Name, info.Creation)));
        ours.Distribution.Send(tester, ours.Pid(1), "hello");
        Assert.That(await theirs.EvalAsync("receive M -> M end"), Is.EqualTo("<<\"hello\">>"));

        ours.Distribution.Disconnect(info.Name);
        await ours.Events.SkipToAsync("down");
        await Eventually.TrueAsync(
            async () => await theirs.EvalAsync("node()") == "nonode@nohost",
            "the name goes with the last connection"
        );
        Assert.That(await theirs.EvalAsync("net_kernel:connect_node('ours@127.0.0.1')"), Is.EqualTo("true"), theirs.Output);
        NodeInfo again = (NodeInfo)(await ours.Events.SkipToAsync("up")).Values[1];
        Assert.That((again.Name, again.Creation), Is.EqualTo((info.Name, info.Creation + 1)));
    }

    [Test, Category("OtpNode")]
    public async Task OursWithoutAName_GetsOneFromErlang_AndIsThatNodeThere()
    {
        await using RealEpmd epmd = await RealEpmd.StartAsync();
        await using ErlangNode theirs = await ErlangNode.StartAsync("giver@127.0.0.1", "cookie", epmd.Port);
        await using TestNode ours = await TestNode.StartAsync(
            Nameless("giver@127.0.0.1") with
            {
                Epmd = new EpmdOptions { Port = epmd.Port },
            }
        );
        ours.Events.Answering = ours.Distribution;
        NodeInfo giver = (NodeInfo)(await ours.Events.SkipToAsync("up")).Values[1];
        Assert.That((giver.Name.Name, giver.IsHidden), Is.EqualTo(("giver@127.0.0.1", true)));
        NodeIdentity self = ours.Distribution.Self;
        Assert.That(self.Name.Name, Does.Match("^[0-9A-Z]+@127\\.0\\.0\\.1$"));
        Assert.That(self.Creation, Is.GreaterThan(3u), "as OTP draws them");
        Assert.That(await theirs.EvalAsync("nodes(hidden)"), Is.EqualTo($"['{self.Name.Name}']"));
        Assert.That(await theirs.EvalAsync($"net_adm:ping('{self.Name.Name}')"), Is.EqualTo("pong"));

        ours.Distribution.SendToName(giver.Name, "test", ours.Pid(5), ours.Pid(5));
        Assert.That(await theirs.EvalAsync("Guest = receive Pid -> Pid end, node(Guest)"), Is.EqualTo($"'{self.Name.Name}'"));
        await theirs.EvalAsync("Guest ! hello");
        Recorded hello = await ours.Events.SkipToAsync("send");
        Assert.That(hello.Values, Is.EqualTo(new object[] { ours.Pid(5), (Atom)"hello" }), "its creation is the one that was given");

        await using ErlangNode other = await ErlangNode.StartAsync("other@127.0.0.1", "cookie", epmd.Port);
        Assert.That(await ours.Distribution.ConnectAsync("other@127.0.0.1"), "the name holds for other nodes, too");
        Assert.That(await other.EvalAsync("nodes(hidden)"), Is.EqualTo($"['{self.Name.Name}']"));
    }

    [Test]
    public async Task OursWithoutAName_AmongOurs_KeepsItsNameWhileItIsConnected_AndThenNoMore()
    {
        InMemoryNetwork network = new();
        InMemoryNodeDirectory directory = new();
        DistributionOptions At(DistributionOptions options, string host) =>
            options with
            {
                Transport = network.CreateTransport(host),
                Directory = directory,
            };
        DistributionOptions named = new() { Name = "giver@mem", Cookie = "cookie" };
        await using TestNode giver = await TestNode.StartAsync(At(named, "a"));
        await using TestNode other = await TestNode.StartAsync(At(named with { Name = "other@mem" }, "b"));
        await using TestNode guest = await TestNode.StartAsync(At(Nameless("giver@mem") with { Name = "undefined@mem" }, "c"));
        Atom name = guest.Distribution.Self.Name;
        Assert.That(((NodeInfo)(await giver.Events.SkipToAsync("up")).Values[1]).Name, Is.SameAs(name));
        await using TestNode second = await TestNode.StartAsync(At(Nameless("giver@mem") with { Name = "undefined@mem" }, "d"));
        Assert.That(second.Distribution.Self.Name, Is.Not.SameAs(name));
        Assert.That(() => guest.Distribution.EndPoint, Throws.InvalidOperationException, "it takes no connections");

        Assert.That(await guest.Distribution.ConnectAsync(other.Name));
        guest.Distribution.Disconnect(giver.Name);
        await guest.Events.SkipToAsync("down");
        Assert.That(await guest.Distribution.ConnectAsync(giver.Name), "it still has a connection, and so its name");
        Assert.That(((NodeInfo)(await giver.Events.SkipToAsync("up")).Values[1]).IsHidden);
        guest.Distribution.Disconnect(giver.Name);
        await guest.Events.SkipToAsync("down");
        guest.Distribution.Disconnect(other.Name);
        await guest.Events.SkipToAsync("down");
        Assert.That(await guest.Distribution.ConnectAsync(other.Name), Is.False);
        Assert.That(guest.Distribution.SendToName(other.Name, "srv", guest.Pid(1), 1L), Is.EqualTo(SendResult.NoConnection));
        Assert.That(guest.Log.AtLeast(LogLevel.Warning), Has.One.Contains("lapsed"));
    }

    [Test]
    public async Task OursWithoutAName_NobodyGivesOne_DoesNotStart()
    {
        InMemoryNetwork network = new();
        DistributionOptions options = Nameless("giver@mem") with
        {
            Name = "undefined@mem",
            Transport = network.CreateTransport("c"),
            Directory = new InMemoryNodeDirectory(),
        };
        await using TestNode guest = new(options);
        Assert.That(
            async () => await guest.Distribution.StartAsync(),
            Throws.InstanceOf<IOException>().With.Message.Contains("no name").And.Message.Contains("'giver@mem' is registered")
        );
        Assert.That(() => new TestNode(options with { NamedBy = null }), Throws.ArgumentException.With.Message.Contains("NamedBy"));
        Assert.That(() => new TestNode(options with { Name = "own@mem" }), Throws.ArgumentException.With.Message.Contains("own@mem"));
        Assert.That(() => new TestNode(options with { NamedBy = "giver" }), Throws.ArgumentException.With.Message.Contains("name@host"));
    }

    private static DistributionOptions Nameless(string giver) =>
        new()
        {
            Name = "undefined@127.0.0.1",
            NamedBy = giver,
            Cookie = "cookie",
        };

    [Test]
    public void Names_OfThoseWhoAreGone_AreGivenAgain_WithTheNextCreation()
    {
        DynamicNames names = new();
        (string first, uint creation) = names.Take("host");
        (string second, _) = names.Take("host");
        Assert.That(second, Is.Not.EqualTo(first).And.EndsWith("@host"));
        names.Return(first, creation);
        names.Return(first, creation);
        names.Return("never@host", 7);
        Assert.That(names.Take("elsewhere").Name, Does.EndWith("@elsewhere"));
        Assert.That(names.Take("host"), Is.EqualTo((first, creation + 1)));
        Assert.That(names.Take("host").Name, Is.Not.EqualTo(first).And.Not.EqualTo("never@host"));
    }
}
