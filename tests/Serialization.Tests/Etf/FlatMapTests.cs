using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Tests;

/// <summary>Maps in lists, which are made of leaves at once where they can be, and otherwise part by part.</summary>
public sealed class FlatMapTests
{
    private static readonly EtfDecodeContext s_context = new(EtfLimits.Trusted);

    [Test]
    public void Maps_OfAnyKeysAndValues_AreRead()
    {
        object[] parts =
        [
            7L,
            1L << 20,
            1L << 40,
            -(1L << 55),
            long.MinValue,
            0.5,
            (Atom)"name",
            (Atom)"a name of more than eight bytes",
            Binary.FromUtf8("text"),
            new Binary(new byte[300]),
            List.Empty,
            Tuple.Empty,
            Tuple.Of(1L, 2L),
            Tuple.Of(1L, Tuple.Of(2L)),
            Map.Empty,
            Map.Of((1L, 2L)),
            Map.Of((1L, Map.Of((Tuple.Of(1L), List.Of(2L))))),
            List.Of(1L, 2.5),
        ];
        for (int key = 0; key < parts.Length; key++)
        for (int value = 0; value < parts.Length; value++)
        {
            Map map = Map.Of(((Atom)"first", parts[value]), (parts[key], parts[value]), ((Atom)"last", 1L));
            List list = List.Of(map, map, parts[value]);
            byte[] bytes = ExternalTerm.Encode(list);
            Assert.That(ExternalTerm.TryDecode(bytes, s_context, out object? read, out int used), Is.EqualTo(DecodeStatus.Ok));
            Assert.That(used, Is.EqualTo(bytes.Length));
            Assert.That(Term.AreEqual(read!, list), $"{list} became {read}");
            Assert.That(ExternalTerm.Encode(read!), Is.EqualTo(bytes));
            for (int length = 0; length < Math.Min(bytes.Length, 100); length++)
                Assert.That(
                    ExternalTerm.TryDecode(bytes.AsSpan(0, length), s_context, out _, out _),
                    Is.EqualTo(DecodeStatus.NeedMoreData),
                    $"{list}, {length}"
                );
        }
    }

    [TestCase(2)]
    [TestCase(8)]
    [TestCase(9)]
    [TestCase(32)]
    [TestCase(33)]
    public void Maps_WithTwoEqualKeys_AreRefusedWhereTheyBegin(int count)
    {
        byte[] key = [119, 1, (byte)'k', 97, 1];
        IEnumerable<byte> others = Enumerable.Range(0, count - 2).SelectMany(i => new byte[] { 97, (byte)i, 97, 1 });
        byte[] bytes = [108, 0, 0, 0, 2, 97, 1, 116, 0, 0, 0, (byte)count, .. key, .. others, .. key, 106];
        EtfReader reader = new(bytes, s_context);
        Assert.That(reader.TryReadTerm(out _), Is.EqualTo(DecodeStatus.Malformed));
        Assert.That(reader.Error, Is.EqualTo("a map with two equal keys"));
        Assert.That(reader.ErrorOffset, Is.EqualTo(7));
        Assert.That(reader.Position, Is.Zero);
    }

    [Test]
    public void Limits_OfAFlatMap_AreThoseOfTheSameMapPartByPart()
    {
        // The key in its short form and in its long one, which is no leaf of the frequent kinds.
        byte[] flat = InAList([119, 3, .. "key"u8]);
        byte[] other = InAList([118, 0, 3, .. "key"u8]);
        Atom.Of("key");
        for (int most = 0; most < 12; most++)
        {
            AssertAlike(new EtfLimits { MaxTotalTerms = most });
            AssertAlike(new EtfLimits { MaxElements = most });
            AssertAlike(new EtfLimits { MaxDepth = most });
            AssertAlike(new EtfLimits { MaxIntegerBytes = most });
        }

        for (int allowance = 0; allowance < 500; allowance++)
            AssertAlike(new EtfLimits { MaxAllocationPerByte = 0, AllocationAllowance = allowance });

        void AssertAlike(EtfLimits limits)
        {
            EtfDecodeContext context = new(limits);
            DecodeStatus status = ExternalTerm.TryDecode(flat, context, out _, out _);
            Assert.That(status, Is.EqualTo(ExternalTerm.TryDecode(other, context, out _, out _)));
            Assert.That(status, Is.EqualTo(DecodeStatus.Ok).Or.EqualTo(DecodeStatus.LimitExceeded));
        }
    }

    private static byte[] InAList(byte[] key) =>
        [131, 108, 0, 0, 0, 1, 116, 0, 0, 0, 2, .. key, 110, 6, 0, 1, 2, 3, 4, 5, 6, 97, 1, 70, 63, 240, 0, 0, 0, 0, 0, 0, 106];
}
