using System.Buffers;
using System.Numerics;
using CloudScale.Serialization.Etf;
using CloudScale.Serialization.MessagePack;

namespace CloudScale.Serialization.Tests;

public sealed class MessagePackTests
{
    private static readonly EtfDecodeContext s_context = new(EtfLimits.Trusted);
    private static readonly NodeIdentity s_node = new("a@h", 9);

    private static readonly (string Hex, object Term)[] s_canonical =
    [
        ("00", 0),
        ("7F", 127),
        ("CC80", 128),
        ("CCFF", 255),
        ("CD0100", 256),
        ("CDFFFF", 65_535),
        ("CE00010000", 65_536),
        ("CEFFFFFFFF", uint.MaxValue),
        ("CF0000000100000000", 1L << 32),
        ("CFFFFFFFFFFFFFFFFF", ulong.MaxValue),
        ("FF", -1),
        ("E0", -32),
        ("D0DF", -33),
        ("D080", -128),
        ("D1FF7F", -129),
        ("D18000", short.MinValue),
        ("D2FFFF7FFF", short.MinValue - 1),
        ("D280000000", int.MinValue),
        ("D3FFFFFFFF7FFFFFFF", int.MinValue - 1L),
        ("D38000000000000000", long.MinValue),
        ("C70A1500010000000000000000", BigInteger.Pow(2, 64)),
        ("C70A1501010000000000000000", -BigInteger.Pow(2, 64)),
        ("C7091501FFFFFFFFFFFFFFFF", -(BigInteger)ulong.MaxValue),
        ("CB3FF8000000000000", 1.5),
        ("C0", (Atom)"nil"),
        ("C2", false),
        ("C3", true),
        ("C7031161626D", (Atom)"abm"),
        ("D5116F6B", Atoms.Ok),
        ("C70011", (Atom)""),
        ("C403010203", new byte[] { 1, 2, 3 }),
        ("C400", Binary.Empty),
        ("C7031603FFE0", new BitString([0xFF, 0xE0], 3)),
        ("90", List.Empty),
        ("920102", List.Of(1, 2)),
        ("93D410020102", List.WithTail([1], 2)),
        ("91D41001", Tuple.Empty),
        ("93D410010102", Tuple.Of(1, 2)),
        ("94D41003D4116DD4116602", new ExternalFun("m", "f", 2)),
        (
            "99D41004D4116D01C410000000000000000000000000000000070203 04C70F12000000090000000100000000614068 2A",
            new Fun("m", 1, 7, 2, 3, 4, new Pid(s_node, 1), (ReadOnlySpan<object>)[42L])
        ),
        ("94D41005D4116DD4116EC3", new NativeRecord("m", "n", true)),
        ("96D41005D4116DD4116EC2D4117801", new NativeRecord("m", "n", false, ("x", 1))),
        ("80", Map.Empty),
        ("810102", Map.Of((1, 2))),
        ("C70F12000000090000000100000002614068", new Pid(s_node, (2UL << 32) | 1)),
        ("C714130000000903000000090000000100000002614068", Reference.FromWords(s_node, [9, 1, 2])),
        ("C71C130000000905000000090000000100000002000000030000000461 4068", Reference.FromWords(s_node, [9, 1, 2, 3, 4])),
        ("C70F14000000090000000000000005614068", new Port(s_node, 5)),
    ];

    // To be read only: longer forms than needed, and what other writers have.
    private static readonly (string Hex, object Term)[] s_alsoRead =
    [
        ("CC05", 5),
        ("D005", 5),
        ("D3FFFFFFFFFFFFFFFF", -1),
        ("CF0000000000000005", 5),
        ("CA3FC00000", 1.5),
        ("A3616263", "abc"),
        ("D903616263", "abc"),
        ("DB00000003616263", "abc"),
        ("C60000000161", "a"),
        ("DC000105", List.Of(5)),
        ("DD0000000105", List.Of(5)),
        ("DF000000010102", Map.Of((1, 2))),
        ("C7041100000000", (Atom)"\0\0\0\0"),
        ("D4050A", Tuple.Of((Atom)"ext", 5, new byte[] { 10 })),
        ("C7021500 05", 5),
    ];

