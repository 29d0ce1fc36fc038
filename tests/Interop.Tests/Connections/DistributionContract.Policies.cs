using CloudScale.Interop.Connections;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>What connects by itself, and ticks whose time changes.</summary>
public abstract partial class DistributionContract
{
    [Test]
    public async Task AutoConnect_Never_OnlyConnectAsyncConnects()
    {
        await using TestNode a = await StartAsync("a@mem", options => options with { AutoConnect = AutoConnect.Never });
        await using TestNode b = await StartAsync("b@mem");
        Assert.That(a.Distribution.SendToName(b.Name, "srv", a.Pid(1), 1L), Is.EqualTo(SendResult.NoConnection));
        Assert.That(
            a.Distribution.Monitor(a.Pid(1), b.Name, "srv", new Reference(a.Distribution.Self, 1)),
            Is.EqualTo(SendResult.NoConnection)
        );
        Assert.That(a.Distribution.ConnectsByItself(b.Name), Is.False);
        Assert.That(await a.Distribution.ConnectAsync(b.Name));
        Assert.That(a.Distribution.SendToName(b.Name, "srv", a.Pid(1), 2L), Is.EqualTo(SendResult.Queued));
        Assert.That((await b.Events.SkipToAsync("named")).Values[2], Is.EqualTo(2L));

        Assert.That(a.Distribution.Disconnect(b.Name));
        await a.Events.SkipToAsync("down");
        await Eventually.TrueAsync(() => !a.Distribution.IsConnected(b.Name), "the end is reported");
        Assert.That(a.Distribution.SendToName(b.Name, "srv", a.Pid(1), 3L), Is.EqualTo(SendResult.NoConnection));
        Assert.That(await b.Distribution.ConnectAsync(a.Name), "calls of others are taken");
    }

    [Test]
    public async Task AutoConnect_Once_BarsWhoWasLost_AndNotWhoWasNeverReached()
    {
        await using TestNode a = await StartAsync("a@mem", options => options with { AutoConnect = AutoConnect.Once });
        Atom nodeB = "b@mem";
        Assert.That(a.Distribution.SendToName(nodeB, "srv", a.Pid(1), 0L), Is.EqualTo(SendResult.Queued));
        await a.Events.NextAsync("failed");
        await Eventually.TrueAsync(() => !a.Distribution.IsConnected(nodeB), "the failure is reported");
        await using TestNode b = await StartAsync("b@mem");
        Assert.That(
            a.Distribution.SendToName(nodeB, "srv", a.Pid(1), 1L),
            Is.EqualTo(SendResult.Queued),
            "an attempt that failed bars nobody"
        );
        await b.Events.SkipToAsync("named");

        await LoseAsync();
        Assert.That(a.Distribution.SendToName(nodeB, "srv", a.Pid(1), 2L), Is.EqualTo(SendResult.NoConnection), "barred");
        Assert.That(await a.Distribution.ConnectAsync(nodeB), "not on request");
        await LoseAsync();
        Assert.That(a.Distribution.SendToName(nodeB, "srv", a.Pid(1), 3L), Is.EqualTo(SendResult.NoConnection), "barred again");
        Assert.That(await b.Distribution.ConnectAsync(a.Name), "not for its own call");

        async Task LoseAsync()
        {
            a.Distribution.Disconnect(nodeB);
            await a.Events.SkipToAsync("down");
            await Eventually.TrueAsync(() => !a.Distribution.IsConnected(nodeB), "the end is reported");
            await Eventually.TrueAsync(() => !b.Distribution.IsConnected(a.Name), "there, too");
        }
    }

    [Test]
    public async Task Allow_AddsToTheOptionsList_FromBothSides()
    {
        await using TestNode a = await StartAsync("a@mem", options => options with { IsAllowed = name => name == "c@mem" });
        await using TestNode b = await StartAsync("b@mem");
        await using TestNode c = await StartAsync("c@mem");
        Assert.That(await b.Distribution.ConnectAsync(a.Name), Is.False);
        Assert.That(await a.Distribution.ConnectAsync(b.Name), Is.False);
        Assert.That(await c.Distribution.ConnectAsync(a.Name));
        a.Distribution.Allow(b.Name);
        Assert.That(await b.Distribution.ConnectAsync(a.Name));
        Assert.That(a.Distribution.Nodes.Select(info => info.Name), Is.EquivalentTo(new[] { b.Name, c.Name }));
    }

    [Test]
    public async Task TickTime_Shortened_TicksFasterAtOnce_AndDropsTheSilentOnlyAfterTheTransition()
    {
        ManualTimeProvider time = new();
        await using TestNode a = await StartAsync(
            "a@mem",
            options => options with { TimeProvider = time, TickTime = TimeSpan.FromSeconds(60) }
        );
        await using TestNode b = await StartAsync("b@mem"); // a clock of its own: it says nothing while a's runs
        Assert.That(await a.Distribution.ConnectAsync(b.Name));
        await Eventually.TrueAsync(() => b.Distribution.Nodes.Count == 1, "b is connected");
        long before = b.Distribution.ReceivedFrom(a.Name);

        Assert.That(a.Distribution.SetTickTime(TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(19)), Is.EqualTo(TickTimeChange.Initiated));
        Assert.That(a.Distribution.SetTickTime(TimeSpan.FromSeconds(9), TimeSpan.Zero), Is.EqualTo(TickTimeChange.Ongoing));
        Assert.That(a.Distribution.TickTime, Is.EqualTo(new NetTickTime(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(8))));
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(2)); // the timer is set by the loop of the connection
                return b.Distribution.ReceivedFrom(a.Name) > before || time.GetTimestamp() > TimeSpan.FromSeconds(18).Ticks;
            },
            "a tick"
        );
        await Eventually.TrueAsync(() => b.Distribution.ReceivedFrom(a.Name) > before, "a tick after two seconds, not after fifteen");
        time.Advance(TimeSpan.FromSeconds(19.5) - TimeSpan.FromTicks(time.GetTimestamp()));
        Assert.That(a.Distribution.Nodes, Has.Count.EqualTo(1), "longer silent than the new tick time, but the transition lasts");
        Assert.That(a.Distribution.TickTime.ChangingTo, Is.Not.Null, "19 s are rounded up to 20, whole intervals of ticks");
        time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.That(a.Distribution.TickTime, Is.EqualTo(new NetTickTime(TimeSpan.FromSeconds(8), null)));

        time.Advance(TimeSpan.FromSeconds(10));
        Assert.That((await a.Events.SkipToAsync("down")).Values[1], Is.EqualTo((Atom)"net_tick_timeout"));
        Assert.That(a.Distribution.SetTickTime(TimeSpan.FromSeconds(8), TimeSpan.Zero), Is.EqualTo(TickTimeChange.Unchanged));
        Assert.That(a.Distribution.SetTickTime(TimeSpan.FromSeconds(20), TimeSpan.Zero), Is.EqualTo(TickTimeChange.Initiated));
        Assert.That(a.Distribution.TickTime, Is.EqualTo(new NetTickTime(TimeSpan.FromSeconds(20), null)), "a transition of no length");
    }
}
