using System.Diagnostics;
using CloudScale.Scheduling;

namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>Some processes that work on one public table at the same time.</summary>
internal abstract class EtsScenario : PartScenario
{
    private const int Turn = 1_000; // as in Repeated: a body that behaves gives its turn away now and then
    private static readonly Atom s_name = Atom.Of("t");

    // An operation is one call; count of them in all, equally by each of width processes.
    public sealed override async ProcessTask<(long Operations, TimeSpan Elapsed)> Timed(Self self, int width, int count)
    {
        Pid driver = self.Pid;
        int each = count / width;
        long start = Stopwatch.GetTimestamp();
        EtsTable table = self.System.Ets.New(s_name, new EtsOptions { Access = EtsAccess.Public });
        Fill(table);
        if (!CountsFilling)
            start = Stopwatch.GetTimestamp();
        for (int number = 0; number < width; number++)
        {
            int mine = number;
            self.Spawn(worker => Work(worker, table, driver, mine, each));
        }

        for (int left = width; left > 0; left--)
            await self.Receive<Atom>();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        table.Delete();
        return ((long)width * each, CountsFilling ? Stopwatch.GetElapsedTime(start) : elapsed);
    }

    /// <summary>Whether the time to make, fill and delete the table is part of the round.</summary>
    protected abstract bool CountsFilling { get; }

    protected abstract void Fill(EtsTable table);

    protected abstract long FirstKey(int number, int each);

    /// <summary>Some operations; returns the next key.</summary>
    protected abstract long Some(EtsTable table, long key, int count);

    private async ProcessTask Work(Self self, EtsTable table, Pid driver, int number, int each)
    {
        long key = FirstKey(number, each);
        for (int left = each; left > 0; left -= Turn)
        {
            key = Some(table, key, Math.Min(left, Turn));
            await self.Yield();
        }

        self.Send(driver, Done);
    }
}

/// <summary>New keys into a table, and its deletion. Twin: <c>ets_insert.erl</c>.</summary>
internal sealed class EtsInsert : EtsScenario
{
    protected override bool CountsFilling => true;

    protected override void Fill(EtsTable table) { }

    protected override long FirstKey(int number, int each) => (long)number * each;

    protected override long Some(EtsTable table, long key, int count)
    {
        for (; count > 0; count--, key++)
            table.Insert(Tuple.Of(key, (long)count));
        return key;
    }
}

/// <summary>Look-ups among 100,000 objects. Twin: <c>ets_lookup.erl</c>.</summary>
internal sealed class EtsLookup : EtsScenario
{
    private const int Objects = 100_000;
    private const int Step = 7_919;

    protected override bool CountsFilling => false;

    protected override void Fill(EtsTable table)
    {
        for (long key = 0; key < Objects; key++)
            table.Insert(Tuple.Of(key, key));
    }

    protected override long FirstKey(int number, int each) => (number + 1) * Step;

    protected override long Some(EtsTable table, long key, int count)
    {
        for (; count > 0; count--)
        {
            if (!table.TryLookup(key, out Tuple? row) || (long)row[0] != key)
                throw new InvalidOperationException($"no object of key {key}");
            key = (key + Step) % Objects;
        }

        return key;
    }
}

/// <summary>Counting in 1,000 counters. Twin: <c>ets_update_counter.erl</c>.</summary>
internal sealed class EtsUpdateCounter : EtsScenario
{
    private const int CountersInTable = 1_000;
    private const int Step = 31;

    protected override bool CountsFilling => true;

    protected override void Fill(EtsTable table)
    {
        for (long key = 0; key < CountersInTable; key++)
            table.Insert(Tuple.Of(key, 0L));
    }

    protected override long FirstKey(int number, int each) => (number + 1) * Step;

    protected override long Some(EtsTable table, long key, int count)
    {
        for (; count > 0; count--)
        {
            table.UpdateCounter(key, 1);
            key = (key + Step) % CountersInTable;
        }

        return key;
    }
}
