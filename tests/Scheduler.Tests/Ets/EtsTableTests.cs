using CloudScale.Scheduling;
using static CloudScale.Scheduler.Tests.Ets.EtsSystem;

namespace CloudScale.Scheduler.Tests.Ets;

/// <summary>The functions of a table of tuples, one by one, as OTP's ets documents them.</summary>
public sealed class EtsTableTests
{
    [Test]
    public void Insert_Set_ReplacesAndMatchesKeysExactly()
    {
        EtsTable table = Table();
        table.Insert(T(1, "a"));
        table.Insert(T(1.0, "b"));
        table.Insert(T(1L, "c"));
        Assert.That(table.Lookup(1), Is.EqualTo(new[] { T(1, "c") }));
        Assert.That(table.Lookup(1.0), Is.EqualTo(new[] { T(1.0, "b") }));
        Assert.That(table.Size, Is.EqualTo(2));
    }

    [Test]
    public void Insert_OrderedSet_TakesIntegersAndFloatsForOneKey()
    {
        EtsTable table = Table(EtsType.OrderedSet);
        table.Insert([T(2, "b"), T(1, "a"), T(A("z"), 0), T("bin", 0), T(1.5, 0)]);
        table.Insert(T(1.0, "c"));
        Assert.That(table.ToList(), Is.EqualTo(new[] { T(1.0, "c"), T(1.5, 0), T(2, "b"), T(A("z"), 0), T("bin", 0) }));
        Assert.That(table.Member(1), Is.True);
        table.DeleteObject(T(1, "c"));
        Assert.That(table.Lookup(1), Is.EqualTo(new[] { T(1.0, "c") }), "objects are compared exactly");
    }

    [Test]
    public void Insert_Bags_KeepObjectsInOrder()
    {
        EtsTable bag = Table(EtsType.Bag);
        EtsTable duplicates = Table(EtsType.DuplicateBag);
        Tuple[] rows = [T(1, A("a")), T(1, A("b")), T(1, A("a"))];
        bag.Insert(rows);
        foreach (Tuple row in rows)
            duplicates.Insert(row);
        Assert.That(bag.Lookup(1), Is.EqualTo(rows[..2]));
        Assert.That(duplicates.Lookup(1), Is.EqualTo(rows));
        Assert.That((bag.Size, duplicates.Size), Is.EqualTo((2L, 3L)));
        Assert.That(duplicates.LookupElement(1, 2), Is.EqualTo(L(A("a"), A("b"), A("a"))));
        duplicates.DeleteObject(T(1, A("a")));
        Assert.That(duplicates.Lookup(1), Is.EqualTo(rows[1..2]));
        Assert.That(duplicates.Size, Is.EqualTo(1));
        Assert.That(bag.Take(1), Is.EqualTo(rows[..2]));
        Assert.That(bag.Take(1), Is.Empty);
        Assert.That(bag.Size, Is.Zero);
    }

    [Test]
    public void Insert_ObjectTooShort_ChangesNothing()
    {
        EtsTable table = Table(keyPosition: 2);
        Assert.That(() => table.Insert([T(1, "key"), T(1)]), Throws.TypeOf<EtsException>().With.Property("Reason").EqualTo(A("badarg")));
        Assert.That(table.Size, Is.Zero);
        table.Insert(T(1, "key"));
        Assert.That(table.Member("key"), Is.True);
    }

    [Test]
    public void Insert_SeveralOfOneKey_TheLastCounts()
    {
        EtsTable table = Table();
        table.Insert([T(A("k"), 1), T(A("j"), 5), T(A("k"), 2)]);
        Assert.That(table.Lookup(A("k")), Is.EqualTo(new[] { T(A("k"), 2) }));
    }

