using System.Threading.Channels;
using CloudScale.Interop.Connections;
using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>Writes down what arrives, and answers pings as <c>net_kernel</c> does.</summary>
internal sealed class RecordingEvents : IDistributionEvents
{
    private readonly System.Threading.Channels.Channel<Recorded> _events = System.Threading.Channels.Channel.CreateUnbounded<Recorded>();

    /// <summary>Whom pings are answered through; null answers none.</summary>
    public Distribution? Answering { get; set; }

    public async Task<Recorded> NextAsync(string what)
    {
        using CancellationTokenSource patience = new(Eventually.Patience);
        try
        {
            Recorded next = await _events.Reader.ReadAsync(patience.Token);
            Assert.That(next.What, Is.EqualTo(what), next.ToString());
            return next;
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"No '{what}' came.");
            throw;
        }
    }

    /// <summary>Passes over everything until one of this kind comes.</summary>
    public async Task<Recorded> SkipToAsync(string what)
    {
        using CancellationTokenSource patience = new(Eventually.Patience);
        while (true)
        {
            Recorded next = await _events.Reader.ReadAsync(patience.Token);
            if (next.What == what)
                return next;
        }
    }

    /// <summary>What has come and was not asked for yet.</summary>
    public List<Recorded> Rest()
    {
        List<Recorded> rest = [];
        while (_events.Reader.TryRead(out Recorded? next))
            rest.Add(next);
        return rest;
    }

    public void OnNodeUp(Atom node, NodeInfo info) => Add("up", node, info);

    /// <summary>What is done while the loss of a node is being reported.</summary>
    public Action<Atom>? WhileDown { get; set; }

    public void OnNodeDown(Atom node, object reason)
    {
        WhileDown?.Invoke(node);
        Add("down", node, reason);
    }

    public void OnConnectFailed(Atom node, object reason) => Add("failed", node, reason);

    public void OnNotBusy(Atom node) => Add("not busy", node);

    /// <summary>What the connection waits for after each message for a process; one that comes earlier is written down as one that overtook.</summary>
    public Task? Room { get; set; }

    private Task? _waitedFor;

    public Task? OnSend(Pid to, EncodedTerm message)
    {
        if (_waitedFor is { IsCompleted: false })
            Add("overtook", to);
        if (message.Decode() is { } term)
            Add("send", to, term);
        return _waitedFor = Room;
    }

    public Task? OnRegisteredSend(Pid from, Atom name, EncodedTerm encoded)
    {
        if (encoded.Decode() is not { } message)
            return null;
        if (
            Answering is not null
            && name.Name == "net_kernel"
            && message is Tuple and [Atom, Tuple and [Pid caller, var tag], Tuple and [Atom { Name: "is_auth" }, _]]
        )
        {
            object reply = Tuple.Of(tag, Atom.Of("yes"));
            if (tag is List { IsProper: false, Tail: Reference alias })
                Answering.SendToAlias(alias, new Pid(Answering.Self, 1), reply);
            else
                Answering.Send(caller, new Pid(Answering.Self, 1), reply);
            return null;
        }

        if (name.Name is not ("rex" or "global_name_server" or "net_kernel")) // what Erlang nodes ask each other on their own
            Add("named", from, name, message);
        return null;
    }

    public Task? OnAliasSend(Reference alias, EncodedTerm message, bool isPriority)
    {
        if (message.Decode() is { } term)
            Add(isPriority ? "priority" : "alias", alias, term);
        return null;
    }

    public void OnRegisteredExit(Pid from, Atom name, object reason) => Add("named exit", from, name, reason);

    public void OnAliasExit(Pid from, Reference alias, object reason, bool isPriority) =>
        Add(isPriority ? "priority exit" : "alias exit", from, alias, reason);

    public void OnLink(Pid from, Pid to) => Add("link", from, to);

    public void OnUnlink(ulong id, Pid from, Pid to) => Add("unlink", id, from, to);

    public void OnUnlinkAck(ulong id, Pid from, Pid to) => Add("unlink ack", id, from, to);

    public void OnExit(Pid from, Pid to, object reason) => Add("exit", from, to, reason);

    public void OnExit2(Pid from, Pid to, object reason) => Add("exit2", from, to, reason);

    public void OnMonitor(Pid from, object toPidOrAtom, Reference reference)
    {
        if (toPidOrAtom is not Atom { Name: "net_kernel" })
            Add("monitor", from, toPidOrAtom, reference);
    }

    public void OnDemonitor(Pid from, object toPidOrAtom, Reference reference)
    {
        if (toPidOrAtom is not Atom { Name: "net_kernel" })
            Add("demonitor", from, toPidOrAtom, reference);
    }

    public void OnMonitorExit(object fromPidOrAtom, Pid to, Reference reference, object reason) =>
        Add("monitor exit", fromPidOrAtom, to, reference, reason);

    public void OnGroupLeader(Pid leader, Pid to) => Add("group leader", leader, to);

    public void OnSpawnRequest(SpawnRequest request, EncodedTerm arguments)
    {
        if (arguments.Decode() is { } term)
            Add("spawn request", request, term);
    }

    public void OnSpawnReply(Reference reference, Pid to, SpawnReplyFlags flags, object pidOrError) =>
        Add("spawn reply", reference, to, flags, pidOrError);

    private void Add(string what, params object[] values) => _events.Writer.TryWrite(new Recorded(what, values));
}

internal sealed record Recorded(string What, object[] Values)
{
    public override string ToString() => $"{What}({string.Join(", ", Values.Select(value => value.ToString()))})";
}