    private static readonly string[] s_malformed =
    [
        "C1",
        "CB7FF0000000000000", // infinity
        "CB7FF8000000000000", // no number
        "CA7F800000",
        "8201020103", // equal keys
        "820102CC0103", // the same key in another form
        "D41001", // the form of an array elsewhere
        "91D41000", // of no known form
        "92D4100201", // an improper list without a tail
        "93D410020190", // an improper list whose tail is a list
        "93D410030102", // a fun of too few parts
        "94D41003010203", // a fun whose parts are none
        "C70015", // an integer without a sign
        "C7021502FF", // a sign that is none
        "C7021600FF", // a bit string of a whole last byte
        "C7021608FF",
        "D41603",
        "D511EDA0", // an atom that is no UTF-8
        "C7041200000000", // an identity that is too short
        "C70513 0000000900",
        "C70513 0000000906",
    ];

    [TestCaseSource(nameof(s_canonical))]
    public void EncodeAndDecode_EachForm_AreInverse((string Hex, object Term) golden)
    {
        Assert.That(Convert.ToHexString(MessagePackTerm.Encode(golden.Term)), Is.EqualTo(Compact(golden.Hex)));
        AssertReads(golden);
    }

    [TestCaseSource(nameof(s_alsoRead))]
    public void Decode_OtherForms_GivesTheTerm((string Hex, object Term) golden) => AssertReads(golden);

    [TestCaseSource(nameof(s_malformed))]
    public void Decode_WhatNoContinuationMakesRight_IsMalformed(string hex)
    {
        MessagePackReader reader = new(Convert.FromHexString(Compact(hex)), s_context);
        Assert.That(reader.TryReadTerm(out object? term), Is.EqualTo(DecodeStatus.Malformed), reader.Error);
        Assert.That(term, Is.Null);
        Assert.That(reader.Position, Is.Zero);
        Assert.That(reader.Error, Is.Not.Empty);
    }

    [TestCaseSource(nameof(s_canonical))]
    public void Decode_CutAtEveryPlace_WantsMoreOrIsMalformed((string Hex, object Term) golden)
    {
        byte[] bytes = Convert.FromHexString(Compact(golden.Hex));
        for (int length = 0; length < bytes.Length; length++)
        {
            MessagePackReader reader = new(bytes.AsSpan(0, length), s_context);
            Assert.That(reader.TryReadTerm(out _), Is.EqualTo(DecodeStatus.NeedMoreData), $"{length} of {golden.Hex}: {reader.Error}");
            Assert.That(reader.Position, Is.Zero);
            Assert.That(reader.TrySkip(), Is.EqualTo(DecodeStatus.NeedMoreData));
            Assert.That(reader.Position, Is.Zero);
        }
    }

