using CloudScale.Interop.Handshake;

namespace CloudScale.Interop.Connections;

/// <summary>A connected node.</summary>
/// <param name="Name">Full node name.</param>
/// <param name="Creation">Its creation: tells lives of the node apart.</param>
/// <param name="IsHidden">Whether it takes no part in what visible nodes share.</param>
/// <param name="Flags">What both sides can do on this connection.</param>
/// <param name="Remote">Where it is, for people.</param>
/// <param name="ConnectionId">Tells this node's connections apart; rises.</param>
public sealed record NodeInfo(Atom Name, uint Creation, bool IsHidden, DistributionFlags Flags, string Remote, long ConnectionId)
{
    /// <summary>Whether long packets are compressed: both nodes are of this library, have LZ4, and want it (<see cref="DistributionOptions.UsesCompression"/>).</summary>
    public bool IsCompressed { get; init; }
}

/// <summary>What became of something sent to another node.</summary>
public enum SendResult
{
    /// <summary>
    /// Taken. It arrives, or <see cref="IDistributionEvents.OnNodeDown"/> or <see cref="IDistributionEvents.OnConnectFailed"/> is called for the node afterwards.
    /// </summary>
    Queued,

    /// <summary>Taken as well, but the node is slow: the sender should wait for <see cref="IDistributionEvents.OnNotBusy"/>.</summary>
    Busy,

    /// <summary>
    /// Not taken: the distribution is stopped, too much waits for a connection already, there is no connection and none may be made for it, or the signal belongs to
    /// one that is gone (an unlink, a demonitor, an exit of a link). Nothing else will be heard of it.
    /// </summary>
    NoConnection,

    /// <summary>Not taken: the node lacks what it would need for it. Told of spawn requests only.</summary>
    NotSupported,
}
