using CloudScale.Contracts.Samples;
using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;

namespace CloudScale.Contracts.Tests;

/// <summary>Forms of a term that BEAM of today does not write, and reads.</summary>
[TestFixture]
internal sealed class EncodingTests
{
    private static readonly EtfDecodeContext s_context = new(EtfLimits.Untrusted);

    [TestCase("8368 03 640004 70696E67", TestName = "Tag_AsAtomExt")]
    [TestCase("8368 03 7304 70696E67", TestName = "Tag_AsSmallAtomExt")]
    [TestCase("8368 03 760004 70696E67", TestName = "Tag_AsAtomUtf8Ext")]
    [TestCase("8369 00000003 7704 70696E67", TestName = "Head_AsLargeTuple")]
    [TestCase("8369 00000003 640004 70696E67", TestName = "Head_AsLargeTupleAndAtomExt")]
    public void Head_InAnotherForm_IsTheSame(string head)
    {
        byte[] bytes =
        [
            .. Convert.FromHexString(head.Replace(" ", "", StringComparison.Ordinal)),
            88,
            119,
            3,
            .. "a@b"u8,
            0,
            0,
            0,
            5,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            1,
            98,
            0,
            0,
            0,
            7,
        ];
        Assert.That(
            ExternalTerm.TryDecode<Ping>(bytes, s_context, out Ping? ping, out _, out string? error),
            Is.EqualTo(DecodeStatus.Ok),
            error
        );
        Assert.That(ping, Is.EqualTo(new Ping(new Pid(new NodeIdentity("a@b", 1), 5), 7)));
    }

    [Test]
    public void Atoms_OfTheDistributionHeader_AreTagsKeysAndValues()
    {
        Atom[] atoms = ["move", "red", "timeout", "user_id", "name", "undefined", "email"];
        EtfReader reader = new([104, 3, 82, 0, 104, 2, 97, 1, 97, 2, 82, 1], s_context, atoms);
        Assert.That(Command.TryReadTerm(ref reader, out Command command), Is.EqualTo(DecodeStatus.Ok), reader.Error);
        Assert.That(command, Is.EqualTo(new Command.MoveAndPaint(new Point(1, 2), Colour.Red)));

        reader = new([108, 0, 0, 0, 1, 104, 2, 82, 2, 97, 9, 106], s_context, atoms);
        Assert.That(Options.TryReadTerm(ref reader, out Options options), Is.EqualTo(DecodeStatus.Ok), reader.Error);
        Assert.That(options, Is.EqualTo(new Options(9)));

        reader = new([116, 0, 0, 0, 3, 82, 3, 97, 1, 82, 4, 109, 0, 0, 0, 1, 65, 82, 6, 82, 5], s_context, atoms);
        Assert.That(Account.TryReadTerm(ref reader, out Account account), Is.EqualTo(DecodeStatus.Ok), reader.Error);
        Assert.That(account, Is.EqualTo(new Account(1, "A")));
    }

    [Test]
    public void Atoms_InLatin1_AreKeysOutsideOfAscii()
    {
        EtfReader reader = new([116, 0, 0, 0, 1, 100, 0, 5, (byte)'g', (byte)'r', 0xF6, 0xDF, (byte)'e', 97, 3], s_context);
        Assert.That(Umlauts.TryReadTerm(ref reader, out Umlauts umlauts), Is.EqualTo(DecodeStatus.Ok), reader.Error);
        Assert.That(umlauts.Size, Is.EqualTo(3));
    }

