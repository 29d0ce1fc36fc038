using System.Buffers;
using CloudScale.Interop.Channel;
using CloudScale.Interop.Handshake;
using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Tests.Channel;

/// <summary>Long packets that are read where they belong.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class PacketRoomTests
{
    private const int FragmentBytes = 64 << 10;
    private const int Beginning = 8 << 10; // how much of a packet has come when room is asked for

    private static readonly NodeIdentity s_node = new(Atom.Of("a@b"), 0x01020304);
    private static readonly Pid s_to = new(s_node, (8ul << 32) | 6);

    private readonly PacketReader _reader = new(
        FlagSets.Implemented,
        new EtfDecodeContext(EtfLimits.Trusted, s_node),
        new FragmentAssembly(8, 64 << 20, 64 << 20)
    );

    [Test]
    public void Read_AWholePacketWithABinary_GivesItsArrayAway([Values] bool usesAtomCache)
    {
        byte[] blob = Blob(40_000);
        byte[] packet = Packets(Tuple.Of((Atom)"blob", blob), usesAtomCache).Single();

        Assert.That(_reader.TryFindRoom(packet.AsSpan(0, Beginning), packet.Length, out PacketRoom room));
        Assert.That((room.IsRented, room.HeadBytes, room.Bytes.Length), Is.EqualTo((false, 0, packet.Length)));
        packet.CopyTo(room.Bytes);
        Assert.That(_reader.Read(room, out _, out EncodedTerm body, out string? error), Is.EqualTo(PacketKind.Signal), error);

        Assert.That(body.Array, Is.SameAs(room.Array));
        Assert.That(body.Array.AsSpan(body.ArrayOffset, body.Bytes.Length).SequenceEqual(body.Bytes));
        Assert.That(((Tuple)body.Decode()!)[1], Is.EqualTo(Binary.CopyOf(blob)));
    }

    [Test]
    public void Read_AWholePacketOfManyTerms_ComesInARentedArray()
    {
        object terms = List.Of([.. Enumerable.Range(0, 10_000).Select(i => (object)(long)i)]);
        byte[] packet = Packets(terms).Single();

        Assert.That(_reader.TryFindRoom(packet.AsSpan(0, Beginning), packet.Length, out PacketRoom room));
        Assert.That(room.IsRented, Is.True, "what is made of it keeps nothing of the array");
        packet.CopyTo(room.Bytes);
        Assert.That(_reader.Read(room, out _, out EncodedTerm body, out string? error), Is.EqualTo(PacketKind.Signal), error);
        Assert.That(body.Array, Is.Null);
        Assert.That(body.Decode(), Is.EqualTo(terms));
        ArrayPool<byte>.Shared.Return(room.Array!);
    }

    [Test]
    public void Read_FragmentsInTheirPlaces_AreOneArray_WhichGoesWithTheMessage()
    {
        byte[] blob = Blob((5 * FragmentBytes) + 100);
        byte[][] packets = Packets(blob);
        Assert.That(packets, Has.Length.EqualTo(6));
        Assert.That(_reader.Read(packets[0], out _, out _, out string? error), Is.EqualTo(PacketKind.Nothing), error);

        foreach (byte[] packet in packets[1..])
        {
            Assert.That(_reader.TryFindRoom(packet.AsSpan(0, 40), packet.Length, out PacketRoom room));
            Assert.That((room.HeadBytes, room.Bytes.Length, room.Array), Is.EqualTo((18, packet.Length - 18, (byte[]?)null)));
            packet.AsMemory(18).CopyTo(room.Bytes);
            PacketKind kind = _reader.Read(room, out ControlMessage message, out EncodedTerm body, out error);
            if (packet != packets[^1])
            {
                Assert.That(kind, Is.EqualTo(PacketKind.Nothing), error);
                continue;
            }

            Assert.That(kind, Is.EqualTo(PacketKind.Signal), error);
            Assert.That(message.To, Is.EqualTo(s_to));
            Assert.That(body.Array, Is.Not.Null.And.Length.LessThan(blob.Length + FragmentBytes + 1_000), "made to measure");
            Assert.That(body.Decode(), Is.EqualTo(Binary.CopyOf(blob)));
        }
    }

    [Test]
    public void Read_FragmentsThatAnnounceFarMoreThanTheyBring_KeepNoMoreThanTheyBring()
    {
        // The first part promises sixty of its length, and a binary to fill them; those that follow bring a byte each.
        const int Parts = 60;
        byte[] terms = Packets(Blob(50_000)).Single()[3..1_003];
        Assert.That(
            _reader.Read(Fragment(69, Parts, [0, .. terms]), out _, out _, out string? error),
            Is.EqualTo(PacketKind.Nothing),
            error
        );
        for (int part = Parts - 1; part > 1; part--)
            Assert.That(_reader.Read(Fragment(70, part, [7]), out _, out _, out error), Is.EqualTo(PacketKind.Nothing), error);

        Assert.That(_reader.Read(Fragment(70, 1, [7]), out _, out EncodedTerm body, out error), Is.EqualTo(PacketKind.Signal), error);
        Assert.That(body.Array, Is.Null, "whoever keeps it copies what came, and not the room around it");
        Assert.That(body.Bytes.Length, Is.LessThan(1_100));
        Assert.That(body.Decode(), Is.Null, "and it is no term");

        static byte[] Fragment(byte type, int number, ReadOnlySpan<byte> bytes)
        {
            byte[] packet = new byte[18 + bytes.Length];
            (packet[0], packet[1], packet[9], packet[17]) = (131, type, 1, (byte)number);
            bytes.CopyTo(packet.AsSpan(18));
            return packet;
        }
    }

    [Test]
    public void TryFindRoom_WhatIsNotAsAnnounced_IsReadAsAnyOther()
    {
        byte[][] packets = Packets(Blob(3 * FragmentBytes));
        Assert.That(_reader.TryFindRoom(packets[1].AsSpan(0, 100), packets[1].Length, out _), Is.False, "never begun");
        _reader.Read(packets[0], out _, out _, out _);
        Assert.That(_reader.TryFindRoom(packets[2].AsSpan(0, 100), packets[2].Length, out _), Is.False, "not the next");
        Assert.That(_reader.TryFindRoom(packets[1].AsSpan(0, 100), 1_000_000, out _), Is.False, "more than there is room for");
        Assert.That(_reader.TryFindRoom(packets[1].AsSpan(0, 17), packets[1].Length, out _), Is.False, "its numbers are not there yet");
        Assert.That(_reader.TryFindRoom(packets[0].AsSpan(0, 100), (1 << 20) + 1, out _), Is.False, "more than a word is believed");
        Assert.That(_reader.TryFindRoom(packets[1].AsSpan(0, 100), packets[1].Length, out _), Is.True, "and so it is");
    }

    [Test]
    public void TryBegin_ManyLongMessagesAnnounced_MakeRoomForFewOnly()
    {
        FragmentAssembly assembly = new(1_000, 64 << 20, 64 << 20);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (ulong id = 0; id < 1_000; id++)
            Assert.That(assembly.TryBegin(id, 1_000, [], [1, 2, 3], 1 << 20, isKept: true, out string? error), Is.True, error);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(5 << 20), "4 MB on their word");
    }

    private static byte[] Blob(int length)
    {
        byte[] blob = new byte[length];
        new Random(length).NextBytes(blob);
        return blob;
    }

    private static byte[][] Packets(object payload, bool usesAtomCache = false)
    {
        PacketWriter writer = new(FlagSets.Implemented, FragmentBytes, usesAtomCache);
        OutputBuffer output = new();
        writer.TryWrite(output, new ControlMessage(ControlKind.Send, new Pid(s_node, 1), s_to, Payload: payload));
        List<byte> bytes = [.. output.Written.Span];
        while (writer.Queue.Take() is { IsEmpty: false } next)
            bytes.AddRange(next.Span);
        ReadOnlySequence<byte> input = new(bytes.ToArray());
        List<byte[]> packets = [];
        while (Interop.Channel.Packets.TryRead(ref input, 1 << 30, out ReadOnlySequence<byte> packet, out _) == PacketStatus.Ok)
            packets.Add(packet.ToArray());
        return [.. packets];
    }
}
