using CloudScale.Interop.Connections;
using Microsoft.Extensions.Logging;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>How connections begin and end.</summary>
public abstract partial class DistributionContract
{
    [Test]
    public async Task Connect_Simultaneous_GivesOneConnection()
    {
        for (int round = 0; round < Rounds(50); round++)
        {
            await using TestNode a = await StartAsync("a@mem");
            await using TestNode b = await StartAsync("b@mem");
            bool[] connected = await Task.WhenAll(
                a.Distribution.ConnectAsync(b.Name).AsTask(),
                b.Distribution.ConnectAsync(a.Name).AsTask()
            );
            Assert.That(connected, Is.All.True, $"round {round}");
            a.Distribution.Send(b.Pid(1), a.Pid(1), 1L);
            b.Distribution.Send(a.Pid(1), b.Pid(1), 1L);
            foreach (TestNode node in (TestNode[])[a, b])
            {
                await node.Events.NextAsync("up");
                await node.Events.NextAsync("send");
                Assert.That(node.Events.Rest(), Is.Empty, $"round {round}");
            }
        }
    }

    [Test]
    public async Task Connect_UnknownNode_FailsWithAReason()
    {
        await using TestNode a = await StartAsync("a@mem");
        a.Distribution.Monitor(a.Pid(1), new Pid(new NodeIdentity(Atom.Of("ghost@mem"), 1), 1), new Reference(a.Distribution.Self, 1));
        Recorded failed = await a.Events.NextAsync("failed");
        Assert.That(failed.Values, Is.EqualTo(new object[] { Atom.Of("ghost@mem"), Atom.Of("connection_setup_failed") }));
        Assert.That(await a.Distribution.ConnectAsync(Atom.Of("ghost@mem")), Is.False);
        Assert.That(a.Log.AtLeast(LogLevel.Warning), Has.Some.Contains("'ghost@mem' is registered"));
    }

    [Test]
    public async Task Connect_LongNameFromShort_IsRefusedWithTheReason()
    {
        await using TestNode a = await StartAsync("a@mem");
        Assert.That(await a.Distribution.ConnectAsync(Atom.Of("b@mem.example")), Is.False);
        Assert.That(a.Log.AtLeast(LogLevel.Warning), Has.Some.Contains("long name"));
    }

    [Test]
    public async Task Connect_WrongCookie_BothSidesSaySo()
    {
        await using TestNode a = await StartAsync("a@mem", options => options with { Cookie = "other" });
        await using TestNode b = await StartAsync("b@mem");
        Assert.That(await a.Distribution.ConnectAsync(b.Name), Is.False);
        Assert.That(a.Log.AtLeast(LogLevel.Warning), Has.Some.Contains("cookie").And.Some.Contains("b@mem"));
        await Eventually.TrueAsync(() => b.Log.AtLeast(LogLevel.Warning).Any(), "b logs the refusal");
        Assert.That(b.Log.AtLeast(LogLevel.Warning), Has.Some.Contains("a@mem").And.Some.Contains("cookie"));

        a.Distribution.SetCookie("b@mem", "some cookie");
        Assert.That(await a.Distribution.ConnectAsync(b.Name), Is.True, "a cookie for one node");
    }

    [Test]
    public async Task Connect_NotAllowed_IsRefused()
    {
        await using TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem", options => options with { IsAllowed = name => name != "a@mem" });
        Assert.That(await a.Distribution.ConnectAsync(b.Name), Is.False);
        Assert.That(a.Log.AtLeast(LogLevel.Warning), Has.Some.Contains("does not allow"));
    }

    [Test]
    public async Task Setup_PeerNeverAnswers_FailsAfterTheTimeout()
    {
        ManualTimeProvider time = new();
        await using TestNode a = await StartAsync("a@mem", options => options with { TimeProvider = time });
        await using TestNode b = await StartAsync("b@mem");
        _network.Stall("a@mem", "b@mem");
        Task<bool> connected = a.Distribution.ConnectAsync(b.Name).AsTask();
        await Eventually.TrueAsync(() => time.ArmedTimers > 0, "the attempt has begun");
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.That(await connected, Is.False);
        Assert.That(a.Log.AtLeast(LogLevel.Warning), Has.Some.Contains("did not answer within 00:00:07"));
    }

    [Test]
    public async Task Disconnect_Connected_TellsBothSidesAndTheNextSendConnects()
    {
        await using TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem");
        await a.Distribution.ConnectAsync(b.Name);
        Assert.That(a.Distribution.Disconnect(b.Name), Is.True);
        Assert.That((await a.Events.SkipToAsync("down")).Values[1], Is.SameAs(Atom.Of("disconnect")));
        await b.Events.SkipToAsync("down");
        Assert.That(a.Distribution.Disconnect(b.Name), Is.False);
        b.Distribution.Send(a.Pid(1), b.Pid(1), 1L);
        await a.Events.NextAsync("up");
        await a.Events.NextAsync("send");
    }

