using System.Net;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Epmd;
using CloudScale.Interop.Rdma;
using CloudScale.Interop.Tests.Connections;
using Microsoft.Extensions.Logging;

namespace CloudScale.Rdma.Tests;

/// <summary>Connections of two nodes that go from TCP to RDMA while they are used.</summary>
[Category("Rdma"), NonParallelizable, FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(60_000)]
public sealed class MovingTests
{
    private const int Senders = 6;
    private readonly InMemoryNodeDirectory _directory = new();
    private long _before;

    private static IPAddress Address { get; } = IPAddress.Parse(FakeDevice.RealAddress ?? "127.0.0.1");

    [SetUp]
    public void Device()
    {
        FakeDevice.Use(maxDelayMicroseconds: 20);
        _before = FakeDevice.Objects;
    }

    [TearDown]
    public Task NothingIsLeft() => FakeDevice.NoMoreThanAsync(_before);

    /// <summary>Both sides send all the time, small and long messages, before the move, during it and after it.</summary>
    [Test]
    public async Task Move_UnderTraffic_NothingIsLostDoubledOrOutOfOrder([Range(0, 4)] int round)
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}, round {round}");
        await using TestNode a = await StartAsync("a@rdma");
        await using TestNode b = await StartAsync("b@rdma");
        Assert.That(await a.Distribution.ConnectAsync(b.Name), Is.True);
        await b.Events.SkipToAsync("up");
        using CancellationTokenSource enough = new();
        Task<long[]> fromA = SendUntilAsync(a, b, new Random(seed), enough.Token);
        Task<long[]> fromB = SendUntilAsync(b, a, new Random(~seed), enough.Token);
        Task<int> atB = CheckAsync(b);
        Task<int> atA = CheckAsync(a);
        await Eventually.TrueAsync(() => HasMoved(a) && HasMoved(b), "both directions have moved");
        await enough.CancelAsync();
        Assert.That(await atB, Is.EqualTo((await fromA).Sum()));
        Assert.That(await atA, Is.EqualTo((await fromB).Sum()));
        Assert.That(a.Log.AtLeast(LogLevel.Warning), Is.Empty);
        Assert.That(b.Log.AtLeast(LogLevel.Warning), Is.Empty);
        if (FakeDevice.RealAddress is null)
            Assert.That(FakeDevice.Counts.Requests, Is.GreaterThan(4), "it did go by RDMA");
    }

    /// <summary>What fails on the way is tried again; the connection does not notice.</summary>
    [TestCase("rdma_resolve_addr")]
    [TestCase("rdma_connect")]
    [TestCase("rdma_accept")]
    [TestCase("ibv_reg_mr")]
    [TestCase("rdma_create_qp")]
    public async Task Move_StepFails_StaysWithTcp_AndMovesLater(string step)
    {
        FakeDevice.UseFakeOnly(maxDelayMicroseconds: 20);
        ManualTimeProvider time = new();
        await using TestNode a = await StartAsync("a@rdma", time);
        await using TestNode b = await StartAsync("b@rdma", time);
        FakeDevice.csn_fake_fail_call(step, 0, 12);
        await TalkAsync(a, b, 1);
        await Eventually.TrueAsync(
            () => a.Log.Lines.Any(line => line.Text.Contains("stays with TCP", StringComparison.Ordinal)),
            "it says that it has not moved"
        );
        Assert.That(FakeDevice.csn_fake_is_planted(), Is.Zero);
        await TalkAsync(a, b, 2);
        Assert.That(HasMoved(a) || HasMoved(b), Is.False);

        await Eventually.TrueAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(1)); // the pauses, which may begin a moment later than it says so
                await TalkAsync(a, b, 3);
                return HasMoved(a) && HasMoved(b);
            },
            "it has moved"
        );
        await TalkAsync(a, b, 4);
        Assert.That(a.Log.Lines.Count(line => line.Text.Contains("Connected to 'b@rdma'", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    /// <summary>A way that breaks before anybody has taken it is none; the next one is.</summary>
    [Test]
    public async Task Move_CableIsPulledBefore_StaysWithTcp()
    {
        FakeDevice.UseFakeOnly();
        await using TestNode a = await StartAsync("a@rdma");
        await using TestNode b = await StartAsync("b@rdma");
        FakeDevice.csn_fake_cut(1);
        await TalkAsync(a, b, 1);
        await Eventually.TrueAsync(
            () => a.Log.Lines.Any(line => line.Text.Contains("stays with TCP", StringComparison.Ordinal)),
            "it says that it has not moved"
        );
        await TalkAsync(a, b, 2);
        FakeDevice.csn_fake_cut(0);
        await Eventually.TrueAsync(
            async () =>
            {
                await TalkAsync(a, b, 3);
                return HasMoved(a) && HasMoved(b);
            },
            "it has moved"
        );
    }

    [Test]
    public async Task Move_CableIsPulledAfter_NodesHearThatTheOtherIsDown()
    {
        FakeDevice.UseFakeOnly();
        await using TestNode a = await StartAsync("a@rdma");
        await using TestNode b = await StartAsync("b@rdma");
        await Eventually.TrueAsync(
            async () =>
            {
                await TalkAsync(a, b, 1);
                return HasMoved(a) && HasMoved(b);
            },
            "it has moved"
        );
        FakeDevice.csn_fake_cut(1);
        a.Distribution.Send(b.Pid(1), a.Pid(1), 2L);
        Assert.That((await a.Events.SkipToAsync("down")).Values[0], Is.SameAs(b.Name));
        Assert.That((await b.Events.SkipToAsync("down")).Values[0], Is.SameAs(a.Name));
        FakeDevice.csn_fake_cut(0);
        await TalkAsync(a, b, 3);
    }

    /// <summary>Threads of the node read TCP, and then look for completions.</summary>
    [Test]
    public async Task Move_OfAConnectionThatTheNodeLooksAt_IsLookedAtBeforeAndAfter()
    {
        FakeDevice.UseFakeOnly(maxDelayMicroseconds: 20);
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        ManualTimeProvider time = new();
        using Lookers lookers = new(2, seed);
        await using TestNode a = await StartAsync("a@rdma", time, lookers.Take);
        await using TestNode b = await StartAsync("b@rdma", time, lookers.Take);
        FakeDevice.csn_fake_fail_call("rdma_resolve_addr", 0, 12); // before there is a completion queue
        await TalkAsync(a, b, 1);
        await Eventually.TrueAsync(
            () => a.Log.Lines.Any(line => line.Text.Contains("stays with TCP", StringComparison.Ordinal)),
            "it says that it has not moved"
        );
        await TalkAsync(a, b, 2);
        Assert.That(lookers.Changes, Is.Positive, "they have read TCP");
        await Eventually.TrueAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                await TalkAsync(a, b, 3);
                return HasMoved(a) && HasMoved(b);
            },
            "it has moved"
        );
        long before = lookers.Changes;
        await Eventually.TrueAsync(
            async () =>
            {
                await TalkAsync(a, b, 4);
                return lookers.Changes > before;
            },
            "they look at RDMA"
        );
    }

    [Test]
    public async Task Node_EndsInOrder_WhateverTheMoveIsAt([Range(0, 3)] int rounds)
    {
        await using TestNode a = await StartAsync("a@rdma");
        TestNode b = await StartAsync("b@rdma");
        for (int i = 0; i <= rounds; i++)
            await TalkAsync(a, b, i);
        await b.DisposeAsync();
        Assert.That((await a.Events.SkipToAsync("down")).Values[0], Is.SameAs(b.Name));
    }

    /// <summary>An Erlang node beside two that move: it is called and calls as ever, and hears of nothing else.</summary>
    [Test, Category("OtpNode")]
    public async Task ErlangNode_BesideNodesThatMove_NoticesNothing([Values] bool weCall)
    {
        FakeDevice.UseFakeOnly();
        OtpInstallation.Require();
        int epmdPort = OtpInstallation.FreePort();
        await using TestNode ours = await StartAsync("ours@127.0.0.1", new EpmdOptions { Port = epmdPort, StartServer = true });
        await using TestNode second = await StartAsync("second@127.0.0.1", new EpmdOptions { Port = epmdPort });
        await using ErlangNode theirs = await ErlangNode.StartAsync("theirs@127.0.0.1", "some cookie", epmdPort);
        if (weCall)
            Assert.That(await ours.Distribution.ConnectAsync(Atom.Of("theirs@127.0.0.1")), Is.True);
        await theirs.EvalAsync("{echo, 'ours@127.0.0.1'} ! {self(), binary:copy(<<7>>, 3000000)}, ok");
        Tuple tuple = (Tuple)(await ours.Events.SkipToAsync("named")).Values[2];
        ours.Distribution.Send((Pid)tuple[0], ours.Pid(1), tuple[1]);
        Assert.That(
            await theirs.EvalAsync("receive Big -> {byte_size(Big), Big =:= binary:copy(<<7>>, 3000000)} end"),
            Is.EqualTo("{3000000,true}")
        );
        await Eventually.TrueAsync(
            async () =>
            {
                await TalkAsync(ours, second, 1);
                return HasMoved(ours) && HasMoved(second);
            },
            "our own have moved"
        );
        Assert.That(await theirs.EvalAsync("{echo, 'ours@127.0.0.1'} ! still_here, ok"), Is.EqualTo("ok"));
        Assert.That((await ours.Events.SkipToAsync("named")).Values[2], Is.EqualTo(Atom.Of("still_here")));
        Assert.That(ours.Log.Lines.Count(line => line.Text.Contains("has moved from TCP", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [TestCase("", TestName = "Offer_Nothing_IsNone")]
    [TestCase("01157C00112233445566778899AABBCCDDEE", TestName = "Offer_CutShort_IsNone")]
    [TestCase("02157C00112233445566778899AABBCCDDEEFF", TestName = "Offer_OfAnotherVersion_IsNone")]
    [TestCase("01000000112233445566778899AABBCCDDEEFF", TestName = "Offer_PortZero_IsNone")]
    [TestCase("01157C00000000000000000000000000000000", TestName = "Offer_NoToken_IsNone")]
    [TestCase("01157C00112233445566778899AABBCCDDEEFF7F0000", TestName = "Offer_HalfAnAddress_IsNone")]
    public void Offer_Wrong(string hex) => Assert.That(RdmaOffer.TryRead(Convert.FromHexString(hex), out _), Is.False);

    [TestCase("127.0.0.1")]
    [TestCase("fd00::1")]
    [TestCase("0.0.0.0")]
    public void Offer_WrittenAndRead_IsTheSame(string address)
    {
        RdmaOffer offer = RdmaOffer.Of(new IPEndPoint(IPAddress.Parse(address), 4_711));
        Assert.That(RdmaOffer.TryRead(offer.ToBytes(), out RdmaOffer read), Is.True);
        Assert.That(read, Is.EqualTo(offer));
        Assert.That(read.Address?.ToString(), address == "0.0.0.0" ? Is.Null : Is.EqualTo(address), "an address that is any says nothing");
    }

    internal static bool HasMoved(TestNode node) =>
        node.Log.Lines.Any(line => line.Text.Contains("has moved from TCP to rdma:", StringComparison.Ordinal));

    private static async Task TalkAsync(TestNode a, TestNode b, long word)
    {
        a.Distribution.Send(b.Pid(1), a.Pid(1), word);
        Assert.That((await b.Events.SkipToAsync("send")).Values[1], Is.EqualTo(word));
        b.Distribution.Send(a.Pid(1), b.Pid(1), -word);
        Assert.That((await a.Events.SkipToAsync("send")).Values[1], Is.EqualTo(-word));
    }

    /// <summary>Sends {Sender, Number, Filling} from several processes, and at the end {Sender, -Count, ""} from each.</summary>
    private static async Task<long[]> SendUntilAsync(TestNode from, TestNode to, Random seeds, CancellationToken enough)
    {
        int[] own = [.. Enumerable.Range(0, Senders).Select(_ => seeds.Next())];
        return await Task.WhenAll(
            Enumerable.Range(0, Senders).Select(sender => Task.Run(async () => await SendAsync(sender, new Random(own[sender]))))
        );

        async Task<long> SendAsync(int sender, Random random)
        {
            long number = 0;
            while (!enough.IsCancellationRequested)
            {
                byte[] filling = new byte[random.Next(20) == 0 ? random.Next(200_000) : random.Next(100)];
                filling.AsSpan().Fill((byte)number);
                Send(sender, number++, filling);
                if (random.Next(4) == 0)
                    await Task.Yield();
                while (from.Distribution.IsBusy(to.Name) && !enough.IsCancellationRequested)
                    await Task.Yield();
            }

            Send(sender, -1 - number, []);
            return number;
        }

        void Send(int sender, long number, byte[] filling) =>
            from.Distribution.Send(to.Pid(1), from.Pid((ulong)sender + 1), Tuple.Of((long)sender, number, filling));
    }

    /// <summary>Takes what <see cref="SendUntilAsync"/> sends, to the end.</summary>
    private static async Task<int> CheckAsync(TestNode node)
    {
        long[] next = new long[Senders];
        int count = 0;
        for (int ended = 0; ended < Senders; )
        {
            Tuple message = (Tuple)(await node.Events.SkipToAsync("send")).Values[1];
            (long sender, long number, Binary filling) = ((long)message[0], (long)message[1], (Binary)message[2]);
            if (number < 0)
            {
                Assert.That(-1 - number, Is.EqualTo(next[sender]), $"{node.Name}: all of sender {sender} have come");
                ended++;
                continue;
            }

            Assert.That(number, Is.EqualTo(next[sender]), $"{node.Name}: the next one of sender {sender}");
            Assert.That(filling.Span.ContainsAnyExcept((byte)number), Is.False, $"{node.Name}: what sender {sender} has sent");
            next[sender]++;
            count++;
        }

        return count;
    }

    private Task<TestNode> StartAsync(string name, TimeProvider? time = null, Func<IPolledInput, bool>? pollInput = null) =>
        TestNode.StartAsync(
            new DistributionOptions
            {
                Name = name,
                Cookie = "some cookie",
                Transport = new AutoTransport(timeProvider: time)
                {
                    RdmaTimeout = Eventually.Patience,
                    RetryAfter = TimeSpan.FromSeconds(1),
                },
                Directory = _directory,
                ListenAddress = Address,
                PollInput = pollInput,
            }
        );

    private static Task<TestNode> StartAsync(string name, EpmdOptions epmd) =>
        TestNode.StartAsync(
            new DistributionOptions
            {
                Name = name,
                Cookie = "some cookie",
                Transport = new AutoTransport { RdmaTimeout = Eventually.Patience },
                Epmd = epmd,
                ListenAddress = IPAddress.Loopback,
            }
        );
}