    [Test]
    public void RandomTerms_ThereAndBack_LoseNothing()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        TermGenerator generator = new(new Random(seed)) { Records = true };
        for (int step = 0; step < 10_000; step++)
        {
            object term = generator.Next();
            byte[] bytes = MessagePackTerm.Encode(term);
            DecodeStatus status = MessagePackTerm.TryDecode(bytes, s_context, out object? back, out int used);
            // In the External Term Format, too: equality does not see the sign of a zero.
            if (
                status != DecodeStatus.Ok
                || used != bytes.Length
                || !ExternalTerm.Encode(back!).AsSpan().SequenceEqual(ExternalTerm.Encode(term))
            )
                Assert.Fail($"seed {seed}, step {step}: {Term.Format(term)} came back as {Term.Format(back)} ({status})");
            MessagePackReader skipper = new(bytes, s_context);
            Assert.That(skipper.TrySkip(), Is.EqualTo(DecodeStatus.Ok));
            Assert.That(skipper.Position, Is.EqualTo(bytes.Length));
        }
    }

    [Test]
    public void EveryTermOfTheCorpus_ThereAndBack_LosesNothing()
    {
        foreach (CorpusEntry entry in CorpusEntry.Read(Path.Combine(Erlang.CorpusDirectory, "corpus.txt")))
        {
            ExternalTerm.TryDecode(entry.Bytes, s_context, out object? term, out _);
            MessagePackTerm.TryDecode(MessagePackTerm.Encode(term!), s_context, out object? back, out _);
            Assert.That(ExternalTerm.Encode(back!), Is.EqualTo(ExternalTerm.Encode(term!)), entry.ToString());
        }
    }

    [Test]
    public void ADeepTerm_ThereAndBack_NeedsNoStack()
    {
        object term = List.Empty;
        for (int level = 0; level < 1_000_000; level++)
            term = level % 3 == 0 ? Tuple.Of(term) : List.Of(term);
        Assert.That(
            MessagePackTerm.TryDecode(MessagePackTerm.Encode(term), s_context, out object? back, out _),
            Is.EqualTo(DecodeStatus.Ok)
        );
        Assert.That(Term.AreEqual(term, back), Is.True);
    }

    [Test]
    public void SingleReads_EachKind_GiveTheValueOrStayWhereTheyAre()
    {
        MessagePackReader reader = new(
            Convert.FromHexString("C3CD0100CFFFFFFFFFFFFFFFFFA2C3A99192CB3FF8000000000000D5116F6BC0"),
            s_context
        );
        Assert.That(reader.TryReadLong(out _), Is.EqualTo(DecodeStatus.Malformed));
        Assert.That(reader.Error, Is.EqualTo("expected an integer, got true"));
        Assert.That(reader.TryReadBoolean(out bool truth), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(truth, Is.True);
        Assert.That(reader.TryReadInteger<byte>(out _), Is.EqualTo(DecodeStatus.Malformed));
        Assert.That(reader.Position, Is.EqualTo(1));
        Assert.That(reader.TryReadInteger(out short number), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(number, Is.EqualTo(256));
        Assert.That(reader.TryReadLong(out _), Is.EqualTo(DecodeStatus.Malformed));
        Assert.That(reader.TryReadInteger<long>(out _), Is.EqualTo(DecodeStatus.Malformed));
        Assert.That(reader.TryReadInteger(out ulong big), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(big, Is.EqualTo(ulong.MaxValue));
        Assert.That(reader.TryReadString(out string text), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(text, Is.EqualTo("é"));
        Assert.That(reader.TryReadTupleHeader(out _), Is.EqualTo(DecodeStatus.Malformed));
        Assert.That(reader.TryReadArrayHeader(out int count), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(count, Is.EqualTo(1));
        Assert.That(reader.TryReadArrayHeader(out count), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(reader.TryReadDouble(out double real), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(real, Is.EqualTo(1.5));
        Assert.That(reader.TryReadAtom(out Atom atom), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(atom, Is.SameAs(Atoms.Ok));
        Assert.That(reader.PeekType(), Is.EqualTo(MessagePackType.Nil));
        Assert.That(reader.TryTakeNil(), Is.True);
        Assert.That(reader.PeekType(), Is.EqualTo(MessagePackType.None));
        Assert.That(reader.TryReadNil(), Is.EqualTo(DecodeStatus.NeedMoreData));
    }

    [Test]
    public void Integers_AtTheEdgesOfATypesRange_FitOrDoNot()
    {
        Assert.That(Fits<sbyte>("D080"), Is.True);
        Assert.That(Fits<sbyte>("D1FF7F"), Is.False);
        Assert.That(Fits<sbyte>("CC80"), Is.False);
        Assert.That(Fits<uint>("CEFFFFFFFF"), Is.True);
        Assert.That(Fits<uint>("FF"), Is.False);
        Assert.That(Fits<long>("CF8000000000000000"), Is.False);
        Assert.That(Fits<long>("D38000000000000000"), Is.True);
        Assert.That(Fits<ulong>("D0FF"), Is.False);
    }

    [TestCase(0L, 0, "D6FF00000000")]
    [TestCase(uint.MaxValue, 0, "D6FFFFFFFFFF")]
    [TestCase(0L, 1, "D7FF0000000400000000")]
    [TestCase((1L << 34) - 1, 999_999_999, "D7FFEE6B27FFFFFFFFFF")]
    [TestCase(1L << 34, 0, "C70CFF000000000000000400000000")]
    [TestCase(-1L, 999_999_999, "C70CFF3B9AC9FFFFFFFFFFFFFFFFFF")]
    public void Timestamp_InTheShortestForm_ComesBack(long seconds, int nanoseconds, string hex)
    {
        ArrayBufferWriter<byte> buffer = new();
        MessagePackWriter writer = new(buffer);
        writer.WriteTimestamp(seconds, nanoseconds);
        writer.Flush();
        Assert.That(Convert.ToHexString(buffer.WrittenSpan), Is.EqualTo(hex));
        MessagePackReader reader = new(buffer.WrittenSpan, s_context);
        Assert.That(reader.TryReadTimestamp(out long readSeconds, out int readNanoseconds), Is.EqualTo(DecodeStatus.Ok));
        Assert.That((readSeconds, readNanoseconds), Is.EqualTo((seconds, nanoseconds)));
    }

    [TestCase("1969-12-31T23:59:59.9999999Z")]
    [TestCase("0001-01-01T00:00:00.0000000Z")]
    [TestCase("9999-12-31T23:59:59.9999999Z")]
    [TestCase("2026-07-01T12:30:59.1234567+02:00")]
    public void Timestamp_OfADate_ComesBackAsTheSameInstant(string text)
    {
        DateTimeOffset time = DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        ArrayBufferWriter<byte> buffer = new();
        MessagePackWriter writer = new(buffer);
        writer.WriteTimestamp(time);
        writer.Flush();
        MessagePackReader reader = new(buffer.WrittenSpan, s_context);
        Assert.That(reader.TryReadTimestamp(out DateTimeOffset back), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(back, Is.EqualTo(time));
    }

    [TestCase("D5FF0000")]
    [TestCase("D7FFEE6B280000000000")] // 10^9 nanoseconds
    [TestCase("C70CFF3B9ACA000000000000000000")]
    [TestCase("D60500000000")] // of another type
    [TestCase("00")]
    public void Timestamp_ThatIsNone_IsMalformed(string hex)
    {
        MessagePackReader reader = new(Convert.FromHexString(hex), s_context);
        Assert.That(reader.TryReadTimestamp(out long seconds, out int nanoseconds), Is.EqualTo(DecodeStatus.Malformed));
        Assert.That((seconds, nanoseconds, reader.Position), Is.EqualTo((0L, 0, 0)));
    }

    [Test]
    public void Failure_InsideContracts_NamesThePath()
    {
        MessagePackReader reader = new(Convert.FromHexString("9101"), s_context);
        reader.TryReadArrayHeader(out _);
        DecodeStatus status = reader.TryReadAtom(out _);
        status = reader.FailIn(reader.FailAt(status, 3), 1, "line", "name");
        Assert.That(reader.FailIn(status, 0, "order", "lines"), Is.EqualTo(DecodeStatus.Malformed));
        Assert.That(reader.Error, Is.EqualTo("order.lines.name[3]: expected an atom, got the integer 1"));
        Assert.That(reader.Position, Is.Zero);
    }

    [Test]
    public void Integers_InARun_AreWrittenAsEachOneIs()
    {
        int[] values = [.. Enumerable.Range(-70_000, 140_000), int.MinValue, int.MaxValue, 65_536];
        ArrayBufferWriter<byte> run = new();
        MessagePackWriter writer = new(run);
        writer.WriteIntegers<int>(values);
        writer.Flush();
        ArrayBufferWriter<byte> single = new();
        writer = new MessagePackWriter(single);
        writer.WriteArrayHeader(values.Length);
        foreach (int value in values)
            writer.WriteLong(value);
        writer.Flush();
        Assert.That(run.WrittenSpan.SequenceEqual(single.WrittenSpan));
    }

    private static bool Fits<T>(string hex)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        MessagePackReader reader = new(Convert.FromHexString(hex), s_context);
        DecodeStatus status = reader.TryReadInteger(out T value);
        Assert.That(status, Is.EqualTo(DecodeStatus.Ok).Or.EqualTo(DecodeStatus.Malformed));
        return status == DecodeStatus.Ok ? value != T.Zero : reader.Position != 0;
    }

    private static void AssertReads((string Hex, object Term) golden)
    {
        byte[] bytes = Convert.FromHexString(Compact(golden.Hex) + "00"); // something follows
        MessagePackReader reader = new(bytes, s_context);
        Assert.That(reader.TryReadTerm(out object? term), Is.EqualTo(DecodeStatus.Ok), $"{reader.Error} at {reader.ErrorOffset}");
        Assert.That(Term.AreEqual(term, golden.Term), Is.True, Term.Format(term));
        Assert.That(reader.Position, Is.EqualTo(bytes.Length - 1));
    }

    private static string Compact(string hex) => hex.Replace(" ", "", StringComparison.Ordinal);
}
