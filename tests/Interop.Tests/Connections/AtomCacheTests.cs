using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using CloudScale.Interop.Channel;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Epmd;
using CloudScale.Interop.Handshake;
using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>Who sends atoms by number gets them by number.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase), CancelAfter(60_000)]
public sealed class AtomCacheTests
{
    private const string PeerName = "friend@127.0.0.1";
    private static readonly NodeIdentity s_peer = new(Atom.Of(PeerName), 7);
    private static readonly Atom s_word = Atom.Of("a_word_that_is_said_more_than_once");

    [Test]
    public async Task Send_AfterThePeerHasSpoken_UsesTheCacheIfThePeerDoes([Values] bool peerDoes)
    {
        await using TestNode node = await TestNode.StartAsync(
            new DistributionOptions
            {
                Name = "node@127.0.0.1",
                Cookie = "cookie",
                ListenAddress = IPAddress.Loopback,
                Epmd = new EpmdOptions { Port = OtpInstallation.FreePort() },
            }
        );
        const DistributionFlags Flags = FlagSets.Implemented | DistributionFlags.Published;
        using Socket peer = await RawPeer.HandshakeAsync(node.Distribution.EndPoint, PeerName, "cookie", flags: Flags);
        await node.Events.NextAsync("up");
        PacketReader reader = new(Flags, new EtfDecodeContext(EtfLimits.Trusted, s_peer), new FragmentAssembly(1, 1 << 20, 1 << 20));
        PacketWriter writer = new(Flags, fragmentBytes: 64 << 10, usesAtomCache: peerDoes);

        // Before it has spoken nobody knows.
        (int spelled, int first) = await SayAsync(node, peer, reader);
        Assert.That(first, Is.Zero);

        OutputBuffer output = new();
        writer.TryWrite(output, new ControlMessage(ControlKind.Send, new Pid(s_peer, 1), node.Pid(1), Payload: s_word));
        await peer.SendAsync(output.Written);
        await node.Events.SkipToAsync("send");

        (int introduced, int second) = await SayAsync(node, peer, reader);
        (int known, int third) = await SayAsync(node, peer, reader);
        if (peerDoes)
        {
            Assert.That(second, Is.EqualTo(3), "two nodes and a word");
            Assert.That(third, Is.EqualTo(3));
            Assert.That(introduced, Is.GreaterThan(known));
            Assert.That(spelled - known, Is.GreaterThan(s_word.Utf8.Length), "the word is spared, and the names of the nodes");
        }
        else
        {
            Assert.That((introduced, second, known, third), Is.EqualTo((spelled, 0, spelled, 0)));
        }
    }

    [Test]
    public void Write_WhereTheCacheBeginsInTheMiddle_KeepsWhatWaitsAndWhatFollows()
    {
        PacketWriter writer = new(FlagSets.Implemented, fragmentBytes: 100, usesAtomCache: false);
        PacketReader reader = new(
            FlagSets.Implemented,
            new EtfDecodeContext(EtfLimits.Trusted, s_peer),
            new FragmentAssembly(4, 1 << 20, 1 << 20)
        );
        OutputBuffer output = new();
        List<object?> got = [];
        Tuple waits = Tuple.Of(s_word, new Binary(new byte[1_000]));
        Pid from = new(s_peer, 1);
        Write(from, waits); // its rest waits in fragments, without numbers
        writer.UseAtomCache();
        Write(from, Tuple.Of(s_word, 1L)); // has to wait behind it, without numbers, too
        Write(new Pid(s_peer, 2), Tuple.Of(s_word, 2L));
        Write(new Pid(s_peer, 2), Tuple.Of(s_word, 3L));
        Read(output.Written.ToArray());
        Assert.That(reader.HasCachedAtoms, Is.True);
        while (writer.Queue.Take() is { IsEmpty: false } next)
            Read([.. next.Span, .. writer.Queue.Referred.Span]);
        output.Clear();
        Write(from, Tuple.Of(s_word, 4L));
        Read(output.Written.ToArray());

        object[] expected = [Tuple.Of(s_word, 2L), Tuple.Of(s_word, 3L), waits, Tuple.Of(s_word, 1L), Tuple.Of(s_word, 4L)];
        Assert.That(got, Has.Count.EqualTo(expected.Length));
        for (int i = 0; i < expected.Length; i++)
            Assert.That(Term.AreEqual(got[i], expected[i]), Term.Format(got[i]));

        void Write(Pid sender, object payload) =>
            writer.TryWrite(output, new ControlMessage(ControlKind.Send, sender, new Pid(s_peer, 9), Payload: payload));

        void Read(ReadOnlySpan<byte> packets)
        {
            while (!packets.IsEmpty)
            {
                int length = BinaryPrimitives.ReadInt32BigEndian(packets);
                PacketKind kind = reader.Read(packets.Slice(4, length), out _, out EncodedTerm body, out string? error);
                Assert.That(error, Is.Null);
                if (kind == PacketKind.Signal)
                    got.Add(body.Decode());
                packets = packets[(4 + length)..];
            }
        }
    }

