using CloudScale.Runtime.ProcessGroups;

namespace CloudScale;

/// <summary>Groups of processes under common names, known to all connected nodes that run the same scope: OTP's <c>pg</c>.</summary>
/// <remarks>
/// A group is any term, exists while it has a process, and may have one more than once. Only processes of this node can be joined and left here; who exits, or whose node is lost, is gone from all groups. Views
/// of different nodes are equal once what is on the way has arrived, and may differ before: there are no locks. Threads: <see cref="Members"/>, <see cref="LocalMembers"/> and <see cref="Groups"/> are reads of
/// a table, from any thread; the rest is asked of the scope's process. Wire and source: OTP kernel, pg.
/// </remarks>
public sealed class PgScope
{
    /// <summary>The scope that each node has: <c>pg</c>.</summary>
    public static readonly Atom DefaultName = Atom.Of("pg");

    private readonly Node _node;
    private readonly GroupTable _table;

    internal PgScope(Node node, Atom name, GroupTable table)
    {
        _node = node;
        Name = name;
        _table = table;
    }

    /// <summary>The scope's name, under which its process is registered, here and on the other nodes.</summary>
    public Atom Name { get; }

    /// <summary>The groups that have a process.</summary>
    public IReadOnlyCollection<object> Groups => [.. _table.Names];

    /// <summary>The processes of a group on all connected nodes, in no order; as often as they have joined.</summary>
    public IReadOnlyList<Pid> Members(object group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return _table.Of(group).All.List;
    }

    /// <summary>The processes of a group on this node.</summary>
    public IReadOnlyList<Pid> LocalMembers(object group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return _table.Of(group).Local.List;
    }

    /// <summary>Adds processes of this node to a group; each becomes a member once more. When this ends the table shows it.</summary>
    /// <exception cref="ArgumentException">A process is of another node.</exception>
    public async ProcessTask Join(Self self, object group, params IReadOnlyList<Pid> pids) =>
        await self.Call(Name, Tuple.Of(PgServer.JoinLocal, group, Local(pids)), Timeout.InfiniteTimeSpan);

    /// <summary>Takes processes of this node out of a group, each once.</summary>
    /// <returns>Whether any of them was in it; OTP says <c>not_joined</c> otherwise.</returns>
    /// <exception cref="ArgumentException">A process is of another node.</exception>
    public async ProcessTask<bool> Leave(Self self, object group, params IReadOnlyList<Pid> pids) =>
        ReferenceEquals(await self.Call(Name, Tuple.Of(PgServer.LeaveLocal, group, Local(pids)), Timeout.InfiniteTimeSpan), Atoms.Ok);

    /// <summary>From now on the caller receives <see cref="GroupChange"/> of one group.</summary>
    /// <returns>The members now, and the reference that the messages carry.</returns>
    public async ProcessTask<(Reference Reference, IReadOnlyList<Pid> Members)> Monitor(Self self, object group)
    {
        var answer = (Tuple)await self.Call(Name, Tuple.Of(PgServer.Monitor, group), Timeout.InfiniteTimeSpan);
        return ((Reference)answer[0], [.. ((List)answer[1]).Cast<Pid>()]);
    }

    /// <summary>From now on the caller receives <see cref="GroupChange"/> of all groups of the scope.</summary>
    /// <returns>All groups now, and the reference that the messages carry.</returns>
    public async ProcessTask<(Reference Reference, Map Groups)> MonitorScope(Self self)
    {
        var answer = (Tuple)await self.Call(Name, PgServer.Monitor, Timeout.InfiniteTimeSpan);
        return ((Reference)answer[0], (Map)answer[1]);
    }

    /// <summary>Ends a <see cref="Monitor"/> or <see cref="MonitorScope"/>, and takes its messages out of the caller's mailbox.</summary>
    /// <returns>Whether there was one.</returns>
    public async ProcessTask<bool> Demonitor(Self self, Reference reference)
    {
        if (!ReferenceEquals(await self.Call(Name, Tuple.Of(PgServer.Demonitor, reference), Timeout.InfiniteTimeSpan), Atoms.Ok))
            return false;
        while ((await self.TryReceive<GroupChange>(change => change.Reference == reference, TimeSpan.Zero)).HasValue) { }
        return true;
    }

    /// <summary>Adds processes to a group, from host code.</summary>
    /// <inheritdoc cref="Join"/>
    public Task JoinAsync(object group, params IReadOnlyList<Pid> pids)
    {
        Local(pids);
        return _node.RunAsync(async self =>
        {
            await Join(self, group, pids);
            return true;
        });
    }

    /// <summary>Takes processes out of a group, from host code.</summary>
    /// <inheritdoc cref="Leave"/>
    public Task<bool> LeaveAsync(object group, params IReadOnlyList<Pid> pids)
    {
        Local(pids);
        return _node.RunAsync(self => Leave(self, group, pids));
    }

    private object Local(IReadOnlyList<Pid> pids)
    {
        ArgumentNullException.ThrowIfNull(pids);
        foreach (Pid pid in pids)
            if (!ReferenceEquals(pid.Node, _node.Identity))
                throw new ArgumentException(
                    $"{pid} is no process of {_node.Name}: a process joins and leaves groups on its own node.",
                    nameof(pids)
                );
        return pids.Count == 1 ? pids[0] : List.Of([.. pids.Select(pid => (object)pid)]);
    }
}

/// <summary>Processes have joined or left a group that is monitored. To Erlang: <c>{Reference, join | leave, Group, Pids}</c>.</summary>
/// <param name="Reference">What <see cref="PgScope.Monitor"/> gave.</param>
/// <param name="HasJoined">Joined, not left.</param>
/// <param name="Group">The group.</param>
/// <param name="Pids">The processes, a list of pids.</param>
public sealed record GroupChange(Reference Reference, bool HasJoined, object Group, List Pids) : ITermConvertible
{
    private static readonly Atom s_join = Atom.Of("join");
    private static readonly Atom s_leave = Atom.Of("leave");

    /// <inheritdoc/>
    public object ToTerm() => Tuple.Of(Reference, HasJoined ? s_join : s_leave, Group, Pids);
}
