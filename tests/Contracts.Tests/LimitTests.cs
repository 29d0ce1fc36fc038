using CloudScale.Contracts.Samples;
using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;

namespace CloudScale.Contracts.Tests;

/// <summary>What a hostile peer can make contracts do: no overflow of the stack, no memory for lengths that lie.</summary>
[TestFixture]
internal sealed class LimitTests
{
    private const int Deep = 1_000_000;
    private const int TextBytes = 48; // nine characters, at two bytes, behind a head of 24, in eights

    [Test]
    public void Recursion_AMillionDeep_IsRefusedByTheLimitOfStrangers()
    {
        (DecodeStatus status, string? error) = ReadDeep(new EtfDecodeContext(EtfLimits.Untrusted));
        Assert.That(status, Is.EqualTo(DecodeStatus.LimitExceeded));
        Assert.That(error, Does.EndWith("nested deeper than allowed"));
        Assert.That(error, Does.StartWith("node.next.next").And.Contains(" … "));
        Assert.That(error, Has.Length.LessThan(400));
    }

    [Test]
    public void Recursion_AMillionDeep_IsRefusedByTheStackWhereNoLimitIs()
    {
        (DecodeStatus status, string? error) = ReadDeep(new EtfDecodeContext(EtfLimits.Trusted));
        Assert.That(status, Is.EqualTo(DecodeStatus.LimitExceeded));
        Assert.That(error, Does.EndWith("nested deeper than the stack has room for"));
    }

    [Test]
    public void Recursion_OfAUnionInLists_IsRefused()
    {
        byte[] step = [104, 2, 119, 4, .. "many"u8, 108, 0, 0, 0, 1];
        byte[] bytes = [131, .. Enumerable.Repeat(step, 100_000).SelectMany(part => part)];
        DecodeStatus status = ExternalTerm.TryDecode<Command>(
            bytes,
            new EtfDecodeContext(EtfLimits.Untrusted),
            out _,
            out _,
            out string? error
        );
        Assert.That(status, Is.EqualTo(DecodeStatus.LimitExceeded), error);
    }

    [Test]
    public void Recursion_OfAMillionObjects_IsNotWritten()
    {
        Node? chain = null;
        for (int i = 0; i < Deep; i++)
            chain = new Node(i, chain);
        Assert.That(() => ExternalTerm.Encode(chain!), Throws.ArgumentException.With.Message.Contains("deeper"));
    }

    [Test]
    public void Depth_OfDynamicMembers_CountsWithTheContractsAround()
    {
        var limits = new EtfLimits { MaxDepth = 10 };
        object nested = 1;
        for (int i = 0; i < 9; i++)
            nested = Tuple.Of(nested);
        byte[] bytes = ExternalTerm.Encode(Tuple.Of((Atom)"tree", nested, Atoms.Undefined));
        Assert.That(Read<Tree>(bytes, limits), Is.EqualTo(DecodeStatus.Ok));
        bytes = ExternalTerm.Encode(Tuple.Of((Atom)"tree", Tuple.Of(nested), Atoms.Undefined));
        Assert.That(Read<Tree>(bytes, limits), Is.EqualTo(DecodeStatus.LimitExceeded));
    }

    [TestCase("8368 0D 770B 636F6C6C656374696F6E73 6C FFFFFFFF", TestName = "Array_OfFourBillion")]
    [TestCase("8368 0D 770B 636F6C6C656374696F6E73 6C 00000100 6101", TestName = "Array_OfMoreThanThereAreBytesFor")]
    [TestCase("8368 04 770C 64696374696F6E6172696573 74 FFFFFFFF", TestName = "Dictionary_OfFourBillion")]
    [TestCase("8368 04 770C 64696374696F6E6172696573 74 00001000", TestName = "Dictionary_OfMoreThanThereAreBytesFor")]
    public void Collection_WhoseLengthLies_CostsNothing(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        DecodeStatus collections = default;
        DecodeStatus dictionaries = default;
        long allocated = AllocatedBytes.Least(() =>
        {
            collections = Read<Collections>(bytes, EtfLimits.Trusted);
            dictionaries = Read<Dictionaries>(bytes, EtfLimits.Trusted);
        });
        Assert.That(collections, Is.Not.EqualTo(DecodeStatus.Ok));
        Assert.That(dictionaries, Is.Not.EqualTo(DecodeStatus.Ok));
        Assert.That(allocated, Is.LessThan(4096));
    }

    [Test]
    public void EmptyMaps_AsObjectsWithManyMembers_AreCounted()
    {
        const int Count = 100_000;
        byte[] bytes = [131, 104, 1, 108, 0, 1, 0x86, 0xA0, .. Enumerable.Repeat(new byte[] { 106 }, Count).SelectMany(part => part), 106];
        DecodeStatus status = default;
        string? error = null;
        long allocated = AllocatedBytes.Least(() =>
            status = ExternalTerm.TryDecode<Many>(bytes, new EtfDecodeContext(EtfLimits.Untrusted), out _, out _, out error)
        );
        Assert.That(status, Is.EqualTo(DecodeStatus.LimitExceeded), error);
        Assert.That(allocated, Is.LessThan((8 * bytes.Length) + (64 << 10) + 4096));
    }