    [Test]
    public void Write_WhereNumbersWouldSaveLittle_SpellsOut()
    {
        PacketWriter writer = new(FlagSets.Implemented, fragmentBytes: 64 << 10, usesAtomCache: true);
        PacketReader reader = new(
            FlagSets.Implemented,
            new EtfDecodeContext(EtfLimits.Trusted, s_peer),
            new FragmentAssembly(4, 1 << 20, 1 << 20)
        );
        Assert.That(AtomsOf(100), Is.EqualTo(2), "a node and a word");
        Assert.That(AtomsOf(6_000), Is.EqualTo(2), "only now it is seen to be long");
        Assert.That(AtomsOf(6_000), Is.Zero);
        Assert.That(AtomsOf(40_000), Is.Zero, "and cut");
        Assert.That(AtomsOf(100), Is.EqualTo(2), "after one that was cut none is written where it belongs");
        Assert.That(AtomsOf(100), Is.Zero, "taken for long once more");
        Assert.That(AtomsOf(100), Is.EqualTo(2));

        int AtomsOf(int count)
        {
            List list = List.Of([s_word, .. Enumerable.Range(1_000, count).Select(i => (object)(long)i)]);
            OutputBuffer output = new();
            writer.TryWrite(output, new ControlMessage(ControlKind.Send, new Pid(s_peer, 1), new Pid(s_peer, 9), Payload: list));
            byte[] first = output.Written[4..].ToArray();
            object? got = Read(first);
            while (writer.Queue.Take() is { IsEmpty: false } next)
                got = Read(next[4..].ToArray());
            Assert.That(Term.AreEqual(got, list), $"{count} numbers");
            return first[1] == PacketReader.Header ? first[2] : first[2 + 16];
        }

        object? Read(byte[] packet)
        {
            PacketKind kind = reader.Read(packet, out _, out EncodedTerm body, out string? error);
            Assert.That(error, Is.Null);
            return kind == PacketKind.Signal ? body.Decode() : null;
        }
    }

    /// <summary>The node says the word; how long the packet is, and how many atoms its header has.</summary>
    private static async Task<(int Bytes, int Atoms)> SayAsync(TestNode node, Socket peer, PacketReader reader)
    {
        node.Distribution.Send(new Pid(s_peer, 1), node.Pid(1), s_word);
        byte[] length = new byte[4];
        await RawPeer.ReadExactlyAsync(peer, length);
        byte[] packet = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await RawPeer.ReadExactlyAsync(peer, packet);
        Assert.That(
            reader.Read(packet, out ControlMessage message, out EncodedTerm body, out string? error),
            Is.EqualTo(PacketKind.Signal),
            error
        );
        Assert.That(message.To, Is.EqualTo(new Pid(s_peer, 1)));
        Assert.That(body.Decode(), Is.SameAs(s_word));
        return (packet.Length, packet[2]);
    }
}
