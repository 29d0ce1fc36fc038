using System.Buffers;
using System.Numerics;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Tests;

/// <summary>The bytes of each tag, by hand from the ERTS User's Guide.</summary>
public sealed class GoldenBytesTests
{
    private static readonly NodeIdentity s_node = new("a@h", 9);
    private static readonly NodeIdentity s_oldNode = new("a@h", 3); // the old forms have two bits for the creation
    private static readonly EtfDecodeContext s_context = new(EtfLimits.Untrusted, s_node)
    {
        AtomCache = index => index == 3 ? Atoms.Ok : null,
    };

    // Both ways.
    private static readonly (string Hex, object Term)[] s_canonical =
    [
        (
            "43 00000002 01 77 01 6D 77 01 6E 77 01 79 77 01 78 61 01 6B 0002 6162",
            new NativeRecord("m", "n", true, ("y", 1), ("x", List.FromString("ab"))) // as OTP 29 writes #m:n{y = 1,x = "ab"}
        ),
        ("43 00000000 00 77 01 6D 77 01 6E", new NativeRecord("m", "n", false)),
        ("46 3FF8000000000000", 1.5),
        ("4D 00000002 03 FFE0", new BitString([0xFF, 0xE0], 3)),
        ("58 77 03 614068 00000001 00000002 00000009", new Pid(s_node, (2UL << 32) | 1)),
        ("59 77 03 614068 00000005 00000009", new Port(s_node, 5)),
        ("5A 0003 77 03 614068 00000009 00000001 00000002 00000003", Reference.FromWords(s_node, [1, 2, 3])),
        ("61 00", 0),
        ("61 FF", 255),
        ("62 FFFFFFFF", -1),
        ("62 00000100", 256),
        ("62 7FFFFFFF", int.MaxValue),
        ("62 80000000", int.MinValue),
        ("68 00", Tuple.Empty),
        ("68 02 61 01 6A", Tuple.Of(1, List.Empty)),
        ("6A", List.Empty),
        ("6B 0002 6162", List.FromString("ab")),
        ("6C 00000001 62 00000100 6A", List.Of(256)),
        ("6C 00000001 61 01 61 02", List.WithTail([1], 2)),
        ("6D 00000002 6162", "ab"),
        ("6E 04 00 00000080", 1L << 31),
        ("6E 04 01 01000080", int.MinValue - 1L),
        ("6E 08 00 FFFFFFFFFFFFFF7F", long.MaxValue),
        ("6E 08 01 0000000000000080", long.MinValue),
        ("6E 09 00 000000000000000001", BigInteger.Pow(2, 64)),
        (
            "70 00000038 01 00000000000000000000000000000007 00000002 00000001 77 01 6D 61 03 61 04 58 77 03 614068 00000001 00000000 00000009 61 2A",
            new Fun("m", 1, 7, 2, 3, 4, new Pid(s_node, 1), (ReadOnlySpan<object>)[42L])
        ),
        ("71 77 01 6D 77 01 66 61 02", new ExternalFun("m", "f", 2)),
        ("74 00000000", Map.Empty),
        ("74 00000001 61 01 61 02", Map.Of((1, 2))),
        ("77 02 6F6B", Atoms.Ok),
        ("77 02 CEBB", (Atom)"λ"),
        ("78 77 03 614068 0000000010000000 00000009", new Port(s_node, 1 << 28)),
    ];

    // To be read only.
    private static readonly (string Hex, object Term)[] s_alsoRead =
    [
        ("52 03", Atoms.Ok),
        ("63 312E3530303030303030303030303030303030303030652B30300000000000", 1.5),
        ("63 312C3530303030303030303030303030303030303030652B30300000000000", 1.5), // with a comma
        ("64 0001 E9", (Atom)"é"),
        ("65 64 0003 614068 00000007 03", Reference.FromWords(s_oldNode, [7])),
        ("66 64 0003 614068 00000007 03", new Port(s_oldNode, 7)),
        ("67 64 0003 614068 00000001 00000002 03", new Pid(s_oldNode, (2UL << 32) | 1)),
        ("69 00000001 61 01", Tuple.Of(1)),
        ("6F 00000002 01 0100", -1),
        ("72 0001 64 0003 614068 03 00000007", Reference.FromWords(s_oldNode, [7])),
        ("73 01 E9", (Atom)"é"),
        ("76 0002 6F6B", Atoms.Ok),
        ("61 05", 5),
        ("62 00000005", 5),
        ("6E 00 01", 0),
        ("6C 00000000 61 05", 5),
        ("4D 00000001 08 61", "a"),
        ("68 01 64 0002 6F6B", Tuple.Of(Atoms.Ok)),
    ];

