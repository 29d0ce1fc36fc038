using System.Buffers.Binary;
using System.IO.Compression;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Tests;

public sealed class HostileInputTests
{
    private static readonly EtfDecodeContext s_trusted = new(EtfLimits.Trusted);

    // A head whose length field follows the tag at once; the rest is filled up so that only the length lies.
    private static readonly (string Name, byte[] Bytes, int At, int Width)[] s_lengths =
    [
        ("BIT_BINARY_EXT", [77, 0, 0, 0, 1, 1, 0], 1, 4),
        ("NEWER_REFERENCE_EXT", [90, 0, 1, 119, 1, 97, 0, 0, 0, 1, 0, 0, 0, 1], 1, 2),
        ("ATOM_EXT", [100, 0, 1, 97], 1, 2),
        ("SMALL_TUPLE_EXT", [104, 1, 106], 1, 1),
        ("LARGE_TUPLE_EXT", [105, 0, 0, 0, 1, 106], 1, 4),
        ("STRING_EXT", [107, 0, 1, 97], 1, 2),
        ("LIST_EXT", [108, 0, 0, 0, 1, 106, 106], 1, 4),
        ("BINARY_EXT", [109, 0, 0, 0, 1, 97], 1, 4),
        ("SMALL_BIG_EXT", [110, 1, 0, 1], 1, 1),
        ("LARGE_BIG_EXT", [111, 0, 0, 0, 1, 0, 1], 1, 4),
        ("NEW_REFERENCE_EXT", [114, 0, 1, 119, 1, 97, 1, 0, 0, 0, 1], 1, 2),
        ("SMALL_ATOM_EXT", [115, 1, 97], 1, 1),
        ("MAP_EXT", [116, 0, 0, 0, 1, 106, 106], 1, 4),
        ("ATOM_UTF8_EXT", [118, 0, 1, 97], 1, 2),
        ("SMALL_ATOM_UTF8_EXT", [119, 1, 97], 1, 1),
        (
            "NEW_FUN_EXT",
            [112, 0, 0, 0, 0, 0, .. new byte[16], 0, 0, 0, 0, 0, 0, 0, 1, 119, 1, 97, 97, 0, 97, 0, 88, 119, 1, 97, .. new byte[12], 106],
            26,
            4
        ),
    ];

    [Test]
    public void AtomText_LongerThanAnAtomInLatin1_IsRefusedBeforeItIsConverted()
    {
        byte[] bytes = [100, 0xFF, 0xFF, .. Enumerable.Repeat((byte)0xE4, 0xFFFF)];
        long allocated = AllocatedBytes.Least(() => new EtfReader(bytes, s_trusted).TryReadAtomText(out ReadOnlySpan<byte> _));
        Assert.That(allocated, Is.LessThan(256), "what says why");
        EtfReader reader = new(bytes, s_trusted);
        Assert.That(reader.TryReadAtomText(out ReadOnlySpan<byte> _), Is.EqualTo(DecodeStatus.Malformed));
        Assert.That(reader.Position, Is.Zero);
        Assert.That(reader.Error, Does.Contain("255 characters"));
    }

    [Test]
    public void AtomText_InLatin1_IsGivenInUtf8_AndCounted()
    {
        byte[] bytes = [100, 0, 255, .. Enumerable.Repeat((byte)0xE4, 255)];
        EtfReader reader = new(bytes, s_trusted);
        Assert.That(reader.TryReadAtomText(out ReadOnlySpan<byte> utf8), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(utf8.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(new string('ä', 255))));
        EtfLimits poor = new() { MaxAllocationPerByte = 1, AllocationAllowance = 0 };
        Assert.That(
            new EtfReader(bytes, new EtfDecodeContext(poor)).TryReadAtomText(out ReadOnlySpan<byte> _),
            Is.EqualTo(DecodeStatus.LimitExceeded)
        );
    }

