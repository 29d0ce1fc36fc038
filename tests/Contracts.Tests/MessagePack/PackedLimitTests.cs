using System.Buffers;
using CloudScale.Contracts.Samples;
using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;
using CloudScale.Serialization.MessagePack;

namespace CloudScale.Contracts.Tests;

/// <summary>What a hostile peer can make contracts do in MessagePack, what they cost, and what a refused value is told.</summary>
[TestFixture]
internal sealed class PackedLimitTests
{
    private const int Deep = 1_000_000;

    private static readonly Pid s_pid = new(new NodeIdentity("a@b", 1), 5);

    private static IEnumerable<TestCaseData> Refused =>
        [
            Case<Ping>("93A470696E67 A178 07", "ping.from: expected a pid, got the text 'x'"),
            Case<Ping>("93A4706F6E67 01 07", "ping: expected {ping, from, n}, got an array of 3 elements that begins with 'pong'"),
            Case<Ping>("92A470696E67 07", "ping: expected {ping, from, n}, got an array of 2 elements that begins with 'ping'"),
            Case<Ping>("A470696E67", "ping: expected {ping, from, n}, got the text 'ping'"),
            Case<Point>(
                "9201CF8000000000000000",
                "point.y: expected an integer from -2147483648 to 2147483647, got the integer 9223372036854775808"
            ),
            Case<Point>("92 01 CB7FF8000000000000", "point.y: expected an integer, got a float"),
            Case<Headers>("81A66C656E67746801", "headers.chunked: the key is missing"),
            Case<Headers>("82A66C656E67746801A66C656E67746801", "headers.length: the key comes twice"),
            Case<Order>("81AA5F5F7374727563745F5FA178", "Shop.Order.__struct__: expected 'Elixir.Shop.Order', got the text 'x'"),
            Case<Node>("93A46E6F646501 93A46E6F6465C3C0", "node.next.value: expected an integer, got true"),
            Case<Command>("A2676F", CommandSketch + "the text 'go'"),
            Case<Command>("94A46D6F766592010203 04", CommandSketch + "an array of 4 elements that begins with 'move'"),
            Case<Command>("C0", CommandSketch + "nil"),
            Case<Command>("8101 02", CommandSketch + "a map of 1"),
            Case<Command>("92A46D616E79 92A473746F70A2676F", "many.commands[1]: " + CommandSketch["command: ".Length..] + "the text 'go'"),
            Case<Counts>("91 82 0101 0102", "counts.items[1]: the key comes twice"),
            Case<Numbers>("91 92 01 C0", "numbers.items[1]: expected an integer, got nil"),
            Case<One>("91 A2 FFFE", "one.text: a text that is no UTF-8"),
        ];

    private const string CommandSketch =
        "command: expected one of stop, {move, to}, {move, to, colour}, %Shop.Cancel{id}, {many, commands}, {quit, why}, got ";

    [TestCaseSource(nameof(Refused))]
    public void Value_ThatIsAnother_IsRefusedWithItsPlace(Func<byte[], (DecodeStatus, string?)> read, string hex, string error) =>
        Assert.That(read(Bytes(hex)), Is.EqualTo((DecodeStatus.Malformed, error)));

    [Test]
    public void Recursion_AMillionDeep_IsRefused()
    {
        byte[] step = Bytes("93A46E6F646501");
        byte[] bytes = new byte[Deep * step.Length];
        for (int i = 0; i < Deep; i++)
            step.CopyTo(bytes, i * step.Length);
        (DecodeStatus status, string? error) = Read<Node>(bytes, EtfLimits.Untrusted);
        Assert.That(status, Is.EqualTo(DecodeStatus.LimitExceeded));
        Assert.That(error, Does.StartWith("node … .next").And.EndsWith("nested deeper than allowed").And.Length.LessThan(400));
        (status, error) = Read<Node>(bytes, EtfLimits.Trusted);
        Assert.That(status, Is.EqualTo(DecodeStatus.LimitExceeded));
        Assert.That(error, Does.EndWith("nested deeper than the stack has room for"));
    }

    [Test]
    public void Recursion_OfAMillionObjects_IsNotWritten()
    {
        Node? chain = null;
        for (int i = 0; i < Deep; i++)
            chain = new Node(i, chain);
        Assert.That(() => MessagePackContract.Encode(chain!), Throws.ArgumentException.With.Message.Contains("deeper"));
    }

