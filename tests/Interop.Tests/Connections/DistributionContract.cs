using CloudScale.Interop.Connections;
using Microsoft.Extensions.Logging;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>What nodes of ours keep among themselves, whatever moves their bytes.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(60_000)]
public abstract partial class DistributionContract
{
    private readonly TestNetwork _network;
    private readonly InMemoryNodeDirectory _directory = new();

    private protected DistributionContract(TestNetwork network) => _network = network;

    /// <summary>How many of so many rounds, each of which makes a connection: fewer where that costs much.</summary>
    protected virtual int Rounds(int many) => many;

    [Test]
    public async Task Send_FirstToANode_ConnectsAndArrives()
    {
        await using TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem");
        Assert.That(
            a.Distribution.SendToName(b.Name, Atom.Of("echo"), a.Pid(1), Tuple.Of(Atom.Of("hi"), 7L)),
            Is.EqualTo(SendResult.Queued)
        );

        Recorded up = await b.Events.NextAsync("up");
        Assert.That(up.Values[0], Is.SameAs(a.Name));
        Recorded message = await b.Events.NextAsync("named");
        Assert.That(message.Values, Is.EqualTo(new object[] { a.Pid(1), Atom.Of("echo"), Tuple.Of(Atom.Of("hi"), 7L) }));
        await a.Events.NextAsync("up");
        Assert.That(a.Distribution.Nodes.Single().Name, Is.SameAs(b.Name));
        Assert.That(b.Distribution.Nodes.Single().Name, Is.SameAs(a.Name));
    }

    [Test]
    public async Task Signals_OfEveryKind_ArriveAsSent()
    {
        await using TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem");
        Pid from = a.Pid(1);
        Pid to = b.Pid(2);
        Reference reference = new(a.Distribution.Self, 77);
        Reference alias = new(b.Distribution.Self, 78);
        Atom reason = Atom.Of("why");
        Atom name = Atom.Of("srv");
        Distribution d = a.Distribution;

        d.Send(to, from, 1L);
        d.SendToAlias(alias, from, 2L);
        d.Link(from, to);
        d.Unlink(5, from, to);
        d.UnlinkAck(6, from, to);
        d.Exit(from, to, reason);
        d.Exit2(from, to, reason);
        d.Monitor(from, to, reference);
        d.Monitor(from, b.Name, name, reference);
        d.Demonitor(from, to, reference);
        d.Demonitor(from, b.Name, name, reference);
        d.MonitorExit(from, to, reference, reason);
        d.MonitorExit(name, to, reference, reason);
        d.GroupLeader(from, to);

        await b.Events.NextAsync("up");
        (string What, object[] Values)[] expected =
        [
            ("send", [to, 1L]),
            ("alias", [alias, 2L]),
            ("link", [from, to]),
            ("unlink", [5ul, from, to]),
            ("unlink ack", [6ul, from, to]),
            ("exit", [from, to, reason]),
            ("exit2", [from, to, reason]),
            ("monitor", [from, to, reference]),
            ("monitor", [from, name, reference]),
            ("demonitor", [from, to, reference]),
            ("demonitor", [from, name, reference]),
            ("monitor exit", [from, to, reference, reason]),
            ("monitor exit", [name, to, reference, reason]),
            ("group leader", [from, to]),
        ];
        foreach ((string what, object[] values) in expected)
            Assert.That((await b.Events.NextAsync(what)).Values, Is.EqualTo(values), what);
    }

    [Test]
    public async Task Send_ManyFromSeveralThreads_KeepTheOrderOfEachAndLoseNone()
    {
        const int Senders = 4;
        const int Messages = 5_000;
        await using TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem");
        await Task.WhenAll(
            Enumerable
                .Range(0, Senders)
                .Select(sender =>
                    Task.Run(() =>
                    {
                        for (long i = 0; i < Messages; i++)
                            a.Distribution.Send(b.Pid((ulong)sender), a.Pid((ulong)sender), i);
                    })
                )
        );

        await b.Events.NextAsync("up");
        long[] next = new long[Senders];
        for (int i = 0; i < Senders * Messages; i++)
        {
            Recorded message = await b.Events.NextAsync("send");
            Assert.That(message.Values[1], Is.EqualTo(next[((Pid)message.Values[0]).Number]++));
        }
    }

