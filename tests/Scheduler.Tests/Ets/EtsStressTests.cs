using CloudScale.Scheduling;
using static CloudScale.Scheduler.Tests.Ets.EtsSystem;

namespace CloudScale.Scheduler.Tests.Ets;

/// <summary>What must hold while many write at once. Four threads on whatever cores there are; each a fraction of a second.</summary>
[Category("Stress")]
public sealed class EtsStressTests
{
    private const int Threads = 4;

    [Test]
    public void UpdateCounter_ManyThreads_LosesNothing([Values(EtsType.Set, EtsType.OrderedSet)] EtsType type)
    {
        const int Each = 50_000;
        EtsTable table = Table(type);
        table.Insert([T(0L, 0L, 0L), T(1L, 0L, 0L)]);
        InParallel(thread =>
        {
            for (int i = 0; i < Each; i++)
            {
                table.UpdateCounter(i & 1, 1);
                // The other counter of the row, and replaced elements: the cell must be given up and made anew without losing a count.
                if (i % 64 == thread)
                    table.UpdateCounter(0L, new CounterUpdate(3, 1));
                if (i % 128 == thread)
                    table.UpdateElement(1L, 3, (long)i);
            }
        });
        Assert.That((long)table.LookupElement(0L, 2) + (long)table.LookupElement(1L, 2), Is.EqualTo((long)Threads * Each));
        Assert.That(table.LookupElement(0L, 3), Is.EqualTo((long)CountOf(Each, 64)));
    }

    [Test]
    public void TypedCounter_ReplacedMeanwhile_IsTakenExactlyOnce()
    {
        const int Each = 30_000;
        EtsTable<int, long> table = New().Ets.New<int, long>(A("t"));
        long taken = 0;
        InParallel(thread =>
        {
            for (int i = 0; i < Each; i++)
            {
                table.UpdateCounter(1, 1, first: 0);
                if (i % 16 == thread && table.TryTake(1, out long sum))
                    Interlocked.Add(ref taken, sum);
            }
        });
        table.TryLookup(1, out long rest);
        Assert.That(taken + rest, Is.EqualTo((long)Threads * Each));
    }

    [Test]
    public void Walks_WhileOthersWrite_MeetWhatStaysExactlyOnce([Values] EtsType type)
    {
        const int Stay = 1_000;
        EtsTable table = Table(type);
        for (long i = 0; i < Stay; i++)
            table.Insert(T(i * 2, A("stays")));
        using CancellationTokenSource stop = new();
        Task[] writers =
        [
            .. Enumerable
                .Range(1, 2)
                .Select(seed =>
                    Task.Factory.StartNew(
                        () =>
                        {
                            Random random = new(seed);
                            long fresh = 1_000_001;
                            while (!stop.IsCancellationRequested)
                            {
                                long key = (random.Next(Stay) * 2) + 1;
                                table.Insert(T(key, A("goes")));
                                table.Delete(key);
                                if (fresh < 1_040_001) // enough to double the buckets some times; a walk of an ordered set that grows for ever does not end
                                    table.Insert(T(fresh += 2, A("grows")));
                            }
                        },
                        CancellationToken.None,
                        TaskCreationOptions.LongRunning,
                        TaskScheduler.Default
                    )
                ),
        ];
        try
        {
            for (int round = 0; round < 4; round++)
            {
                AssertMetOnce(table.Rows().Select(row => (long)row[0]), Stay);
                AssertMetOnce(table.Match(T(A("$1"), A("stays"))).Select(found => (long)found[0]), Stay);
                AssertMetOnce(Keys(table), Stay);
            }
        }
        finally
        {
            stop.Cancel();
            Task.WhenAll(writers).GetAwaiter().GetResult();
        }
    }

