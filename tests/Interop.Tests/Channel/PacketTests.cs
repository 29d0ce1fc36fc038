using System.Buffers;
using System.Buffers.Binary;
using CloudScale.Interop.Channel;
using CloudScale.Interop.Handshake;
using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Tests.Channel;

/// <summary>Distribution headers, the atom cache, and fragments.</summary>
public sealed class PacketTests
{
    private const DistributionFlags Flags = FlagSets.Implemented;

    private static readonly NodeIdentity s_node = new(Atom.Of("a@b"), 0x01020304);
    private static readonly Pid s_to = new(s_node, (8ul << 32) | 6);

    // The bytes of these tests name two atoms of the cache, then link {1, {}, {}} is no valid control: NODE_LINK {5} is the shortest there is.
    private const string NodeLink = "68016105";

    private static PacketReader Reader(
        DistributionFlags flags = Flags,
        int maxSequences = 4,
        int maxBytes = 1 << 20,
        long maxBytesOfAll = 1 << 21,
        EtfLimits? limits = null
    ) => new(flags, new EtfDecodeContext(limits ?? EtfLimits.Trusted, s_node), new FragmentAssembly(maxSequences, maxBytes, maxBytesOfAll));

    private static PacketKind Read(PacketReader reader, ReadOnlySpan<byte> packet, out ControlMessage message, out string? error)
    {
        PacketKind kind = reader.Read(packet, out message, out EncodedTerm body, out error);
        if (kind == PacketKind.Signal && message.IsSend)
            message = message with { Payload = body.Decode() };
        return kind;
    }

    private static string? Refused(PacketReader reader, string hex)
    {
        PacketKind kind = Read(reader, Convert.FromHexString(hex), out _, out string? error);
        return kind == PacketKind.Malformed ? error : null;
    }

    [Test]
    public void Read_TheExampleOfTheProtocolDocument_GivesItsMessage()
    {
        PacketReader reader = Reader();
        // The two node names were sent before: slots 0x40A and 5.
        Assert.That(Refused(reader, "8344" + "02" + "8C00" + "0A" + "03614062" + "05" + "03634064" + NodeLink), Is.Null);
        string zeros = new('0', 2 * 103);
        string first =
            "834500000"
            + "2A800000553"
            + "0000000000000002"
            + "05048909"
            + "0A05"
            + "EC03726567"
            + "090463616C6C"
            + "EE0D7365745F6765745F7374617465";
        string control = "6804" + "6106" + "6752000000005500000000" + "02" + "5201" + "5202";
        string payload = "6803" + "5203" + "675200000000F500000002" + "02" + "6802" + "5204" + "6D00000080" + zeros;
        string rest = "834600000" + "2A800000553" + "0000000000000001" + new string('0', 2 * 25);

        Assert.That(
            Read(reader, Convert.FromHexString(first + control + payload), out _, out string? error),
            Is.EqualTo(PacketKind.Nothing),
            error
        );
        Assert.That(Read(reader, Convert.FromHexString(rest), out ControlMessage message, out error), Is.EqualTo(PacketKind.Signal), error);
        Assert.That(message.Kind, Is.EqualTo(ControlKind.SendToName));
        Assert.That(message.Name!.Name, Is.EqualTo("reg"));
        Assert.That(message.From.Node.Name.Name, Is.EqualTo("a@b"));
        Assert.That(
            message.Payload is Tuple and [Atom { Name: "call" }, Pid, Tuple and [Atom { Name: "set_get_state" }, Binary { Length: 128 }]],
            $"{message.Payload}"
        );
    }

