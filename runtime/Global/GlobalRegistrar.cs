namespace CloudScale.Runtime.Global;

/// <summary>The process that changes names: one at a time, under the global lock, on all known nodes or none.</summary>
/// <remarks>It never ends before the name server does, so a change that was begun is finished whatever becomes of who asked for it.</remarks>
internal static class GlobalRegistrar
{
    /// <summary>Asks for a change; the answer is what it gives.</summary>
    internal sealed record Change(Func<Self, IReadOnlyCollection<Atom>, ProcessTask<object>> Body);

    internal sealed record Order(Change Change, From From);

    internal static async ProcessTask Run(Self self, GlobalTable table)
    {
        LockId id = new(LockId.Global, self.Pid);
        while (true)
        {
            Order order = await self.Receive<Order>();
            IReadOnlyCollection<Atom> nodes = await LockAllKnown(self, table, id);
            object result;
            try
            {
                result = await order.Change.Body(self, nodes);
            }
            finally
            {
                await GlobalLocks.DeleteBossLast(self, id, nodes);
            }

            self.Reply(order.From, result);
        }
    }

    private static async ProcessTask<IReadOnlyCollection<Atom>> LockAllKnown(Self self, GlobalTable table, LockId id)
    {
        for (int times = 0; ; times++)
        {
            Atom[] known = await Known(self);
            Atom[] nodes = [self.Pid.Node.Name, .. known];
            Atom boss = GlobalLocks.BossOf(nodes);
            if (await GlobalLocks.TrySet(self, table, id, [boss]))
            {
                if (await GlobalLocks.TrySet(self, table, id, nodes))
                {
                    if ((await Known(self)).All(known.Contains))
                        return nodes;
                    await GlobalLocks.Delete(self, id, nodes); // one has become known meanwhile, whose names we do not know
                }

                await GlobalLocks.Delete(self, id, [boss]);
            }

            await GlobalLocks.Pause(self, times);
        }
    }

    private static async ProcessTask<Atom[]> Known(Self self) =>
        [.. ((List)await self.Call(GlobalNameServer.Name, GlobalNameServer.GetKnown, Timeout.InfiniteTimeSpan)).Cast<Atom>()];
}
