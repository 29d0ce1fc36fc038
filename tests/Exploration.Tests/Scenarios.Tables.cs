using CloudScale.Scheduling;

namespace CloudScale.Exploration.Tests;

/// <summary>Tables: their rows are written by compare-and-swap, and readers take no lock.</summary>
internal static partial class Scenarios
{
    private static readonly TermKey[] s_neighbours = [.. Neighbours(8)];

    /// <summary>Keys of one segment and one bucket, every other in the half of it that growth cuts off.</summary>
    private static IEnumerable<TermKey> Neighbours(int count)
    {
        for (long number = 0; count > 0; number++)
        {
            TermKey key = new(number);
            if (ExactTerms.Hash(key) >> 23 != (count & 1)) // six bits choose the segment, two the first bucket, and one more after growth
                continue;
            count--;
            yield return key;
        }
    }

    /// <summary>A segment grows under a reader: what is in the table is found at every moment.</summary>
    private static void TableGrowth(Schedule schedule)
    {
        HashCore<TermKey, ExactTerms> core = new();
        for (int i = 0; i < 4; i++)
            core.GetOrAdd(s_neighbours[i], "there", out _);
        for (int writer = 0; writer < 2; writer++)
        {
            int first = 4 + (2 * writer);
            schedule.Start(
                $"writer {writer}",
                () =>
                {
                    for (int i = first; i < first + 2; i++)
                    {
                        core.GetOrAdd(s_neighbours[i], "new", out bool added);
                        schedule.Check(added, "nobody else adds this key");
                        schedule.Check(core.Find(s_neighbours[i]) is not null, "what was just added is not found");
                    }
                }
            );
        }

        schedule.Start(
            "reader",
            () =>
            {
                for (int i = 0; i < 4; i++)
                    schedule.Check(core.Find(s_neighbours[i]) is not null, $"key {i} is not found while the table grows");
            }
        );
        schedule.Run();
        foreach (TermKey key in s_neighbours)
            schedule.Check(core.Find(key) is not null, "all keys are there at the end");
        schedule.Check(core.Count == s_neighbours.Length, $"{core.Count} of {s_neighbours.Length} keys are counted");
    }

    /// <summary>A row is counted by two while a third changes another of its elements: no increment is lost.</summary>
    private static void TableCounter(Schedule schedule)
    {
        EtsTable table = NewTable(EtsType.Set);
        table.Insert(Tuple.Of(1L, 0L, "old"));
        for (int i = 0; i < 2; i++)
        {
            schedule.Start(
                $"counter {i}",
                () =>
                {
                    table.UpdateCounter(1L, 1);
                    table.UpdateCounter(1L, 1);
                }
            );
        }

        schedule.Start("changer", () => table.UpdateElement(1L, 3, "new"));
        schedule.Run();
        IReadOnlyList<Tuple> rows = table.Lookup(1L);
        schedule.Check(
            rows.Count == 1 && rows[0].Equals(Tuple.Of(1L, 4L, "new")),
            $"four increments and a change made {string.Join(", ", rows)}"
        );
        table.Delete();
    }

    private static EtsTable NewTable(EtsType type) => s_noSystem.Ets.New(s_name, new EtsOptions { Type = type, Access = EtsAccess.Public });

    /// <summary>Keys are linked and unlinked side by side in order: nothing is lost, and what stays is found at every moment.</summary>
    private static void TableOrdered(Schedule schedule)
    {
        OrderedCore<TermKey, OrderedTerms> core = new();
        Slot<TermKey> leaving = core.GetOrAdd(new TermKey(30), "leaves", out _);
        core.GetOrAdd(new TermKey(60), "stays", out _);
        for (int writer = 0; writer < 2; writer++)
        {
            long first = 10 + (10 * writer);
            schedule.Start(
                $"writer {writer}",
                () =>
                {
                    for (long key = first; key <= first + 30; key += 30)
                        core.GetOrAdd(new TermKey(key), "new", out _);
                }
            );
        }

        schedule.Start(
            "remover",
            () =>
            {
                leaving.TryReplace("leaves", Slot.Dead);
                core.Remove(leaving);
            }
        );
        schedule.Start("reader", () => schedule.Check(core.Find(new TermKey(60)) is not null, "a key that stays is not found"));
        schedule.Run();
        foreach (long key in new long[] { 10, 20, 40, 50, 60 })
            schedule.Check(core.Find(new TermKey(key)) is not null, $"key {key} is lost");
        schedule.Check(core.Find(new TermKey(30)) is null, "the key that left is still there");
        schedule.Check(core.Count == 5, $"{core.Count} keys are counted, 5 are there");
    }

    /// <summary>Objects that are inserted together appear together.</summary>
    private static void TableTogether(Schedule schedule)
    {
        EtsTable table = NewTable(EtsType.Set);
        table.Insert([Tuple.Of(1L, 0L), Tuple.Of(2L, 0L)]);
        for (int writer = 0; writer < 2; writer++)
        {
            long value = 10 * (writer + 1);
            schedule.Start(
                $"writer {writer}",
                () =>
                {
                    for (long i = 1; i <= 2; i++)
                        table.Insert([Tuple.Of(2L, value + i), Tuple.Of(1L, value + i)]);
                }
            );
        }

        schedule.Start(
            "reader",
            () =>
            {
                // Written together, and read one after the other: once the first is there the second is too.
                object first = table.LookupElement(1L, 2);
                if (first is not 0L)
                    schedule.Check(table.LookupElement(2L, 2) is not 0L, "one of two objects that were inserted together is missing");
            }
        );
        schedule.Run();
        object one = table.LookupElement(1L, 2);
        object other = table.LookupElement(2L, 2);
        schedule.Check(one.Equals(other), $"{one} and {other} were never inserted together");
        table.Delete();
    }

    /// <summary>A table is given to a process that exits: it always has an owner that is alive, in the end the heir.</summary>
    private static void TableOwner(Schedule schedule)
    {
        ProcessSystem system = schedule.StartNode();
        EtsTable? table = null;
        Pid heir = system.Spawn(async self => await self.Receive<string>());
        Pid receiver = system.Spawn(async self => await self.Receive<string>());
        system.Spawn(async self =>
        {
            table = self.System.Ets.New(s_name, new EtsOptions { Heir = heir, HeirData = "inherited" });
            await self.Yield();
            try
            {
                table.GiveAway(receiver, "given");
            }
            catch (EtsException) { }
        });
        schedule.Start("ender", () => system.Send(receiver, "end"));
        schedule.Run();
        schedule.Check(table is { IsDeleted: false }, "the table is gone, though its heir lives");
        schedule.Check(table.Owner == heir, $"{table.Owner} owns the table");
    }
}
