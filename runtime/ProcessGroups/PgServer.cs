using System.Runtime.InteropServices;

namespace CloudScale.Runtime.ProcessGroups;

/// <summary>The process of a scope, registered under its name: keeps the table, and tells the scope's processes on other nodes.</summary>
/// <remarks>
/// <para>Each of two scope processes that hear of one another asks the other with <c>{discover, Pid}</c>, is answered with the cast <c>{sync, Pid, [{Group, [Member]}]}</c>, all local members at once, and monitors
/// the other; from then on it is sent <c>{join, Pid, Group, Member | [Member]}</c> and <c>{leave, Pid, Member | [Member], [Group]}</c>. The order of signals between the two makes the views equal. What comes
/// from a process that was not discovered is of a connection that was lost and is dropped.</para>
/// <para>Calls: <c>{join_local, Group, Pids}</c>, <c>{leave_local, Group, Pids}</c>, <c>monitor</c>, <c>{monitor, Group}</c>, <c>{demonitor, Reference}</c>. Source: OTP kernel, pg.</para>
/// </remarks>
internal sealed class PgServer(Node node, Atom scope, GroupTable table) : GenServer
{
    internal static readonly Atom JoinLocal = Atom.Of("join_local");
    internal static readonly Atom LeaveLocal = Atom.Of("leave_local");
    internal static readonly Atom Monitor = Atom.Of("monitor");
    internal static readonly Atom Demonitor = Atom.Of("demonitor");
    private static readonly Atom s_discover = Atom.Of("discover");
    private static readonly Atom s_sync = Atom.Of("sync");
    private static readonly Atom s_join = Atom.Of("join");
    private static readonly Atom s_leave = Atom.Of("leave");
    private static readonly Atom s_notJoined = Atom.Of("not_joined");

    private readonly Dictionary<Pid, Local> _locals = [];
    private readonly Dictionary<Pid, Remote> _remotes = [];
    private readonly Dictionary<Reference, Watcher> _watchers = [];

    protected override ProcessTask<InitResult> Init()
    {
        table.Clear(); // members joined a process of this scope that is no more, as in OTP
        node.MonitorNodes(Self.Pid);
        foreach (var peer in node.Nodes)
            if (!peer.IsHidden)
                Discover(peer.Name);
        return InitResult.Ok;
    }

    protected override ProcessTask<Next> HandleCall(object request, From from)
    {
        switch (request)
        {
            case Tuple and [Atom what, var group, var pids] when ReferenceEquals(what, JoinLocal) && TryPids(pids, out Pid[] joining):
                JoinHere(group, joining);
                Broadcast(Tuple.Of(s_join, Self.Pid, group, pids));
                return Reply(Atoms.Ok);
            case Tuple and [Atom what, var group, var pids] when ReferenceEquals(what, LeaveLocal) && TryPids(pids, out Pid[] leaving):
                if (LeaveHere(group, leaving).Length == 0)
                    return Reply(s_notJoined);
                Broadcast(Tuple.Of(s_leave, Self.Pid, pids, List.Of(group)));
                return Reply(Atoms.Ok);
            case Atom what when ReferenceEquals(what, Monitor):
                Map all = Map.Of([.. table.All.Select(entry => (entry.Key, (object)ToList(entry.Value.All.Span)))]);
                return Reply(Tuple.Of(Watch(from.Caller, null), all));
            case Tuple and [Atom what, var group] when ReferenceEquals(what, Monitor):
                return Reply(Tuple.Of(Watch(from.Caller, group), ToList(table.Of(group).All.Span)));
            case Tuple and [Atom what, Reference reference] when ReferenceEquals(what, Demonitor):
                if (!_watchers.Remove(reference))
                    return Reply(Atoms.False);
                Self.Demonitor(reference);
                return Reply(Atoms.Ok);
            default:
                return base.HandleCall(request, from);
        }
    }

    protected override ProcessTask<Next> HandleCast(object request)
    {
        if (request is not (Tuple and [Atom what, Pid peer, List groups]) || !ReferenceEquals(what, s_sync))
            return base.HandleCast(request);
        if (IsConnected(peer.Node.Name)) // else it has gone since it said so, and a monitor would connect to it
            Sync(Met(peer), groups);
        return NoReply;
    }