    [Test]
    public void Depth_OfDynamicMembers_CountsWithTheContractsAround()
    {
        var limits = new EtfLimits { MaxDepth = 10 };
        object nested = 1;
        for (int i = 0; i < 9; i++)
            nested = Tuple.Of(nested);
        Assert.That(Read<Tree>(MessagePackContract.Encode(new Tree(nested, null)), limits).Item1, Is.EqualTo(DecodeStatus.Ok));
        Assert.That(
            Read<Tree>(MessagePackContract.Encode(new Tree(Tuple.Of(nested), null)), limits).Item1,
            Is.EqualTo(DecodeStatus.LimitExceeded)
        );
    }

    [TestCase("9E AB636F6C6C656374696F6E73 DDFFFFFFFF", TestName = "PackedArray_OfFourBillion")]
    [TestCase("9E AB636F6C6C656374696F6E73 DD00010000 01", TestName = "PackedArray_OfMoreThanThereAreBytesFor")]
    [TestCase("94 AC64696374696F6E6172696573 DFFFFFFFFF", TestName = "PackedDictionary_OfFourBillion")]
    [TestCase("94 AC64696374696F6E6172696573 DF00100000", TestName = "PackedDictionary_OfMoreThanThereAreBytesFor")]
    [TestCase("99 A57465787473 DBFFFFFFFF", TestName = "PackedText_OfFourGigabytes")]
    public void Collection_WhoseLengthLies_CostsNothing(string hex)
    {
        byte[] bytes = Bytes(hex);
        DecodeStatus[] statuses = [];
        long allocated = AllocatedBytes.Least(() => statuses = ReadAll(bytes));
        Assert.That(statuses, Has.None.EqualTo(DecodeStatus.Ok));
        Assert.That(allocated, Is.LessThan(4096));

        static DecodeStatus[] ReadAll(byte[] bytes) =>
            [
                MessagePackContract.TryDecode<Collections>(bytes, new EtfDecodeContext(EtfLimits.Trusted), out _),
                MessagePackContract.TryDecode<Dictionaries>(bytes, new EtfDecodeContext(EtfLimits.Trusted), out _),
                MessagePackContract.TryDecode<Texts>(bytes, new EtfDecodeContext(EtfLimits.Trusted), out _),
            ];
    }

    [Test]
    public void EmptyMaps_AsObjectsWithManyMembers_AreCounted()
    {
        const int Count = 100_000;
        byte[] bytes = [0x91, 0xDD, 0, 1, 0x86, 0xA0, .. Enumerable.Repeat((byte)0x80, Count)];
        (DecodeStatus status, string? error) = (default, null);
        long allocated = AllocatedBytes.Least(() => (status, error) = Read<Many>(bytes, EtfLimits.Untrusted));
        Assert.That(status, Is.EqualTo(DecodeStatus.LimitExceeded), error);
        Assert.That(allocated, Is.LessThan((8 * bytes.Length) + (64 << 10) + 4096));
    }

    [Test]
    public void Limits_OfElementsAndTexts_HoldInContracts()
    {
        byte[] list = MessagePackContract.Encode(new Numbers([1, 2, 3]));
        Assert.That(Read<Numbers>(list, new EtfLimits { MaxElements = 3 }).Item1, Is.EqualTo(DecodeStatus.Ok));
        Assert.That(Read<Numbers>(list, new EtfLimits { MaxElements = 2 }).Item1, Is.EqualTo(DecodeStatus.LimitExceeded));
        byte[] text = MessagePackContract.Encode(new One("abc"));
        Assert.That(Read<One>(text, new EtfLimits { MaxBinaryBytes = 3 }).Item1, Is.EqualTo(DecodeStatus.Ok));
        Assert.That(Read<One>(text, new EtfLimits { MaxBinaryBytes = 2 }).Item1, Is.EqualTo(DecodeStatus.LimitExceeded));
    }

    [Test]
    public void Names_OfTagsKeysAndTexts_MakeNoAtoms()
    {
        string unknown = "never_seen_" + Guid.NewGuid().ToString("N");
        byte[] bytes = MessagePackContract.Encode<Command>(new Quit(unknown));
        Assert.That(Read<Command>(bytes, EtfLimits.Untrusted).Item1, Is.EqualTo(DecodeStatus.Ok));
        Assert.That(Atom.TryGetExisting(unknown, out _), Is.False);
        Assert.That(() => MessagePackContract.Encode(new Quit(new string('x', 256))), Throws.ArgumentException);
    }