    private static readonly string[] s_malformed =
    [
        "79 01 02 03 04", // LOCAL_EXT
        "75 00000000 67 64 0003 614068 00000001 00000002 09 64 0001 6D 61 01 61 01", // FUN_EXT
        "50 00000002 789C4B640400 00C50063", // compressed, but not outermost
        "43 00000001 02 77 01 6D 77 01 6E 77 01 78 61 01", // neither exported nor not
        "43 00000002 01 77 01 6D 77 01 6E 77 01 78 77 01 78 61 01 61 02", // two fields of one name
        "43 00000001 01 61 01 77 01 6E 77 01 78 61 01", // a module that is no atom
        "43 00000001 01 77 01 6D 77 01 6E 61 01 61 01 61 01", // a field that is no atom
        "00",
        "FF",
        "44",
        "46 7FF0000000000000", // infinity
        "46 FFF0000000000000",
        "46 7FF8000000000000", // no number
        "63 6E616E00000000000000000000000000000000000000000000000000000000",
        "63 3165350000000000000000000000000000000000000000000000000000000000",
        "63 312E35653430300000000000000000000000000000000000000000000000 0000", // 1.5e400
        "4D 00000001 00 61",
        "4D 00000001 09 61",
        "4D 00000000 03",
        "74 00000002 61 01 61 01 61 01 61 02",
        "74 00000002 61 01 61 01 62 00000001 61 02", // the same key in another form
        "77 01 E9",
        "77 03 EDA080", // half a surrogate pair
        "77 02 C080", // overlong
        "58 61 01 000000010000000100000001", // a node that is no atom
        "5A 0000 77 03 614068 00000009",
        "5A 0006 77 03 614068 00000009 000000010000000200000003000000040000000500000006",
        "71 77 01 6D 77 01 66 62 00000100",
        "71 61 01 77 01 66 61 00",
        "52 04",
        "67 64 0003 614068 00000001 00000002 04", // a creation of more than two bits in an old form
        "66 64 0003 614068 00000007 FF",
        "65 64 0003 614068 00000007 04",
        "72 0001 64 0003 614068 04 00000007",
        "65 64 0003 614068 00040000 03", // a first word of more than 18 bits in an old form
        "72 0001 64 0003 614068 03 00040000",
    ];

    [TestCaseSource(nameof(s_canonical))]
    public void EncodeAndDecode_EachTag_AreInverse((string Hex, object Term) golden)
    {
        Assert.That(Hex(ExternalTerm.Encode(golden.Term)), Is.EqualTo("83" + Compact(golden.Hex)));
        AssertReads(golden);
    }

    [TestCaseSource(nameof(s_alsoRead))]
    public void Decode_OldOrLongForms_GivesTheTerm((string Hex, object Term) golden) => AssertReads(golden);

    [TestCaseSource(nameof(s_malformed))]
    public void Decode_WhatNoContinuationMakesRight_IsMalformed(string hex)
    {
        EtfReader reader = new(Convert.FromHexString(Compact(hex)), s_context);
        Assert.That(reader.TryReadTerm(out object? term), Is.EqualTo(DecodeStatus.Malformed));
        Assert.That(term, Is.Null);
        Assert.That(reader.Position, Is.Zero);
        Assert.That(reader.Error, Is.Not.Empty);
        Assert.That(reader.ErrorOffset, Is.LessThan(hex.Length / 2));
    }