    [TestCase("8344", "without its number of atoms")]
    [TestCase("834401", "flags end too early")]
    [TestCase("83440100", "atoms end too early")]
    [TestCase("8344010005", "slot 5 of the atom cache, which is empty")]
    [TestCase("83440107FF", "slot 2047 of the atom cache, which is empty")]
    [TestCase("8344010805", "without its length")]
    [TestCase("834401080503", "ends too early")]
    [TestCase("8344010805" + "01FF" + NodeLink, "that is none")]
    [TestCase("8344011805" + "FFFF", "ends too early")]
    [TestCase("83440005", "control tuple")]
    [TestCase("7083" + NodeLink, "without a distribution header")]
    [TestCase("8347", "without a distribution header")]
    [TestCase("8345", "without its numbers")]
    [TestCase("8345" + "0000000000000001" + "0000000000000000" + "00" + NodeLink, "number 0")]
    [TestCase("8346" + "0000000000000001" + "0000000000000001", "never begun")]
    public void Read_HostileHeader_IsRefusedWithAReason(string hex, string reason)
    {
        Assert.That(Refused(Reader(), hex), Does.Contain(reason));
    }

    [Test]
    public void Read_LongAtomsAndNewNames_FollowTheFlags()
    {
        string name = string.Concat(Enumerable.Repeat("å", 200)); // 400 bytes
        byte[] utf8 = System.Text.Encoding.UTF8.GetBytes(name);
        string header = "8344" + "01" + "18" + "07" + utf8.Length.ToString("X4") + Convert.ToHexString(utf8);
        PacketReader reader = Reader();
        string control = "6804" + "6106" + "58" + "7703614062" + "00000005" + "00000007" + "01020304" + "7700" + "5200" + "6101";
        Assert.That(
            Read(reader, Convert.FromHexString(header + control), out ControlMessage message, out string? error),
            Is.EqualTo(PacketKind.Signal),
            error
        );
        Assert.That(message.Name!.Name, Is.EqualTo(name));
        // And by its slot alone.
        Assert.That(
            Read(reader, Convert.FromHexString("8344" + "01" + "00" + "07" + control), out message, out error),
            Is.EqualTo(PacketKind.Signal),
            error
        );
        Assert.That(message.Name!.Name, Is.EqualTo(name));
    }

    [Test]
    public void Read_NewAtoms_CountAgainstTheLimit()
    {
        PacketReader reader = Reader(limits: new EtfLimits { MaxNewAtomsPerContext = 1 });
        string New(string name) =>
            "8344"
            + "01"
            + "08"
            + "01"
            + name.Length.ToString("X2")
            + Convert.ToHexString(System.Text.Encoding.ASCII.GetBytes(name))
            + NodeLink;
        Assert.That(Refused(reader, New($"first{Guid.NewGuid():N}")), Is.Null);
        Assert.That(Refused(reader, New($"second{Guid.NewGuid():N}")), Does.Contain("new atom").IgnoreCase);
    }

    [Test]
    public void Read_HostileFragments_AreRefusedWithAReason()
    {
        static string First(int sequence, ulong count, string part) =>
            "8345" + sequence.ToString("X16") + count.ToString("X16") + "00" + part;
        static string Next(int sequence, ulong number, string part) => "8346" + sequence.ToString("X16") + number.ToString("X16") + part;

        Assert.That(Refused(Reader(), First(1, 1, NodeLink)), Is.Null, "one fragment is a whole");
        PacketReader reader = Reader();
        Assert.That(Refused(reader, First(1, ulong.MaxValue, "6801")), Is.Null, "a declared number allocates nothing");
        Assert.That(Refused(reader, First(1, 2, "6801")), Does.Contain("second beginning"));
        Assert.That(Refused(reader, Next(1, 7, "6105")), Does.Contain("where"));
        Assert.That(Refused(reader, First(2, 2, "")), Is.Null);
        Assert.That(Refused(reader, First(3, 2, "")), Is.Null);
        Assert.That(Refused(reader, First(4, 2, "")), Is.Null);
        Assert.That(Refused(reader, First(5, 2, "")), Does.Contain("4 are open"));

        PacketReader small = Reader(maxBytes: 10, maxBytesOfAll: 15);
        Assert.That(Refused(small, First(1, 3, "00000000000000")), Is.Null);
        Assert.That(Refused(small, Next(1, 2, "00000000")), Does.Contain("more than 10 bytes"));
        Assert.That(Refused(small, First(2, 3, "000000000000000000")), Does.Contain("more than 15 bytes"));

        Assert.That(Refused(Reader(Flags & ~DistributionFlags.Fragments), First(1, 2, "")), Does.Contain("not agreed on"));
    }

