using System.Numerics;
using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Tests;

/// <summary>What a reader may allocate: it is counted before it is made, and counted right.</summary>
[NonParallelizable]
public sealed class AllocationTests
{
    private static readonly NodeIdentity s_node = new("allocation@host", 7);
    private static readonly EtfDecodeContext s_counting = new(new EtfLimits { MaxAllocationPerByte = 1 << 20 }, s_node);

    private static IEnumerable<TestCaseData> Terms()
    {
        object[] numbers = [.. Enumerable.Range(0, 9).Select(number => (object)(long)number)];
        (string, object)[] terms =
        [
            ("a number that has a box", 5L),
            ("a number", 5000L),
            ("a long", long.MinValue),
            ("a big integer", BigInteger.Pow(2, 64)),
            ("a huge integer", -BigInteger.Pow(2, 2000)),
            ("a float", 1.5),
            ("an atom", Atoms.Ok),
            ("a pid", new Pid(s_node, 3)),
            ("a pid of elsewhere", new Pid(new NodeIdentity("elsewhere@host", 99), 3)),
            ("a port", new Port(s_node, 3)),
            ("a reference", new Reference(s_node, 3)),
            ("a reference that may be an alias", new Reference(new AliasOrigin(s_node, 77), 3)),
            ("a reference of another layout", Reference.FromWords(s_node, [uint.MaxValue, 2, uint.MaxValue])),
            ("a reference of one word", Reference.FromWords(s_node, [1])),
            ("nothing", Binary.Empty),
            ("a binary", Binary.CopyOf(new byte[17])),
            ("a bit string", new BitString([1, 2, 3], 3)),
            ("nil", List.Empty),
            ("a charlist", List.FromString("text")),
            ("a list", List.Of(Atoms.Ok, Atoms.Error)),
            ("a list of integers", List.Of([.. Enumerable.Range(0, 100).Select(i => (object)(i * 1000L))])),
            ("a list of floats", List.Of([.. Enumerable.Range(0, 100).Select(i => (object)(i * 0.5))])),
            ("a list of integers and one float", List.Of([.. Enumerable.Range(0, 99).Select(i => (object)(i * 1000L)), 0.5])),
            ("an improper list", List.WithTail([Atoms.Ok], Atoms.Error)),
            ("a tuple", Tuple.Of(1L, 2L, 3L, 4L)),
            ("a tuple of five", Tuple.Of(1L, 2L, 3L, 4L, 5L)),
            ("a large tuple", Tuple.Of([.. Enumerable.Repeat((object)Atoms.Ok, 300)])),
            ("an empty tuple", Tuple.Empty),
            ("a map", Map.Of((Atoms.Ok, 1L))),
            ("a map with buckets", Map.Of([.. numbers.Select(number => (number, number))])),
            ("an empty map", Map.Empty),
            ("an external fun", new ExternalFun("lists", "map", 2)),
            ("a fun", new Fun("m", 1, UInt128.One, 0, 1, 2, new Pid(s_node, 1), [1L, Atoms.Ok])),
            ("a fun that closes over nothing", new Fun("m", 1, UInt128.One, 0, 1, 2, new Pid(s_node, 1), [])),
            ("a map by big keys", Map.Of((BigInteger.Pow(2, 5000), Tuple.Of(BigInteger.Pow(3, 80))))),
        ];
        return terms.Select(term => new TestCaseData(term.Item2).SetArgDisplayNames(term.Item1));
    }

    [TestCaseSource(nameof(Terms))]
    public void Decode_ATerm_CountsWhatTheRuntimeAllocates(object term)
    {
        byte[] bytes = ExternalTerm.Encode(term);
        DecodeStatus status = default;
        long counted = long.MaxValue;
        long allocated = AllocatedBytes.Least(() =>
        {
            EtfReader reader = new(bytes, s_counting);
            long start = reader.Allowance;
            reader.TryReadVersion();
            status = reader.TryReadTerm(out _);
            counted = Math.Min(counted, start - reader.Allowance);
        });
        Assert.That(status, Is.EqualTo(DecodeStatus.Ok));
        // The identity of a node may be at hand, or not: four are kept.
        Assert.That(counted, Is.InRange(allocated, allocated + (term is BigInteger or Map ? 8 : 0)), $"allocated {allocated}");
    }

    /// <summary>Whoever receives a message asks first what contract it is; to learn that it is none costs no memory.</summary>
    [TestCaseSource(nameof(Terms))]
    public void Decode_ATermOfNoContract_AllocatesNoMoreThanTheTerm(object term)
    {
        byte[] bytes = ExternalTerm.Encode(term);
        long asTerm = Allocated(bytes, byContract: false);
        Assert.That(Allocated(bytes, byContract: true), Is.EqualTo(asTerm));
    }

