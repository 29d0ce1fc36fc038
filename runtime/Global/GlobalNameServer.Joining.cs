namespace CloudScale.Runtime.Global;

/// <content>
/// How two partitions become one. Of two nodes that come into contact each
/// (1) sends <c>{init_connect, {Version, Tag}, Node, {locker, _, Known, Locker}}</c> and, as an answer, <c>{init_connect_ack, Node, HisTag, MyTag}</c>: both speak of the same meeting;
/// (2) has its locker lock the names of its partition;
/// (3) sends <c>{exchange, Node, [{Name, Pid, Method}], [], Tag}</c>, and a resolver compares: for a name that both have, the lesser of the two nodes asks the method;
/// (4) sends <c>{resolved, Node, Operations, Known, _, ExternalNames, Tag}</c>, what it has decided and whom it knows;
/// (5) does both sides' operations, tells the nodes of its partition <c>{new_nodes, Node, Operations, ExternalNames, NewNodes, Extra}</c>, and lets go of the locks.
/// Each node connects to each that is new to it, and tells it <c>{in_sync, Node, true}</c>. Messages carry the receiver's tag of the meeting, so that those of one that is over are known; whoever ends one
/// before its time sends <c>{cancel_connect, Node, Tag}</c>, and both begin again.
/// </content>
internal sealed partial class GlobalNameServer
{
    internal const int ProtocolVersion = 8;
    internal const int VerifyConnect = 8; // tags in lock_set, init_connect_ack, cancel_connect
    private const int PreventOverlap = 7; // and versions beside the names of nodes
    internal static readonly Atom LockSetTag = Atom.Of("lock_set");
    private static readonly Atom s_initConnect = Atom.Of("init_connect");
    private static readonly Atom s_initConnectAck = Atom.Of("init_connect_ack");
    private static readonly Atom s_cancelConnect = Atom.Of("cancel_connect");
    private static readonly Atom s_exchange = Atom.Of("exchange");
    private static readonly Atom s_resolved = Atom.Of("resolved");
    private static readonly Atom s_newNodes = Atom.Of("new_nodes");
    private static readonly Atom s_inSync = Atom.Of("in_sync");
    private static readonly Atom s_lockerTag = Atom.Of("locker");
    private static readonly Atom s_noLongerAPid = Atom.Of("no_longer_a_pid");
    private static readonly Atom s_unused = Atom.Of("unused");
    private static readonly Atom s_vsn = Atom.Of("vsn");
    private static readonly Atom s_lock = Atom.Of("lock");

    private static long s_lastTag;

    private readonly HashSet<Atom> _connected = []; // visible nodes
    private readonly Dictionary<Atom, Meeting> _meetings = [];
    private readonly Dictionary<Atom, int> _known = []; // members, with their versions; 0 if not heard of
    private readonly Dictionary<Atom, int> _pending = []; // those we are about to join
    private readonly HashSet<Atom> _synced = [];
    private readonly HashSet<Pid> _syncers = [];

    /// <summary>From the locker: both sides are locked.</summary>
    internal sealed record LockIsSet(Atom Node, long Tag, LockId Id);

    /// <summary>From the resolver: what is to be done here, and what there.</summary>
    internal sealed record ExchangeOperations(Atom Node, long Tag, List Ours, List Theirs);

    /// <summary>A node that is said to be a member cannot be reached.</summary>
    private sealed record ExtraNodeDown(Atom Node);

    /// <summary>How far we are with a node that is to be joined.</summary>
    private sealed class Meeting
    {
        internal long? MyTag; // none while it has only announced itself
        internal object HisTag = Atoms.Undefined;
        internal int Version;
        internal Pid Resolver;
        internal LockId? Lock;
        internal List? HisNames; // came before our lock was set
        internal Tuple? EarlyConnect; // init_connect came before the connection was told of
        internal List? Ours; // our operations
        internal Tuple? HisResolved; // came before our own were ready
    }

    private static long NextTag() => Interlocked.Increment(ref s_lastTag);

    private long? TagOf(Atom peer) => _meetings.GetValueOrDefault(peer)?.MyTag;

    private int VersionOf(Atom peer) => _known.TryGetValue(peer, out int version) ? version : _pending.GetValueOrDefault(peer);

    private bool IsKnownOrPending(Atom peer) => _known.ContainsKey(peer) || _pending.ContainsKey(peer);

