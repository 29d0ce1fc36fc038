namespace CloudScale.Runtime.Global;

/// <summary>Setting and deleting locks on several nodes, from any process.</summary>
/// <remarks>
/// A lock is held on each node by its name server. It is set if all of the nodes that answer grant it, and taken back where it was granted otherwise; the greatest node, the boss, is asked first by those
/// who lock many nodes, so that most who compete meet there. Wire: calls <c>{set_lock, Id}</c> and <c>{del_lock, Id}</c> to <c>global_name_server</c>. Source: OTP kernel, global.
/// </remarks>
internal static class GlobalLocks
{
    private static readonly Atom s_setLock = Atom.Of("set_lock");
    private static readonly Atom s_delLock = Atom.Of("del_lock");

    /// <summary>Tries once.</summary>
    internal static async ProcessTask<bool> TrySet(Self self, GlobalTable table, LockId id, IReadOnlyCollection<Atom> nodes)
    {
        if (nodes.Count == 0)
            return true;
        if (nodes.Count > 1 && nodes.Contains(self.Pid.Node.Name) && !table.MayLock(id))
            return false; // our own node would refuse, so nobody need be asked
        MultiCallResult result = await self.MultiCall(nodes, GlobalNameServer.Name, Tuple.Of(s_setLock, id.ToTerm()));
        if (result.Replies.All(answer => IsTrue(answer.Reply)))
            return true;
        Atom[] granted = [.. result.Replies.Where(answer => IsTrue(answer.Reply)).Select(answer => answer.Node)];
        if (result.Replies.Count > 1)
            await Delete(self, id, granted);
        return false;
    }

    /// <summary>Tries until it is set, or so many times more.</summary>
    /// <param name="self">The process that will hold it.</param>
    /// <param name="table">This node's locks.</param>
    /// <param name="id">What and for whom.</param>
    /// <param name="nodes">Where.</param>
    /// <param name="retries">Null for no end.</param>
    internal static async ProcessTask<bool> Set(Self self, GlobalTable table, LockId id, IReadOnlyCollection<Atom> nodes, int? retries)
    {
        for (int times = 1; ; times++)
        {
            if (await TrySet(self, table, id, nodes))
                return true;
            if (retries is { } limit && times > limit)
                return false;
            await Pause(self, times);
        }
    }

    internal static async ProcessTask Delete(Self self, LockId id, IReadOnlyCollection<Atom> nodes)
    {
        if (nodes.Count > 0)
            await self.MultiCall(nodes, GlobalNameServer.Name, Tuple.Of(s_delLock, id.ToTerm()));
    }

    /// <summary>Deletes a lock, on the boss last: he who finds the boss free finds the others free.</summary>
    internal static async ProcessTask DeleteBossLast(Self self, LockId id, IReadOnlyCollection<Atom> nodes)
    {
        Atom boss = BossOf(nodes);
        await Delete(self, id, [.. nodes.Where(node => !ReferenceEquals(node, boss))]);
        await Delete(self, id, [boss]);
    }

    internal static Atom BossOf(IEnumerable<Atom> nodes) =>
        nodes.MaxBy(node => (object)node, TermComparer.Instance) ?? throw new ArgumentException("No nodes.", nameof(nodes));

    /// <summary>A random time: up to a quarter of a second at first, doubling to eight seconds.</summary>
    internal static SleepAwaitable Pause(Self self, int times) =>
        self.Sleep(TimeSpan.FromMilliseconds(Random.Shared.Next(1, times > 5 ? 8_000 : (1 << times) * 1_000 / 8)));

    private static bool IsTrue(object reply) => Term.AreEqual(reply, Atoms.True);
}
