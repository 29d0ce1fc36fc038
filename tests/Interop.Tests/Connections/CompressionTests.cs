using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using CloudScale.Interop.Channel;
using CloudScale.Interop.Compression;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Epmd;
using CloudScale.Interop.Handshake;
using CloudScale.Interop.Transport;
using Microsoft.Extensions.Logging;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>Compression between nodes that have agreed on it, and none with others.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(60_000)]
public sealed class CompressionTests
{
    private const string Friend = "friend@127.0.0.1";
    private const DistributionFlags AllFlags = FlagSets.Implemented | DistributionFlags.Published;

    private readonly InMemoryNetwork _network = new();
    private readonly InMemoryNodeDirectory _directory = new();

    [SetUp]
    public void RequireLz4()
    {
        if (!Lz4.IsAvailable)
            Assert.Ignore(Lz4.Description);
    }

    [TestCase(true, true)]
    [TestCase(true, false)]
    [TestCase(false, true)]
    [TestCase(false, false)]
    public async Task Nodes_ThatBothWantIt_CompressAndOthersDoNot(bool one, bool other)
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        await using TestNode a = await InMemoryAsync("a@mem", one);
        await using TestNode b = await InMemoryAsync("b@mem", other);
        Assert.That(await a.Distribution.ConnectAsync(b.Name), Is.True);
        Assert.That(a.Distribution.Nodes.Single().IsCompressed, Is.EqualTo(one && other));
        Assert.That(b.Distribution.Nodes.Single().IsCompressed, Is.EqualTo(one && other));
        foreach ((TestNode from, TestNode to) in new[] { (a, b), (b, a) })
        {
            object[] payloads = [.. Enumerable.Range(0, 50).Select(i => Payload(random, i))];
            foreach (object payload in payloads)
                from.Distribution.Send(to.Pid(1), from.Pid(1), payload);
            foreach (object payload in payloads)
                Assert.That(Term.AreEqual((await to.Events.SkipToAsync("send")).Values[1], payload), $"seed {seed}");
        }