    /// <summary>The meeting that a tag is of; one of another tag is over, and its locks are to go.</summary>
    private bool TryMeeting(Atom peer, object tag, out Meeting meeting)
    {
        meeting = _meetings.GetValueOrDefault(peer)!;
        if (meeting?.MyTag is { } mine && tag is long his && mine == his)
            return true;
        CancelJoin(peer, tag as long?);
        return false;
    }

    // ---- (1) ----

    private void Meet(Atom peer)
    {
        if (_known.ContainsKey(peer) || TagOf(peer) is not null)
            return;
        Tuple? early = _meetings.GetValueOrDefault(peer)?.EarlyConnect;
        long tag = NextTag();
        _meetings[peer] = new Meeting { MyTag = tag, Resolver = StartResolver(peer, tag) };
        if (early is not null)
            Self.Send(Self.Pid, new GenCast(early));
        Tuple locker = Tuple.Of(s_lockerTag, s_noLongerAPid, List.Empty, _locker);
        Cast(peer, Tuple.Of(s_initConnect, Tuple.Of((long)ProtocolVersion, tag), node.Name, locker));
    }

    /// <summary>Sends what is worth no new connection.</summary>
    private void Tell(Atom peer, Tuple message)
    {
        if (_connected.Contains(peer))
            Self.Send(Name, peer, message, SendOptions.NoConnect);
    }

    // All of it belongs to a connection that is up: if it has gone meanwhile, the next one begins anew, and none is made for what the last one left to say.
    private void Cast(Atom peer, Tuple request) => Self.Send(Name, peer, new GenCast(request), SendOptions.NoConnect);

    private bool OnCast(Tuple cast)
    {
        switch (cast)
        {
            case [Atom { Name: "init_connect" }, Tuple and [long version, var hisTag, ..], Atom peer, Tuple and [_, _, _, Pid locker]]:
                OnInitConnect(cast, peer, (int)Math.Clamp(version, 0, int.MaxValue), hisTag, locker);
                return true;
            case [Atom { Name: "exchange" }, Atom peer, List names, _, var tag]:
                if (TryMeeting(peer, tag, out Meeting exchanging))
                    Exchange(peer, exchanging, names);
                return true;
            case [Atom { Name: "resolved" }, Atom peer, List, List, _, List, var tag]:
                if (TryMeeting(peer, tag, out Meeting resolving))
                {
                    resolving.HisResolved = cast;
                    Join(peer, resolving);
                }

                return true;
            case [Atom { Name: "new_nodes" }, Atom, List operations, List external, List nodes, var extra]:
                Connect(AddKnown(nodes));
                Do(operations, external, LockOf(extra));
                return true;
            case [Atom { Name: "in_sync" }, Atom peer, _]:
                OnInSync(peer);
                return true;
            case [Atom { Name: "lock_set" }, Pid locker, var isSet, _]:
                Self.Send(_locker, new GlobalLocker.LockSet(locker, Term.AreEqual(isSet, Atoms.True), null));
                return true;
            case [Atom { Name: "lock_set" }, Pid locker, var isSet, _, long tag]:
                if (TagOf(locker.Node.Name) == tag)
                    Self.Send(_locker, new GlobalLocker.LockSet(locker, Term.AreEqual(isSet, Atoms.True), tag));
                return true;
            case [Atom { Name: "async_del_name" or "async_del_lock" }, ..]:
                return true; // of nodes older than R14; monitors do it
            default:
                return false;
        }
    }

    private void OnInitConnect(Tuple cast, Atom peer, int version, object hisTag, Pid locker)
    {
        _takingPart.Add(peer);
        if (_pending.ContainsKey(peer))
        {
            if (version < VerifyConnect)
            {
                node.Disconnect(peer);
                return;
            }

            SendCancel(peer, hisTag);
            Restart(peer, TagOf(peer));
        }

        if (!_meetings.TryGetValue(peer, out Meeting? meeting) || meeting.MyTag is not { } tag)
        {
            _meetings[peer] = new Meeting { EarlyConnect = cast };
            LookLater();
            return;
        }

        meeting.Version = Math.Min(version, ProtocolVersion);
        meeting.HisTag = hisTag;
        Self.Send(_locker, new GlobalLocker.Peer(peer, locker, meeting.Version, tag, hisTag));
        if (version >= VerifyConnect)
            Tell(peer, Tuple.Of(s_initConnectAck, node.Name, hisTag, tag));
        _pending[peer] = version;
    }

