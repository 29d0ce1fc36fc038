using CloudScale.Scheduling;
using static CloudScale.Scheduler.Tests.Ets.EtsSystem;

namespace CloudScale.Scheduler.Tests.Ets;

/// <summary>Typed tables, tables in files, counters, atomics, persistent terms.</summary>
public sealed class EtsKinTests
{
    [Test]
    public void TypedTable_Functions_Work([Values(EtsType.Set, EtsType.OrderedSet)] EtsType type)
    {
        EtsTable<string, string?> table = New().Ets.New<string, string?>(A("t"), new EtsOptions { Type = type });
        table.Insert("a", "1");
        table.Insert("a", "2");
        Assert.That(table.InsertNew("a", "3"), Is.False);
        Assert.That(table.InsertNew("n", null), Is.True);
        Assert.That(table.Lookup("a"), Is.EqualTo("2"));
        Assert.That(table.TryLookup("n", out string? none), Is.True);
        Assert.That(none, Is.Null);
        Assert.That(() => table.Lookup("b"), Throws.TypeOf<EtsException>());
        Assert.That(table.Update("a", "first", value => value + "!"), Is.EqualTo("2!"));
        Assert.That(table.Update("b", "first", value => value + "!"), Is.EqualTo("first"));
        Assert.That(table.Size, Is.EqualTo(3));
        Assert.That(table.Rows().Select(row => row.Key), Is.EquivalentTo(new[] { "a", "b", "n" }));
        Assert.That(table.TryTake("b", out string? taken), Is.True);
        Assert.That(taken, Is.EqualTo("first"));
        Assert.That(table.Member("b"), Is.False);
        table.DeleteAllObjects();
        Assert.That(table.Size, Is.Zero);
    }

    [Test]
    public void TypedTable_Ordered_WalksFromAnywhere()
    {
        EtsTables ets = New().Ets;
        EtsTable<int, int> table = ets.New<int, int>(A("t"), new EtsOptions { Type = EtsType.OrderedSet });
        foreach (int key in new[] { 5, 1, 3 })
            table.Insert(key, key * 10);
        Assert.That(table.Rows().Select(row => row.Value), Is.EqualTo(new[] { 10, 30, 50 }));
        Assert.That(table.RowsReverse().Select(row => row.Key), Is.EqualTo(new[] { 5, 3, 1 }));
        Assert.That(table.RowsAfter(2).Select(row => row.Key), Is.EqualTo(new[] { 3, 5 }));
        Assert.That(table.RowsBefore(3).Select(row => row.Key), Is.EqualTo(new[] { 1 }));
        Assert.That(() => ets.New<object, int>(A("t"), new EtsOptions { Type = EtsType.OrderedSet }), Throws.TypeOf<EtsException>());
        Assert.That(() => ets.New<int, int>(A("t"), new EtsOptions { Type = EtsType.Bag }), Throws.TypeOf<EtsException>());
        Assert.That(() => ets.New<int, int>(A("t")).RowsReverse(), Throws.TypeOf<EtsException>());
    }

    [Test]
    public void TypedTable_Counters_AreExactToTheLastBit()
    {
        EtsTable<string, long> table = New().Ets.New<string, long>(A("t"));
        Assert.That(() => table.UpdateCounter("a", 1), Throws.TypeOf<EtsException>());
        Assert.That(table.UpdateCounter("a", 1, first: 41), Is.EqualTo(42));
        Assert.That(table.UpdateCounter("a", long.MaxValue - 42), Is.EqualTo(long.MaxValue));
        Assert.That(() => table.UpdateCounter("a", 1), Throws.TypeOf<OverflowException>());
        Assert.That(table.Lookup("a"), Is.EqualTo(long.MaxValue));
        Assert.That(table.Update("a", 0, value => value - 1), Is.EqualTo(long.MaxValue - 1));
    }

