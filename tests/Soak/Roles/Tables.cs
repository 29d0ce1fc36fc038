using CloudScale.Scheduling;

namespace CloudScale.Soak.Roles;

/// <summary>Tables that several processes write: no update is lost, and a table whose owner is gone is its heir's, or is gone too.</summary>
internal sealed class Tables : Role
{
    private static readonly Atom s_name = Atom.Of("soak_table");
    private static readonly Atom s_counter = Atom.Of("counter");
    private static readonly Atom s_data = Atom.Of("data");

    protected override async ProcessTask Episode(Self self, World world, Random random)
    {
        EtsType type = random.Next(2) == 0 ? EtsType.Set : EtsType.OrderedSet;
        EtsTable table = self.System.Ets.New(s_name, new EtsOptions { Type = type, Access = EtsAccess.Public });
        table.Insert(Tuple.Of(s_counter, 0L));
        (int writers, int each) = (random.Next(1, 8), random.Next(1, 60));
        var due = new Dictionary<Reference, Pid>();
        for (int index = 0; index < writers; index++)
        {
            long number = index;
            Pid writer = self.SpawnMonitor(other => Write(other, table, number, each), out Reference monitor);
            due.Add(monitor, writer);
        }

        await TakeDowns(self, world, due);
        world.Check(
            table.LookupElement(s_counter, 2) is long sum && sum == (long)writers * each,
            $"{Name}: {writers} times {each} updates gave {table.LookupElement(s_counter, 2)}"
        );
        world.Check(
            table.ToList().Count == (writers * each) + 1,
            $"{Name}: {writers} times {each} rows are {table.ToList().Count} with the counter"
        );
        table.Delete();
        await Inherit(self, world, random);
    }

    private async ProcessTask Inherit(Self self, World world, Random random)
    {
        (Pid heir, Pid driver) = (random.Next(2) == 0 ? self.Pid : default, self.Pid);
        Pid owner = self.SpawnMonitor(other => Own(other, heir, driver), out Reference monitor);
        Received<EtsTable> told = await self.TryReceive<EtsTable>(Patience);
        world.Check(told.HasValue, $"{Name}: a table was never made");
        if (random.Next(2) == 0)
            self.Exit(owner, Atoms.Kill);
        else
            self.Send(owner, Go);
        if (!heir.IsNone)
        {
            Received<EtsTransfer> transfer = await self.TryReceive<EtsTransfer>(Patience);
            world.Check(transfer.HasValue && ReferenceEquals(transfer.Value.Table, told.Value), $"{Name}: a table was not inherited");
        }

        await TakeDowns(self, world, new() { [monitor] = owner });
        world.Check(
            !self.System.Ets.TryGet(told.Value.Id, out _) == heir.IsNone,
            $"{Name}: a table outlived its owner without an heir, or did not with one"
        );
        if (!heir.IsNone)
            told.Value.Delete();
    }

    private static async ProcessTask Write(Self self, EtsTable table, long number, int each)
    {
        for (long row = 0; row < each; row++)
        {
            table.UpdateCounter(s_counter, 1L);
            table.Insert(Tuple.Of((number << 32) | row, row));
            if (row % 16 == 15)
                await self.Yield();
        }
    }

    private static async ProcessTask Own(Self self, Pid heir, Pid driver)
    {
        EtsTable table = self.System.Ets.New(s_name, new EtsOptions { Heir = heir, HeirData = heir.IsNone ? null : s_data });
        self.Send(driver, table);
        await Wait(self);
    }
}
