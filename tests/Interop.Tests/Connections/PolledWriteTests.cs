using System.Net;
using System.Net.Sockets;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Handshake;
using CloudScale.Interop.Transport;
using CloudScale.Testing;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>What the kernel has no room for is written by whoever comes by: nothing is lost, the order is kept, and an end is an end.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(60_000), Platform("Linux")]
public sealed class PolledWriteTests : IDisposable
{
    private const int Processes = 3;

    private readonly InMemoryNodeDirectory _directory = new();
    private readonly int _seed = TestContext.CurrentContext.Random.Next();
    private readonly Lookers _lookers;

    public PolledWriteTests()
    {
        TestContext.Out.WriteLine($"seed {_seed}");
        _lookers = new Lookers(3, _seed);
    }

    public void Dispose() => _lookers.Dispose();

    [Test]
    public async Task Messages_BothWaysWithLittleRoom_ComeAllAndInOrder()
    {
        const int Each = 1_500;
        await using TestNode a = await StartAsync("a@127.0.0.1");
        await using TestNode b = await StartAsync("b@127.0.0.1");
        await a.Distribution.ConnectAsync(b.Name);
        Task[] senders = [.. SendAsync(a, b, Each), .. SendAsync(b, a, Each)];
        await Task.WhenAll(ReceiveAsync(a, Each), ReceiveAsync(b, Each));
        await Task.WhenAll(senders);
    }

    /// <summary>Connections come and go on while their lookers leave: each goes on with the last thread, or is never theirs.</summary>
    [Test]
    public async Task Messages_WhileTheLookersStop_ComeAllAndInOrder()
    {
        const int Each = 60;
        Random random = new(_seed);
        for (int turn = 0; turn < 15; turn++)
        {
            using Lookers lookers = new(2, _seed + turn);
            await using TestNode a = await StartAsync($"a{turn}@127.0.0.1", lookers);
            await using TestNode b = await StartAsync($"b{turn}@127.0.0.1", lookers);
            await using TestNode c = await StartAsync($"c{turn}@127.0.0.1", lookers);
            await a.Distribution.ConnectAsync(b.Name);
            Task stop = Task.Run(() =>
            {
                Thread.SpinWait(random.Next(400_000));
                lookers.Dispose();
            });
            Task[] senders = [.. SendAsync(a, b, Each), .. SendAsync(b, a, Each), .. SendAsync(a, c, Each)];
            await Task.WhenAll(ReceiveAsync(a, Each), ReceiveAsync(b, Each), ReceiveAsync(c, Each));
            await Task.WhenAll([.. senders, stop]);
        }
    }

    [Test]
    public async Task Close_WhileAWriteWaitsAndNobodyLooks_IsReported_AndASecondConnectionWorks()
    {
        await using TestNode a = await StartAsync("a@127.0.0.1");
        await using TestNode b = await StartAsync("b@127.0.0.1");
        TaskCompletionSource room = new(TaskCreationOptions.RunContinuationsAsynchronously);
        b.Events.Room = room.Task; // takes one message and no more
        await a.Distribution.ConnectAsync(b.Name);
        await a.Events.NextAsync("up");
        while (a.Distribution.Send(b.Pid(1), a.Pid(1), new byte[100_000]) != SendResult.Busy) { }
        await b.Events.SkipToAsync("send");
        _lookers.Hold();
        Assert.That(a.Distribution.Disconnect(b.Name));
        await a.Events.NextAsync("down");
        _lookers.Resume();
        b.Events.Room = null;
        room.SetResult();
        await b.Events.SkipToAsync("down");
        a.Distribution.Send(b.Pid(1), a.Pid(1), "again");
        Assert.That(Term.AreEqual((await b.Events.SkipToAsync("send")).Values[1], "again"));
    }

    [Test]
    public async Task Reset_WhileAWriteWaits_IsReported_AndKeepsNobodyAwake()
    {
        await using TestNode node = await StartAsync("node@127.0.0.1");
        Socket peer = await RawPeer.HandshakeAsync(
            node.Distribution.EndPoint,
            "friend@127.0.0.1",
            "cookie",
            flags: FlagSets.Implemented | DistributionFlags.Published
        );
        await node.Events.NextAsync("up");
        Pid to = new(new NodeIdentity(Atom.Of("friend@127.0.0.1"), 7), 1);
        while (node.Distribution.Send(to, node.Pid(1), new byte[100_000]) != SendResult.Busy) { }
        peer.LingerState = new LingerOption(enable: true, seconds: 0);
        peer.Dispose();
        await node.Events.SkipToAsync("down");
        await Eventually.TrueAsync(() => !_lookers.IsAnyReady(), "nothing is left in the set that is slept on");
    }

    /// <summary>Two of three messages are short, others longer than all the room there is.</summary>
    private IEnumerable<Task> SendAsync(TestNode from, TestNode to, int each) =>
        Enumerable
            .Range(1, Processes)
            .Select(process =>
                Task.Run(() =>
                {
                    Random random = new(_seed + process);
                    for (long i = 0; i < each; i++)
                    {
                        object message = Tuple.Of(i, new byte[random.Next(3) == 0 ? random.Next(40_000) : random.Next(200)]);
                        from.Distribution.Send(to.Pid((ulong)process), from.Pid((ulong)process), message);
                        if (random.Next(50) == 0)
                            Thread.SpinWait(random.Next(20_000));
                    }
                })
            );

    private static async Task ReceiveAsync(TestNode node, int each)
    {
        long[] next = new long[Processes + 1];
        for (int left = Processes * each; left > 0; left--)
        {
            Recorded got = await node.Events.SkipToAsync("send");
            long number = (long)((Tuple)got.Values[1])[0];
            Assert.That(number, Is.EqualTo(next[((Pid)got.Values[0]).Number]++), $"for {got.Values[0]}");
        }
    }

    private Task<TestNode> StartAsync(string name, Lookers? lookers = null) =>
        TestNode.StartAsync(
            new DistributionOptions
            {
                Name = name,
                Cookie = "cookie",
                ListenAddress = IPAddress.Loopback,
                Directory = _directory,
                Transport = new TcpTransport(
                    new TcpTransportOptions
                    {
                        SendBufferBytes = 16 << 10, // the receiver's stays as it is: with less than a segment of loopback TCP waits for its timers
                        UnsentBytes = 8 << 10,
                    }
                ),
                FragmentBytes = 10_000,
                PollInput = (lookers ?? _lookers).Take,
                Defer = (lookers ?? _lookers).TryDefer,
            }
        );
}