    private bool OnMeetingMessage(Tuple message)
    {
        switch (message)
        {
            case [Atom { Name: "init_connect_ack" }, Atom peer, var mine, var his]:
                Meeting? meeting = _meetings.GetValueOrDefault(peer);
                if (meeting?.MyTag is { } tag && Term.AreEqual(tag, mine) && Term.AreEqual(meeting.HisTag, his))
                    return true;
                SendCancel(peer, his);
                Restart(peer, meeting?.MyTag);
                return true;
            case [Atom { Name: "cancel_connect" }, Atom peer, var mine]:
                LookLater();
                if (TagOf(peer) is { } cancelled && Term.AreEqual(cancelled, mine))
                {
                    _pending.Remove(peer);
                    Restart(peer, cancelled);
                }

                return true;
            default:
                return false;
        }
    }

    private void SendCancel(Atom peer, object hisTag) => Tell(peer, Tuple.Of(s_cancelConnect, node.Name, hisTag));

    private void Restart(Atom peer, long? tag)
    {
        CancelJoin(peer, tag);
        _meetings.Remove(peer);
        _pending.Remove(peer);
        if (tag is not null && _connected.Contains(peer))
            Meet(peer);
    }

    /// <summary>Ends a meeting: its locker lets go, its resolver ends, and the other side is told if it waits.</summary>
    private void CancelJoin(Atom peer, long? tag, IReadOnlyList<(Atom Node, Tuple News)>? announcements = null)
    {
        Self.Send(_locker, new GlobalLocker.Cancel(peer, tag, announcements));
        if (!_meetings.TryGetValue(peer, out Meeting? meeting) || tag is null || meeting.MyTag != tag)
            return;
        if (_pending.TryGetValue(peer, out int version) && version >= VerifyConnect)
            SendCancel(peer, meeting.HisTag);
        Self.Exit(meeting.Resolver, Atoms.Kill);
    }

    // ---- (3) ----

    private void OnLockIsSet(LockIsSet isSet)
    {
        if (!TryMeeting(isSet.Node, isSet.Tag, out Meeting meeting))
            return;
        Cast(isSet.Node, Tuple.Of(s_exchange, node.Name, AllNames(), List.Empty, meeting.HisTag));
        meeting.Lock = isSet.Id;
        if (meeting.HisNames is { } names)
            Self.Send(meeting.Resolver, names);
    }

    private void Exchange(Atom peer, Meeting meeting, List names)
    {
        meeting.HisNames = names;
        if (meeting.Lock is not null)
            Self.Send(meeting.Resolver, names);
    }

    private Pid StartResolver(Atom peer, long tag)
    {
        GlobalResolver resolver = new(node, table, peer);
        return Self.Spawn(async self =>
        {
            (List ours, List theirs) = await resolver.Compare(self, await self.Receive<List>());
            self.Send(Name, new GenCast(new ExchangeOperations(peer, tag, ours, theirs)));
        });
    }

    // ---- (4) ----

    private void OnOperations(ExchangeOperations operations)
    {
        if (!TryMeeting(operations.Node, operations.Tag, out Meeting meeting))
            return;
        meeting.Ours = operations.Ours;
        bool withVersions = VersionOf(operations.Node) >= PreventOverlap;
        List known = List.Of([.. _known.Select(entry => withVersions ? Tuple.Of(entry.Key, (long)entry.Value) : (object)entry.Key)]);
        Cast(operations.Node, Tuple.Of(s_resolved, node.Name, operations.Theirs, known, s_unused, ExternalNames(), meeting.HisTag));
        Join(operations.Node, meeting);
    }

    // ---- (5) ----