    [Test]
    public void Read_FragmentsOfSeveralMessages_InAnyOrder_EachIsWhole()
    {
        PacketReader reader = Reader();
        string head = "6803" + "6116" + Pid(5) + Pid(6);
        string First(int sequence) => "8345" + sequence.ToString("X16") + 3.ToString("X16") + "00" + head + "6D00000004";
        string Next(int sequence, int number, string part) => "8346" + sequence.ToString("X16") + number.ToString("X16") + part;
        foreach (string packet in new[] { First(1), First(2), Next(2, 2, "AABB"), Next(1, 2, "11"), "834400" + NodeLink })
            Assert.That(Read(reader, Convert.FromHexString(packet), out _, out string? error), Is.EqualTo(PacketKind.Nothing), error);
        Assert.That(
            Read(reader, Convert.FromHexString(Next(1, 1, "223344")), out ControlMessage one, out _),
            Is.EqualTo(PacketKind.Signal)
        );
        Assert.That(one.Payload, Is.EqualTo(Binary.CopyOf([0x11, 0x22, 0x33, 0x44])));
        Assert.That(Read(reader, Convert.FromHexString(Next(2, 1, "CCDD")), out ControlMessage two, out _), Is.EqualTo(PacketKind.Signal));
        Assert.That(two.Payload, Is.EqualTo(Binary.CopyOf([0xAA, 0xBB, 0xCC, 0xDD])));

        static string Pid(int id) => "58" + "7703614062" + id.ToString("X8") + "00000007" + "01020304";
    }

    [Test]
    public void Write_FirstAndSecondTime_AtomsAreSentOnceAndThenByNumber()
    {
        PacketWriter writer = new(Flags, 65_536, usesAtomCache: true);
        ControlMessage message = new(ControlKind.SendToName, s_to, Name: "cached_name", Payload: Tuple.Of((Atom)"cached_tag", 1L));
        byte[] first = Written(writer, message);
        byte[] second = Written(writer, message);
        Assert.That(first.AsSpan().IndexOf("cached_tag"u8), Is.Positive);
        Assert.That(second.AsSpan().IndexOf("cached_tag"u8), Is.Negative);
        Assert.That(second.Length, Is.LessThan(60));

        // The same, in the words of the protocol: 131, 68, the count, then the flags, none of them "new".
        Assert.That(second[4..7], Is.EqualTo(new byte[] { 131, 68, 4 }));
        Assert.That(second.AsSpan(7, 3).ToArray().Select(flags => flags & 0x88), Is.All.Zero);
    }

