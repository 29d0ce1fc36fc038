using System.Buffers;
using CloudScale.Contracts.Samples;
using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;

namespace CloudScale.Contracts.Tests;

/// <summary>Writing allocates nothing, reading nothing but what it gives back.</summary>
[TestFixture]
internal sealed class AllocationTests
{
    private static readonly EtfDecodeContext s_context = new(EtfLimits.Trusted);
    private static readonly Pid s_pid = new(new NodeIdentity("a@b", 1), 5);

    [Test]
    public void Encode_OfAnything_AllocatesNothing()
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
        AssertNothing(new Dates(DateTimeOffset.UnixEpoch, default, new DateOnly(2024, 2, 29), default, 12.5m, null, [decimal.MaxValue]));
    }

    [Test]
    public void Encode_InPiecesThatRefer_CopiesAndAllocatesNothing()
    {
        Attachment value = new("a.bin", new byte[64 << 10]);
        Pieces pieces = new();
        ExternalTerm.EncodeTo(pieces, value);
        Assert.That(pieces.Referred.Equals(value.Bytes), "where it lies");
        Assert.That(pieces.All(), Is.EqualTo(ExternalTerm.Encode(value)));
        Assert.That(AllocatedBytes.Least(() => ExternalTerm.EncodeTo(pieces.Empty(), value)), Is.Zero);
    }

    [Test]
    public void Decode_OfATuple_AllocatesTheObject() =>
        Assert.That(Allocated<Ping>(ExternalTerm.Encode(new Ping(s_pid, 7))), Is.EqualTo(ObjectBytes(16 + 4)));

    [Test]
    public void Decode_OfAStruct_AllocatesNothing() => Assert.That(Allocated<Point>(ExternalTerm.Encode(new Point(1, 1000))), Is.Zero);

    [Test]
    public void Decode_OfAMapWithUnknownKeys_AllocatesTheObjectAndItsTexts()
    {
        Map map = Map.Of(((Atom)"user_id", 1), ((Atom)"name", "Ada"), ("unknown", List.Of("a", "b")), ((Atom)"other", Map.Of((1, 2.5))));
        Assert.That(Allocated<Account>(ExternalTerm.Encode(map)), Is.EqualTo(ObjectBytes(8 + 8 + 8 + 8 + 4) + TextBytes(3)));
    }

    [Test]
    public void Decode_OfArrays_AllocatesTheArrays() =>
        Assert.That(
            Allocated<Numbers>(ExternalTerm.Encode(new Numbers([.. Enumerable.Range(0, 1000)]))),
            Is.EqualTo(ObjectBytes(8) + ArrayBytes(4000))
        );

    [Test]
    public void Decode_OfAListOfContracts_AllocatesTheListAndThem() =>
        Assert.That(
            Allocated<Rows>(ExternalTerm.Encode(new Rows([.. Enumerable.Repeat(new Row("some text", 1, 0.5), 100)], [], []))),
            Is.EqualTo(
                ObjectBytes(8 + 8 + 8)
                    + ObjectBytes(8 + 4 + 4)
                    + ArrayBytes(8 * 100)
                    + (100 * (ObjectBytes(8 + 4 + 8) + TextBytes("some text".Length)))
                    + ObjectBytes(8 + 4 + 4)
            )
        );

    [Test]
    public void Decode_OfAUnion_AllocatesTheCase() =>
        Assert.That(Allocated<Command>(ExternalTerm.Encode<Command>(new Command.Move(new Point(1, 2)))), Is.EqualTo(ObjectBytes(8)));

    private static long ObjectBytes(int fields) => 16 + ((fields + 7) & ~7);

    private static long ArrayBytes(int content) => 24 + ((content + 7) & ~7);

    private static long TextBytes(int characters) => (22 + (2 * characters) + 7) & ~7;

    private static void AssertNothing<T>(T value)
        where T : ITermContract<T>
    {
        ArrayBufferWriter<byte> buffer = new(1 << 16);
        long allocated = AllocatedBytes.Least(() =>
        {
            buffer.ResetWrittenCount();
            ExternalTerm.EncodeTo(buffer, value);
        });
        Assert.That(allocated, Is.Zero, typeof(T).Name);
    }

    private static long Allocated<T>(byte[] bytes)
        where T : ITermContract<T>
    {
        Assert.That(ExternalTerm.TryDecode<T>(bytes, s_context, out _, out _, out string? error), Is.EqualTo(DecodeStatus.Ok), error);
        return AllocatedBytes.Least(() => ExternalTerm.TryDecode<T>(bytes, s_context, out _));
    }

    /// <summary>Bytes of its own, and one binary where it lies, as a connection has them.</summary>
    private sealed class Pieces : IReferringBuffer
    {
        private readonly ArrayBufferWriter<byte> _own = new(1 << 10);
        private int _referredAt;

        public ReadOnlyMemory<byte> Referred { get; private set; }

        public Pieces Empty()
        {
            _own.ResetWrittenCount();
            Referred = default;
            return this;
        }

        public byte[] All() => [.. _own.WrittenSpan[.._referredAt], .. Referred.Span, .. _own.WrittenSpan[_referredAt..]];

        public bool TryRefer(ReadOnlyMemory<byte> bytes)
        {
            if (!Referred.IsEmpty)
                return false;
            _referredAt = _own.WrittenCount;
            Referred = bytes;
            return true;
        }

        public void Advance(int count) => _own.Advance(count);

        public Memory<byte> GetMemory(int sizeHint = 0) => _own.GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => _own.GetSpan(sizeHint);
    }
}

[Term("attachment")]
internal sealed partial record Attachment(string Name, ReadOnlyMemory<byte> Bytes);
