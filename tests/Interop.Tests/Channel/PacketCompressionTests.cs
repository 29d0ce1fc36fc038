using System.Buffers.Binary;
using CloudScale.Interop.Channel;
using CloudScale.Interop.Compression;
using CloudScale.Interop.Handshake;
using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Tests.Channel;

/// <summary>Packets that are made shorter on their way, without a socket.</summary>
public sealed class PacketCompressionTests
{
    private const int Threshold = 256;
    private const int MaxBytes = 1 << 20;

    private static readonly NodeIdentity s_a = new("a@b", 1);
    private static readonly NodeIdentity s_b = new("b@b", 2);

    [SetUp]
    public void RequireLz4()
    {
        if (!Lz4.IsAvailable)
            Assert.Ignore(Lz4.Description);
    }

    [Test]
    public void Compress_RandomTraffic_IsReadAsItWasSaid()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        PacketWriter writer = new(FlagSets.Implemented, fragmentBytes: 4_000, usesAtomCache: random.Next(2) == 0);
        PacketCompressor compressor = new(Threshold);
        PacketReader reader = Reader();
        OutputBuffer filling = new();
        Dictionary<Pid, Queue<object>> sent = [];
        int plainBytes = 0;
        int wireBytes = 0;
        for (int round = 0; round < 300; round++)
        {
            for (int i = random.Next(6); i > 0; i--)
            {
                Pid to = new(s_b, (ulong)random.Next(1, 4));
                object payload = Payload(random);
                (sent.TryGetValue(to, out Queue<object>? queue) ? queue : sent[to] = new Queue<object>()).Enqueue(payload);
                writer.TryWrite(filling, new ControlMessage(ControlKind.Send, new Pid(s_a, to.Number), to, Payload: payload));
            }

            if (random.Next(5) == 0)
                filling.FillUInt32(filling.ReserveUInt32(), 0); // a tick
            foreach (ReadOnlyMemory<byte> piece in new[] { filling.Written, writer.Queue.Take() })
            {
                ReadOnlyMemory<byte> wire = compressor.Compress(piece);
                Assert.That(wire.Length, Is.LessThanOrEqualTo(piece.Length));
                plainBytes += piece.Length;
                wireBytes += wire.Length;
                foreach ((Pid to, object payload) in Read(reader, wire))
                    Assert.That(Term.AreEqual(payload, sent[to].Dequeue()), $"seed {seed}, round {round}");
            }

            filling.Clear();
        }

        while (writer.Queue.Take() is { IsEmpty: false } rest)
        {
            foreach ((Pid to, object payload) in Read(reader, compressor.Compress(rest)))
                Assert.That(Term.AreEqual(payload, sent[to].Dequeue()), $"seed {seed}");
        }