    [Test]
    public void InsertNew_OneKeyIsThere_InsertsNothing([Values] EtsType type)
    {
        EtsTable table = Table(type);
        table.Insert(T(2, "old"));
        Assert.That(table.InsertNew([T(1, "a"), T(2, "b"), T(3, "c")]), Is.False);
        Assert.That(table.ToList(), Is.EqualTo(new[] { T(2, "old") }));
        Assert.That(table.InsertNew([T(1, "a"), T(3, "c")]), Is.True);
        Assert.That(table.InsertNew(T(3, "d")), Is.False);
        Assert.That(table.InsertNew(T(4, "d")), Is.True);
        Assert.That(table.Size, Is.EqualTo(4));
    }

    [Test]
    public void InsertNew_AfterCounting_LeavesTheCounter()
    {
        EtsTable table = Table();
        table.Insert(T(1, 0));
        table.UpdateCounter(1, 5);
        Assert.That(table.InsertNew([T(0, 0), T(1, 0)]), Is.False);
        Assert.That(table.UpdateCounter(1, 1), Is.EqualTo(6));
    }

    [Test]
    public void LookupElement_Cases_AreErlangs()
    {
        EtsTable table = Table();
        table.Insert(T(A("c"), 1, 2));
        Assert.That(table.LookupElement(A("c"), 3), Is.EqualTo(2));
        Assert.That(() => table.LookupElement(A("c"), 9), Throws.TypeOf<EtsException>());
        Assert.That(() => table.LookupElement(A("d"), 1), Throws.TypeOf<EtsException>());
        Assert.That(table.LookupElement(A("d"), 1, "none"), Is.EqualTo("none"));
        Assert.That(() => table.LookupElement(A("c"), 9, "none"), Throws.TypeOf<EtsException>());
    }

    [Test]
    public void Delete_KeysAndAll_AreGone([Values] EtsType type)
    {
        EtsTable table = Table(type);
        for (int i = 0; i < 1000; i++)
            table.Insert(T(i, i));
        for (int i = 0; i < 1000; i += 2)
            table.Delete(i);
        Assert.That(table.Size, Is.EqualTo(500));
        Assert.That(table.Member(2), Is.False);
        Assert.That(table.TryLookup(3L, out Tuple? row), Is.True);
        Assert.That(row, Is.EqualTo(T(3, 3)));
        table.DeleteAllObjects();
        Assert.That(table.Size, Is.Zero);
        Assert.That(table.First(), Is.Null);
    }

    [Test]
    public void UpdateCounter_Forms_AreErlangs()
    {
        EtsTable table = Table();
        table.Insert(T(A("c"), 1, 2, 3));
        Assert.Multiple(() =>
        {
            Assert.That(table.UpdateCounter(A("c"), T(2, 5, 3, 0)), Is.EqualTo(0));
            Assert.That(table.UpdateCounter(A("c"), L(T(2, 5), T(3, -1, 0, 9), T(3, 0))), Is.EqualTo(L(5, 1, 1)));
            Assert.That(table.UpdateCounter(A("c"), List.Empty), Is.EqualTo(List.Empty));
            Assert.That(table.UpdateCounter(A("c"), T(2, -10, -3, 7)), Is.EqualTo(7));
            Assert.That(table.UpdateCounter(A("c"), new CounterUpdate(2, 0, -1, 100)), Is.EqualTo(100));
            Assert.That(table.UpdateCounter(A("d"), T(3, 1), T(A("zz"), 0, 5, A("z"))), Is.EqualTo(6));
            Assert.That(table.Lookup(A("d")), Is.EqualTo(new[] { T(A("d"), 0, 6, A("z")) }));
            Assert.That(table.UpdateCounter(A("g"), List.Empty, T(A("zz"), 0)), Is.EqualTo(List.Empty));
            Assert.That(table.Lookup(A("g")), Is.EqualTo(new[] { T(A("g"), 0) }));
            Assert.That(table.UpdateCounter(A("n"), 3, T(0, 4)), Is.EqualTo(7));
        });
    }