    [Test]
    public void InsertMany_SeenTogether_OrNotAtAll([Values(EtsType.Set, EtsType.OrderedSet)] EtsType type)
    {
        EtsTable table = Table(type);
        Insert(0);
        using CancellationTokenSource stop = new();
        Task writer = Task.Factory.StartNew(
            () =>
            {
                for (long version = 1; !stop.IsCancellationRequested; version++)
                    Insert(version);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        try
        {
            for (int i = 0; i < 50_000; i++)
            {
                // Read one after the other, a later read can only be newer.
                long first = (long)table.LookupElement((long)(i % 8), 2);
                long second = (long)table.LookupElement((long)((i + 3) % 8), 2);
                Assert.That(second, Is.GreaterThanOrEqualTo(first));
            }
        }
        finally
        {
            stop.Cancel();
            writer.GetAwaiter().GetResult();
        }

        void Insert(long version) => table.Insert([.. Enumerable.Range(0, 8).Select(key => T((long)key, version))]);
    }

    [Test]
    public void InsertNewAndTake_ManyThreads_EachKeyHasOneWinner([Values] EtsType type)
    {
        const int Keys = 3_000;
        EtsTable table = Table(type);
        long inserted = 0;
        long taken = 0;
        InParallel(thread =>
        {
            for (long key = 0; key < Keys; key++)
            {
                if (thread % 2 == 0 ? table.InsertNew(T(key, (long)thread)) : table.InsertNew([T(key, 1L), T(key + Keys, 1L)]))
                    Interlocked.Increment(ref inserted);
            }
        });
        Assert.That(inserted, Is.EqualTo(Keys));
        InParallel(_ =>
        {
            for (long key = 0; key < 2 * Keys; key++)
                Interlocked.Add(ref taken, table.Take(key).Count);
        });
        Assert.That(taken, Is.GreaterThanOrEqualTo(Keys));
        Assert.That(table.Size, Is.Zero);
        Assert.That(table.First(), Is.Null);
    }

    [Test]
    public void Bag_ManyThreads_KeepsEveryObjectOnce()
    {
        EtsTable table = Table(EtsType.Bag);
        InParallel(_ =>
        {
            for (long i = 0; i < 2_000; i++)
                table.Insert(T(i % 20, i));
        });
        Assert.That(table.Size, Is.EqualTo(2_000));
        Assert.That(table.ToList().ToHashSet(), Has.Count.EqualTo(2_000));
    }

    [Test]
    public void GiveAway_StormWhileOwnersDie_LeavesNoTableWithoutOwner()
    {
        const int Holders = 40;
        const int Tables = 60;
        using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 2 });
        using CountdownEvent ended = new(Holders);
        using CountdownEvent begun = new(Holders);
        Pid[] holders = new Pid[Holders];
        using ManualResetEventSlim ready = new();
        for (int i = 0; i < Holders; i++)
        {
            int mine = i;
            holders[i] = system.Spawn(self =>
            {
                self.Own(new OnExit(ended));
                begun.Signal();
                return Hold(self, holders, ready, new Random(mine));
            });
        }

        Assert.That(begun.Wait(TimeSpan.FromSeconds(20)), "one killed before it began would own nothing");
        ready.Set();
        for (int i = 0; i < Tables; i++)
        {
            EtsTable table = system.Ets.New(A("t"), new EtsOptions { Heir = holders[i % Holders], HeirData = 0L });
            try
            {
                table.GiveAway(holders[(i * 7) % Holders], 20L);
            }
            catch (EtsException)
            {
                table.Delete(); // its holder has died already
            }
        }

        foreach (Pid holder in holders)
            system.Exit(holder, Atoms.Kill);
        Assert.That(ended.Wait(TimeSpan.FromSeconds(20)), Is.True);
        Assert.That(
            SpinWait.SpinUntil(() => system.Ets.All().Count == 0, TimeSpan.FromSeconds(10)),
            Is.True,
            "tables outlived every owner"
        );
    }

    private static async ProcessTask Hold(Self self, Pid[] holders, ManualResetEventSlim ready, Random random)
    {
        ready.Wait();
        while (true)
        {
            EtsTransfer transfer = await self.Receive<EtsTransfer>();
            EtsTable table = (EtsTable)transfer.Table;
            table.Insert(T(self.Pid)); // only the owner may
            long left = (long)transfer.Data;
            if (left <= 0)
                continue;
            if (random.Next(15) == 0)
                return; // dies with its tables, and with what is on its way
            try
            {
                table.GiveAway(holders[random.Next(holders.Length)], left - 1);
            }
            catch (EtsException)
            {
                // To a dead one, or to itself: the table is still here.
            }
        }
    }

    private static int CountOf(int each, int every) =>
        Enumerable.Range(0, Threads).Sum(thread => Enumerable.Range(0, each).Count(i => i % every == thread));

    private static IEnumerable<long> Keys(EtsTable table)
    {
        for (object? key = table.First(); key is not null; key = table.Next(key))
            yield return (long)key;
    }

    private static void AssertMetOnce(IEnumerable<long> keys, int stay)
    {
        int[] seen = new int[stay];
        foreach (long key in keys)
        {
            if (key % 2 == 0 && key / 2 < stay)
                seen[key / 2]++;
        }

        Assert.That(seen.Count(times => times == 1), Is.EqualTo(stay));
    }

    private static void InParallel(Action<int> body)
    {
        using Barrier start = new(Threads);
        Task[] tasks =
        [
            .. Enumerable
                .Range(0, Threads)
                .Select(thread =>
                    Task.Factory.StartNew(
                        () =>
                        {
                            start.SignalAndWait();
                            body(thread);
                        },
                        CancellationToken.None,
                        TaskCreationOptions.LongRunning,
                        TaskScheduler.Default
                    )
                ),
        ];
        Task.WhenAll(tasks).GetAwaiter().GetResult();
    }

    private sealed class OnExit(CountdownEvent ended) : IDisposable
    {
        public void Dispose() => ended.Signal();
    }
}
