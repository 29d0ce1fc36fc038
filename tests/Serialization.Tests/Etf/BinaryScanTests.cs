using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Tests;

/// <summary>The guess whether a message is mostly one binary.</summary>
public sealed class BinaryScanTests
{
    private static readonly NodeIdentity s_node = new("scan@host", 3);
    private static readonly Binary s_large = Binary.CopyOf(new byte[2_000]);

    private static IEnumerable<TestCaseData> Terms() =>
        new (string, object, bool)[]
        {
            ("a binary", s_large, true),
            ("{blob, Binary}", Tuple.Of(Atom.Of("blob"), s_large), true),
            ("a cast of it", Tuple.Of(Atom.Of("$gen_cast"), Tuple.Of(Atom.Of("blob"), 1_000_000L, 1.5, s_large)), true),
            (
                "a call of it",
                Tuple.Of(Atom.Of("$gen_call"), Tuple.Of(new Pid(s_node, 1), new Reference(s_node, 1)), Tuple.Of(Atom.Of("put"), s_large)),
                true
            ),
            ("three of them", Tuple.Of(s_large, s_large, s_large), false),
            ("a list", List.Of(s_large), false),
            ("a small one", Tuple.Of(Binary.FromUtf8("x"), List.FromString(new string('a', 500))), false),
            ("an atom", Atoms.Ok, false),
        }.Select(entry => new TestCaseData(entry.Item2, entry.Item3).SetArgDisplayNames(entry.Item1));

    [TestCaseSource(nameof(Terms))]
    public void HasMostly_OfATerm_Guesses(object term, bool expected)
    {
        byte[] bytes = ExternalTerm.Encode(term);
        Assert.That(BinaryScan.HasMostly(bytes), Is.EqualTo(expected));
        Assert.That(BinaryScan.HasMostly(bytes.AsSpan(1)), Is.EqualTo(expected), "without the version");
    }

    [Test]
    public void HasMostly_OfAnyBytes_StaysInside()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        Random random = new(seed);
        byte[] term = ExternalTerm.Encode(Tuple.Of(Atom.Of("$gen_call"), Tuple.Of(new Pid(s_node, 1), new Reference(s_node, 1)), s_large));
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = term[..random.Next(term.Length)];
            for (int i = random.Next(4); i > 0 && bytes.Length > 0; i--)
                bytes[random.Next(Math.Min(bytes.Length, 60))] = (byte)random.Next(256);
            Assert.That(() => BinaryScan.HasMostly(bytes), Throws.Nothing, $"seed {seed}, round {round}");
        }
    }
}
