using System.Buffers;
using System.Buffers.Binary;
using CloudScale.Interop.Compression;
using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Tests.Compression;

public sealed class Lz4Tests
{
    private static readonly byte[] s_text =
    [
        .. Enumerable.Range(0, 5000).Select(i => (byte)"the same, but not quite "[(i + (i / 700)) % 24]),
    ];

    [Test]
    public void Description_AvailableOrNot_SaysWhichOrWhy() =>
        Assert.That(Lz4.Description, Does.StartWith(Lz4.IsAvailable ? "liblz4 1." : "no LZ4: "));

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(63)]
    [TestCase(64)]
    [TestCase(65_536)]
    [TestCase(1_000_000)]
    public void Block_AnyBytes_ComeBack(int length)
    {
        // With or without LZ4: then they are plain.
        Random random = new(length);
        byte[] noise = new byte[length];
        random.NextBytes(noise);
        foreach (
            byte[] bytes in new[]
            {
                noise,
                new byte[length],
                [.. Enumerable.Repeat(s_text, 1 + (length / s_text.Length)).SelectMany(text => text).Take(length)],
            }
        )
        {
            ArrayBufferWriter<byte> block = new();
            int written = Lz4Block.Write(bytes, block);
            Assert.That(written, Is.EqualTo(block.WrittenCount));
            Assert.That(written, Is.LessThanOrEqualTo(length + 1), "never more than a byte longer");
            Assert.That(Read(block.WrittenSpan, length), Is.EqualTo(bytes));
        }
    }

    [Test]
    public void Block_Repetition_IsShort()
    {
        Require();
        ArrayBufferWriter<byte> block = new();
        Lz4Block.Write(s_text, block);
        Assert.That(block.WrittenCount, Is.LessThan(s_text.Length / 10));
        Assert.That(block.WrittenSpan[0], Is.EqualTo(1));
    }

    [Test]
    public void Block_CutShort_IsMalformedAtEveryPlace()
    {
        Require();
        ArrayBufferWriter<byte> block = new();
        Lz4Block.Write(s_text, block);
        for (int length = 0; length < block.WrittenCount; length++)
        {
            ArrayBufferWriter<byte> output = new();
            DecodeStatus status = Lz4Block.TryRead(block.WrittenSpan[..length], s_text.Length, output, out string? error);
            Assert.That(status, Is.EqualTo(DecodeStatus.Malformed), $"{length} bytes");
            Assert.That(error, Is.Not.Null);
            Assert.That(output.WrittenCount, Is.Zero);
        }
    }

    [Test]
    public void Block_SizeThatLies_IsRefusedBeforeRoomIsMade()
    {
        Require();
        ArrayBufferWriter<byte> writer = new();
        Lz4Block.Write(s_text, writer);
        byte[] block = writer.WrittenSpan.ToArray();
        foreach (
            (uint size, DecodeStatus expected) in new (uint, DecodeStatus)[]
            {
                (uint.MaxValue, DecodeStatus.LimitExceeded),
                (0x8000_0000, DecodeStatus.LimitExceeded),
                ((1 << 24) + 1, DecodeStatus.LimitExceeded),
                (1 << 24, DecodeStatus.Malformed), // allowed, but more than such a block can hold
                ((uint)s_text.Length + 1, DecodeStatus.Malformed),
                ((uint)s_text.Length - 1, DecodeStatus.Malformed),
                (0, DecodeStatus.Malformed),
            }
        )
        {
            BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(1), size);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.That(Lz4Block.TryRead(block, 1 << 24, new ArrayBufferWriter<byte>(8192), out _), Is.EqualTo(expected), $"{size}");
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(32 << 10), $"{size}");
        }
    }

    [TestCase(0, DecodeStatus.Ok)]
    [TestCase(-1, DecodeStatus.LimitExceeded)]
    public void Block_PlainOne_ObeysTheLimit(int offset, DecodeStatus expected)
    {
        byte[] block = [0, 1, 2, 3];
        Assert.That(Lz4Block.TryRead(block, 3 + offset, new ArrayBufferWriter<byte>(), out _), Is.EqualTo(expected));
    }

    [Test]
    public void Block_OfUnknownKind_IsMalformed() =>
        Assert.That(Lz4Block.TryRead([2, 0], 10, new ArrayBufferWriter<byte>(), out _), Is.EqualTo(DecodeStatus.Malformed));

    [Test, Category("Fuzz")]
    public void Block_Mutated_GivesAStatusAndNeverMoreThanDeclared()
    {
        Require();
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        ArrayBufferWriter<byte> writer = new();
        Lz4Block.Write(s_text, writer);
        for (int step = 0; step < 20_000; step++)
        {
            byte[] block = writer.WrittenSpan.ToArray();
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                block[random.Next(block.Length)] = (byte)random.Next(256);
            ArrayBufferWriter<byte> output = new();
            DecodeStatus status = Lz4Block.TryRead(block, 10_000, output, out _);
            Assert.That(
                output.WrittenCount,
                status == DecodeStatus.Ok ? Is.LessThanOrEqualTo(10_000) : Is.Zero,
                $"seed {seed}, step {step}"
            );
        }
    }

    [Test]
    public void Compress_IntoTooLittleRoom_IsFalse()
    {
        Require();
        byte[] noise = new byte[1000];
        new Random(1).NextBytes(noise);
        Assert.That(Lz4.TryCompress(noise, new byte[900], out int written), Is.False);
        Assert.That(written, Is.Zero);
        Assert.That(Lz4.TryCompress(noise, new byte[Lz4.MaxCompressedLength(1000)], out written), Is.True);
        Assert.That(written, Is.InRange(1000, Lz4.MaxCompressedLength(1000)));
    }

    internal static void Require()
    {
        if (!Lz4.IsAvailable)
            Assert.Ignore(Lz4.Description);
    }

    private static byte[] Read(ReadOnlySpan<byte> block, int maxBytes)
    {
        ArrayBufferWriter<byte> output = new();
        Assert.That(Lz4Block.TryRead(block, maxBytes, output, out string? error), Is.EqualTo(DecodeStatus.Ok), error);
        return output.WrittenSpan.ToArray();
    }
}
