namespace CloudScale.Interop.Handshake;

/// <summary>What the owner of a handshake does next.</summary>
internal enum HandshakeStep
{
    /// <summary>Write the output, then read the next message.</summary>
    Continue,

    /// <summary>
    /// The machine needs to know how things stand here: an acceptor knows the peer's name now and waits for <see cref="HandshakeAcceptor.Answer"/>, an
    /// initiator was told that it is connected already and waits for <see cref="HandshakeInitiator.AnswerAlive"/>.
    /// </summary>
    Decide,

    /// <summary>Write the output; both sides have proved themselves, and what follows on the connection belongs to the channel.</summary>
    Done,

    /// <summary>Write the output, then close. <see cref="HandshakeFailure"/> says why.</summary>
    Failed,
}

/// <summary>Why a handshake failed.</summary>
internal enum HandshakeError
{
    /// <summary>Bytes that are not the protocol's.</summary>
    Malformed,

    /// <summary>The cookies differ.</summary>
    WrongCookie,

    /// <summary>The peer lacks flags we need.</summary>
    MissingFlags,

    /// <summary>Another attempt to connect the two nodes is kept instead of this one.</summary>
    Superseded,

    /// <summary>One side does not allow the other.</summary>
    NotAllowed,

    /// <summary>The node that answered is not the one that was called.</summary>
    OtherNode,

    /// <summary>Something of the protocol that we do not support.</summary>
    Unsupported,

    /// <summary>It took too long.</summary>
    TimedOut,

    /// <summary>There is no way to the node: epmd does not know it, or nothing answers where it should be.</summary>
    Unreachable,
}

/// <summary>Why a handshake failed: for decisions and for the log.</summary>
/// <param name="Error">The kind.</param>
/// <param name="Text">A sentence that names the peer and what to do.</param>
internal sealed record HandshakeFailure(HandshakeError Error, string Text);

/// <summary>What both sides agreed on.</summary>
/// <param name="PeerName">The peer's full node name.</param>
/// <param name="PeerFlags">The peer's own flags.</param>
/// <param name="Flags">What both have.</param>
/// <param name="Creation">The peer's creation.</param>
/// <param name="Abilities">What both can do beyond Erlang's protocol.</param>
/// <param name="PeerOffer">What the peer has said besides of an ability.</param>
internal sealed record HandshakeOutcome(
    string PeerName,
    DistributionFlags PeerFlags,
    DistributionFlags Flags,
    uint Creation,
    OwnAbilities Abilities = OwnAbilities.None,
    ReadOnlyMemory<byte> PeerOffer = default
);
