namespace CloudScale.Runtime.Global;

/// <summary>
/// The process that joins partitions: when the name servers of two nodes have met, it and its like on the other node each lock the names of all nodes they know; when both have, names may be exchanged.
/// </summary>
/// <remarks>
/// Both lock for the same requester, the sorted list of the two lockers, so that nodes known to both are no obstacle. Who asks first also locks the other's node, which keeps two that ask each other from
/// waiting for ever. Lockers talk through the name servers: <c>{lock_set, Locker, IsSet, Known, Tag}</c>, without the tag before version 8. Source: OTP kernel, global.
/// </remarks>
internal sealed class GlobalLocker(GlobalTable table, Atom me)
{
    private readonly List<Peer> _waiting = [];
    private readonly HashSet<Atom> _known = [];
    private bool _justJoined;

    /// <summary>The locker of a node whose name server we have met.</summary>
    internal sealed record Peer(Atom Node, Pid Locker, int Version, long MyTag, object HisTag);

    /// <summary>A join has ended, well or not: the lock goes, and before it what other nodes have to hear.</summary>
    internal sealed record Cancel(Atom Node, long? Tag, IReadOnlyList<(Atom Node, Tuple News)>? Announcements);

    internal sealed record KnownAdded(IReadOnlyCollection<Atom> Nodes);

    internal sealed record KnownRemoved(Atom Node);

    /// <summary>The other locker has locked its side, or could not.</summary>
    internal sealed record LockSet(Pid Locker, bool IsSet, long? Tag);

    internal async ProcessTask Run(Self self)
    {
        while (true)
        {
            Received<object> message = await self.TryReceive(Wait());
            _justJoined = false;
            if (message.HasValue)
                await Handle(self, message.Value);
            else if (table.LockOn(LockId.Global) is null)
                await JoinOne(self);
        }
    }

    // Longer than nothing, or this node, having failed, would be the first again before another of its partition gets the lock.
    private TimeSpan Wait()
    {
        if (_waiting.Count == 0)
            return Timeout.InfiniteTimeSpan;
        if (_justJoined)
            return TimeSpan.Zero;
        return TimeSpan.FromMilliseconds(_known.Count == 0 ? 200 : Math.Min(1_000 + (100 * _known.Count), 3_000));
    }

    private async ProcessTask Handle(Self self, object message)
    {
        switch (message)
        {
            case Peer peer:
                _waiting.Add(peer);
                break;
            case KnownAdded or KnownRemoved:
                Learn(message);
                break;
            case Cancel { Tag: { } tag } cancel:
                Forget(cancel.Node, tag);
                break;
            case LockSet { IsSet: true } asked:
                await JoinAsAsked(self, asked);
                break;
        }
    }

    /// <summary>The other locker was first.</summary>
    private async ProcessTask JoinAsAsked(Self self, LockSet asked)
    {
        Atom node = asked.Locker.Node.Name;
        Peer? peer = _waiting.Find(known => ReferenceEquals(known.Node, node));
        if (peer is null || (asked.Tag is { } tag && tag != peer.MyTag))
        {
            // Without a meeting there is no tag that he would take.
            Tell(self, peer ?? new Peer(node, asked.Locker, Version: 6, 0, 0L), isSet: false);
            return;
        }

        LockId id = IdWith(self, asked.Locker);
        bool isSet = await LockOurs(self, id, []);
        Tell(self, peer, isSet);
        if (isSet)
            await Hold(self, peer, id, [me, .. _known]);
    }