    [Test]
    public void Lists_InPieces_AreOneList()
    {
        // As the C library writes them: each element the head of a list whose tail is the next.
        byte[] cell = [108, 0, 0, 0, 1];
        byte[] integers = [.. cell, 97, 1, .. cell, 98, 0, 0, 1, 0, .. cell, 97, 3, 106];
        byte[] texts = [.. cell, 109, 0, 0, 0, 1, 65, .. cell, 109, 0, 0, 0, 1, 66, 106];
        byte[] floats = [.. cell, 97, 1, .. cell, 97, 2, 106];
        EtfReader reader = new([104, 5, .. integers, .. integers, .. texts, .. texts, .. floats], s_context);
        Assert.That(Pieces.TryReadTerm(ref reader, out Pieces pieces), Is.EqualTo(DecodeStatus.Ok), reader.Error);
        Assert.That(pieces.Array, Is.EqualTo(new[] { 1, 256, 3 }));
        Assert.That(pieces.List, Is.EqualTo(new[] { 1, 256, 3 }));
        Assert.That(pieces.Texts, Is.EqualTo(new[] { "A", "B" }));
        Assert.That(pieces.TextList, Is.EqualTo(new[] { "A", "B" }));
        Assert.That(pieces.Floats, Is.EqualTo(new[] { 1.0, 2.0 }), "integers are taken for floats");
        Assert.That(reader.Remaining, Is.Zero);
    }

    [Test]
    public void ListOfIntegers_ThatEndsInAString_IsOneList()
    {
        EtfReader reader = new([108, 0, 0, 0, 1, 98, 0, 0, 1, 0, 107, 0, 2, 1, 2], s_context);
        Assert.That(reader.TryReadIntegers(out int[] values), Is.EqualTo(DecodeStatus.Ok), reader.Error);
        Assert.That(values, Is.EqualTo(new[] { 256, 1, 2 }));
    }