    [Test]
    public async Task Disconnect_WhatSpeaksOfTheOldConnection_MakesNoNewOne()
    {
        await using TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem");
        await ConnectAsync(a, b);
        (Pid ours, Pid theirs) = (a.Pid(7), b.Pid(7));
        Reference monitor = new(a.Distribution.Self, 1);
        List<SendResult> results = [];
        a.Events.WhileDown = _ =>
        {
            results.Add(a.Distribution.Demonitor(ours, theirs, monitor));
            results.Add(a.Distribution.Unlink(1, ours, theirs));
            results.Add(a.Distribution.MonitorExit(ours, theirs, monitor, Atoms.Normal));
        };
        Assert.That(b.Distribution.Disconnect(a.Name));
        await a.Events.NextAsync("down");
        await b.Events.NextAsync("down");
        Assert.That(results, Is.EqualTo(Enumerable.Repeat(SendResult.NoConnection, 3)));
        await Eventually.TrueAsync(() => !a.Distribution.IsConnected(b.Name), "no attempt is under way");
        Assert.That(a.Events.Rest().Concat(b.Events.Rest()), Is.Empty);
    }

    [Test]
    public async Task Disconnect_MonitorAndItsEndWhileTheLossIsReported_AreSentInOrder()
    {
        await using TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem");
        await ConnectAsync(a, b);
        (Pid ours, Pid theirs) = (a.Pid(7), b.Pid(7));
        Reference monitor = new(a.Distribution.Self, 1);
        List<SendResult> results = [];
        a.Events.WhileDown = _ =>
        {
            results.Add(a.Distribution.Monitor(ours, theirs, monitor));
            results.Add(a.Distribution.Demonitor(ours, theirs, monitor));
        };
        Assert.That(b.Distribution.Disconnect(a.Name));
        await b.Events.SkipToAsync("monitor");
        await b.Events.NextAsync("demonitor");
        Assert.That(results, Is.EqualTo(Enumerable.Repeat(SendResult.Queued, 2)));
    }

    [Test]
    public async Task Send_ThatMayNotConnect_UsesOnlyAConnectionThatIsThereOrBeingMade()
    {
        await using TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem");
        SendResult ToPid(long message) => a.Distribution.Send(b.Pid(1), a.Pid(1), message, connects: false);
        SendResult ToName(long message) => a.Distribution.SendToName(b.Name, "srv", a.Pid(1), message, connects: false);

        Assert.That((ToPid(1), ToName(2)), Is.EqualTo((SendResult.NoConnection, SendResult.NoConnection)), "strangers");
        Assert.That(a.Distribution.IsConnected(b.Name), Is.False);

        _network.Stall("a@mem", "b@mem");
        a.Distribution.Send(b.Pid(1), a.Pid(1), 3L);
        Assert.That((ToPid(4), ToName(5)), Is.EqualTo((SendResult.Queued, SendResult.Queued)), "a connection is being made");
        _network.Heal("a@mem", "b@mem");
        await b.Events.NextAsync("up");
        Assert.That((await b.Events.NextAsync("send")).Values[1], Is.EqualTo(3L));
        Assert.That((await b.Events.NextAsync("send")).Values[1], Is.EqualTo(4L));
        Assert.That((await b.Events.NextAsync("named")).Values[2], Is.EqualTo(5L));
        Assert.That(ToPid(6), Is.EqualTo(SendResult.Queued), "there is one");
        Assert.That((await b.Events.NextAsync("send")).Values[1], Is.EqualTo(6L));

        List<SendResult> results = [];
        a.Events.WhileDown = _ => results.AddRange([ToPid(7), ToName(8)]);
        Assert.That(b.Distribution.Disconnect(a.Name));
        await a.Events.SkipToAsync("down");
        await b.Events.NextAsync("down");
        Assert.That(results, Is.EqualTo(Enumerable.Repeat(SendResult.NoConnection, 2)), "its loss is being reported");
        await Eventually.TrueAsync(() => !a.Distribution.IsConnected(b.Name), "no attempt is under way");
        Assert.That((ToPid(9), ToName(10)), Is.EqualTo((SendResult.NoConnection, SendResult.NoConnection)), "it was there");
        Assert.That(a.Events.Rest().Concat(b.Events.Rest()), Is.Empty);
    }

    [Test]
    public async Task Stop_Connected_SendsWhatWaitsAndReportsTheEnd()
    {
        TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem");
        await a.Distribution.ConnectAsync(b.Name);
        a.Distribution.Exit2(a.Pid(1), b.Pid(1), Atom.Of("shutdown"));
        await a.DisposeAsync();
        Assert.That((await a.Events.SkipToAsync("down")).Values[1], Is.SameAs(Atom.Of("net_kernel_terminated")));
        Assert.That(a.Distribution.Send(b.Pid(1), a.Pid(1), 1L), Is.EqualTo(SendResult.NoConnection));
        Assert.That((await b.Events.SkipToAsync("exit2")).Values[2], Is.SameAs(Atom.Of("shutdown")));
        await b.Events.NextAsync("down");
        Assert.That(await b.Distribution.ConnectAsync(a.Name), Is.False, "its name is free");
    }

