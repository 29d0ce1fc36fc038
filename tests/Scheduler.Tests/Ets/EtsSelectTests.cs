using CloudScale.Scheduling;
using static CloudScale.Scheduler.Tests.Ets.EtsSystem;

namespace CloudScale.Scheduler.Tests.Ets;

/// <summary>Patterns and match specifications where a random comparison with Erlang does not reach, or no Erlang is there.</summary>
public sealed class EtsSelectTests
{
    private static readonly Atom s_any = A("_");
    private static readonly Atom s_1 = A("$1");
    private static readonly Atom s_2 = A("$2");
    private static readonly Atom s_whole = A("$_");

    private static EtsTable People(EtsType type = EtsType.OrderedSet)
    {
        EtsTable table = Table(type);
        table.Insert([T(A("ann"), 30, "x"), T(A("bob"), 20, "y"), T(A("cid"), 40, "x")]);
        return table;
    }

    [Test]
    public void Match_Variables_ComeInTheOrderOfTheirNumbers()
    {
        EtsTable table = People();
        Assert.That(table.Match(T(A("$9"), s_1, "x")), Is.EqualTo(new[] { L(30, A("ann")), L(40, A("cid")) }));
        Assert.That(table.Match(T(A("bob"), s_1, s_any)), Is.EqualTo(new[] { L(20) }));
        Assert.That(table.Match(s_1), Has.Count.EqualTo(3));
        Assert.That(table.Match(T(s_1, s_1, s_any)), Is.Empty);
        Assert.That(table.MatchObject(T(s_any, s_any, "y")), Is.EqualTo(new[] { T(A("bob"), 20, "y") }));
        Assert.That(table.MatchDelete(T(s_any, s_any, "x")), Is.EqualTo(2));
        Assert.That(table.Size, Is.EqualTo(1));
    }

    [Test]
    public void Match_AMapAsTheKey_IsAPatternOfPartOfAMap([Values] EtsType type)
    {
        EtsTable table = Table(type);
        Map row = Map.Of((A("k"), 2L), (A("l"), 1L));
        table.Insert(T(row, A("x")));
        table.Insert(T(Map.Of((A("k"), 3L)), A("y")));
        Assert.That(table.MatchObject(T(Map.Of((A("k"), 2L)), s_any)), Is.EqualTo(new[] { T(row, A("x")) }));
        Assert.That(table.MatchDelete(T(Map.Of((A("k"), 2L)), s_any)), Is.EqualTo(1));
        Assert.That(table.Size, Is.EqualTo(1));
    }

    [Test]
    public void Match_Pages_GoToTheEndAndMayBeAskedTwice([Values] EtsType type)
    {
        EtsTable table = Table(type);
        for (int i = 0; i < 50; i++)
            table.Insert(T(i / 2, i));
        EtsPage<List>? page = table.Match(T(s_1, s_2), 7);
        IReadOnlyList<List> second = table.Continue(page!.Continuation)!.Items;
        Assert.That(table.Continue(page.Continuation)!.Items, Is.EqualTo(second));
        List<List> all = [];
        for (; page is not null; page = table.Continue(page.Continuation))
            all.AddRange(page.Items);
        Assert.That(all, Is.EquivalentTo(table.Match(T(s_1, s_2))));
        Assert.That(all, Is.Unique);
        Assert.That(() => table.Match(s_1, 0), Throws.TypeOf<EtsException>());
        Assert.That(() => Table().Continue(table.Match(s_1, 1)!.Continuation), Throws.TypeOf<EtsException>());
    }

    [Test]
    public void Select_GuardsAndBodies_Compute()
    {
        EtsTable table = People();
        List spec = L(T(T(s_1, s_2, s_any), L(T(A(">"), s_2, 25)), L(T(T(s_1, T(A("*"), s_2, 2))))));
        Assert.That(table.Select(spec), Is.EqualTo(new[] { T(A("ann"), 60), T(A("cid"), 80) }));
        Assert.That(table.SelectReverse(spec), Is.EqualTo(new[] { T(A("cid"), 80), T(A("ann"), 60) }));
        Assert.That(table.SelectCount(L(T(s_any, L(T(A("=="), T(A("element"), 3, s_whole), "x")), L(Atoms.True)))), Is.EqualTo(2));
        Assert.That(table.Select(L(T(T(A("ann"), s_any, s_any), List.Empty, L(T(A("hd"), 1))))), Is.EqualTo(new[] { A("EXIT") }));
    }