        Assert.That(a.Log.AtLeast(LogLevel.Warning), Is.Empty);
        Assert.That(b.Log.AtLeast(LogLevel.Warning), Is.Empty);
    }

    [TestCase((uint)OwnAbilities.Lz4, (byte)76)]
    [TestCase(0xFFFFFFFF, (byte)76, Description = "of a later version")]
    [TestCase(0x80000000, (byte)68)]
    [TestCase((uint)OwnAbilities.None, (byte)68)]
    public async Task LongMessage_ByWhatThePeerHasSaid_IsCompressedOrNot(uint abilities, byte second)
    {
        await using TestNode node = await StartAsync();
        using Socket peer = await RawPeer.HandshakeAsync(
            node.Distribution.EndPoint,
            Friend,
            "cookie",
            flags: AllFlags,
            abilities: (OwnAbilities)abilities
        );
        await node.Events.NextAsync("up");
        node.Distribution.Send(new Pid(new NodeIdentity(Atom.Of(Friend), 7), 1), node.Pid(1), new byte[50_000]);
        byte[] head = new byte[6];
        await RawPeer.ReadExactlyAsync(peer, head);
        Assert.That(head[4..], Is.EqualTo(new byte[] { 131, second }));
        Assert.That(BinaryPrimitives.ReadInt32BigEndian(head), second == 76 ? Is.LessThan(1_000) : Is.GreaterThan(50_000));
    }

    [TestCase((uint)OwnAbilities.Lz4, true)]
    [TestCase((uint)OwnAbilities.None, false)]
    public async Task Challenge_NamesAbilitiesOnlyToWhoHasSome(uint abilities, bool has)
    {
        await using TestNode node = await StartAsync();
        using Socket peer = await RawPeer.ConnectAsync(node.Distribution.EndPoint);
        await peer.SendAsync(RawPeer.NameMessage(Friend, AllFlags, (OwnAbilities)abilities));
        Assert.That(await RawPeer.ReadFrameAsync(peer), Is.EqualTo("sok"u8.ToArray()));
        byte[] challenge = await RawPeer.ReadFrameAsync(peer);
        int nameEnds = 19 + BinaryPrimitives.ReadUInt16BigEndian(challenge.AsSpan(17));
        Assert.That(challenge, Has.Length.EqualTo(nameEnds + (has ? AbilityTrailer.Length : 0)));
        Assert.That(AbilityTrailer.Read(challenge.AsSpan(nameEnds)), Is.EqualTo(has ? OwnAbilities.Lz4 : OwnAbilities.None));
    }

    [TestCase("834C01FFFFFFFF00", (uint)OwnAbilities.Lz4, "holds more than allowed")]
    [TestCase("834C010001000100112233445566778899", (uint)OwnAbilities.Lz4, "declares more than it can hold")]
    [TestCase("834C010000004000112233445566778899", (uint)OwnAbilities.Lz4, "is none, or of another size than declared")]
    [TestCase("834C00834C00834C00", (uint)OwnAbilities.Lz4, "a compressed packet in a compressed packet")]
    [TestCase("834C010000004000112233445566778899", (uint)OwnAbilities.None, "which was agreed on")]
    public async Task HostileBlock_EndsTheConnection_WithAClearReason(string hex, uint abilities, string reason)
    {
        await using TestNode node = await StartAsync();
        using Socket peer = await RawPeer.HandshakeAsync(
            node.Distribution.EndPoint,
            Friend,
            "cookie",
            flags: AllFlags,
            abilities: (OwnAbilities)abilities
        );
        await node.Events.NextAsync("up");
        byte[] packet = Convert.FromHexString(hex);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, packet.Length);
        await peer.SendAsync(length.Concat(packet).ToArray());
        await node.Events.NextAsync("down");
        Assert.That(node.Log.AtLeast(LogLevel.Warning), Has.One.Contains(reason));
        Assert.That(node.Log.AtLeast(LogLevel.Critical), Is.Empty);
    }

    [Test]
    public async Task BlockOfAPacketBeyondTheLimit_EndsTheConnection()
    {
        await using TestNode node = await StartAsync(options => options with { MaxPacketBytes = 10_000 });
        using Socket peer = await RawPeer.HandshakeAsync(
            node.Distribution.EndPoint,
            Friend,
            "cookie",
            flags: AllFlags,
            abilities: OwnAbilities.Lz4
        );
        await node.Events.NextAsync("up");
        OutputBuffer buffer = new();
        new PacketWriter(AllFlags, 64 << 10, false).TryWrite(
            buffer,
            new ControlMessage(ControlKind.Send, new Pid(new NodeIdentity(Atom.Of(Friend), 7), 1), node.Pid(1), Payload: new byte[10_000])
        );
        ReadOnlyMemory<byte> packet = new PacketCompressor(100).Compress(buffer.Written);
        Assert.That(packet.Length, Is.LessThan(1_000), "as it comes it is within the limit");
        await peer.SendAsync(packet);
        await node.Events.NextAsync("down");
        Assert.That(node.Log.AtLeast(LogLevel.Warning), Has.One.Contains("holds more than allowed"));
    }

    [Test]
    public void Library_ThatIsMissing_IsToldOnce_AndNotOffered()
    {
        LogRecorder log = new();
        DistributionOptions wanted = Options("a@127.0.0.1", true) with { Logger = log };
        Assert.That(Distribution.AbilitiesOf(wanted, false, "no LZ4: it is not here"), Is.EqualTo(OwnAbilities.None));
        Assert.That(log.AtLeast(LogLevel.Warning).ToList(), Has.Count.EqualTo(1).And.One.Contains("no LZ4: it is not here"));
        Assert.That(Distribution.AbilitiesOf(wanted, true, "liblz4"), Is.EqualTo(OwnAbilities.Lz4));
        Assert.That(Distribution.AbilitiesOf(wanted with { UsesCompression = false }, false, ""), Is.EqualTo(OwnAbilities.None));
        Assert.That(log.AtLeast(LogLevel.Warning).ToList(), Has.Count.EqualTo(1));
    }

    [Test, Category("OtpNode")]
    public async Task ErlangNode_BesideNodesThatCompress_NoticesNothing([Values] bool weCall)
    {
        OtpInstallation.Require();
        int epmdPort = OtpInstallation.FreePort();
        await using TestNode ours = await TestNode.StartAsync(
            Options("ours@127.0.0.1", true) with
            {
                Epmd = new EpmdOptions { Port = epmdPort, StartServer = true },
            }
        );
        await using TestNode second = await TestNode.StartAsync(
            Options("second@127.0.0.1", true) with
            {
                Epmd = new EpmdOptions { Port = epmdPort },
            }
        );
        await using ErlangNode theirs = await ErlangNode.StartAsync("theirs@127.0.0.1", "cookie", epmdPort);
        Assert.That(await ours.Distribution.ConnectAsync(second.Name), Is.True);
        if (weCall)
            Assert.That(await ours.Distribution.ConnectAsync(Atom.Of("theirs@127.0.0.1")), Is.True);
        await theirs.EvalAsync("{echo, 'ours@127.0.0.1'} ! {self(), binary:copy(<<7>>, 3000000)}, ok");
        Tuple tuple = (Tuple)(await ours.Events.SkipToAsync("named")).Values[2];
        Assert.That(((Binary)tuple[1]).Span.IndexOfAnyExcept((byte)7), Is.EqualTo(-1));
        ours.Distribution.Send((Pid)tuple[0], ours.Pid(1), tuple[1]);
        Assert.That(
            await theirs.EvalAsync("receive Big -> {byte_size(Big), Big =:= binary:copy(<<7>>, 3000000)} end"),
            Is.EqualTo("{3000000,true}")
        );
        ours.Distribution.Send(second.Pid(1), ours.Pid(1), tuple[1]);
        Assert.That(Term.AreEqual((await second.Events.SkipToAsync("send")).Values[1], tuple[1]));
        Assert.That(
            ours.Distribution.Nodes.Select(node => (node.Name.Name, node.IsCompressed)),
            Is.EquivalentTo(new[] { ("second@127.0.0.1", true), ("theirs@127.0.0.1", false) })
        );
    }

    private static object Payload(Random random, int i)
    {
        switch (i % 4)
        {
            case 0:
                byte[] noise = new byte[random.Next(200_000)];
                random.NextBytes(noise);
                return noise;
            case 1:
                return new byte[random.Next(2_000_000)];
            case 2:
                return List.Of([.. Enumerable.Range(0, 500).Select(n => (object)Tuple.Of((Atom)"user", (long)n, $"name {n % 7}"))]);
            default:
                return (long)i;
        }
    }

    private static DistributionOptions Options(string name, bool usesCompression) =>
        new()
        {
            Name = name,
            Cookie = "cookie",
            ListenAddress = IPAddress.Loopback,
            UsesCompression = usesCompression,
        };

    private static Task<TestNode> StartAsync(Func<DistributionOptions, DistributionOptions>? with = null)
    {
        DistributionOptions options = Options("node@127.0.0.1", true) with { Epmd = new EpmdOptions { Port = OtpInstallation.FreePort() } };
        return TestNode.StartAsync(with?.Invoke(options) ?? options);
    }

    private Task<TestNode> InMemoryAsync(string name, bool usesCompression) =>
        TestNode.StartAsync(Options(name, usesCompression) with { Transport = _network.CreateTransport(name), Directory = _directory });
}