    [Test]
    public void UpdateCounter_Misuse_IsBadarg()
    {
        EtsTable table = Table();
        table.Insert(T(A("c"), 1, A("x")));
        EtsTable bag = Table(EtsType.Bag);
        bag.Insert(T(1, 1));
        Assert.Multiple(() =>
        {
            Assert.That(() => table.UpdateCounter(77, 1), Throws.TypeOf<EtsException>(), "no such key");
            Assert.That(() => table.UpdateCounter(A("c"), T(1, 1)), Throws.TypeOf<EtsException>(), "the key");
            Assert.That(() => table.UpdateCounter(A("c"), T(3, 1)), Throws.TypeOf<EtsException>(), "no integer");
            Assert.That(() => table.UpdateCounter(A("c"), T(9, 1)), Throws.TypeOf<EtsException>(), "no such element");
            Assert.That(() => table.UpdateCounter(A("c"), T(2, 1.5)), Throws.TypeOf<EtsException>(), "no integer");
            Assert.That(() => table.UpdateCounter(A("n"), 1, T(A("zz"))), Throws.TypeOf<EtsException>(), "default too short");
            Assert.That(() => bag.UpdateCounter(1, 1), Throws.TypeOf<EtsException>(), "a bag");
            Assert.That(table.Lookup(A("c")), Is.EqualTo(new[] { T(A("c"), 1, A("x")) }));
        });
    }

    [Test]
    public void UpdateCounter_BeyondTheCell_StaysExact()
    {
        EtsTable table = Table();
        table.Insert(T(1, 0));
        Assert.That(table.UpdateCounter(1, long.MaxValue), Is.EqualTo(long.MaxValue));
        Assert.That(() => table.UpdateCounter(1, 1), Throws.TypeOf<EtsException>(), "a long cannot say it");
        Assert.That(table.UpdateCounter(1, (object)1L), Is.EqualTo(System.Numerics.BigInteger.Pow(2, 63)));
        Assert.That(table.UpdateCounter(1, (object)(-System.Numerics.BigInteger.Pow(2, 63))), Is.EqualTo(0));
        Assert.That(table.UpdateCounter(1, 1), Is.EqualTo(1));
        Assert.That(table.Lookup(1), Is.EqualTo(new[] { T(1, 1) }));
    }

    [Test]
    public void UpdateCounter_MixedWithEverything_IsSeenByAll()
    {
        EtsTable table = Table();
        table.Insert(T(1, 10, 20));
        Assert.That(table.UpdateCounter(1, 1), Is.EqualTo(11));
        Assert.That(table.UpdateCounter(1, 1), Is.EqualTo(12));
        Assert.That(table.LookupElement(1, 2), Is.EqualTo(12));
        Assert.That(table.Lookup(1), Is.EqualTo(new[] { T(1, 12, 20) }));
        Assert.That(table.UpdateCounter(1, new CounterUpdate(3, 5)), Is.EqualTo(25));
        Assert.That(table.UpdateCounter(1, 1), Is.EqualTo(13));
        Assert.That(table.UpdateElement(1, 3, "x"), Is.True);
        Assert.That(table.ToList(), Is.EqualTo(new[] { T(1, 13, "x") }));
        Assert.That(table.UpdateCounter(1, 1), Is.EqualTo(14));
        Assert.That(table.UpdateCounter(1, 1), Is.EqualTo(15));
        table.DeleteObject(T(1, 14, "x"));
        Assert.That(table.UpdateCounter(1, 1), Is.EqualTo(16));
        Assert.That(table.Take(1), Is.EqualTo(new[] { T(1, 16, "x") }));
        Assert.That(() => table.UpdateCounter(1, 1), Throws.TypeOf<EtsException>());
    }