    [Test]
    public void Select_Functions_AreThere()
    {
        (object Expression, object Value)[] cases =
        [
            (T(A("floor"), -1.5), -2),
            (T(A("ceil"), 1.2), 2),
            (T(A("round"), -2.5), -3),
            (T(A("max"), 1, 1.0), 1),
            (T(A("min"), 2, A("a")), 2),
            (T(A("tuple_size"), s_whole), 3),
            (T(A("binary_part"), "abc", 1, 1), "b"),
            (T(A("binary_part"), "abc", T(T(3, -2))), "bc"),
            (T(A("is_bitstring"), "abc"), Atoms.True),
            (T(A("is_boolean"), Atoms.True), Atoms.True),
            (T(A("is_record"), s_whole, A("ann"), 3), Atoms.True),
            (T(A("node")), A("nonode@nohost")),
            (T(A("/"), 1, 0), A("EXIT")),
            (T(A("div"), -7, 2), -3),
            (T(A("rem"), -7, 2), -1),
            (T(A("bsl"), 1, 70), System.Numerics.BigInteger.Pow(2, 70)),
            (T(A("bsr"), -1, 1_000_000_000_000), -1),
            (T(A("bsl"), 1, 1_000_000_000_000), A("EXIT")),
            (T(A("+"), long.MaxValue, 1), System.Numerics.BigInteger.Pow(2, 63)),
            (T(A("-"), long.MinValue), System.Numerics.BigInteger.Pow(2, 63)),
        ];
        Assert.Multiple(() =>
        {
            foreach ((object expression, object value) in cases)
            {
                object answer = MatchSpec.Test(T(A("ann"), 30, "x"), L(T(s_any, List.Empty, L(expression))));
                Assert.That(Term.AreEqual(answer, value), Is.True, $"{expression} gave {Term.Format(answer)}");
            }
        });
    }

    [Test]
    public void Compile_WrongSpecs_SayWhatIsWrong()
    {
        (List Spec, string Word)[] cases =
        [
            (L(A("x")), "clause"),
            (L(T(s_any, List.Empty, List.Empty)), "clause"),
            (L(T(s_any, List.Empty, L(s_1))), "unbound"),
            (L(T(s_any, List.Empty, L(T(A("spawn"), 1)))), "spawn"),
            (L(T(s_any, List.Empty, L(T()))), "const"),
            (L(T(T(Map.Of((s_1, 1))), List.Empty, L(1))), "keys"),
        ];
        Assert.Multiple(() =>
        {
            foreach ((List spec, string word) in cases)
                Assert.That(() => MatchSpec.Compile(spec), Throws.TypeOf<EtsException>().With.Message.Contains(word));
        });
        object deep = s_1;
        for (int i = 0; i < 100_000; i++)
            deep = T(deep);
        Assert.That(() => MatchSpec.Compile(L(T(deep, List.Empty, L(1)))), Throws.TypeOf<EtsException>().With.Message.Contains("deep"));
    }

    [Test]
    public void Run_ListOfTerms_GivesResultsOfThoseThatMatch() =>
        Assert.That(
            MatchSpec.Compile(L(T(T(s_1, 2), List.Empty, L(s_1)))).Run([T(1, 2), T(3, 4), A("x"), T(5, 2)]),
            Is.EqualTo(new object[] { 1, 5 })
        );

    [Test]
    public void SelectReplace_KeyMightChange_IsRefused()
    {
        EtsTable table = People(EtsType.Set);
        Assert.That(() => table.SelectReplace(L(T(T(s_1, s_2, s_any), List.Empty, L(T(T(s_2, s_1)))))), Throws.TypeOf<EtsException>());
        Assert.That(table.SelectReplace(L(T(T(s_1, s_2, "x"), List.Empty, L(T(T(s_1, T(A("+"), s_2, 1))))))), Is.EqualTo(2));
        Assert.That(table.Lookup(A("ann")), Is.EqualTo(new[] { T(A("ann"), 31) }));
        Assert.That(table.Lookup(A("bob")), Is.EqualTo(new[] { T(A("bob"), 20, "y") }));
        Assert.That(() => Table(EtsType.Bag).SelectReplace(L(T(s_any, List.Empty, L(s_whole)))), Throws.TypeOf<EtsException>());
    }

    [Test]
    public void SelectDelete_Bag_DeletesSingleObjects()
    {
        EtsTable table = Table(EtsType.DuplicateBag);
        table.Insert([T(1, 1), T(1, 2), T(1, 1), T(2, 1)]);
        Assert.That(table.SelectDelete(L(T(T(s_any, 1), List.Empty, L(Atoms.True)))), Is.EqualTo(3));
        Assert.That(table.ToList(), Is.EqualTo(new[] { T(1, 2) }));
        Assert.That(table.Size, Is.EqualTo(1));
    }

    [Test]
    public void Select_KeyPrefixOfAnOrderedSet_LooksAtThatPartOnly()
    {
        EtsTable table = Table(EtsType.OrderedSet);
        for (int user = 0; user < 300; user++)
        {
            for (int item = 0; item < 3; item++)
                table.Insert(T(T(A("user"), user, item), item));
        }

        int looked = 0;
        List spec = L(T(T(T(A("user"), 7, s_1), s_any), List.Empty, L(s_1)));
        PatternRange range = new(MatchSpec.Compile(spec).Clauses[0].KeyPattern(1)!);
        foreach (Tuple row in table.Rows())
            looked += range.Locate(TermKey.Of(row[0])) == 0 ? 1 : 0;
        Assert.That(looked, Is.EqualTo(3), "the range holds the keys that begin so, and no others");
        Assert.That(table.Select(spec), Is.EqualTo(new object[] { 0, 1, 2 }));
        Assert.That(table.SelectReverse(spec, 2)!.Items, Is.EqualTo(new object[] { 2, 1 }));
    }
}
