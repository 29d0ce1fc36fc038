using System.Net;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Epmd;
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
