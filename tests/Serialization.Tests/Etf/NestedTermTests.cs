using System.Buffers.Binary;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Tests;

/// <summary>Containers in containers, which go straight into the one around them where they can, and otherwise part by part.</summary>
public sealed class NestedTermTests
{
    private static readonly EtfDecodeContext s_context = new(EtfLimits.Trusted);

    // More than the stack of open containers has places at first, and than it grows to next.
    [TestCase(1)]
    [TestCase(15)]
    [TestCase(16)]
    [TestCase(17)]
    [TestCase(31)]
    [TestCase(32)]
    [TestCase(33)]
    [TestCase(70)]
    [TestCase(200)]
    public void Containers_InEachOther_AreReadWhateverStandsInThem(int depth)
    {
        object[] last =
        [
            1L,
            1L << 70, // no leaf of the frequent kinds
            Map.Of((1L, 2L)),
            List.Of([.. Enumerable.Range(0, 20).Select(i => (object)(long)i)]),
            List.FromString("text"),
            Tuple.Empty,
            new ExternalFun("lists", "sort", 1),
        ];
        foreach (object innermost in last)
        {
            object term = innermost;
            for (int i = 0; i < depth; i++)
                term = Around(term, i);
            byte[] bytes = ExternalTerm.Encode(term);
            Assert.That(ExternalTerm.TryDecode(bytes, s_context, out object? read, out int used), Is.EqualTo(DecodeStatus.Ok));
            Assert.That(used, Is.EqualTo(bytes.Length));
            Assert.That(Term.AreEqual(read!, term), $"{term} became {read}");
            for (int length = 0; length < bytes.Length; length++)
                Assert.That(
                    ExternalTerm.TryDecode(bytes.AsSpan(0, length), s_context, out _, out _),
                    Is.EqualTo(DecodeStatus.NeedMoreData),
                    $"{term}, {length}"
                );
        }
    }

    [Test]
    public void Limits_OfContainersInEachOther_AreThoseOfTheSamePartByPart()
    {
        byte[] shortWay = Tree(5, [104, 4]);
        byte[] parts = Tree(5, [105, 0, 0, 0, 4]); // the long form of a tuple, which is never read the short way
        for (int most = 0; most < 200; most++)
        {
            AssertAlike(new EtfLimits { MaxTotalTerms = most });
            AssertAlike(new EtfLimits { MaxDepth = most });
            AssertAlike(new EtfLimits { MaxElements = most });
        }

        for (int allowance = 0; allowance < 6_000; allowance++)
            AssertAlike(new EtfLimits { MaxAllocationPerByte = 0, AllocationAllowance = allowance });

        void AssertAlike(EtfLimits limits)
        {
            EtfDecodeContext context = new(limits);
            DecodeStatus status = ExternalTerm.TryDecode(shortWay, context, out _, out _);
            Assert.That(status, Is.EqualTo(ExternalTerm.TryDecode(parts, context, out _, out _)));
            Assert.That(status, Is.EqualTo(DecodeStatus.Ok).Or.EqualTo(DecodeStatus.LimitExceeded));
        }
    }

    [Test]
    public void Heads_ThatPromiseMoreThanThereIs_AreRefusedWherever()
    {
        byte[] tree = Tree(4, [104, 4]);
        for (int at = 1; at < tree.Length; at++)
        {
            if (tree[at] is not (104 or 108 or 116))
                continue;
            byte[] lying = [.. tree];
            if (lying[at] == 104)
                lying[at + 1] = 255;
            else
                BinaryPrimitives.WriteInt32BigEndian(lying.AsSpan(at + 1), 1_000_000);
            Assert.That(
                ExternalTerm.TryDecode(lying, s_context, out object? read, out _),
                Is.Not.EqualTo(DecodeStatus.Ok),
                $"{at}: {read}"
            );
        }
    }

    [Test]
    public void Elements_OfATailThatIsAList_AreThoseOfOneList()
    {
        // {[[1 | [2]], [3 | 4]], 5}
        byte[] bytes =
        [
            131,
            104,
            2,
            108,
            0,
            0,
            0,
            2,
            108,
            0,
            0,
            0,
            1,
            97,
            1,
            108,
            0,
            0,
            0,
            1,
            97,
            2,
            106,
            108,
            0,
            0,
            0,
            1,
            97,
            3,
            97,
            4,
            106,
            97,
            5,
        ];
        Assert.That(ExternalTerm.TryDecode(bytes, s_context, out object? read, out _), Is.EqualTo(DecodeStatus.Ok));
        Assert.That(read!.ToString(), Is.EqualTo("{[[1,2],[3|4]],5}"));
    }

    private static object Around(object term, int i) =>
        (i % 5) switch
        {
            0 => Tuple.Of((Atom)"tree", 100_000L * i, term, (Atom)"undefined"),
            1 => List.Of(term, 1L, term is List ? 2L : 0.5),
            2 => Map.Of(((Atom)"key", 1L), ((Atom)"value", term)),
            3 => Tuple.Of(term),
            _ => List.WithTail([1L, term], (Atom)"tail"),
        };

    private static byte[] Tree(int depth, byte[] tupleHead)
    {
        List<byte> bytes = [131];
        Put(depth);
        return [.. bytes];

        void Put(int left)
        {
            if (left == 0)
            {
                bytes.AddRange([116, 0, 0, 0, 1, 97, 7, 108, 0, 0, 0, 2, 97, 1, 98, 0, 1, 0, 0, 106]); // #{7 => [1, 65536]}
                return;
            }

            bytes.AddRange([.. tupleHead, 98, 0, 1, 0, (byte)left, 97, 3]);
            Put(left - 1);
            Put(left - 1);
        }
    }
}
