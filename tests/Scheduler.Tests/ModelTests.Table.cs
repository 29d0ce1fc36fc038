using CloudScale.Scheduling;

namespace CloudScale.Scheduler.Tests;

/// <content>The process table.</content>
public sealed partial class ModelTests
{
    [Test]
    [Repeat(10)]
    public void Table_RandomSpawnsAndExits_MatchesADictionary()
    {
        Random random = Seeded(out int seed);
        using ProcessSystem system = new(new ProcessSystemOptions { Stepped = true, Schedulers = 1 });
        const int limit = 500;
        ProcessTable table = new(limit);
        NumberCache[] caches = [new(table), new(table)];
        Dictionary<ulong, Process> alive = [];
        HashSet<ulong> ever = [];
        List<ulong> dead = [];
        for (int step = 0; step < 20_000; step++)
        {
            string where = $"seed {seed}, step {step}";
            NumberCache cache = caches[random.Next(caches.Length)];
            if (random.Next(100) < 52 && alive.Count < limit - (2 * ProcessTable.Batch * caches.Length))
            {
                ulong number = cache.Take();
                Assert.That(ever.Add(number), $"{where}: number {number} came twice");
                Process process = new(system, number, new object(), 0);
                table.Set(process);
                alive.Add(number, process);
            }
            else if (alive.Count > 0)
            {
                ulong number = alive.Keys.ElementAt(random.Next(alive.Count));
                alive.Remove(number);
                dead.Add(number);
                table.Clear(number);
                cache.Return(number);
            }

            if (dead.Count > 0)
                Assert.That(table.Find(dead[random.Next(dead.Count)]), Is.Null, where);
            if (alive.Count > 0)
            {
                (ulong number, Process process) = alive.ElementAt(random.Next(alive.Count));
                Assert.That(table.Find(number), Is.SameAs(process), where);
            }
        }

        int count = 0;
        table.ForEach(_ => count++);
        Assert.That(count, Is.EqualTo(alive.Count));
        Assert.That(table.Find(0), Is.Null);
        Assert.That(table.Find(ulong.MaxValue), Is.Null);
    }

    [Test]
    public void Table_WholeSegmentsFree_GiveTheirMemoryBackAndKeepTheirSerials()
    {
        Random random = Seeded(out int seed);
        using ProcessSystem system = new(new ProcessSystemOptions { Stepped = true, Schedulers = 1 });
        const int segments = 6;
        ProcessTable table = new(segments * ProcessTable.SegmentSize);
        NumberCache cache = new(table);
        HashSet<ulong> ever = [];
        for (int round = 0; round < 3; round++)
        {
            List<Process> alive = [];
            for (int i = 0; i < (segments - 1) * ProcessTable.SegmentSize; i++)
            {
                ulong number = cache.Take();
                Assert.That(ever.Add(number), $"seed {seed}, round {round}: number {number} came twice");
                alive.Add(new Process(system, number, new object(), 0));
                table.Set(alive[^1]);
            }

            Assert.That(table.SegmentsHeld, Is.GreaterThanOrEqualTo(segments - 1));
            Assert.That(alive, Has.All.Matches<Process>(process => table.Find(process!.Number) == process), $"seed {seed}, round {round}");
            Process[] order = [.. alive];
            random.Shuffle(order);
            Process survivor = order[^1];
            foreach (Process process in order.AsSpan(0, order.Length - 1))
            {
                table.Clear(process.Number);
                cache.Return(process.Number);
            }

            cache.Empty();
            Assert.That(table.SegmentsHeld, Is.LessThanOrEqualTo(2), "the current segment and the survivor's");
            Assert.That(table.Find(survivor.Number), Is.SameAs(survivor));
            Assert.That(
                order.SkipLast(1),
                Has.All.Matches<Process>(process => table.Find(process!.Number) is null),
                $"seed {seed}, round {round}"
            );
            table.Clear(survivor.Number);
            cache.Return(survivor.Number);
            cache.Empty();
        }
    }

    [Test]
    public void Table_Full_SaysWhichLimit()
    {
        using ProcessSystem system = new(
            new ProcessSystemOptions
            {
                Stepped = true,
                Schedulers = 1,
                MaxProcesses = 10,
            }
        );
        for (int i = 0; i < 10; i++)
            system.Spawn(async self => await self.Receive());
        Assert.That(
            () => system.Spawn(_ => default),
            Throws.TypeOf<SystemLimitException>().With.Message.Contains(nameof(ProcessSystemOptions.MaxProcesses))
        );
    }
}