    protected override ProcessTask<Next> HandleInfo(object message)
    {
        switch (message)
        {
            case Down down:
                Lost(down);
                break;
            case NodeUp up:
                Discover(up.Node);
                break;
            case NodeDown:
                break; // the monitor of its scope process tells
            case Tuple and [Atom what, Pid peer, ..] discover when ReferenceEquals(what, s_discover) && discover.Count <= 3: // later releases add a version
                if (Tell(peer, new GenCast(Tuple.Of(s_sync, Self.Pid, LocalGroups()))) == SendOutcome.NoConnect)
                    break; // it has gone since it asked: a monitor would connect to it
                if (!_remotes.ContainsKey(peer))
                {
                    Met(peer);
                    Tell(peer, Tuple.Of(s_discover, Self.Pid));
                }

                break;
            case Tuple and [Atom what, Pid peer, var group, var pids] when ReferenceEquals(what, s_join):
                if (_remotes.TryGetValue(peer, out Remote? joined) && TryPids(pids, out Pid[] joining))
                    joined.Join(this, group, joining);
                break;
            case Tuple and [Atom what, Pid peer, var pids, List groups] when ReferenceEquals(what, s_leave):
                if (_remotes.TryGetValue(peer, out Remote? left) && TryPids(pids, out Pid[] leaving))
                    foreach (object group in groups)
                        left.Leave(this, group, leaving);
                break;
            default:
                return base.HandleInfo(message);
        }

        return NoReply;
    }

    protected override ProcessTask Terminate(object reason)
    {
        table.Clear();
        return default;
    }

    private void Discover(Atom peer) => Self.Send(scope, peer, Tuple.Of(s_discover, Self.Pid), SendOptions.NoConnect);

    /// <summary>What is worth no new connection: a node that comes up again is told everything.</summary>
    private SendOutcome Tell(Pid peer, object message) => Self.Send(peer, message, SendOptions.NoConnect);

    private bool IsConnected(Atom peer) => node.Nodes.Any(info => ReferenceEquals(info.Name, peer));

    private Remote Met(Pid peer)
    {
        if (!_remotes.TryGetValue(peer, out Remote? remote))
            _remotes[peer] = remote = new Remote(Self.Monitor(peer));
        return remote;
    }

    private void Broadcast(Tuple message)
    {
        foreach (Pid peer in _remotes.Keys)
            Tell(peer, message);
    }

    private List LocalGroups() =>
        List.Of([
            .. table
                .All.Where(entry => entry.Value.Local.Count > 0)
                .Select(entry => (object)Tuple.Of(entry.Key, ToList(entry.Value.Local.Span))),
        ]);

    private void JoinHere(object group, Pid[] pids)
    {
        foreach (Pid pid in pids)
        {
            ref Local? local = ref CollectionsMarshal.GetValueRefOrAddDefault(_locals, pid, out _);
            local ??= new Local(Self.Monitor(pid));
            local.Groups.Add(group);
        }

        Change(group, pids, hasJoined: true, isLocal: true);
    }

    /// <returns>Those that were in the group.</returns>
    private Pid[] LeaveHere(object group, Pid[] pids)
    {
        List<Pid> left = new(pids.Length);
        foreach (Pid pid in pids)
        {
            if (!_locals.TryGetValue(pid, out Local? local))
                continue;
            int index = local.Groups.FindIndex(joined => Term.AreEqual(joined, group));
            if (index < 0)
                continue;
            local.Groups.RemoveAt(index);
            left.Add(pid);
            if (local.Groups.Count > 0)
                continue;
            _locals.Remove(pid);
            Self.Demonitor(local.Monitor, flush: true);
        }

        Pid[] gone = [.. left];
        if (gone.Length > 0)
            Change(group, gone, hasJoined: false, isLocal: true);
        return gone;
    }