    [Test]
    public void UpdateElement_Cases_AreErlangs()
    {
        EtsTable table = Table();
        table.Insert(T(A("c"), 1, 2, 3));
        Assert.That(table.UpdateElement(A("none"), 1, "x"), Is.False, "positions are looked at only where there is an object");
        Assert.That(table.UpdateElement(A("c"), [(2, "x"), (2, "y"), (4, "z")]), Is.True);
        Assert.That(table.Lookup(A("c")), Is.EqualTo(new[] { T(A("c"), "y", 2, "z") }));
        Assert.That(() => table.UpdateElement(A("c"), 1, "x"), Throws.TypeOf<EtsException>());
        Assert.That(() => table.UpdateElement(A("c"), 5, "x"), Throws.TypeOf<EtsException>());
        Assert.That(table.UpdateElement(A("new"), [(2, "v")], T(0, 0, 7)), Is.True);
        Assert.That(table.Lookup(A("new")), Is.EqualTo(new[] { T(A("new"), "v", 7) }));
    }

    [Test]
    public void Walks_OrderedSet_GoBothWaysFromAnyKey()
    {
        EtsTable table = Table(EtsType.OrderedSet);
        for (int i = 0; i < 200; i += 2)
            table.Insert(T(i, A("v")));
        Assert.That((table.First(), table.Last()), Is.EqualTo(((object)0, (object)198)));
        Assert.That((table.Next(3), table.Prev(3)), Is.EqualTo(((object)4, (object)2)));
        Assert.That((table.Next(198), table.Prev(0)), Is.EqualTo(((object?)null, (object?)null)));
        Assert.That(table.NextLookup(0), Is.EqualTo(new[] { T(2, A("v")) }));
        Assert.That(table.PrevLookup(A("atom")), Is.EqualTo(new[] { T(198, A("v")) }));
        Assert.That(table.FoldLeft("", (row, all) => $"{all} {row[0]}"), Does.StartWith(" 0 2 4"));
        Assert.That(table.FoldRight("", (row, all) => $"{all} {row[0]}"), Does.StartWith(" 198 196"));
    }

    [Test]
    public void Walks_Hashed_MeetEveryKeyOnce([Values(EtsType.Set, EtsType.Bag)] EtsType type)
    {
        EtsTable table = Table(type);
        for (int i = 0; i < 3000; i++)
            table.Insert(T(i, i));
        HashSet<object> seen = [];
        for (object? key = table.First(); key is not null; key = table.Next(key))
        {
            Assert.That(seen.Add(key), Is.True, $"{key} came twice");
            table.Delete(key); // what is deleted still leads on
        }

        Assert.That(seen, Has.Count.EqualTo(3000));
        Assert.That(table.Size, Is.Zero);
    }

    [Test]
    public void Info_SaysWhatTheTableIs()
    {
        ProcessSystem system = New();
        EtsTable table = system.Ets.New(
            A("t"),
            new EtsOptions
            {
                Type = EtsType.Bag,
                KeyPosition = 2,
                Named = true,
            }
        );
        table.Insert([T(1, 1), T(2, 1)]);
        using (table.Fix())
            Assert.That(table.GetInfo()!.Fixed, Is.True);
        EtsInfo info = table.GetInfo()!;
        Assert.That((info.Size, info.Type, info.KeyPosition, info.Named, info.Fixed), Is.EqualTo((2L, EtsType.Bag, 2, true, false)));
        Assert.That(info.MemoryBytes, Is.GreaterThan(200));
        Assert.That(system.Ets.WhereIs(A("t")), Is.EqualTo(table.Id));
        Assert.That(() => system.Ets.New(A("t"), new EtsOptions { Named = true }), Throws.TypeOf<EtsException>());
        table.Rename(A("u"));
        Assert.That(system.Ets.WhereIs(A("t")).IsNone, Is.True);
        Assert.That(system.Ets[A("u")], Is.SameAs(table));
        Assert.That(system.Ets.All(), Is.EqualTo(new[] { table }));
        table.Delete();
        Assert.That(table.GetInfo(), Is.Null);
        Assert.That(system.Ets.All(), Is.Empty);
        Assert.That(() => table.Member(1), Throws.TypeOf<EtsException>().With.Message.Contains("no longer exists"));
        Assert.That(() => system.Ets[A("u")], Throws.TypeOf<EtsException>());
    }
}