    [Test]
    public void Contract_WithWhatIsNoTerm_IsNotPacked()
    {
        Assert.That(() => MessagePackContract.Encode(new Ping(default, 1)), Throws.ArgumentException);
        Assert.That(() => MessagePackContract.Encode(new Json("x", 1, double.NaN)), Throws.ArgumentException);
        Assert.That(() => MessagePackContract.Encode<Command>(new Command.MoveAndPaint(default, (Colour)9)), Throws.ArgumentException);
        Assert.That(() => MessagePackContract.Encode<Reply>(new Reply.Ok(new object())), Throws.ArgumentException);
    }

    [Test]
    public void Null_BesideTheAtomNil_StaysNull()
    {
        foreach (Loose value in new[] { new Loose(null, null), new Loose((Atom)"nil", (Atom)"nil"), new Loose(1, "x") })
        {
            byte[] bytes = MessagePackContract.Encode(value);
            Assert.That(MessagePackContract.TryDecode<Loose>(bytes, Sample.Context, out Loose? back), Is.EqualTo(DecodeStatus.Ok));
            Assert.That(Term.AreEqual(back!, value), Term.Format(back!));
        }
    }

    [Test]
    public void Pack_OfAnything_AllocatesNothing()
    {
        AssertNothing(new Ping(s_pid, 1 << 20));
        AssertNothing<Command>(new Command.Many([new Command.Stop(), new Command.Cancel(7), new Quit("x")]));
        AssertNothing(new Account(1, "Ada", "a@b", "+1"));
        AssertNothing(new Options(1, true, "x"));
        AssertNothing(new Order(7, "Ada", [new Line("tea", 2), new Line("milk", 1)]));
        AssertNothing(
            new Collections(
                [1, 2],
                [1L << 40],
                [300],
                [5],
                [0.5],
                ["a"],
                [new Point(1, 2)],
                ["x"],
                new[] { 7 },
                new[] { "p" },
                ["one"],
                [Atoms.Ok],
                [
                    ["a"],
                ]
            )
        );
        AssertNothing(new Nullables(1, null, "t", null, null, null, [1, null], (1, "r"), (new Point(1, 2), (true, 0.5))));
        AssertNothing(new User("größe €", 36, "London"));
        AssertNothing(
            new Times(
                DateTime.UnixEpoch,
                DateTime.UnixEpoch,
                DateTimeOffset.UnixEpoch,
                DateTime.UnixEpoch,
                default,
                default,
                TimeSpan.FromSeconds(1),
                default,
                Guid.Empty,
                Guid.Empty
            )
        );
    }

    [Test]
    public void Unpack_OfAStruct_AllocatesNothing_OfATuple_TheObject()
    {
        Assert.That(Allocated<Point>(MessagePackContract.Encode(new Point(1, 1000))), Is.Zero);
        Assert.That(Allocated<Ping>(MessagePackContract.Encode(new Ping(s_pid, 7))), Is.EqualTo(16 + 24));
        Assert.That(Allocated<Command>(MessagePackContract.Encode<Command>(new Command.Move(new Point(1, 2)))), Is.EqualTo(16 + 8));
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    private static (DecodeStatus, string?) Read<T>(byte[] bytes, EtfLimits limits)
        where T : ITermContract<T> =>
        (MessagePackContract.TryDecode<T>(bytes, new EtfDecodeContext(limits), out _, out _, out string? error), error);

    private static TestCaseData Case<T>(string hex, string error)
        where T : ITermContract<T> =>
        new TestCaseData(
            (Func<byte[], (DecodeStatus, string?)>)(bytes => Read<T>(bytes, EtfLimits.Untrusted)),
            hex,
            error
        ).SetArgDisplayNames(error);

    private static void AssertNothing<T>(T value)
        where T : ITermContract<T>
    {
        ArrayBufferWriter<byte> buffer = new(1 << 16);
        long allocated = AllocatedBytes.Least(() =>
        {
            buffer.ResetWrittenCount();
            MessagePackContract.EncodeTo(buffer, value);
        });
        Assert.That(allocated, Is.Zero, typeof(T).Name);
    }

    private static long Allocated<T>(byte[] bytes)
        where T : ITermContract<T>
    {
        EtfDecodeContext context = new(EtfLimits.Trusted);
        Assert.That(MessagePackContract.TryDecode<T>(bytes, context, out _, out _, out string? error), Is.EqualTo(DecodeStatus.Ok), error);
        return AllocatedBytes.Least(() => MessagePackContract.TryDecode<T>(bytes, context, out _));
    }
}

/// <summary>Members that may be the atom that MessagePack has as nil.</summary>
[Term("loose")]
internal sealed partial record Loose(object? Anything, Atom? Name);