    private void Lost(Down down)
    {
        if (_watchers.Remove(down.Reference) || down.Object is not Pid pid)
            return;
        if (_remotes.TryGetValue(pid, out Remote? remote) && remote.Monitor == down.Reference)
        {
            _remotes.Remove(pid);
            foreach (var (group, pids) in remote.Groups)
                Change(group, pids.Span, hasJoined: false, isLocal: false);
        }
        else if (_locals.TryGetValue(pid, out Local? local) && local.Monitor == down.Reference)
        {
            _locals.Remove(pid);
            foreach (object group in local.Groups)
                Change(group, [pid], hasJoined: false, isLocal: true);
            Broadcast(Tuple.Of(s_leave, Self.Pid, pid, List.Of([.. local.Groups])));
        }
    }

    /// <summary>Makes what is known of another node what it says: groups that it no longer names, and members that it names more or less often.</summary>
    private void Sync(Remote remote, List groups)
    {
        Dictionary<object, Pid[]> now = new(TermComparer.Instance);
        foreach (object entry in groups)
            if (entry is Tuple and [var group, var pids] && TryPids(pids, out Pid[] members) && members.Length > 0)
                now[group] = members;
        foreach (object group in remote.Groups.Keys.Where(group => !now.ContainsKey(group)).ToArray())
            remote.Leave(this, group, remote.Groups[group].Span);
        foreach (var (group, members) in now)
        {
            Members known = remote.Groups.GetValueOrDefault(group);
            Members gone = known.Removing(members);
            Members come = default(Members).Adding(members).Removing(known.Span);
            if (gone.Count > 0)
                remote.Leave(this, group, gone.Span);
            if (come.Count > 0)
                remote.Join(this, group, come.Span);
        }
    }

    private void Change(object group, ReadOnlySpan<Pid> pids, bool hasJoined, bool isLocal)
    {
        if (hasJoined)
            table.Join(group, pids, isLocal);
        else
            table.Leave(group, pids, isLocal);
        if (_watchers.Count == 0)
            return;
        List list = ToList(pids);
        foreach (var (reference, watcher) in _watchers)
            if (watcher.Group is null || Term.AreEqual(watcher.Group, group))
                Self.Send(watcher.Pid, new GroupChange(reference, hasJoined, group, list));
    }

    private Reference Watch(Pid pid, object? group)
    {
        Reference reference = Self.Monitor(pid);
        _watchers.Add(reference, new Watcher(pid, group));
        return reference;
    }

    private static List ToList(ReadOnlySpan<Pid> pids)
    {
        object[] elements = new object[pids.Length];
        for (int i = 0; i < pids.Length; i++)
            elements[i] = pids[i];
        return List.Of(elements);
    }

    private static bool TryPids(object pids, out Pid[] members)
    {
        members = pids switch
        {
            Pid pid => [pid],
            List { IsProper: true } list when list.All(element => element is Pid) => [.. list.Cast<Pid>()],
            _ => null!,
        };
        return members is not null;
    }

    /// <summary>A process of this node and the groups it has joined, each as often as it has.</summary>
    private sealed class Local(Reference monitor)
    {
        internal readonly Reference Monitor = monitor;
        internal readonly List<object> Groups = new(1);
    }

    /// <summary>The scope on another node: what it has told of its processes.</summary>
    private sealed class Remote(Reference monitor)
    {
        internal readonly Reference Monitor = monitor;
        internal readonly Dictionary<object, Members> Groups = new(TermComparer.Instance);

        internal void Join(PgServer server, object group, ReadOnlySpan<Pid> pids)
        {
            Groups[group] = Groups.GetValueOrDefault(group).Adding(pids);
            server.Change(group, pids, hasJoined: true, isLocal: false);
        }

        internal void Leave(PgServer server, object group, ReadOnlySpan<Pid> pids)
        {
            if (!Groups.TryGetValue(group, out Members known))
                return;
            Members left = known.Removing(pids);
            Members gone = known.Removing(left.Span);
            if (left.Count == 0)
                Groups.Remove(group);
            else
                Groups[group] = left;
            if (gone.Count > 0)
                server.Change(group, gone.Span, hasJoined: false, isLocal: false);
        }
    }

    private readonly record struct Watcher(Pid Pid, object? Group);
}