    [Test]
    public void ListOfBytes_AsLongString_IsReadByEveryType()
    {
        byte[] content = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];
        byte[] encoded = [107, 0, 100, .. content];
        Assert.That(Integers<int>(encoded), Is.EqualTo(content));
        Assert.That(Integers<long>(encoded), Is.EqualTo(content));
        Assert.That(Integers<byte>(encoded), Is.EqualTo(content));
        Assert.That(Integers<sbyte>(encoded), Is.EqualTo(content));
        Assert.That(Integers<ulong>(encoded), Is.EqualTo(content));
    }

    [Test]
    public void Long_OfEveryLength_IsReadFromBigForm([Values] bool isNegative, [Values] bool isLast)
    {
        for (int length = 0; length <= 8; length++)
        {
            byte[] magnitude = [.. Enumerable.Range(1, length).Select(i => (byte)(i == 8 ? 0x7F : 0xF0 + i))];
            byte[] bytes = [110, (byte)length, isNegative ? (byte)1 : (byte)0, .. magnitude, .. isLast ? [] : new byte[8]];
            EtfReader reader = new(bytes, s_context);
            System.Numerics.BigInteger expected = new(magnitude, isUnsigned: true);
            Assert.That(reader.TryReadInteger(out long value), Is.EqualTo(DecodeStatus.Ok), reader.Error);
            Assert.That(value, Is.EqualTo((long)(isNegative ? -expected : expected)), $"{length} bytes");
            Assert.That(reader.Position, Is.EqualTo(3 + length));
        }
    }

    [Test]
    public void Integers_OfEveryWidth_GoBothWays()
    {
        Both<int>([int.MinValue, -1, 0, 255, 256, int.MaxValue]);
        Both<long>([long.MinValue, -1, 0, 255, 1L << 40, long.MaxValue]);
        Both<ulong>([0, 255, long.MaxValue, ulong.MaxValue]);
        Both<short>([short.MinValue, short.MaxValue]);
        Both<sbyte>([sbyte.MinValue, sbyte.MaxValue]);
        Both<uint>([0, uint.MaxValue]);
        Both<int>([.. Enumerable.Range(0, 2000)]);
        Both<int>([.. Enumerable.Repeat(7, 70_000)]);
    }

    [Test]
    public void Map_WithUnknownKeys_PassesOverThem()
    {
        Map map = Map.Of(
            ((Atom)"user_id", 1),
            (7, List.Of(1, 2)),
            ("name", "text key"),
            ((Atom)"name", "Ada"),
            ((Atom)"other", Map.Of((1, 2)))
        );
        Assert.That(Contract.TryFrom<Account>(map, out Account? account, out string? error), Is.True, error);
        Assert.That(account, Is.EqualTo(new Account(1, "Ada")));
    }

    [Test]
    public void Keywords_AsProplists_AreRead()
    {
        Atom timeout = "timeout",
            verbose = "verbose";
        List list = List.Of(
            verbose,
            42,
            Tuple.Of(1, 2),
            Tuple.Of((Atom)"unknown", 1),
            (Atom)"bare",
            Tuple.Of(timeout, 1),
            Tuple.Of(timeout, 2),
            Tuple.Of(timeout, 3, 4)
        );
        Assert.That(Contract.TryFrom<Options>(list, out Options? options, out string? error), Is.True, error);
        Assert.That(options, Is.EqualTo(new Options(1, true)), "the first entry of a key counts, a bare atom is true");
        Assert.That(Contract.TryFrom<Options>(List.Empty, out options, out error), Is.True, error);
        Assert.That(options, Is.EqualTo(new Options()));
    }

    [Test]
    public void Defaults_OfAbsentMembers_AreThoseOfTheDeclaration()
    {
        Assert.That(Contract.TryFrom<Account>(Map.Of(((Atom)"user_id", 1), ((Atom)"name", "A")), out Account? account), Is.True);
        Assert.That(account!.Retries, Is.EqualTo(3));
        Assert.That(Contract.TryFrom<Settings>(Map.Of(((Atom)"enabled", true)), out Settings? settings), Is.True);
        Assert.That(settings!.Size, Is.EqualTo(10));
    }

    [Test]
    public void CompressedTerm_OfAContract_IsRead()
    {
        var texts = new Box<Node>(new Node(1, null), 2);
        byte[] bytes = ExternalTerm.Encode(
            Tuple.Of((Atom)"quit", (Atom)new string('x', 200)),
            new EtfEncodeOptions { CompressionLevel = 9 }
        );
        Assert.That(bytes[1], Is.EqualTo(80), "it is compressed");
        Assert.That(
            ExternalTerm.TryDecode<Quit>(bytes, new EtfDecodeContext(EtfLimits.Trusted), out Quit? quit, out int used, out string? error),
            Is.EqualTo(DecodeStatus.Ok),
            error
        );
        Assert.That(quit!.Why, Has.Length.EqualTo(200));
        Assert.That(used, Is.EqualTo(bytes.Length));
        Assert.That(
            ExternalTerm.Encode(texts, new EtfEncodeOptions { MinorVersion = 1 })[3],
            Is.EqualTo(100),
            "an old form of atoms by option"
        );
    }

    private static T[] Integers<T>(byte[] encoded)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>, System.Numerics.IMinMaxValue<T>
    {
        EtfReader reader = new(encoded, s_context);
        Assert.That(reader.TryReadIntegers(out T[] values), Is.EqualTo(DecodeStatus.Ok), reader.Error);
        return values;
    }

    private static void Both<T>(T[] values)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>, System.Numerics.IMinMaxValue<T>
    {
        System.Buffers.ArrayBufferWriter<byte> buffer = new();
        EtfWriter writer = new(buffer);
        writer.WriteIntegers<T>(values);
        writer.Flush();
        object[] boxed = [.. values.Select(value => (object)value)];
        Assert.That(buffer.WrittenSpan.ToArray(), Is.EqualTo(ExternalTerm.Encode(List.Of(boxed))[1..]), "as the dynamic list is written");
        Assert.That(Integers<T>(buffer.WrittenSpan.ToArray()), Is.EqualTo(values));
    }
}

[Term(Shape = TermShape.Map)]
internal sealed partial record Umlauts([property: TermMember("größe")] int Size);

[Term]
internal sealed partial record Pieces(int[] Array, List<int> List, string[] Texts, List<string> TextList, double[] Floats);