    [Test]
    public void Write_ThroughTheCache_AllocatesNothing()
    {
        PacketWriter writer = new(Flags, 65_536, usesAtomCache: true);
        OutputBuffer output = new();
        ControlMessage message = new(
            ControlKind.SendToName,
            s_to,
            Name: "allocation_name",
            Payload: Tuple.Of((Atom)"allocation_tag", s_to)
        );
        long allocated = AllocatedBytes.Least(() =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                output.Clear();
                writer.TryWrite(output, message);
            }
        });
        Assert.That(allocated, Is.LessThan(1_000), "bytes for a thousand messages");
    }

    [Test]
    public void WriteThenRead_RandomTraffic_KeepsEveryMessage_AndTheOrderOfEachSender([Values] bool usesAtomCache)
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        Atom[] atoms = [.. Enumerable.Range(0, 5_000).Select(i => Atom.Of($"random_traffic_{i}"))];
        PacketWriter writer = new(Flags, fragmentBytes: 100, usesAtomCache);
        PacketReader reader = Reader(maxSequences: 1_000);
        OutputBuffer filling = new();
        Dictionary<Pid, Queue<object>> sent = [];
        int received = 0;
        const int count = 3_000;

        void Drain()
        {
            Accept(filling.Written);
            filling.Clear();
            Accept(writer.Queue.Take());
        }

        void Accept(ReadOnlyMemory<byte> bytes)
        {
            ReadOnlySequence<byte> input = new(bytes);
            while (Packets.TryRead(ref input, 1 << 20, out ReadOnlySequence<byte> packet, out _) == PacketStatus.Ok)
            {
                PacketKind kind = Read(reader, packet.ToArray(), out ControlMessage message, out string? error);
                Assert.That(kind, Is.Not.EqualTo(PacketKind.Malformed), error);
                if (kind != PacketKind.Signal)
                    continue;
                Assert.That(Term.AreEqual(message.Payload!, sent[message.From].Dequeue()), $"seed {seed}, message {received}");
                received++;
            }

            Assert.That(input.IsEmpty, "packets are written whole");
        }

        for (int i = 0; i < count; i++)
        {
            Pid from = new(s_node, (ulong)random.Next(1, 6));
            object payload = Tuple.Of(
                (long)i,
                atoms[random.Next(atoms.Length)],
                atoms[random.Next(20)],
                new byte[random.Next(8) == 0 ? random.Next(1_000) : 3]
            );
            (sent.TryGetValue(from, out Queue<object>? queue) ? queue : sent[from] = new Queue<object>()).Enqueue(payload);
            Assert.That(writer.TryWrite(filling, new ControlMessage(ControlKind.Send, from, s_to, Payload: payload)));
            if (random.Next(3) == 0)
                Drain();
        }

        while (filling.Count > 0 || !writer.Queue.IsEmpty)
            Drain();
        Assert.That(received, Is.EqualTo(count));
        Assert.That(writer.Queue.Bytes, Is.Zero);
    }

    [Test]
    public void Write_OfBinariesWhereTheyLie_GivesTheBytesOfTheirCopies([Values] bool usesAtomCache)
    {
        const int FragmentBytes = 5_000;
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        PacketWriter copies = new(Flags, FragmentBytes, usesAtomCache);
        PacketWriter refers = new(Flags, FragmentBytes, usesAtomCache, refers: true);
        OutputBuffer copied = new();
        OutputBuffer referring = new();
        long referred = 0;

        bool Drain()
        {
            ReadOnlyMemory<byte> expected = copies.Queue.Take();
            ReadOnlyMemory<byte> own = refers.Queue.Take();
            byte[] sent = [.. own.Span, .. refers.Queue.Referred.Span];
            referred += refers.Queue.Referred.Length;
            Assert.That(referring.Written.Span.SequenceEqual(copied.Written.Span), $"seed {seed}");
            Assert.That(
                sent.AsSpan().SequenceEqual(expected.Span),
                $"seed {seed}, a part of {expected.Length} bytes and one of {sent.Length}"
            );
            Assert.That(refers.Queue.Bytes, Is.EqualTo(copies.Queue.Bytes));
            copied.Clear();
            referring.Clear();
            return sent.Length > 0;
        }

        for (int i = 0; i < 2_000; i++)
        {
            object[] parts =
            [
                .. Enumerable.Range(0, random.Next(1, 5)).Select(_ => new Binary(Bytes(random, random.Next(3) == 0 ? 30_000 : 300))),
            ];
            ControlMessage message = new(
                ControlKind.Send,
                new Pid(s_node, (ulong)random.Next(1, 4)),
                s_to,
                Payload: parts.Length == 1 ? parts[0] : Tuple.Of(parts)
            );
            Assert.That(copies.TryWrite(copied, message) && refers.TryWrite(referring, message));
            for (int times = random.Next(8); times > 0; times--)
                Drain();
        }

        while (Drain()) { }
        Assert.That(referred, Is.GreaterThan(1_000_000), "bytes that were not copied");
    }

    private static byte[] Bytes(Random random, int max)
    {
        byte[] bytes = new byte[random.Next(max)];
        random.NextBytes(bytes);
        return bytes;
    }

    [Test]
    public void Write_BesideALongMessage_OthersPassAndItsSenderWaits()
    {
        PacketWriter writer = new(Flags, fragmentBytes: 1_000, usesAtomCache: true);
        OutputBuffer filling = new();
        Pid one = new(s_node, 1);
        Pid other = new(s_node, 2);
        writer.TryWrite(filling, new ControlMessage(ControlKind.Send, one, s_to, Payload: new byte[10_000]));
        writer.TryWrite(filling, new ControlMessage(ControlKind.Link, one, s_to));
        writer.TryWrite(filling, new ControlMessage(ControlKind.Link, other, s_to));
        writer.TryWrite(
            filling,
            new ControlMessage(
                ControlKind.MonitorExit,
                To: s_to,
                Name: "x",
                Reference: Reference.FromWords(s_node, [1, 2, 3]),
                Payload: Atoms.Normal
            )
        );

        List<string> seen = [];
        PacketReader reader = Reader();
        void Accept(ReadOnlyMemory<byte> bytes)
        {
            ReadOnlySequence<byte> input = new(bytes);
            while (Packets.TryRead(ref input, 1 << 20, out ReadOnlySequence<byte> packet, out _) == PacketStatus.Ok)
                if (Read(reader, packet.ToArray(), out ControlMessage message, out _) == PacketKind.Signal)
                    seen.Add($"{message.Kind} {(message.From.IsNone ? "?" : message.From.Number)}");
        }

        Accept(filling.Written);
        Assert.That(seen, Is.EqualTo(new[] { "Link 2" }), "passes");
        while (writer.Queue.Take() is { IsEmpty: false } next)
            Accept(next);
        Assert.That(seen, Is.EqualTo(new[] { "Link 2", "Send 1", "Link 1", "MonitorExit ?" }), "waits, as does what may be anybody's");
        Assert.That(writer.Queue.MustWait(one), Is.False);
    }

    [Test]
    public void Read_EveryTruncationAndMutationOfATraffic_GivesAResult()
    {
        PacketWriter writer = new(Flags, fragmentBytes: 60, usesAtomCache: true);
        List<byte[]> packets = [];
        OutputBuffer filling = new();
        foreach (int i in Enumerable.Range(0, 3))
            writer.TryWrite(
                filling,
                new ControlMessage(ControlKind.SendToName, s_to, Name: "mutation", Payload: Tuple.Of((Atom)"tag", new byte[80 * i]))
            );
        Take(filling.Written);
        while (writer.Queue.Take() is { IsEmpty: false } next)
            Take(next);
        Assert.That(packets, Has.Count.GreaterThan(4));

        for (int which = 0; which < packets.Count; which++)
        {
            byte[] whole = packets[which];
            for (int length = 0; length < whole.Length; length++)
                Run(which, whole[..length]);
            for (int position = 0; position < whole.Length; position++)
            for (int value = 0; value < 256; value += 17)
            {
                byte[] mutated = [.. whole];
                mutated[position] = (byte)value;
                Run(which, mutated);
            }
        }

        void Take(ReadOnlyMemory<byte> bytes)
        {
            ReadOnlySequence<byte> input = new(bytes);
            while (Packets.TryRead(ref input, 1 << 20, out ReadOnlySequence<byte> packet, out _) == PacketStatus.Ok)
                packets.Add(packet.ToArray());
        }

        void Run(int which, byte[] instead)
        {
            PacketReader reader = Reader();
            for (int i = 0; i < packets.Count; i++)
                if (Read(reader, i == which ? instead : packets[i], out _, out string? error) == PacketKind.Malformed)
                {
                    Assert.That(error, Is.Not.Null.And.Not.Empty);
                    return;
                }

            reader.Release();
        }
    }

    private static byte[] Written(PacketWriter writer, in ControlMessage message)
    {
        OutputBuffer output = new();
        Assert.That(writer.TryWrite(output, message), Is.True);
        byte[] written = output.Written.ToArray();
        Assert.That(BinaryPrimitives.ReadUInt32BigEndian(written), Is.EqualTo(written.Length - 4));
        return written;
    }
}