    private void Join(Atom peer, Meeting meeting)
    {
        if (meeting is not { Ours: { } ours, HisResolved: { } resolved, MyTag: { } tag, Lock: { } id })
            return;
        List operations = List.Of([.. ours, .. (List)resolved[2]]);
        List external = (List)resolved[5];
        object[] newNodes =
        [
            .. new object[] { peer }
                .Concat((List)resolved[3])
                .Select(WithVersion),
        ];
        Atom[] his = [.. newNodes.Select(entry => (Atom)((Tuple)entry)[0]).Where(name => !ReferenceEquals(name, peer))];
        Connect(his);
        Do(operations, external, (Tuple)id.ToTerm());
        TellSyncers(peer);
        foreach (Atom member in his)
            EndJoin(member, null); // they are joined by this
        object extra = List.Of(Tuple.Of(s_vsn, (long)meeting.Version), Tuple.Of(s_lock, id.ToTerm()));
        (Atom, Tuple)[] announcements =
        [
            .. _known.Select(entry =>
                (
                    entry.Key,
                    Tuple.Of(
                        s_newNodes,
                        node.Name,
                        operations,
                        external,
                        List.Of(entry.Value >= PreventOverlap ? newNodes : [.. newNodes.Select(known => ((Tuple)known)[0])]),
                        extra
                    )
                )
            ),
        ];
        List added = List.Of(newNodes);
        EndJoin(peer, announcements);
        AddKnown(added);
        _synced.Add(peer);
    }

    /// <summary>The meeting has come to its end, and nobody needs to be told.</summary>
    private void EndJoin(Atom peer, IReadOnlyList<(Atom Node, Tuple News)>? announcements)
    {
        _pending.Remove(peer);
        CancelJoin(peer, TagOf(peer), announcements);
        _meetings.Remove(peer);
    }

    private void OnInSync(Atom peer)
    {
        TellSyncers(peer);
        _pending.Remove(peer);
        _synced.Add(peer);
        CancelJoin(peer, TagOf(peer));
        _meetings.Remove(peer);
    }

    private object WithVersion(object entry) =>
        entry switch
        {
            Tuple and [Atom name, long and > 0 and var version] => Tuple.Of(name, version),
            Tuple and [Atom name, _] => Tuple.Of(name, (long)VersionOf(name)),
            Atom name => Tuple.Of(name, (long)VersionOf(name)),
            _ => Tuple.Of(Atoms.Undefined, 0L),
        };

    /// <returns>Those that were not known.</returns>
    private Atom[] AddKnown(List nodes)
    {
        List<Atom> added = [];
        foreach (object entry in nodes)
        {
            (Atom? name, long version) = entry switch
            {
                Atom alone => (alone, 0L),
                Tuple and [Atom first, long second] => (first, second),
                _ => (null, 0L),
            };
            if (name is null || ReferenceEquals(name, node.Name) || ReferenceEquals(name, Atoms.Undefined))
                continue;
            if (!_known.TryGetValue(name, out int before))
                added.Add(name);
            if (before == 0)
                _known[name] = (int)version;
            _removing.Remove(name); // it has been joined by another while it was to go
        }

        Self.Send(_locker, new GlobalLocker.KnownAdded(added));
        return [.. added];
    }

    /// <summary>Makes sure that there is a connection to each node, and tells it that we know it.</summary>
    private void Connect(IEnumerable<Atom> peers)
    {
        Pid server = Self.Pid;
        foreach (Atom peer in peers)
            if (!ReferenceEquals(peer, node.Name))
                Self.Spawn(async self =>
                {
                    if (await node.ConnectAsync(peer))
                    {
                        self.Send(Name, peer, new GenCast(Tuple.Of(s_inSync, node.Name, true)));
                        return;
                    }

                    LogNotConnected(node.Logger, node.Name, peer);
                    self.Send(server, new ExtraNodeDown(peer));
                });
    }

    private static Tuple? LockOf(object extra) =>
        extra is List list
            ? list.OfType<Tuple>().FirstOrDefault(entry => entry is [Atom { Name: "lock" }, Tuple { Count: 2 }])?[1] as Tuple
            : null;

    // ---- sync ----

    private void StartSync(IEnumerable<Atom> nodes, From from)
    {
        HashSet<Atom> waiting =
        [
            .. nodes.Where(peer => !ReferenceEquals(peer, node.Name) && !_synced.Contains(peer) && _connected.Contains(peer)),
        ];
        Pid syncer = Self.SpawnLink(async self =>
        {
            while (waiting.Count > 0)
                waiting.Remove(await self.Receive<Atom>());
            self.Reply(from, Atoms.Ok);
        });
        _syncers.Add(syncer);
    }

    /// <summary>A node is in step with us, or gone: nobody waits for it any more.</summary>
    private void TellSyncers(Atom peer)
    {
        foreach (Pid syncer in _syncers)
            Self.Send(syncer, peer);
    }
}
