using System.Numerics;

namespace CloudScale.Serialization.Tests;

public sealed class TermTests
{
    private static readonly NodeIdentity s_node = new("n@h", 1);

    private static readonly object[] s_ascending =
    [
        BigInteger.Pow(-2, 65),
        -1L,
        0,
        0.5,
        1,
        (1L << 53) + 1,
        9007199254740994.0,
        ulong.MaxValue,
        1e300,
        (Atom)"a",
        (Atom)"b",
        (Atom)"true",
        (Atom)"\uFFFD",
        (Atom)"😀", // by code point, where UTF-16 would order it before U+FFFD
        new Reference(s_node, 1),
        new Fun("m", 0, 0, 0, 0, 0, new Pid(s_node, 1), (ReadOnlySpan<object>)[]),
        new ExternalFun("m", "f", 0),
        new Port(s_node, 1),
        new Pid(s_node, 1),
        new Pid(s_node, 2),
        Tuple.Empty,
        Tuple.Of(9),
        Tuple.Of(1, 2),
        new NativeRecord("m", "a", true, ("z", 9)), // the order that OTP 29 has: definitions first, then values
        new NativeRecord("m", "n", false, ("x", 9), ("y", 9)),
        new NativeRecord("m", "n", true),
        new NativeRecord("m", "n", true, ("x", 9)),
        new NativeRecord("m", "n", true, ("a", 9), ("c", 9)),
        new NativeRecord("m", "n", true, ("b", 1), ("a", 2)),
        new NativeRecord("m", "n", true, ("b", 2), ("a", 1)),
        new NativeRecord("n", "a", true, ("x", 1)),
        Map.Empty,
        Map.Of((1, 1)),
        Map.Of((1, 2)),
        Map.Of((1.0, 0)),
        List.Empty,
        List.WithTail([1], 2),
        List.Of(1),
        List.Of(1, 0),
        List.WithTail([1], new Binary("x"u8.ToArray())),
        List.Of(2),
        new BitString([0], 1),
        new Binary(new byte[1]),
        new Binary("a"u8.ToArray()),
        new Binary("ab"u8.ToArray()),
    ];

    private static readonly (object Alias, object Term)[] s_aliases =
    [
        (1, 1L),
        (1u, 1L),
        ((short)1, 1L),
        ((ushort)1, 1L),
        ((byte)1, 1L),
        ((sbyte)-1, -1L),
        (1UL, 1L),
        (ulong.MaxValue, new BigInteger(ulong.MaxValue)),
        (new BigInteger(5), 5L),
        (1.5f, 1.5),
        (true, Atoms.True),
        (false, Atoms.False),
        ("a", new Binary("a"u8.ToArray())),
        (new byte[] { 1 }, new Binary(new byte[] { 1 })),
        (new ReadOnlyMemory<byte>([1]), new Binary(new byte[] { 1 })),
        (new NodeUp("n@h"), Tuple.Of(Atoms.NodeUp, (Atom)"n@h")),
        (new NodeDown("n@h"), Tuple.Of(Atoms.NodeDown, (Atom)"n@h")),
        (new Exit(new Pid(s_node, 1), "r"), Tuple.Of(Atoms.Exit, new Pid(s_node, 1), "r")),
        (
            new Down(new Reference(s_node, 1), new Pid(s_node, 1), Atoms.NoProc),
            Tuple.Of(Atoms.Down, new Reference(s_node, 1), Atoms.Process, new Pid(s_node, 1), Atoms.NoProc)
        ),
        (List.Of(97, 98), List.FromString("ab")),
    ];

    [Test]
    public void Compare_AnyTwoOfAnAscendingRow_GivesTheirOrder()
    {
        Assert.Multiple(() =>
        {
            for (int i = 0; i < s_ascending.Length; i++)
            for (int j = 0; j < s_ascending.Length; j++)
            {
                string pair = $"{Term.Format(s_ascending[i])} and {Term.Format(s_ascending[j])}";
                Assert.That(Math.Sign(Term.Compare(s_ascending[i], s_ascending[j])), Is.EqualTo(Math.Sign(i - j)), pair);
                Assert.That(Term.AreEqual(s_ascending[i], s_ascending[j]), Is.EqualTo(i == j), pair);
            }
        });
    }

    [TestCase(1, 1.0)]
    [TestCase(9007199254740992L, 9007199254740992.0)]
    [TestCase(long.MinValue, -9223372036854775808.0)]
    public void Compare_IntegerAndFloatOfOneValue_GivesZeroThoughTheyDiffer(object integer, object real)
    {
        Assert.That(Term.Compare(integer, real), Is.Zero);
        Assert.That(Term.AreEqual(integer, real), Is.False);
        Assert.That(Term.Compare(Tuple.Of(integer), Tuple.Of(real)), Is.Zero);
    }

    [TestCase(9007199254740993L, 9007199254740992.0, 1)]
    [TestCase(long.MaxValue, 9223372036854775808.0, -1)]
    [TestCase(0, 5e-324, -1)]
    [TestCase(-1, -1.5, 1)]
    public void Compare_IntegerAndFloatNearby_IsExact(object integer, object real, int sign)
    {
        Assert.That(Math.Sign(Term.Compare(integer, real)), Is.EqualTo(sign));
        Assert.That(Math.Sign(Term.Compare(real, integer)), Is.EqualTo(-sign));
    }

