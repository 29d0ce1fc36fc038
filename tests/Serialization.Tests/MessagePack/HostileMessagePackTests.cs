using System.Buffers.Binary;
using CloudScale.Serialization.Etf;
using CloudScale.Serialization.MessagePack;

namespace CloudScale.Serialization.Tests;

[NonParallelizable]
public sealed class HostileMessagePackTests
{
    private static readonly EtfDecodeContext s_trusted = new(EtfLimits.Trusted);
    private static readonly NodeIdentity s_node = new("hostile@host", 7);
    private static readonly EtfDecodeContext s_counting = new(new EtfLimits { MaxAllocationPerByte = 1 << 20 }, s_node);

    // Heads with a length of 32 bits behind the first byte.
    [TestCase("C6 00000000", Description = "bin 32")]
    [TestCase("C9 00000000 05", Description = "ext 32")]
    [TestCase("DB 00000000", Description = "str 32")]
    [TestCase("DD 00000000", Description = "array 32")]
    [TestCase("DF 00000000", Description = "map 32")]
    public void Decode_LyingLengths_AreRefusedBeforeAnythingIsAllocated(string hex)
    {
        byte[] bytes = [.. Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), 0, 0, 0, 0];
        foreach (uint lie in new uint[] { 0xFFFFFFFF, 0xFFFFFFFE, 0x80000000, 0x7FFFFFFF, 0x40000000, 0x10000, 20 })
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(1), lie);
            MessagePackReader reader = new(bytes, s_trusted);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.That(reader.TryReadTerm(out _), Is.Not.EqualTo(DecodeStatus.Ok), $"{lie:X}");
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(16 << 10), $"{lie:X}");
            Assert.That(reader.TrySkip(), Is.Not.EqualTo(DecodeStatus.Ok), $"{lie:X}");
        }
    }

    [Test]
    public void Decode_HugeHeadsNestedInEachOther_StopAtTheSecond()
    {
        const int Heads = 100_000;
        byte[] bytes = new byte[5 * Heads];
        for (int i = 0; i < Heads; i++)
        {
            bytes[5 * i] = 0xDD;
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan((5 * i) + 1), Math.Max(1, bytes.Length - (5 * i) - 6));
        }

        MessagePackReader reader = new(bytes, s_trusted);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(reader.TryReadTerm(out _), Is.EqualTo(DecodeStatus.NeedMoreData));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(9 * bytes.Length));
    }

    [Test]
    public void Limits_EachOne_StopsJustBeyondIt()
    {
        AssertLimit(new EtfLimits { MaxDepth = 2 }, Tuple.Of(Tuple.Of(1)), Tuple.Of(Tuple.Of(Tuple.Of(1))));
        AssertLimit(new EtfLimits { MaxElements = 2 }, List.Of(1, 256), List.Of(1, 2, 256));
        AssertLimit(new EtfLimits { MaxElements = 2 }, Map.Of((1, 1), (2, 2)), Map.Of((1, 1), (2, 2), (3, 3)));
        AssertLimit(new EtfLimits { MaxBinaryBytes = 2 }, "ab", "abc");
        AssertLimit(new EtfLimits { MaxIntegerBytes = 9 }, System.Numerics.BigInteger.Pow(2, 71), System.Numerics.BigInteger.Pow(2, 72));
        AssertLimit(new EtfLimits { MaxTotalTerms = 4 }, List.Of(1, 2, 3), List.Of(1, 2, 3, 4));
        AssertLimit(new EtfLimits { Atoms = AtomPolicy.ExistingOnly }, Atoms.Ok, null);
    }

    [Test]
    public void Decode_ATerm_CountsWhatTheRuntimeAllocates()
    {
        object[] terms =
        [
            5000L,
            ulong.MaxValue,
            System.Numerics.BigInteger.Pow(2, 200),
            1.5,
            Binary.CopyOf(new byte[17]),
            new BitString([1, 2, 3], 3),
            List.Of(1, 2, 3),
            List.WithTail([1], 2),
            Tuple.Of(1, 2),
            Tuple.Of(1, 2, 3, 4, 5, 6),
            Map.Of((1, 2)),
            Map.Of([.. Enumerable.Range(0, 9).Select(number => ((object)number, (object)number))]),
            new Pid(s_node, 1),
            new Reference(s_node, 1),
            Reference.FromWords(s_node, [1]),
            new ExternalFun("m", "f", 1),
            new Fun("m", 1, 7, 2, 3, 4, new Pid(s_node, 1), (ReadOnlySpan<object>)[42L]),
        ];
        Assert.Multiple(() =>
        {
            foreach (object term in terms)
            {
                byte[] bytes = MessagePackTerm.Encode(term);
                long counted = 0;
                long allocated = AllocatedBytes.Least(() =>
                {
                    MessagePackReader reader = new(bytes, s_counting);
                    long start = reader.Allowance;
                    reader.TryReadTerm(out _);
                    counted = start - reader.Allowance;
                });
                Assert.That(counted, Is.InRange(allocated, allocated + 64), $"{Term.Format(term)} allocated {allocated}");
            }
        });
    }

    private static void AssertLimit(EtfLimits limits, object within, object? beyond)
    {
        byte[] tooMuch = beyond is null
            ? [0xC7, 32, 17, .. System.Text.Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("N"))]
            : MessagePackTerm.Encode(beyond);
        Assert.That(
            MessagePackTerm.TryDecode(MessagePackTerm.Encode(within), new EtfDecodeContext(limits), out _, out _),
            Is.EqualTo(DecodeStatus.Ok)
        );
        Assert.That(MessagePackTerm.TryDecode(tooMuch, new EtfDecodeContext(limits), out _, out _), Is.EqualTo(DecodeStatus.LimitExceeded));
    }
}