    /// <summary>We are first: one of those that wait, by chance.</summary>
    private async ProcessTask JoinOne(Self self)
    {
        _waiting.RemoveAll(peer => _known.Contains(peer.Node));
        Peer[] near = [.. _waiting.Where(peer => HostOf(peer.Node) == HostOf(me))];
        Peer[] candidates = near.Length > 0 ? near : [.. _waiting];
        if (candidates.Length == 0)
            return;
        Peer peer = candidates[Random.Shared.Next(candidates.Length)];
        LockId id = IdWith(self, peer.Locker);
        if (!await LockOurs(self, id, [peer.Node]))
            return;
        Atom[] locked = [me, peer.Node, .. _known];
        Tell(self, peer, isSet: true);
        while (true)
        {
            object answer = await self.Receive<object>(message =>
                message is LockSet set
                    ? ReferenceEquals(set.Locker.Node.Name, peer.Node)
                    : message is Cancel cancel && ReferenceEquals(cancel.Node, peer.Node) && cancel.Tag == peer.MyTag
            );
            if (answer is LockSet { Tag: { } tag } && tag != peer.MyTag)
                continue; // of a meeting that is over
            if (answer is LockSet { IsSet: true })
            {
                await Hold(self, peer, id, locked);
                return;
            }

            if (answer is Cancel cancelled)
            {
                Announce(self, cancelled);
                Forget(peer.Node, peer.MyTag);
            }

            await GlobalLocks.DeleteBossLast(self, id, locked);
            return;
        }
    }

    /// <summary>Both have locked: the name servers exchange names, and ours says when that is over. Should the other node be lost, it says so too.</summary>
    private async ProcessTask Hold(Self self, Peer peer, LockId id, IReadOnlyCollection<Atom> locked)
    {
        self.Send(GlobalNameServer.Name, new GenCast(new GlobalNameServer.LockIsSet(peer.Node, peer.MyTag, id)));
        Cancel over = await self.Receive<Cancel>(cancel => ReferenceEquals(cancel.Node, peer.Node) && cancel.Tag == peer.MyTag);
        Announce(self, over); // before the lock goes, so that they hear of it under the lock
        await GlobalLocks.DeleteBossLast(self, id, locked);
        _justJoined = true;
        Forget(peer.Node, peer.MyTag);
    }

    private async ProcessTask<bool> LockOurs(Self self, LockId id, Atom[] besides)
    {
        Atom boss = GlobalLocks.BossOf([me, .. _known]);
        if (!ReferenceEquals(boss, me) && !table.MayLock(id))
            return false;
        if (!await GlobalLocks.TrySet(self, table, id, [boss]))
            return false;
        while (await self.TryReceive<object>(message => message is KnownAdded or KnownRemoved, TimeSpan.Zero) is { HasValue: true } news)
            Learn(news.Value);
        Atom[] second = [.. new[] { me }.Concat(besides).Where(node => !ReferenceEquals(node, boss))];
        if (!await GlobalLocks.TrySet(self, table, id, second))
        {
            await GlobalLocks.Delete(self, id, [boss]);
            return false;
        }

        if (await GlobalLocks.TrySet(self, table, id, [.. _known.Where(node => !ReferenceEquals(node, boss))]))
            return true;
        await GlobalLocks.Delete(self, id, [boss, .. second]);
        return false;
    }

    private void Tell(Self self, Peer peer, bool isSet)
    {
        object known = List.Of([.. _known.Select(node => (object)node)]);
        Tuple message =
            peer.Version < GlobalNameServer.VerifyConnect
                ? Tuple.Of(GlobalNameServer.LockSetTag, self.Pid, isSet, known)
                : Tuple.Of(GlobalNameServer.LockSetTag, self.Pid, isSet, known, peer.HisTag);
        self.Send(GlobalNameServer.Name, peer.Node, new GenCast(message), SendOptions.NoConnect);
    }

    private static void Announce(Self self, Cancel over)
    {
        foreach (var (node, news) in over.Announcements ?? [])
            self.Send(GlobalNameServer.Name, node, new GenCast(news), SendOptions.NoConnect);
    }

    private void Learn(object news)
    {
        if (news is KnownAdded added)
            _known.UnionWith(added.Nodes);
        else if (news is KnownRemoved removed)
            _known.Remove(removed.Node);
    }

    private void Forget(Atom node, long tag) => _waiting.RemoveAll(peer => ReferenceEquals(peer.Node, node) && peer.MyTag == tag);

    private static LockId IdWith(Self self, Pid other)
    {
        object mine = self.Pid;
        object his = other;
        return new LockId(LockId.Global, Term.Compare(mine, his) <= 0 ? List.Of(mine, his) : List.Of(his, mine));
    }

    private static string HostOf(Atom node) => node.Name[(node.Name.IndexOf('@', StringComparison.Ordinal) + 1)..];
}