    [Test]
    public void Compare_MapsOfOneSize_TakesKeysBeforeValuesAndIntegersBeforeFloats()
    {
        Assert.That(Term.Compare(Map.Of((2, 0), (1, 9)), Map.Of((1, 0), (3, 0))), Is.Negative, "keys 1, 2 before 1, 3");
        Assert.That(Term.Compare(Map.Of((5, 0)), Map.Of((1.0, 0))), Is.Negative, "an integer key before any float");
        Assert.That(Term.Compare(Map.Of((1, 2)), Map.Of((1, 2.0))), Is.Zero, "values compare as numbers");
    }

    [Test]
    public void AreEqual_ZeroAndMinusZero_IsTrueAndTheyHashAlike()
    {
        Assert.That(Term.AreEqual(0.0, -0.0), Is.True);
        Assert.That(Term.Hash(0.0), Is.EqualTo(Term.Hash(-0.0)));
        Assert.That(Term.Compare(0.0, -0.0), Is.Zero);
    }

    [TestCaseSource(nameof(s_aliases))]
    public void AreEqual_AliasAndItsTerm_IsTrueAndTheyHashAndPrintAlike((object Alias, object Term) pair)
    {
        (object alias, object term) = pair;
        Assert.That(Term.AreEqual(alias, term), Is.True);
        Assert.That(Term.AreEqual(term, alias), Is.True);
        Assert.That(Term.AreEqual(Tuple.Of(1, alias), Tuple.Of(1, term)), Is.True);
        Assert.That(Term.Compare(alias, term), Is.Zero);
        Assert.That(Term.Hash(alias), Is.EqualTo(Term.Hash(term)));
        Assert.That(Term.Format(alias), Is.EqualTo(Term.Format(term)));
        Assert.That(Map.Of((alias, 1)).ContainsKey(term), Is.True);
    }

    [Test]
    public void AnyFunction_OnNull_SaysThatNullIsNoTerm()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => Term.AreEqual(null, 1), Throws.ArgumentException.With.Message.Contains("null is no term"));
            Assert.That(() => Term.AreEqual(null, null), Throws.ArgumentException);
            Assert.That(() => Term.Compare(1, null), Throws.ArgumentException);
            Assert.That(() => Term.Hash(null), Throws.ArgumentException);
            Assert.That(() => Term.Format(null), Throws.ArgumentException);
            Assert.That(() => Tuple.Of(1, null!), Throws.ArgumentException);
            Assert.That(() => List.Of((object)null!), Throws.ArgumentException);
            Assert.That(() => Map.Of((1, null!)), Throws.ArgumentException);
        });
    }

    [Test]
    public void AnyFunction_OnAStrangeObject_RefusesItButPrintingNamesIt()
    {
        Assert.That(() => Term.AreEqual(new Version(1, 0), 1), Throws.ArgumentException.With.Message.Contains("System.Version is no term"));
        Assert.That(Term.Format(Tuple.Of(1, new Version(1, 0))), Is.EqualTo("{1,#<System.Version>}"));
    }

    [Test]
    public void Format_Identities_CarryTheNameOfTheirNode()
    {
        Assert.Multiple(() =>
        {
            Assert.That(new Pid(s_node, (2UL << 32) | 1).ToString(), Is.EqualTo("<n@h.1.2>"));
            Assert.That(default(Pid).ToString(), Is.EqualTo("<none.0.0>"));
            Assert.That(Reference.FromWords(s_node, [1, 2, 3]).ToString(), Is.EqualTo("#Ref<n@h.3.2.1>"));
            Assert.That(new Port(s_node, 7).ToString(), Is.EqualTo("#Port<n@h.7>"));
            Assert.That(new Fun("m", 1, 0, 2, 3, 4, default, (ReadOnlySpan<object>)[]).ToString(), Is.EqualTo("#Fun<m.3.4>"));
            Assert.That(new ExternalFun("Elixir.Enum", "map", 2).ToString(), Is.EqualTo("fun 'Elixir.Enum':map/2"));
        });
    }

    [Test]
    public void Hash_OfManyTerms_SeldomCollides()
    {
        HashSet<int> hashes = [];
        for (int i = 0; i < 10_000; i++)
        {
            hashes.Add(Term.Hash(i));
            hashes.Add(Term.Hash(Tuple.Of(i, "x")));
            hashes.Add(Term.Hash(List.Of(i)));
        }

        Assert.That(hashes, Has.Count.GreaterThan(29_900)); // 30,000 random 32-bit numbers collide about 0.1 times
    }

    [Test]
    public void Hash_OfIdentities_TellsNodesAndWordsApart()
    {
        HashSet<int> hashes = [];
        for (uint creation = 1; creation <= 1000; creation++)
        {
            hashes.Add(Term.Hash(new Pid(new NodeIdentity("n@h", creation), 1)));
            hashes.Add(Term.Hash(Reference.FromWords(s_node, [creation, 2, 3, 4])));
        }

        Assert.That(hashes, Has.Count.GreaterThan(1990));
    }
}