    [Test]
    public void Decode_LyingLengths_AreRefusedBeforeAnythingIsAllocated()
    {
        Assert.Multiple(() =>
        {
            foreach ((string name, byte[] bytes, int at, int width) in s_lengths)
            {
                EtfReader honest = new(bytes, s_trusted);
                Assert.That(honest.TryReadTerm(out _), Is.EqualTo(DecodeStatus.Ok), $"{name}: {honest.Error}");
                foreach (uint lie in new uint[] { 0xFFFFFFFF, 0xFFFFFFFE, 0x80000000, 0x7FFFFFFF, 0x40000000, 0x10000, 0x100, 20 })
                {
                    byte[] lying = [.. bytes];
                    for (int i = 0; i < width; i++)
                        lying[at + i] = (byte)(lie >= 1UL << (8 * width) ? 0xFF : lie >> (8 * (width - 1 - i)));
                    EtfReader reader = new(lying, s_trusted);
                    long before = GC.GetAllocatedBytesForCurrentThread();
                    DecodeStatus status = reader.TryReadTerm(out object? term);
                    long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                    Assert.That(status, Is.Not.EqualTo(DecodeStatus.Ok), $"{name}, {lie:X}: {term}");
                    Assert.That(allocated, Is.LessThan(16 << 10), $"{name}, {lie:X}");

                    EtfReader skipper = new(lying, s_trusted);
                    Assert.That(skipper.TrySkipTerm(), Is.Not.EqualTo(DecodeStatus.Ok), $"{name}, {lie:X}");
                }
            }
        });
    }

    [Test]
    public void Decode_HugeHeadsNestedInEachOther_AllocateByInputOnly()
    {
        // 200,000 tuples that each promise as many elements as there are bytes left
        const int Heads = 200_000;
        byte[] bytes = new byte[5 * Heads];
        for (int i = 0; i < Heads; i++)
        {
            bytes[5 * i] = (byte)EtfTag.LargeTuple;
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan((5 * i) + 1), Math.Max(1, bytes.Length - (5 * i) - 6));
        }