    [Test]
    public void Decode_Identities_OfThisNode_CarryItsVeryObject()
    {
        byte[] bytes = ExternalTerm.Encode(
            Tuple.Of(new Pid(new NodeIdentity("a@h", 9), 1), new Pid(new NodeIdentity("a@h", 8), 1), new Pid(new NodeIdentity("a@h", 8), 2))
        );
        ExternalTerm.TryDecode(bytes, s_context, out object? term, out _);
        Tuple pids = (Tuple)term!;
        Assert.That(((Pid)pids[0]).Node, Is.SameAs(s_node));
        Assert.That(((Pid)pids[1]).Node, Is.Not.SameAs(s_node));
        Assert.That(((Pid)pids[1]).Node, Is.SameAs(((Pid)pids[2]).Node), "remembered");
    }

    [Test]
    public void Decode_AtomsOfAHeader_ComeBeforeThoseOfTheContext()
    {
        EtfReader reader = new([82, 1, 82, 3], s_context, [Atoms.Ok, Atoms.Error]);
        Assert.That(reader.TryReadAtom(out Atom atom), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(atom, Is.SameAs(Atoms.Error));
        Assert.That(reader.TryReadAtom(out _), Is.EqualTo(DecodeStatus.Malformed));
    }

    [Test]
    public void TypedReads_OfAControlMessage_TakeItApart()
    {
        Pid pid = new(s_node, 1);
        Reference reference = new(s_node, 77);
        byte[] bytes = ExternalTerm.Encode(Tuple.Of(21, pid, 2.5, reference, (Atom)"name", Map.Of((1, List.Of(256))), "bytes"));
        EtfReader reader = new(bytes, s_context);
        Assert.That(reader.TryReadVersion(), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(reader.PeekTag(), Is.EqualTo(EtfTag.SmallTuple));
        Assert.That(reader.TryReadTupleHeader(out int arity), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(arity, Is.EqualTo(7));
        Assert.That(reader.TryReadPid(out _), Is.EqualTo(DecodeStatus.Malformed), "it is an integer");
        Assert.That(reader.Error, Is.EqualTo("expected a pid, got the integer 21"));
        Assert.That(reader.TryReadLong(out long code), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(code, Is.EqualTo(21));
        Assert.That(reader.TryReadPid(out Pid readPid), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(readPid, Is.EqualTo(pid));
        Assert.That(reader.TryReadDouble(out double real), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(real, Is.EqualTo(2.5));
        Assert.That(reader.TryReadReference(out Reference readReference), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(readReference, Is.EqualTo(reference));
        Assert.That(reader.TryReadAtom(out Atom name), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(name.Name, Is.EqualTo("name"));
        Assert.That(reader.TryReadMapHeader(out int entries), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(entries, Is.EqualTo(1));
        Assert.That(reader.TrySkipTerm(), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(reader.TryReadListHeader(out int elements), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(elements, Is.EqualTo(1));
        Assert.That(reader.TrySkipTerm(), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(reader.TryReadListHeader(out elements), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(elements, Is.Zero, "the tail");
        Assert.That(reader.TryReadBinary(out ReadOnlySpan<byte> binary), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(binary.ToArray(), Is.EqualTo("bytes"u8.ToArray()));
        Assert.That(reader.PeekTag(), Is.EqualTo(EtfTag.None));
    }

    [Test]
    public void Writer_PiecesOfAMessage_AreTheMessage()
    {
        Pid pid = new(s_node, 1);
        ArrayBufferWriter<byte> output = new();
        EtfWriter writer = new(output);
        writer.WriteVersion();
        writer.WriteTupleHeader(6);
        writer.WriteLong(-5);
        writer.WritePid(pid);
        writer.WriteAtom(Atoms.Ok);
        writer.WriteListHeader(1);
        writer.WriteString("é");
        writer.WriteNil();
        writer.WriteMapHeader(1);
        writer.WriteReference(new Reference(s_node, 3));
        writer.WriteDouble(0.5);
        writer.WriteBigInteger(BigInteger.Pow(3, 2000));
        writer.Flush();
        object message = Tuple.Of(-5, pid, Atoms.Ok, List.Of("é"), Map.Of((new Reference(s_node, 3), 0.5)), BigInteger.Pow(3, 2000));
        Assert.That(Hex(output.WrittenSpan), Is.EqualTo(Hex(ExternalTerm.Encode(message))));
    }

    [Test]
    public void Encode_ListsAroundTheLimitOfStrings_ChangesForm([Values(65_535, 65_536)] int length)
    {
        byte tag = length == 65_535 ? (byte)EtfTag.String : (byte)EtfTag.List;
        object[] objects = new object[length];
        Array.Fill(objects, 65L);
        byte[] compact = ExternalTerm.Encode(List.FromBytes([.. Enumerable.Repeat((byte)65, length)]));
        Assert.That(compact[1], Is.EqualTo(tag));
        Assert.That(ExternalTerm.Encode(List.Of(objects)), Is.EqualTo(compact));
    }

    [Test]
    public void Encode_WhatIsNoTerm_ThrowsAndSaysSo()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => ExternalTerm.Encode(null!), Throws.ArgumentException.With.Message.Contains("null is no term"));
            Assert.That(
                () => ExternalTerm.Encode(Tuple.Of(new Version())),
                Throws.ArgumentException.With.Message.Contains("System.Version")
            );
            Assert.That(() => ExternalTerm.Encode(double.NaN), Throws.ArgumentException);
            Assert.That(() => ExternalTerm.Encode(float.PositiveInfinity), Throws.ArgumentException);
            Assert.That(() => ExternalTerm.Encode(default(Pid)), Throws.ArgumentException);
            Assert.That(() => ExternalTerm.Encode(default(Port)), Throws.ArgumentException);
            Assert.That(() => ExternalTerm.Encode(default(Reference)), Throws.ArgumentException);
            Assert.That(() => ExternalTerm.Encode(new ExternalFun("m", "f", 256)), Throws.ArgumentException);
            Assert.That(
                () => ExternalTerm.Encode(new Fun("m", 1, 7, 2, 3, 4, new Pid(s_node, 1), (ReadOnlySpan<object>)[double.NaN])),
                Throws.ArgumentException
            );
        });
    }

    [Test]
    public void Encode_Deterministic_SortsEqualMapsAlike()
    {
        EtfEncodeOptions options = new() { Deterministic = true };
        Map one = Map.Of((2, Map.Of(("y", 1), ("x", 2))), (1.0, 1), (1, 2));
        Map other = Map.Of((1, 2), (2, Map.Of(("x", 2), ("y", 1))), (1.0, 1));
        Assert.That(ExternalTerm.Encode(one, options), Is.EqualTo(ExternalTerm.Encode(other, options)));
        Assert.That(ExternalTerm.Encode(one), Is.Not.EqualTo(ExternalTerm.Encode(other)));
    }

    [Test]
    public void Encode_Compressed_IsKeptOnlyIfShorter()
    {
        EtfEncodeOptions options = new() { CompressionLevel = 6 };
        Assert.That(ExternalTerm.Encode(new string('a', 100), options)[1], Is.EqualTo((byte)EtfTag.Compressed));
        Assert.That(ExternalTerm.Encode("short", options)[1], Is.EqualTo((byte)EtfTag.Binary));
    }

    private static void AssertReads((string Hex, object Term) golden)
    {
        byte[] bytes = Convert.FromHexString(Compact(golden.Hex));
        EtfReader reader = new(bytes, s_context);
        Assert.That(reader.TryReadTerm(out object? term), Is.EqualTo(DecodeStatus.Ok), $"{reader.Error} at {reader.ErrorOffset}");
        Assert.That(reader.Remaining, Is.Zero);
        Assert.That(Term.AreEqual(term, golden.Term), Is.True, $"{Term.Format(term)} is not {Term.Format(golden.Term)}");

        EtfReader skipper = new(bytes, s_context);
        Assert.That(skipper.TrySkipTerm(), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(skipper.Remaining, Is.Zero);
    }

    private static string Compact(string hex) => hex.Replace(" ", "", StringComparison.Ordinal);

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexString(bytes);
}
