using Microsoft.Extensions.Logging;

namespace CloudScale.Runtime.Global;

/// <content>
/// Nodes of which we and they think differently. The protocol leaves some while their connection stands: who gave a node up because an attempt to connect failed, while the other's attempt succeeded; who asked
/// to be disconnected, of a node that does not know him any more; who began a meeting with a node that takes him for a member. No message ever brings those together, and OTP's nodes stay so.
/// So some time after a connection has come or gone we look at all of them, and ask members whom they know. What is amiss twice is ended and begun anew: disconnected, connected, met.
/// </content>
internal sealed partial class GlobalNameServer
{
    private const int AskedAtOnce = 32; // of a large cluster, some
    private const int MostTimesAnew = 3; // a node that never knows us is not worth a join each few seconds
    private static readonly TimeSpan s_untilLook = TimeSpan.FromSeconds(3); // a meeting's first step takes a round trip, and announcements about as long
    private static readonly TimeSpan s_untilConnect = TimeSpan.FromSeconds(1); // others have heard of the lost connection by then

    private readonly HashSet<Atom> _takingPart = []; // have spoken of meeting us, over this connection
    private readonly HashSet<Atom> _doubted = []; // amiss at the last look
    private readonly Dictionary<Atom, int> _timesAnew = []; // since it last knew us
    private bool _willLook;

    private sealed record LookTime;

    /// <summary>What members answered whom we asked: those that do not know us, and those that do.</summary>
    private sealed record Knowledge(IReadOnlyList<Atom> Strangers, IReadOnlyList<Atom> Members);

    /// <summary>Something has happened that others may have seen otherwise.</summary>
    private void LookLater()
    {
        if (_willLook || !JoinsOthers)
            return;
        _willLook = true;
        Self.SendAfter(s_untilLook, Self.Pid, new LookTime());
    }

    private void Look()
    {
        _willLook = false;
        foreach (Atom peer in _connected.ToArray())
        {
            Meeting? meeting = _meetings.GetValueOrDefault(peer);
            if (meeting is { MyTag: null, EarlyConnect: not null })
                MeetAnew(peer);
            else if (_known.ContainsKey(peer))
                continue; // asked below
            else if (_removing.Contains(peer))
                Disconnect(peer); // we asked it to, and it has passed that over
            else if (meeting is null or { Version: 0 } && _takingPart.Contains(peer))
                Doubt(peer); // it has begun, and forgotten
            else
                _doubted.Remove(peer);
        }

        Atom[] members = [.. _known.Keys.Where(_connected.Contains)];
        if (members.Length == 0)
            return;
        Random.Shared.Shuffle(members);
        Pid server = Self.Pid;
        Self.Spawn(async self =>
        {
            MultiCallResult answers = await self.MultiCall(members[..Math.Min(members.Length, AskedAtOnce)], Name, GetKnown, s_untilLook);
            ILookup<bool, Atom> know = answers.Replies.ToLookup(
                answer => answer.Reply is not List known || known.Contains(node.Name),
                answer => answer.Node
            );
            self.Send(server, new Knowledge([.. know[false]], [.. know[true]]));
        });
    }

    /// <summary>It begins to meet us, and we have taken it for a member.</summary>
    private void MeetAnew(Atom peer)
    {
        _known.Remove(peer);
        _synced.Remove(peer);
        Self.Send(_locker, new GlobalLocker.KnownRemoved(peer));
        Meet(peer);
    }

    private void OnKnowledge(Knowledge knowledge)
    {
        foreach (Atom peer in knowledge.Members)
        {
            _doubted.Remove(peer);
            _timesAnew.Remove(peer);
        }

        foreach (Atom peer in knowledge.Strangers)
            if (_known.ContainsKey(peer) && _connected.Contains(peer))
                Doubt(peer);
    }

    private void Disconnect(Atom peer)
    {
        if (node.Disconnect(peer))
            LogPrevented(node.Logger, node.Name, "disconnected", peer);
    }

    private void Doubt(Atom peer)
    {
        int times = _timesAnew.GetValueOrDefault(peer);
        if (times == MostTimesAnew)
            return;
        if (_doubted.Add(peer))
        {
            LookLater();
            return;
        }

        _doubted.Remove(peer);
        _timesAnew[peer] = times + 1;
        LogDoubted(node.Logger, node.Name, peer);
        if (node.Disconnect(peer))
            Lost(peer, Loss.Removed);
        Self.Spawn(async self =>
        {
            await self.Sleep(s_untilConnect);
            await node.ConnectAsync(peer);
        });
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "global at {Node} disconnects {Peer} and meets it anew, because only one of the two takes the other for a member."
    )]
    private static partial void LogDoubted(ILogger logger, Atom node, Atom peer);
}