        EtfReader reader = new(bytes, new EtfDecodeContext(new EtfLimits()));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(reader.TryReadTerm(out _), Is.Not.EqualTo(DecodeStatus.Ok));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(64 * bytes.Length));
    }

    [TestCase(106)]
    [TestCase(97)]
    public void Decode_ManyOfTheSmallestTerms_AllocateAConstantAByte(byte filler)
    {
        byte[] bytes = new byte[5 + 2_000_000];
        bytes.AsSpan().Fill(filler); // nil, or the integer 97 in two bytes
        bytes[0] = (byte)EtfTag.LargeTuple;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), filler == 106 ? 2_000_000 : 1_000_000);
        AssertBounded(bytes, DecodeStatus.Ok);
    }

    [Test]
    public void Decode_ManyOfTheSmallestContainers_AllocateAConstantAByte()
    {
        byte[] bytes = new byte[1_000_001];
        for (int i = 0; i + 1 < bytes.Length; i += 2)
            (bytes[i], bytes[i + 1]) = ((byte)EtfTag.SmallTuple, 1);
        bytes[^1] = (byte)EtfTag.Nil;
        AssertBounded(bytes, DecodeStatus.Ok);
    }

    [TestCase(1)]
    [TestCase(100)]
    [TestCase(40_000)]
    public void Decode_ManyRecords_AllocateAConstantAByte(int fields)
    {
        List<byte> bytes = [(byte)EtfTag.LargeTuple, 0, 0, 0, 10];
        for (int record = 0; record < 10; record++)
        {
            bytes.AddRange([
                (byte)EtfTag.NativeRecord,
                0,
                (byte)(fields >> 16),
                (byte)(fields >> 8),
                (byte)fields,
                1,
                119,
                1,
                109,
                119,
                1,
                110,
            ]);
            for (int field = 0; field < fields; field++)
                bytes.AddRange([119, 6, .. System.Text.Encoding.ASCII.GetBytes($"f{field:D5}")]);
            bytes.AddRange(Enumerable.Repeat((byte)EtfTag.Nil, fields));
        }

        AssertBounded([.. bytes], DecodeStatus.Ok);
    }

    [Test]
    public void Decode_ZipBomb_StopsAtTheLimitOrAtTheDeclaredSize()
    {
        byte[] zeros = new byte[64 << 20];
        zeros[0] = (byte)EtfTag.Binary;
        BinaryPrimitives.WriteInt32BigEndian(zeros.AsSpan(1), zeros.Length - 5);
        byte[] bomb = Compressed(zeros, zeros.Length);
        Assert.That(bomb, Has.Length.LessThan(100_000));
        EtfDecodeContext untrusted = new(new EtfLimits { MaxUncompressedBytes = 16 << 20 });

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(ExternalTerm.TryDecode(bomb, untrusted, out _, out _), Is.EqualTo(DecodeStatus.LimitExceeded));
        BinaryPrimitives.WriteInt32BigEndian(bomb.AsSpan(2), 1000); // a lie
        Assert.That(ExternalTerm.TryDecode(bomb, untrusted, out _, out _), Is.EqualTo(DecodeStatus.Malformed));
        BinaryPrimitives.WriteInt32BigEndian(bomb.AsSpan(2), 16 << 20);
        Assert.That(ExternalTerm.TryDecode(bomb.AsSpan(0, 2000), untrusted, out _, out _), Is.EqualTo(DecodeStatus.NeedMoreData));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(10 << 20));
    }

    [Test]
    public void Decode_CompressedThatIsWrong_SaysWhat()
    {
        byte[] good = Compressed([97, 1], 2);
        Assert.That(ExternalTerm.TryDecode(good, s_trusted, out object? term, out int used), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(term, Is.EqualTo(1L));
        Assert.That(used, Is.EqualTo(good.Length));
        AssertMalformed(Compressed([97, 1], 1), "more than declared");
        AssertMalformed(Compressed([97, 1], 3), "another size");
        AssertMalformed(Compressed([97], 1), "not complete");
        byte[] checksum = [.. good];
        checksum[^1] ^= 1;
        AssertMalformed(checksum, "checksum");
        byte[] header = [.. good];
        header[6] ^= 1;
        AssertMalformed(header, "zlib");
    }

    [Test]
    public void Inflate_AnythingZlibMakes_ComesBack(
        [Values(0, 1, 6, 9)] int level,
        [Values(1, 2, 300, 70_000)] int length,
        [Values] bool random
    )
    {
        byte[] content = new byte[length];
        Random bytes = new(level + length);
        for (int i = 0; i < length; i++)
            content[i] = random ? (byte)bytes.Next(256) : (byte)('a' + bytes.Next(1 + (i % 5)));
        using MemoryStream stream = new();
        using (ZLibStream zlib = new(stream, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true))
            zlib.Write(content);
        byte[] input = [.. stream.ToArray(), 1, 2, 3];

        using Inflater inflater = new(input, length);
        Assert.That(inflater.Run(), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(inflater.Used, Is.EqualTo(input.Length - 3));
        Assert.That(inflater.Output.SequenceEqual(content), Is.True);
    }

    [Test]
    public void Limits_EachOne_StopsJustBeyondIt()
    {
        AssertLimit(new EtfLimits { MaxDepth = 2 }, Tuple.Of(Tuple.Of(1)), Tuple.Of(Tuple.Of(Tuple.Of(1))));
        AssertLimit(new EtfLimits { MaxElements = 2 }, List.Of(1, 256), List.Of(1, 2, 256));
        AssertLimit(new EtfLimits { MaxElements = 2 }, Map.Of((1, 1), (2, 2)), Map.Of((1, 1), (2, 2), (3, 3)));
        AssertLimit(new EtfLimits { MaxElements = 2 }, List.FromString("ab"), List.FromString("abc"));
        AssertLimit(
            new EtfLimits { MaxElements = 2 },
            new NativeRecord("m", "n", true, ("a", 1), ("b", 2)),
            new NativeRecord("m", "n", true, ("a", 1), ("b", 2), ("c", 3))
        );
        AssertLimit(new EtfLimits { MaxBinaryBytes = 2 }, "ab", "abc");
        AssertLimit(new EtfLimits { MaxBinaryBytes = 2 }, new BitString([1, 2], 3), new BitString([1, 2, 3], 3));
        AssertLimit(new EtfLimits { MaxIntegerBytes = 8 }, ulong.MaxValue, System.Numerics.BigInteger.Pow(2, 64));
        AssertLimit(new EtfLimits { MaxTotalTerms = 4 }, Tuple.Of(1, 2, 3), Tuple.Of(1, 2, 3, 4));
    }

    [Test]
    public void NewAtoms_ByPolicyAndBudget_AreBounded()
    {
        EtfDecodeContext none = new(new EtfLimits { Atoms = AtomPolicy.ExistingOnly });
        Assert.That(Status(none, FreshAtoms(1)), Is.EqualTo(DecodeStatus.LimitExceeded));
        Assert.That(Status(none, ExternalTerm.Encode(Atoms.Ok)), Is.EqualTo(DecodeStatus.Ok));

        EtfDecodeContext perReader = new(new EtfLimits { MaxNewAtoms = 2 });
        Assert.That(Status(perReader, FreshAtoms(2)), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(Status(perReader, FreshAtoms(3)), Is.EqualTo(DecodeStatus.LimitExceeded));

        EtfDecodeContext perContext = new(new EtfLimits { MaxNewAtomsPerContext = 3 });
        Assert.That(Status(perContext, FreshAtoms(2)), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(perContext.NewAtoms, Is.EqualTo(2));
        Assert.That(Status(perContext, FreshAtoms(2)), Is.EqualTo(DecodeStatus.LimitExceeded));
    }

    [Test]
    public void Atoms_OfTooManyCharacters_AreMalformedNotMade()
    {
        int before = Atom.Count;
        AssertMalformed([131, 118, 1, 0, .. new byte[256]], "255 characters");
        AssertMalformed([131, 100, 1, 0, .. Enumerable.Repeat((byte)0xE9, 256)], "255 characters");
        AssertMalformed([131, 118, 0xFF, 0xFF, .. new byte[65_535]], "255 characters");
        Assert.That(Atom.Count, Is.EqualTo(before));
    }

    [Test, Category("Fuzz")]
    public void Decode_RandomMutations_EndInAStatusAndWhatWasReadCanBeWritten()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        List<CorpusEntry> corpus =
        [
            .. CorpusEntry.Read(Path.Combine(Erlang.CorpusDirectory, "corpus.txt")).Where(entry => entry.Bytes.Length < 3000),
        ];
        EtfDecodeContext context = new(new EtfLimits { MaxUncompressedBytes = 1 << 20, Atoms = AtomPolicy.ExistingOnly });
        int read = 0;
        for (int step = 0; step < 20_000; step++)
        {
            byte[] bytes = [.. corpus[random.Next(corpus.Count)].Bytes];
            for (int changes = random.Next(1, 5); changes > 0; changes--)
                Mutate(ref bytes, random);

            long before = GC.GetAllocatedBytesForCurrentThread();
            DecodeStatus status = ExternalTerm.TryDecode(bytes, context, out object? term, out int used);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (allocated > Hostile.AllocationBound(bytes))
                Assert.Fail($"seed {seed}, step {step}: allocated {allocated} for {Convert.ToHexString(bytes)}");

            EtfReader skipper = new(bytes, context);
            DecodeStatus skipped = skipper.TryReadVersion() == DecodeStatus.Ok ? skipper.TrySkipTerm() : DecodeStatus.Malformed;
            if (status != DecodeStatus.Ok)
                continue;
            read++;
            if (skipped != DecodeStatus.Ok || skipper.Position != used)
                Assert.Fail($"seed {seed}, step {step}: read {used}, skipped {skipped} {skipper.Position} of {Convert.ToHexString(bytes)}");
            byte[] written = ExternalTerm.Encode(term!);
            status = ExternalTerm.TryDecode(written, context, out object? back, out _);
            if (status != DecodeStatus.Ok || !Term.AreEqual(term, back) || Term.Format(term) != Term.Format(back))
                Assert.Fail($"seed {seed}, step {step}: {Convert.ToHexString(bytes)} came back as {Convert.ToHexString(written)}");
        }

        TestContext.Out.WriteLine($"{read} of 20000 were terms all the same");
        Assert.That(read, Is.InRange(100, 19_000));
    }

    [Test, Category("Fuzz")]
    public void Decode_RandomBytes_EndInAStatus()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        byte[] tags = [.. Enum.GetValues<EtfTag>().Select(tag => (byte)tag)];
        EtfDecodeContext context = new(EtfLimits.Untrusted);
        for (int step = 0; step < 50_000; step++)
        {
            byte[] bytes = new byte[random.Next(1, 60)];
            for (int i = 0; i < bytes.Length; i++)
                bytes[i] = random.Next(3) switch
                {
                    0 => tags[random.Next(tags.Length)],
                    1 => (byte)random.Next(4),
                    _ => (byte)random.Next(256),
                };
            bytes[0] = EtfReader.Version;
            long before = GC.GetAllocatedBytesForCurrentThread();
            ExternalTerm.TryDecode(bytes, context, out _, out _);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (allocated > Hostile.AllocationBound(bytes))
                Assert.Fail($"seed {seed}, step {step}: allocated {allocated} for {Convert.ToHexString(bytes)}");
        }
    }

    private static void Mutate(ref byte[] bytes, Random random)
    {
        int at = random.Next(1, bytes.Length);
        switch (random.Next(5))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 1:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2:
                bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 4))..]];
                if (bytes.Length < 2)
                    bytes = [131, 106];
                break;
            case 3:
                bytes = [.. bytes[..at], (byte)random.Next(97, 122), .. bytes[at..]];
                break;
            default:
                bytes[at] = (byte)(random.Next(2) == 0 ? 0xFF : 0);
                break;
        }
    }

    private static byte[] Compressed(byte[] term, int declared)
    {
        using MemoryStream stream = new();
        Span<byte> head = [131, 80, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(head[2..], declared);
        stream.Write(head);
        using (ZLibStream zlib = new(stream, CompressionLevel.SmallestSize, leaveOpen: true))
            zlib.Write(term);
        return stream.ToArray();
    }

    private static byte[] FreshAtoms(int count)
    {
        List<byte> bytes = [131, 104, (byte)count];
        for (int i = 0; i < count; i++)
            bytes.AddRange([119, 32, .. System.Text.Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("N"))]);
        return [.. bytes];
    }

    private static DecodeStatus Status(EtfDecodeContext context, byte[] bytes) => ExternalTerm.TryDecode(bytes, context, out _, out _);

    private static void AssertLimit(EtfLimits limits, object within, object beyond)
    {
        Assert.That(Status(new EtfDecodeContext(limits), ExternalTerm.Encode(within)), Is.EqualTo(DecodeStatus.Ok), Term.Format(within));
        Assert.That(
            Status(new EtfDecodeContext(limits), ExternalTerm.Encode(beyond)),
            Is.EqualTo(DecodeStatus.LimitExceeded),
            Term.Format(beyond)
        );
    }

    private static void AssertMalformed(byte[] bytes, string part)
    {
        EtfReader reader = new(bytes, s_trusted);
        Assert.That(reader.TryReadVersion(), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(reader.TryReadTerm(out _), Is.EqualTo(DecodeStatus.Malformed));
        Assert.That(reader.Error, Does.Contain(part));
    }

    private static void AssertBounded(byte[] bytes, DecodeStatus expected)
    {
        EtfReader reader = new(bytes, s_trusted);
        long before = GC.GetAllocatedBytesForCurrentThread();
        DecodeStatus status = reader.TryReadTerm(out _);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        TestContext.Out.WriteLine($"{(double)allocated / bytes.Length:F1} bytes a byte");
        Assert.That(status, Is.EqualTo(expected), reader.Error);
        Assert.That(allocated, Is.LessThan(Hostile.AllocationBound(bytes)));
    }
}
