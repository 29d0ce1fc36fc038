namespace CloudScale.Interop.Connections;

/// <summary>What tests may look at.</summary>
public sealed partial class Distribution
{
    /// <summary>How many reads of the transport brought something from a node, ticks included; -1 if it is not connected.</summary>
    internal long ReceivedFrom(Atom node) =>
        _peers.TryGetValue(node, out Peer? peer) && peer.Connection is { } connection ? connection.Received : -1;

    /// <summary>Whether what was said to a node is still being written; a tick that would be due is left out then.</summary>
    internal bool IsWritingTo(Atom node) => _peers.TryGetValue(node, out Peer? peer) && peer.Connection is { IsWriting: true };
}
