namespace CloudScale.Runtime.Global;

/// <content>
/// Connections that are lost. Were A to lose B while C keeps both, A and B could each give a name to another process, and C would see two. So A tells all; who is told passes it on and parts with B, which in
/// the end leaves partitions that do not overlap. Messages, since protocol version 7: <c>{lost_connection, A, CreationOfA, Number, B}</c> and <c>{remove_connection, Node}</c>, from a node that wants to be left.
/// </content>
internal sealed partial class GlobalNameServer
{
    private const int RememberedLosses = 4_096;
    private static readonly Atom s_lostConnection = Atom.Of("lost_connection");
    private static readonly Atom s_removeConnection = Atom.Of("remove_connection");

    // Tells lives of this name server apart, also those of a node whose 32 bits of creation repeat.
    private readonly long _creation = ((long)Random.Shared.Next(1 << 26) << 32) | node.Identity.Creation;
    private readonly Dictionary<(Atom From, Atom To), (object Creation, object Number)> _losses = [];
    private readonly HashSet<Atom> _removing = [];

    /// <summary>How a node leaves.</summary>
    private enum Loss
    {
        /// <summary>Its connection is gone, and others have to hear of it.</summary>
        Disconnected,

        /// <summary>We part with it because others have lost it; its connection will go.</summary>
        Removed,
    }

    /// <summary>The node is no member any more. Monitors have taken its locks and names, or will.</summary>
    private void Lost(Atom peer, Loss how)
    {
        CancelJoin(peer, TagOf(peer));
        Self.Send(_locker, new GlobalLocker.KnownRemoved(peer));
        _meetings.Remove(peer);
        if (how == Loss.Removed)
            _removing.Add(peer);
        else if (!_removing.Remove(peer) && options.PreventsOverlap && JoinsOthers)
            Multicast(Tuple.Of(s_lostConnection, node.Name, _creation, NextTag(), peer), except: peer);
        _pending.Remove(peer);
        _known.Remove(peer);
        _synced.Remove(peer);
        LookLater();
    }

    private bool OnPartitionMessage(Tuple message)
    {
        switch (message)
        {
            case [Atom { Name: "lost_connection" }, Atom from, var creation, var number, Atom to]:
                if (options.PreventsOverlap && JoinsOthers && IsNews(from, to, creation, number))
                {
                    Multicast(message, except: from);
                    Part(ReferenceEquals(to, node.Name) ? from : to);
                    LookLater();
                }

                return true;
            case [Atom { Name: "remove_connection" }, Atom peer]:
                // Also of one that we do not know: it does not know us any more, and waits for the connection to go.
                if (_connected.Contains(peer) || IsKnownOrPending(peer))
                {
                    node.Disconnect(peer);
                    Lost(peer, Loss.Removed);
                    LogPrevented(node.Logger, node.Name, "disconnected", peer);
                }

                return true;
            default:
                return false;
        }
    }

    private void Part(Atom peer)
    {
        if (!IsKnownOrPending(peer))
            return;
        if (VersionOf(peer) < PreventOverlap)
        {
            node.Disconnect(peer);
            LogPrevented(node.Logger, node.Name, "disconnected old", peer);
        }
        else
        {
            Tell(peer, Tuple.Of(s_removeConnection, node.Name));
            LogPrevented(node.Logger, node.Name, "requested disconnect from", peer);
        }

        Lost(peer, Loss.Removed);
    }

    private bool IsNews(Atom from, Atom to, object creation, object number)
    {
        if (
            _losses.TryGetValue((from, to), out var last)
            && Term.AreEqual(last.Creation, creation)
            && Term.Compare(number, last.Number) <= 0
        )
            return false;
        if (_losses.Count >= RememberedLosses)
            _losses.Clear(); // then an old one may go round once more
        _losses[(from, to)] = (creation, number);
        return true;
    }

    private void Multicast(Tuple message, Atom except)
    {
        foreach (var (peer, version) in _known.Concat(_pending))
            if (!ReferenceEquals(peer, except) && version >= PreventOverlap)
                Tell(peer, message);
    }
}
