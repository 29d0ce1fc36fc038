using Microsoft.Extensions.Logging;

namespace CloudScale.Runtime.Global;

/// <summary>The process registered as <c>global_name_server</c>: keeps names and locks of the cluster on this node, and joins it with others.</summary>
/// <remarks>
/// <para>Here: the calls. When two nodes meet: <c>GlobalNameServer.Joining.cs</c>. Names and locks: <c>.Names.cs</c>, <c>.Locks.cs</c>. When a connection is lost: <c>.Partitions.cs</c>; and when not all have seen
/// that alike: <c>.Doubts.cs</c>.</para>
/// <para>Calls, of other nodes and ours: <c>{register, Name, Pid, Method}</c>, <c>{register_ext, Name, Pid, Method, Node}</c>, <c>{unregister, Name}</c>, <c>{set_lock, Id}</c>, <c>{del_lock, Id}</c>,
/// <c>get_known</c>, <c>get_synced</c>, <c>{sync, Nodes}</c>, <c>get_protocol_version</c>, <c>get_names_ext</c>. Protocol version 8, that of OTP 25 and later; down to 5 is understood.
/// Source: OTP kernel, global.</para>
/// </remarks>
internal sealed partial class GlobalNameServer(Node node, GlobalTable table, GlobalOptions options) : GenServer
{
    internal static readonly Atom Name = Atom.Of("global_name_server");
    internal static readonly Atom GetKnown = Atom.Of("get_known");
    private static readonly Atom s_yes = Atom.Of("yes");

    private Pid _locker;
    private Pid _registrar;

    private bool JoinsOthers => options.ConnectAll && !options.IsHidden;

    protected override ProcessTask<InitResult> Init()
    {
        table.Clear();
        Self.TrapExit = true;
        GlobalLocker locker = new(table, node.Name);
        _locker = Self.SpawnLink(locker.Run);
        _registrar = Self.SpawnLink(self => GlobalRegistrar.Run(self, table));
        node.MonitorNodes(Self.Pid);
        foreach (var peer in node.Nodes)
            OnNodeUp(peer.Name);
        return InitResult.Ok;
    }

    protected override ProcessTask<Next> HandleCall(object request, From from)
    {
        switch (request)
        {
            case GlobalRegistrar.Change change:
                Self.Send(_registrar, new GlobalRegistrar.Order(change, from));
                return NoReply;
            case Tuple and [Atom { Name: "register" }, var name, Pid pid, var method]:
                Insert(name, pid, method, lockedBy: from.Caller);
                return Reply(s_yes);
            case Tuple and [Atom { Name: "register_ext" }, var name, Pid pid, var method, Atom registrar]:
                Insert(name, pid, method, lockedBy: from.Caller);
                SetRegistrar(name, pid, registrar);
                return Reply(s_yes);
            case Tuple and [Atom { Name: "unregister" }, var name]:
                Remove(name);
                return Reply(Atoms.Ok);
            case Tuple and [Atom { Name: "set_lock" }, var term] when LockId.TryFrom(term, out LockId id):
                return Reply(SetLock(id, from.Caller) ? Atoms.True : Atoms.False);
            case Tuple and [Atom { Name: "del_lock" }, var term] when LockId.TryFrom(term, out LockId id):
                DeleteLock(id, from.Caller);
                return Reply(Atoms.True);
            case Atom { Name: "get_known" }:
                return Reply(List.Of([.. _known.Keys.Select(known => (object)known)]));
            case Atom { Name: "get_synced" }:
                return Reply(List.Of([.. _synced.Select(synced => (object)synced)]));
            case Tuple and [Atom { Name: "sync" }, List nodes]:
                StartSync(nodes.OfType<Atom>(), from);
                return NoReply;
            case Atom { Name: "get_protocol_version" }:
                return Reply((long)ProtocolVersion);
            case Atom { Name: "get_names_ext" }:
                return Reply(ExternalNames());
            default:
                LogUnexpected(request); // the caller's time-out tells him, as in OTP
                return NoReply;
        }
    }

    protected override ProcessTask<Next> HandleCast(object request)
    {
        if (request is LockIsSet isSet)
            OnLockIsSet(isSet);
        else if (request is ExchangeOperations operations)
            OnOperations(operations);
        else if (request is not Tuple cast || !OnCast(cast))
            LogUnexpected(request);
        return NoReply;
    }

    protected override ProcessTask<Next> HandleInfo(object message)
    {
        switch (message)
        {
            case NodeUp up:
                OnNodeUp(up.Node);
                break;
            case NodeDown down:
                OnNodeDown(down.Node);
                break;
            case Down down:
                OnDown(down.Reference);
                break;
            case Exit exit when exit.From == _locker || exit.From == _registrar:
                return Stop(ReferenceEquals(exit.Reason, Atoms.Shutdown) ? exit.Reason : Tuple.Of(Atom.Of("helper_died"), exit.Reason)); // the node stops, or not
            case Exit exit:
                _syncers.Remove(exit.From);
                break;
            case ExtraNodeDown extra when _connected.Contains(extra.Node):
                if (_known.ContainsKey(extra.Node))
                    Connect([extra.Node]); // the other attempt has succeeded meanwhile, and he does not know yet that we know him; else we have met
                break;
            case ExtraNodeDown extra:
                TellSyncers(extra.Node);
                Lost(extra.Node, Loss.Disconnected);
                break;
            case LookTime:
                Look();
                break;
            case Knowledge knowledge:
                OnKnowledge(knowledge);
                break;
            case Tuple and [Atom { Name: "whereis" }, var name, var asker] when From.TryFrom(asker, out From from):
                AnswerWhereIs(name, from);
                break;
            case Tuple tuple when OnPartitionMessage(tuple) || OnMeetingMessage(tuple):
                break;
            default:
                LogUnexpected(message);
                break;
        }

        return NoReply;
    }

    protected override ProcessTask Terminate(object reason)
    {
        table.Clear();
        return default;
    }

    private void OnNodeUp(Atom peer)
    {
        if (!JoinsOthers || node.Nodes.FirstOrDefault(info => ReferenceEquals(info.Name, peer)) is not { IsHidden: false })
            return;
        _connected.Add(peer);
        Meet(peer);
        LookLater();
    }

    private void OnNodeDown(Atom peer)
    {
        RemoveRegisteredBy(peer);
        _takingPart.Remove(peer);
        _doubted.Remove(peer);
        if (!_connected.Remove(peer))
        {
            _meetings.Remove(peer); // it may have announced itself to one who joins nobody
            return;
        }

        TellSyncers(peer);
        Lost(peer, Loss.Disconnected);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "global at {Node} {What} {Peer} in order to prevent overlapping partitions.")]
    private static partial void LogPrevented(ILogger logger, Atom node, string what, Atom peer);

    [LoggerMessage(Level = LogLevel.Warning, Message = "global at {Node} failed to connect to {Peer}.")]
    private static partial void LogNotConnected(ILogger logger, Atom node, Atom peer);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "global: the conflict over name {Name} could not be resolved by {Method}: {Reason}"
    )]
    internal static partial void LogUnresolved(ILogger logger, string name, string method, string reason);
}

/// <summary>How a node takes part in global names.</summary>
/// <param name="ConnectAll">Whether nodes that are met are joined, and those that they know.</param>
/// <param name="PreventsOverlap">Whether partitions are kept disjoint.</param>
/// <param name="IsHidden">Whether the node is hidden; then it has names of its own only.</param>
internal sealed record GlobalOptions(bool ConnectAll, bool PreventsOverlap, bool IsHidden);