    [Test]
    public void Limits_OfElementsAndBinaries_HoldInContracts()
    {
        byte[] list = ExternalTerm.Encode(Tuple.Of(List.Of(1, 2, 3)));
        Assert.That(Read<Numbers>(list, new EtfLimits { MaxElements = 3 }), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(Read<Numbers>(list, new EtfLimits { MaxElements = 2 }), Is.EqualTo(DecodeStatus.LimitExceeded));
        byte[] text = ExternalTerm.Encode(Tuple.Of("abc"));
        Assert.That(Read<One>(text, new EtfLimits { MaxBinaryBytes = 3 }), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(Read<One>(text, new EtfLimits { MaxBinaryBytes = 2 }), Is.EqualTo(DecodeStatus.LimitExceeded));
    }

    [Test]
    public void Limit_OfIntegers_HoldsBesideTexts()
    {
        foreach (long number in (long[])[1L << 40, -(1L << 40), (1L << 55) - 1, 1L << 55, long.MaxValue, long.MinValue])
        {
            byte[] bytes = ExternalTerm.Encode(new Stamped(number, "abc"));
            int length = System.Numerics.BigInteger.Abs(number).GetByteCount(isUnsigned: true);
            Assert.That(Read<Stamped>(bytes, new EtfLimits { MaxIntegerBytes = length }), Is.EqualTo(DecodeStatus.Ok));
            Assert.That(Read<Stamped>(bytes, new EtfLimits { MaxIntegerBytes = length - 1 }), Is.EqualTo(DecodeStatus.LimitExceeded));
            Assert.That(
                ExternalTerm.TryDecode<Stamped>(bytes, new EtfDecodeContext(EtfLimits.Trusted), out Stamped? read),
                Is.EqualTo(DecodeStatus.Ok)
            );
            Assert.That(read, Is.EqualTo(new Stamped(number, "abc")));
        }
    }

    [Test]
    public void Allowance_OfTheUsualForm_IsThatOfEveryOther()
    {
        // The same term with the head of a long tuple, and the same map with its keys the other way round.
        byte[] tuple = ExternalTerm.Encode(new One("some text"));
        byte[] other = [131, 105, 0, 0, 0, 1, .. tuple[3..]];
        byte[] map = ExternalTerm.Encode(new Stamped(1L << 40, "some text"));
        Map term = (Map)Contract.ToTerm(new Stamped(1L << 40, "some text"));
        byte[] turned = ExternalTerm.Encode(Map.Create([.. term.Reverse()]));
        for (int allowance = 0; allowance < 1000; allowance++)
        {
            EtfLimits limits = new() { MaxAllocationPerByte = 0, AllocationAllowance = allowance };
            Assert.That(Read<One>(tuple, limits), Is.EqualTo(Read<One>(other, limits)), $"{allowance}");
            Assert.That(Read<Stamped>(map, limits), Is.EqualTo(Read<Stamped>(turned, limits)), $"{allowance}");
        }

        EtfReader reader = new(
            tuple.AsSpan(1),
            new EtfDecodeContext(new EtfLimits { MaxAllocationPerByte = 0, AllocationAllowance = 1000 })
        );
        Assert.That(One.TryReadTerm(ref reader, out _), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(reader.TryAllot(1000 - TextBytes), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(reader.TryAllot(1), Is.EqualTo(DecodeStatus.LimitExceeded));
    }

    [Test]
    public void Atoms_OfTagsKeysAndTexts_AreNotMade()
    {
        int before = Atom.Count;
        string unknown = "never_seen_" + Guid.NewGuid().ToString("N");
        byte[] bytes = [131, 104, 2, 119, 4, .. "quit"u8, 119, (byte)unknown.Length, .. System.Text.Encoding.ASCII.GetBytes(unknown)];
        Assert.That(
            ExternalTerm.TryDecode<Command>(bytes, new EtfDecodeContext(EtfLimits.Untrusted), out Command? command),
            Is.EqualTo(DecodeStatus.Ok)
        );
        Assert.That(command, Is.EqualTo(new Quit(unknown)));
        Assert.That(ExternalTerm.Encode(command!), Is.EqualTo(bytes));
        Assert.That(Atom.Count, Is.EqualTo(before));
        Assert.That(Atom.TryGetExisting(unknown, out _), Is.False);
    }

    private static (DecodeStatus, string?) ReadDeep(EtfDecodeContext context)
    {
        byte[] step = [104, 3, 119, 4, .. "node"u8, 97, 1];
        byte[] bytes = new byte[1 + (Deep * step.Length)];
        bytes[0] = 131;
        for (int i = 0; i < Deep; i++)
            step.CopyTo(bytes, 1 + (i * step.Length));
        DecodeStatus status = ExternalTerm.TryDecode<Node>(bytes, context, out _, out _, out string? error);
        return (status, error);
    }

    private static DecodeStatus Read<T>(byte[] bytes, EtfLimits limits)
        where T : ITermContract<T> => ExternalTerm.TryDecode<T>(bytes, new EtfDecodeContext(limits), out _);
}

[Term("tree")]
internal sealed partial record Tree(object Content, Tree? Next);

[Term]
internal sealed partial record Numbers(int[] Items);

[Term]
internal sealed partial record One(string Text);

[Term(Shape = TermShape.Map)]
internal sealed partial record Stamped(long At, string Name);

[Term]
internal sealed partial record Many(Options[] Items);
