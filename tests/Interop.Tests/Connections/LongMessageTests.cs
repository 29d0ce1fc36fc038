using System.Buffers;
using System.Net;
using System.Net.Sockets;
using CloudScale.Interop.Channel;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Epmd;
using CloudScale.Interop.Handshake;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>Long messages over sockets, in whatever pieces they come.</summary>
[TestFixture(false), TestFixture(true), FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(60_000)]
public sealed class LongMessageTests(bool isPolled) : IDisposable
{
    private readonly Lookers _lookers = new(2, TestContext.CurrentContext.Random.Next());

    public void Dispose() => _lookers.Dispose();

    [Test]
    public async Task Receive_LongMessagesInPiecesOfAnySize_AreWholeAndInOrder([Values] bool usesAtomCache)
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        await using TestNode node = await StartAsync("node@127.0.0.1");
        const string PeerName = "friend@127.0.0.1";
        using Socket peer = await RawPeer.HandshakeAsync(
            node.Distribution.EndPoint,
            PeerName,
            "cookie",
            flags: FlagSets.Implemented | DistributionFlags.Published
        );
        NodeIdentity identity = new(Atom.Of(PeerName), 7);
        Dictionary<Pid, Queue<object>> sent = [];
        PacketWriter writer = new(FlagSets.Implemented, fragmentBytes: 64 << 10, usesAtomCache);
        OutputBuffer filling = new();
        ArrayBufferWriter<byte> all = new();
        for (int i = 0; i < 60; i++)
        {
            Pid to = node.Pid((ulong)random.Next(1, 5));
            object payload = random.Next(4) switch
            {
                0 => Blob(random, 1, 400_000),
                1 => Tuple.Of((Atom)"long_message", (long)i, Blob(random, 60_000, 70_000)),
                2 => List.Of([
                    .. Enumerable.Range(0, random.Next(30_000)).Select(n => (object)(n % 3 == 0 ? (Atom)"atom" : (long)n * 1_000)),
                ]),
                _ => (long)i,
            };
            (sent.TryGetValue(to, out Queue<object>? queue) ? queue : sent[to] = new Queue<object>()).Enqueue(payload);
            // The sender is the receiver's number: one order each.
            writer.TryWrite(filling, new ControlMessage(ControlKind.Send, new Pid(identity, to.Number), to, Payload: payload));
            all.Write(filling.Written.Span);
            filling.Clear();
            all.Write(writer.Queue.Take().Span);
        }

        while (writer.Queue.Take() is { IsEmpty: false } next)
            all.Write(next.Span);

        for (ReadOnlyMemory<byte> rest = all.WrittenMemory; !rest.IsEmpty; )
        {
            int piece = Math.Min(rest.Length, random.Next(8) == 0 ? random.Next(1, 40) : random.Next(1, 90_000));
            await peer.SendAsync(rest[..piece]);
            rest = rest[piece..];
        }

        for (int i = 0; i < 60; i++)
        {
            Recorded got = await node.Events.SkipToAsync("send");
            object expected = sent[(Pid)got.Values[0]].Dequeue();
            Assert.That(
                Term.AreEqual(got.Values[1], expected),
                $"seed {seed}, message {i}: {Term.Format(expected)[..Math.Min(60, Term.Format(expected).Length)]}"
            );
        }
    }

    [Test]
    public async Task Receive_TheConnectionBreaksInALongMessage_TheNodeIsDown()
    {
        await using TestNode node = await StartAsync("node@127.0.0.1");
        Socket peer = await RawPeer.HandshakeAsync(
            node.Distribution.EndPoint,
            "friend@127.0.0.1",
            "cookie",
            flags: FlagSets.Implemented | DistributionFlags.Published
        );
        await node.Events.NextAsync("up");
        PacketWriter writer = new(FlagSets.Implemented, fragmentBytes: 64 << 10, usesAtomCache: false);
        OutputBuffer output = new();
        Pid from = new(new NodeIdentity(Atom.Of("friend@127.0.0.1"), 7), 1);
        writer.TryWrite(output, new ControlMessage(ControlKind.Send, from, node.Pid(1), Payload: new byte[60_000]));
        await peer.SendAsync(output.Written[..30_000]);
        peer.Shutdown(SocketShutdown.Send);

        await node.Events.NextAsync("down");
        peer.Dispose();
        Assert.That(node.Events.Rest(), Is.Empty);
    }

    [Test]
    public async Task Send_BesideAStreamThatIsHeld_OthersPass()
    {
        InMemoryNodeDirectory directory = new();
        InMemoryNetwork network = new();
        await using TestNode a = await InMemoryAsync("a@mem", network, directory, options => options with { BusyLimitBytes = 256 << 10 });
        await using TestNode b = await InMemoryAsync("b@mem", network, directory);
        await a.Distribution.ConnectAsync(b.Name);
        network.Stall("a@mem", "b@mem");
        while (a.Distribution.Send(b.Pid(1), a.Pid(1), new byte[1 << 20]) != SendResult.Busy) { }

        Assert.That(a.Distribution.Send(b.Pid(2), a.Pid(2), 1L), Is.EqualTo(SendResult.Queued), "it passes between the fragments");
        Assert.That(a.Distribution.IsBusy(b.Name, a.Pid(1)), Is.True);
        Assert.That(a.Distribution.IsBusy(b.Name, a.Pid(2)), Is.False);
        int shorts = 0;
        while (a.Distribution.Send(b.Pid(2), a.Pid(2), new byte[1 << 10]) == SendResult.Queued)
            Assert.That(++shorts, Is.LessThan(10_000), "their room has an end, too");
        Assert.That(a.Distribution.IsBusy(b.Name, a.Pid(3)), Is.True);

        network.Heal("a@mem", "b@mem");
        do await a.Events.SkipToAsync("not busy");
        while (a.Distribution.IsBusy(b.Name));
        Assert.That(a.Distribution.IsBusy(b.Name, a.Pid(1)), Is.False);
    }

    private static byte[] Blob(Random random, int min, int max)
    {
        byte[] blob = new byte[random.Next(min, max)];
        random.NextBytes(blob);
        return blob;
    }

    private Task<TestNode> StartAsync(string name) =>
        TestNode.StartAsync(
            new DistributionOptions
            {
                Name = name,
                Cookie = "cookie",
                ListenAddress = IPAddress.Loopback,
                Epmd = new EpmdOptions { Port = OtpInstallation.FreePort() },
                PollInput = isPolled ? _lookers.Take : null,
            }
        );

    private static Task<TestNode> InMemoryAsync(
        string name,
        InMemoryNetwork network,
        INodeDirectory directory,
        Func<DistributionOptions, DistributionOptions>? configure = null
    )
    {
        DistributionOptions options = new()
        {
            Name = name,
            Cookie = "cookie",
            Transport = network.CreateTransport(name),
            Directory = directory,
        };
        return TestNode.StartAsync(configure is null ? options : configure(options));
    }
}