    private static long Allocated(byte[] bytes, bool byContract)
    {
        DecodeStatus status = default;
        long allocated = AllocatedBytes.Least(() =>
        {
            EtfReader reader = new(bytes, s_counting);
            reader.TryReadVersion();
            status = byContract ? ContractRegistry.TryReadTerm(ref reader, out _) : reader.TryReadTerm(out _);
        });
        Assert.That(status, Is.EqualTo(DecodeStatus.Ok));
        return allocated;
    }

    [Test]
    public void Untrusted_ManySmallThings_AreRefusedWhereTheAllowanceEnds()
    {
        object pair = Tuple.Of(1L, 2L); // 6 bytes; an object of 56, and 8 in the list: 16 too many
        object[] some = [.. Enumerable.Repeat(pair, 4000)];
        object[] more = [.. Enumerable.Repeat(pair, 4200)];

        Assert.That(Status(List.Of(some), EtfLimits.Untrusted), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(Status(List.Of(more), EtfLimits.Untrusted), Is.EqualTo(DecodeStatus.LimitExceeded));
        Assert.That(Status(List.Of(more), new EtfLimits { MaxAllocationPerByte = 12 }), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(Status(List.Of(more), EtfLimits.Trusted), Is.EqualTo(DecodeStatus.Ok));
    }

    [Test]
    public void Untrusted_ACompressedTerm_CountsWhatCameNotWhatItInflatesTo()
    {
        byte[] zeros = ExternalTerm.Encode(Binary.CopyOf(new byte[1 << 20]), new EtfEncodeOptions { CompressionLevel = 9 });

        EtfDecodeContext untrusted = new(EtfLimits.Untrusted);
        long allocated = AllocatedBytes.Least(() => ExternalTerm.TryDecode(zeros, untrusted, out _, out _));

        EtfReader reader = new(zeros, untrusted);
        reader.TryReadVersion();
        Assert.That(reader.TryReadTerm(out _), Is.EqualTo(DecodeStatus.LimitExceeded));
        Assert.That(reader.Error, Does.Contain(nameof(EtfLimits.MaxAllocationPerByte)));
        Assert.That(allocated, Is.LessThan(4096));
        Assert.That(Read(zeros), Is.EqualTo(DecodeStatus.Ok), "without such a bound it is a term");
    }

    [Test]
    public void TryReadTerms_OfAString_CountsTheArrayOfItsElements()
    {
        byte[] bytes = [(byte)EtfTag.String, 0xFF, 0xFE, .. new byte[0xFFFE]];
        EtfReader reader = new(bytes, new EtfDecodeContext(new EtfLimits { MaxAllocationPerByte = 4 }));
        long before = GC.GetAllocatedBytesForCurrentThread();
        DecodeStatus status = reader.TryReadTerms(out _);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(status, Is.EqualTo(DecodeStatus.LimitExceeded));
        Assert.That(allocated, Is.LessThan(4 * bytes.Length));
        Assert.That(reader.Position, Is.Zero);
        Assert.That(Read([EtfReader.Version, .. bytes]), Is.EqualTo(DecodeStatus.Ok), "the list alone keeps them as bytes");
    }

    [Test]
    public void TryReadTerms_OfAList_IsTheOneArrayThatWasMade()
    {
        object[] elements = [.. Enumerable.Repeat<object>(Atoms.Ok, 10_000)];
        byte[] bytes = ExternalTerm.Encode(List.Of(elements));
        EtfReader reader = new(bytes, s_counting);
        reader.TryReadVersion();
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.That(reader.TryReadTerms(out object[] values), Is.EqualTo(DecodeStatus.Ok));

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(10 * elements.Length));
        Assert.That(values, Is.EqualTo(elements));
    }

    [Test]
    public void Decode_AChainOfShortLists_IsOneListInLinearMemory()
    {
        const int Cells = 100_000;
        byte[] bytes = new byte[(6 * Cells) + 1];
        for (int cell = 0; cell < Cells; cell++)
            (bytes[6 * cell], bytes[(6 * cell) + 4], bytes[(6 * cell) + 5]) = ((byte)EtfTag.List, 1, (byte)EtfTag.Nil);
        bytes[^1] = (byte)EtfTag.Nil;
        EtfReader reader = new(bytes, s_counting);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.That(reader.TryReadTerm(out object? term), Is.EqualTo(DecodeStatus.Ok), reader.Error);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(8 * bytes.Length));
        Assert.That(term, Is.TypeOf<List>().With.Count.EqualTo(Cells));
    }

    private static DecodeStatus Read(byte[] bytes) => ExternalTerm.TryDecode(bytes, s_counting, out _, out _);

    private static DecodeStatus Status(object term, EtfLimits limits) =>
        ExternalTerm.TryDecode(ExternalTerm.Encode(term), new EtfDecodeContext(limits), out _, out _);
}