    [Test]
    public async Task Stop_PeerDoesNotRead_EndsAllTheSame()
    {
        TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem");
        await a.Distribution.ConnectAsync(b.Name);
        _network.Stall("a@mem", "b@mem");
        await a.DisposeAsync();
        Assert.That((await a.Events.SkipToAsync("down")).Values[1], Is.SameAs(Atom.Of("net_kernel_terminated")));
    }

    [Test]
    public async Task Stop_WhileConnecting_VoidsTheAttempt()
    {
        TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem");
        _network.Stall("a@mem", "b@mem");
        Task<bool> connected = a.Distribution.ConnectAsync(b.Name).AsTask();
        await a.DisposeAsync();
        Assert.That(await connected, Is.False);
        Assert.That((await a.Events.NextAsync("failed")).Values[1], Is.SameAs(Atom.Of("net_kernel_terminated")));
    }

    /// <summary>A node came back before the other noticed that it was gone: the new connection replaces the old, and the reports tell both stories in order.</summary>
    [Test]
    public async Task Connect_OtherSideStillBelievesInTheOldConnection_ReplacesIt()
    {
        await using TestNode b = await StartAsync("b@mem");
        await using TestNode first = await StartAsync("a@mem");
        await first.Distribution.ConnectAsync(b.Name);
        Recorded up = await b.Events.NextAsync("up");
        _network.Stall("a@mem", "b@mem");

        InMemoryNodeDirectory elsewhere = new();
        await elsewhere.RegisterAsync("x@mem", b.Distribution.EndPoint, false, default); // so that the second life has another creation
        await elsewhere.RegisterAsync("b@mem", b.Distribution.EndPoint, false, default);
        await using TestNode second = await StartAsync(
            "a@mem",
            options => _network.Join("new host", options with { Directory = elsewhere })
        );
        Assert.That(await second.Distribution.ConnectAsync(b.Name), Is.True);
        await b.Events.NextAsync("down");
        Recorded again = await b.Events.NextAsync("up");
        Assert.That(((NodeInfo)again.Values[1]).ConnectionId, Is.GreaterThan(((NodeInfo)up.Values[1]).ConnectionId));
        Assert.That(((NodeInfo)again.Values[1]).Creation, Is.EqualTo(second.Distribution.Self.Creation));
        b.Distribution.Send(second.Pid(1), b.Pid(1), 1L);
        await second.Events.SkipToAsync("send");
    }

    [Test]
    public async Task Connect_CutAndHealedWhileBothCall_EndsInOneConnection()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        await using TestNode a = await StartAsync("a@mem");
        await using TestNode b = await StartAsync("b@mem");
        for (int round = 0; round < Rounds(100); round++)
        {
            Task[] calls = [a.Distribution.ConnectAsync(b.Name).AsTask(), b.Distribution.ConnectAsync(a.Name).AsTask()];
            if (random.Next(2) == 0)
                await Task.Yield();
            _network.Cut("a@mem", "b@mem");
            _network.Heal("a@mem", "b@mem");
            if (random.Next(2) == 0)
                a.Distribution.Disconnect(b.Name);
            await Task.WhenAll(calls);
        }

        // What is sent into a connection that is just ending is lost, and a "down" tells so: send until one arrives.
        Dictionary<TestNode, (bool IsUp, bool HasHeard)> seen = new() { [a] = default, [b] = default };
        await Eventually.TrueAsync(
            () =>
            {
                a.Distribution.Send(b.Pid(1), a.Pid(1), Atom.Of("end"));
                b.Distribution.Send(a.Pid(1), b.Pid(1), Atom.Of("end"));
                foreach (TestNode node in (TestNode[])[a, b])
                foreach (Recorded next in node.Events.Rest())
                {
                    bool wasUp = seen[node].IsUp;
                    Assert.That(
                        next.What,
                        Is.AnyOf(wasUp ? ["down", "send"] : new[] { "up", "failed" }),
                        $"{next} out of turn, seed {seed}"
                    );
                    seen[node] = (next.What is "up" or "send", seen[node].HasHeard || next.What == "send");
                }

                return seen.Values.All(node => node is { IsUp: true, HasHeard: true });
            },
            $"both hear each other, seed {seed}"
        );
    }

    [Test]
    public async Task Hidden_Node_IsSeenAsHidden()
    {
        await using TestNode a = await StartAsync("a@mem", options => options with { IsHidden = true });
        await using TestNode b = await StartAsync("b@mem");
        await a.Distribution.ConnectAsync(b.Name);
        Assert.That(((NodeInfo)(await b.Events.NextAsync("up")).Values[1]).IsHidden, Is.True);
        Assert.That(((NodeInfo)(await a.Events.NextAsync("up")).Values[1]).IsHidden, Is.False);
    }

    [Test]
    public async Task Start_NameTaken_SaysSo()
    {
        await using TestNode a = await StartAsync("a@mem");
        IOException? taken = await Assert.ThrowsAsync<IOException>(() => StartAsync("a@mem"));
        Assert.That(taken!.Message, Does.Contain("'a@mem' is taken"));
    }
}