    [Test]
    public async Task Send_NoTerm_ThrowsAndHurtsNobody([Values] bool isConnected)
    {
        await using TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem");
        if (isConnected)
            await a.Distribution.ConnectAsync(b.Name);
        Assert.That(() => a.Distribution.Send(b.Pid(1), a.Pid(1), new object()), Throws.ArgumentException);
        Assert.That(() => a.Distribution.Exit2(a.Pid(1), b.Pid(1), null!), Throws.ArgumentException);
        a.Distribution.Send(b.Pid(1), a.Pid(1), 1L);
        Assert.That((await b.Events.SkipToAsync("send")).Values[1], Is.EqualTo(1L));
    }

    [Test]
    public async Task Link_Cut_EndsWithOneNodeDownAndTheNextSendConnectsAgain()
    {
        await using TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem");
        await ConnectAsync(a, b);
        for (int round = 0; round < 10; round++)
        {
            _network.Cut("a@mem", "b@mem");
            Assert.That((await a.Events.NextAsync("down")).Values[1], Is.SameAs(Atom.Of("connection_closed")));
            await b.Events.NextAsync("down");
            a.Distribution.Send(b.Pid(1), a.Pid(1), 0L);
            await a.Events.NextAsync("failed");

            _network.Heal("a@mem", "b@mem");
            a.Distribution.Send(b.Pid(1), a.Pid(1), 1L);
            await a.Events.NextAsync("up");
            await b.Events.NextAsync("up");
            Assert.That((await b.Events.NextAsync("send")).Values[1], Is.EqualTo(1L), "what was void stays void");
        }
    }