    [Test]
    public void Lookup_AndCounting_AllocateNothing()
    {
        EtsTable table = Table();
        EtsTable<string, long> typed = New().Ets.New<string, long>(A("t"));
        table.Insert([T(1L, 0L), T(A("k"), 0L)]);
        typed.Insert("a", 0);
        table.UpdateCounter(1L, 1);
        object key = A("k");
        long allocated = AllocatedBytes.Least(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                table.UpdateCounter(1L, 1);
                typed.UpdateCounter("a", 1);
                typed.TryLookup("a", out _);
                table.TryLookup(key, out _);
            }
        });
        Assert.That(allocated, Is.LessThan(1000), "nothing a call");
    }

    [Test]
    public void File_WrittenAndRead_IsTheSameTable([Values] EtsType type)
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            EtsTable table = Table(type, keyPosition: 2);
            table.Insert([T(1, "a", 1.5), T(Map.Of((A("k"), L(1, 2))), A("b")), T(2, "a")]);
            EtsTables.ToFile(table, path);
            EtsTable back = New().Ets.FromFile(path);
            Assert.That(back.ToList(), Is.EquivalentTo(table.ToList()));
            Assert.That((back.Type, back.KeyPosition, back.Name), Is.EqualTo((type, 2, A("table"))));
            byte[] bytes = File.ReadAllBytes(path);
            for (int length = 0; length < bytes.Length; length++)
            {
                File.WriteAllBytes(path, bytes[..length]);
                Assert.That(() => New().Ets.FromFile(path), Throws.TypeOf<EtsException>(), $"{length} bytes of {bytes.Length}");
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public void Counters_BothKinds_Count([Values] bool writeConcurrency)
    {
        Counters counters = new(3, writeConcurrency);
        Parallel.For(
            0,
            4,
            _ =>
            {
                for (int i = 0; i < 10_000; i++)
                    counters.Add(2, 1);
            }
        );
        Assert.That(counters.Get(2), Is.EqualTo(40_000));
        counters.Put(2, 5);
        counters.Subtract(2, 7);
        counters.Add(3, long.MaxValue);
        counters.Add(3, 1);
        Assert.That((counters.Get(1), counters.Get(2), counters.Get(3)), Is.EqualTo((0L, -2L, long.MinValue)));
        Assert.That(() => counters.Add(0, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => counters.Get(4), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(counters.WriteConcurrency, Is.EqualTo(writeConcurrency));
    }

    [Test]
    public void Atomics_Operations_ReturnWhatOtpReturns()
    {
        Atomics atomics = new(2);
        Assert.That(atomics.Add(1, 5), Is.EqualTo(5));
        Assert.That(atomics.Subtract(1, 2), Is.EqualTo(3));
        Assert.That(atomics.Exchange(1, 9), Is.EqualTo(3));
        Assert.That(atomics.CompareExchange(1, 8, 1), Is.EqualTo(9));
        Assert.That(atomics.CompareExchange(1, 9, 1), Is.EqualTo(9));
        atomics.Put(2, -1);
        Assert.That((atomics.Get(1), atomics.Get(2), atomics.Size), Is.EqualTo((1L, -1L, 2)));
        Assert.That(() => atomics.Get(3), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void PersistentTerms_Functions_Work()
    {
        PersistentTerms terms = New().PersistentTerms;
        terms.Put(A("k"), T(1, 2));
        Assert.That(terms.Get(A("k")), Is.EqualTo(T(1, 2)));
        Assert.That(terms.Get("none", 0), Is.EqualTo(0));
        Assert.That(() => terms.Get("none"), Throws.TypeOf<EtsException>());
        terms.PutNew(A("k"), T(1, 2));
        Assert.That(() => terms.PutNew(A("k"), 3), Throws.TypeOf<EtsException>());
        terms.PutNew("n", 3);
        terms.Put("n", 4);
        Assert.That(terms.All(), Is.EquivalentTo(new (object, object)[] { (A("k"), T(1, 2)), (Binary.FromUtf8("n"), 4) }));
        Assert.That(terms.MemoryBytes, Is.GreaterThan(0));
        Assert.That(terms.Erase("n"), Is.True);
        Assert.That(terms.Erase("n"), Is.False);
        Assert.That(terms.Count, Is.EqualTo(1));
    }
}