        Assert.That(sent.Values, Has.All.Empty, $"seed {seed}");
        TestContext.Out.WriteLine($"{plainBytes} bytes became {wireBytes}");
        Assert.That(wireBytes, Is.LessThan(plainBytes));
    }

    [Test]
    public void Compress_NothingToGain_GivesTheSameBytes()
    {
        byte[] noise = new byte[10_000];
        new Random(1).NextBytes(noise);
        foreach (object payload in new object[] { 7L, noise })
        {
            OutputBuffer buffer = new();
            new PacketWriter(FlagSets.Implemented, 64 << 10, false).TryWrite(
                buffer,
                new ControlMessage(ControlKind.Send, new Pid(s_a, 1), new Pid(s_b, 1), Payload: payload)
            );
            ReadOnlyMemory<byte> plain = buffer.Written;
            Assert.That(new PacketCompressor(Threshold).Compress(plain).Span.SequenceEqual(plain.Span));
        }
    }

    [Test]
    public void Read_TruncatedAndMutatedBlocks_GivesAResult()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        byte[] packet = Compressed(new byte[20_000]);
        for (int length = 0; length < packet.Length; length++)
            Assert.That(Kind(packet.AsSpan(0, length), out string? error), Is.EqualTo(PacketKind.Malformed), error);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] mutated = [.. packet];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            Kind(mutated, out _);
        }
    }

    [TestCase("834C", "a compressed packet: a block without its first byte")]
    [TestCase("834C02", "a compressed packet: a block of unknown kind 2")]
    [TestCase("834C0100100001AABBCC", "a compressed packet: a block that holds more than allowed")] // 1 MB and a byte
    [TestCase("834C01FFFFFFFFAABBCC", "a compressed packet: a block that holds more than allowed")]
    [TestCase("834C0100001000AABBCC", "a compressed packet: a compressed block that declares more than it can hold")]
    [TestCase("834C0100000010AABBCC", "a compressed packet: a compressed block that is none, or of another size than declared")]
    [TestCase("834C00834C00834C", "a compressed packet in a compressed packet")]
    public void Read_HostileBlock_IsRefusedWithAReason_AndCostsNothing(string hex, string error)
    {
        byte[] packet = Convert.FromHexString(hex);
        Kind(packet, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(Kind(packet, out string? actual), Is.EqualTo(PacketKind.Malformed));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(64 << 10));
        Assert.That(actual, Is.EqualTo(error));
    }

    [Test]
    public void Read_BlockThatWasNotAgreedOn_IsRefused()
    {
        byte[] packet = Compressed(new byte[20_000]);
        PacketReader reader = new(
            FlagSets.Implemented,
            new EtfDecodeContext(EtfLimits.Trusted),
            new FragmentAssembly(10, MaxBytes, MaxBytes)
        );
        Assert.That(reader.Read(packet, out _, out _, out string? error), Is.EqualTo(PacketKind.Malformed));
        Assert.That(error, Is.EqualTo("a packet without a distribution header, which was agreed on"));
    }

    [Test]
    public void Trailer_BehindAName_IsReadOrIgnored()
    {
        Span<byte> trailer = stackalloc byte[AbilityTrailer.Length];
        AbilityTrailer.Write(trailer, OwnAbilities.Lz4);
        Assert.That(Convert.ToHexString(trailer), Is.EqualTo("4353520100000001"));
        Assert.That(AbilityTrailer.Read(trailer), Is.EqualTo(OwnAbilities.Lz4));
        Assert.That(AbilityTrailer.Read([.. trailer, 1, 2, 3]), Is.EqualTo(OwnAbilities.Lz4), "later versions may say more");
        for (int length = 0; length < trailer.Length; length++)
            Assert.That(AbilityTrailer.Read(trailer[..length]), Is.EqualTo(OwnAbilities.None), $"{length} bytes");
        for (int i = 0; i < 4; i++)
        {
            byte[] other = trailer.ToArray();
            other[i] ^= 1;
            Assert.That(AbilityTrailer.Read(other), Is.EqualTo(OwnAbilities.None), "not ours");
        }
    }

    private static object Payload(Random random)
    {
        switch (random.Next(5))
        {
            case 0:
                byte[] noise = new byte[random.Next(20_000)];
                random.NextBytes(noise);
                return noise;
            case 1:
                return new byte[random.Next(20_000)];
            case 2:
                return List.Of([
                    .. Enumerable
                        .Range(0, random.Next(200))
                        .Select(i =>
                            (object)Map.Of(((Atom)"id", (long)i), ((Atom)"name", $"user {i}"), ((Atom)"roles", List.Of((Atom)"admin")))
                        ),
                ]);
            default:
                return Tuple.Of((Atom)"small", (long)random.Next());
        }
    }

    private static PacketReader Reader() =>
        new(FlagSets.Implemented, new EtfDecodeContext(EtfLimits.Trusted), new FragmentAssembly(100, MaxBytes, 16 * MaxBytes), MaxBytes);

    private static PacketKind Kind(ReadOnlySpan<byte> packet, out string? error) => Reader().Read(packet, out _, out _, out error);

    private static byte[] Compressed(object payload)
    {
        OutputBuffer buffer = new();
        new PacketWriter(FlagSets.Implemented, 64 << 10, false).TryWrite(
            buffer,
            new ControlMessage(ControlKind.Send, new Pid(s_a, 1), new Pid(s_b, 1), Payload: payload)
        );
        byte[] packet = new PacketCompressor(Threshold).Compress(buffer.Written).Span[4..].ToArray();
        Assert.That(packet[..2], Is.EqualTo(new byte[] { 131, 76 }));
        return packet;
    }

    private static List<(Pid, object)> Read(PacketReader reader, ReadOnlyMemory<byte> packets)
    {
        List<(Pid, object)> read = [];
        for (ReadOnlySpan<byte> rest = packets.Span; !rest.IsEmpty; )
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(rest);
            ReadOnlySpan<byte> packet = rest.Slice(4, length);
            rest = rest[(4 + length)..];
            if (packet.IsEmpty)
                continue;
            PacketKind kind = reader.Read(packet, out ControlMessage message, out EncodedTerm body, out string? error);
            Assert.That(kind, Is.Not.EqualTo(PacketKind.Malformed), error);
            if (kind != PacketKind.Signal)
                continue;
            read.Add((message.To, body.Decode()!));
        }

        return read;
    }
}