    [Test]
    public async Task Stall_LongerThanTheTickTime_IsNodeDownOnBothSides()
    {
        ManualTimeProvider time = new();
        await using TestNode a = await StartAsync("a@mem", options => options with { TimeProvider = time });
        await using TestNode b = await StartAsync("b@mem", options => options with { TimeProvider = time });
        await ConnectAsync(a, b);
        _network.Stall("a@mem", "b@mem");
        Task<Recorded> down = a.Events.NextAsync("down");
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(15)); // what was under way when the link stalled may still be news
                return down.IsCompleted;
            },
            "the silence is noticed"
        );
        Assert.That((await down).Values[1], Is.SameAs(Atom.Of("net_tick_timeout")));
        await b.Events.NextAsync("down");
    }

    [Test]
    public async Task Ticks_IdleConnection_KeepItAlive()
    {
        ManualTimeProvider time = new();
        await using TestNode a = await StartAsync("a@mem", options => options with { TimeProvider = time });
        await using TestNode b = await StartAsync("b@mem", options => options with { TimeProvider = time });
        await ConnectAsync(a, b);
        // A connection looks at the clock when its read loop runs, which what it has read proves; and who has said something owes no tick at the first look.
        a.Distribution.Send(b.Pid(1), a.Pid(1), 1L);
        b.Distribution.Send(a.Pid(1), b.Pid(1), 1L);
        await a.Events.NextAsync("send");
        await b.Events.NextAsync("send");
        time.Advance(TimeSpan.FromSeconds(15));
        for (int quarter = 0; quarter < 40; quarter++)
        {
            await Eventually.TrueAsync(
                () => !a.Distribution.IsWritingTo(b.Name) && !b.Distribution.IsWritingTo(a.Name),
                $"nothing is under way before interval {quarter}"
            );
            (long fromB, long fromA) = (a.Distribution.ReceivedFrom(b.Name), b.Distribution.ReceivedFrom(a.Name));
            time.Advance(TimeSpan.FromSeconds(15));
            await Eventually.TrueAsync(() => a.Distribution.ReceivedFrom(b.Name) > fromB, $"a tick of b in interval {quarter}");
            await Eventually.TrueAsync(() => b.Distribution.ReceivedFrom(a.Name) > fromA, $"a tick of a in interval {quarter}");
        }

        Assert.That(a.Events.Rest(), Is.Empty);
        Assert.That(b.Events.Rest(), Is.Empty);
    }

    [Test]
    public async Task Send_OtherSideDoesNotRead_IsBusyThenNot()
    {
        await using TestNode a = await StartAsync("a@mem", options => options with { BusyLimitBytes = 64 * 1024 });
        await using TestNode b = await StartAsync("b@mem");
        await a.Distribution.ConnectAsync(b.Name);
        _network.Stall("a@mem", "b@mem");
        byte[] blob = new byte[16 * 1024];
        const int Sent = 1024; // four times what the network holds under way
        for (int i = 0; i < Sent; i++)
            a.Distribution.Send(b.Pid(1), a.Pid(1), blob);
        Assert.That(a.Distribution.IsBusy(b.Name), Is.True);
        Assert.That(a.Distribution.Send(b.Pid(1), a.Pid(1), 1L), Is.EqualTo(SendResult.Busy), "taken all the same");

        _network.Heal("a@mem", "b@mem");
        do await a.Events.SkipToAsync("not busy"); // what went before the network stalled may have been a time of its own
        while (a.Distribution.IsBusy(b.Name));
        for (int i = 0; i < Sent; i++)
            Assert.That(((Binary)(await b.Events.SkipToAsync("send")).Values[1]).Length, Is.EqualTo(blob.Length));
        Assert.That((await b.Events.NextAsync("send")).Values[1], Is.EqualTo(1L));
    }

    [Test]
    public async Task Send_PastTheSendLimit_ClosesTheConnectionWithAReason()
    {
        await using TestNode a = await StartAsync("a@mem", options => options with { BusyLimitBytes = 1024, SendLimitBytes = 1024 * 1024 });
        await using TestNode b = await StartAsync("b@mem");
        await a.Distribution.ConnectAsync(b.Name);
        _network.Stall("a@mem", "b@mem");
        byte[] blob = new byte[256 * 1024];
        for (int i = 0; i < 64 && !a.Log.AtLeast(LogLevel.Error).Any(); i++)
            a.Distribution.Send(b.Pid(1), a.Pid(1), blob);
        await a.Events.SkipToAsync("down");
        Assert.That(a.Log.AtLeast(LogLevel.Error), Has.Some.Contains("SendLimitBytes"));
    }

    [Test]
    public async Task Receive_PacketOverTheLimit_ClosesTheConnectionWithAReason()
    {
        await using TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem", options => options with { MaxPacketBytes = 4096 });
        a.Distribution.Send(b.Pid(1), a.Pid(1), new byte[5000]);
        await b.Events.NextAsync("up");
        await b.Events.NextAsync("down");
        Assert.That(b.Log.AtLeast(LogLevel.Error), Has.Some.Contains("MaxPacketBytes").And.Some.Contains("a@mem"));
    }

    [Test]
    public async Task Waiting_OverTheLimit_IsRefused()
    {
        await using TestNode a = await StartAsync("a@mem", options => options with { MaxWaitingSignals = 2 });
        await using TestNode b = await StartAsync("b@mem");
        _network.Stall("a@mem", "b@mem");
        Assert.That(a.Distribution.Send(b.Pid(1), a.Pid(1), 1L), Is.EqualTo(SendResult.Queued));
        Assert.That(a.Distribution.Send(b.Pid(1), a.Pid(1), 2L), Is.EqualTo(SendResult.Queued));
        Assert.That(a.Distribution.Send(b.Pid(1), a.Pid(1), 3L), Is.EqualTo(SendResult.NoConnection));
        _network.Heal("a@mem", "b@mem");
        await b.Events.NextAsync("up");
        await b.Events.NextAsync("send");
        Assert.That((await b.Events.NextAsync("send")).Values[1], Is.EqualTo(2L));
    }

    [Test]
    public async Task Signals_OfALostConnection_DoNotMakeANewOne()
    {
        await using TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem");
        Assert.That(
            a.Distribution.Demonitor(a.Pid(1), b.Pid(1), new Reference(a.Distribution.Self, 1)),
            Is.EqualTo(SendResult.NoConnection)
        );
        Assert.That(a.Distribution.Exit(a.Pid(1), b.Pid(1), Atom.Of("x")), Is.EqualTo(SendResult.NoConnection));
        Assert.That(a.Distribution.Nodes, Is.Empty);
    }

    private protected Task<TestNode> StartAsync(string name, Func<DistributionOptions, DistributionOptions>? with = null)
    {
        DistributionOptions options = _network.Join(
            name,
            new DistributionOptions
            {
                Name = name,
                Cookie = "some cookie",
                Directory = _directory,
            }
        );
        return TestNode.StartAsync(with?.Invoke(options) ?? options);
    }

    private static async Task ConnectAsync(TestNode a, TestNode b)
    {
        Assert.That(await a.Distribution.ConnectAsync(b.Name), Is.True);
        await a.Events.NextAsync("up");
        await b.Events.NextAsync("up");
    }
}
