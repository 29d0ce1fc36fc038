using System.Buffers;

namespace CloudScale.Interop.Handshake;

/// <summary>The side that was called.</summary>
/// <remarks>
/// A node that asks for a name says only its host; the status is then the name. <c>them: 'N' name → us: 's' status → [them: 's' true] → us: 'N' challenge → [them: 'c' complement, after a version 5 name] → them: 'r' reply → us: 'a' ack</c>.
/// </remarks>
/// <param name="self">What we say of ourselves.</param>
/// <param name="cookieFor">The cookie for a node name.</param>
/// <param name="nameFor">A name and creation for a node of a host that asks for one; null gives none.</param>
internal sealed class HandshakeAcceptor(
    HandshakeIdentity self,
    Func<string, string> cookieFor,
    Func<string, (string Name, uint Creation)>? nameFor = null
) : HandshakeMachine(self)
{
    private State _state = State.Name;
    private HandshakeIdentity _peer;
    private bool _isVersion5;
    private bool _isNamedByUs;

    /// <summary>The creation that goes with <see cref="PeerName"/>; 0 while not known.</summary>
    public uint PeerCreation => _peer.Creation;

    private enum State
    {
        Name,
        Decision,
        AliveAnswer,
        Complement,
        Reply,
    }

    /// <summary>The name the peer claims, from <see cref="HandshakeStep.Decide"/> on. It is proved only at <see cref="HandshakeStep.Done"/>.</summary>
    public string? PeerName { get; private set; }

    /// <summary>Tells the peer how things stand here; called once, after <see cref="HandshakeStep.Decide"/>.</summary>
    public HandshakeStep Answer(HandshakeStatus status, IBufferWriter<byte> output)
    {
        if (_state != State.Decision || Failure is not null)
            throw new InvalidOperationException("The handshake did not ask.");
        if (_isNamedByUs && status == HandshakeStatus.Ok)
            HandshakeMessages.WriteNamed(output, _peer);
        else
            HandshakeMessages.WriteStatus(output, status);
        switch (status)
        {
            case HandshakeStatus.Ok or HandshakeStatus.OkSimultaneous:
                return Challenge(output);
            case HandshakeStatus.Alive:
                _state = State.AliveAnswer;
                return HandshakeStep.Continue;
            case HandshakeStatus.Nok:
                return Fail(
                    HandshakeError.Superseded,
                    $"This node is connecting to '{_peer.Name}' at the same time; that attempt is kept."
                );
            case HandshakeStatus.NotAllowed:
                return Fail(HandshakeError.NotAllowed, $"'{_peer.Name}' is not allowed to connect to this node.");
            default:
                throw new ArgumentOutOfRangeException(nameof(status), status, "An acceptor does not send this status.");
        }
    }

    protected override HandshakeStep Process(ReadOnlySpan<byte> message, IBufferWriter<byte> output) =>
        _state switch
        {
            State.Name => OnName(message, output),
            State.AliveAnswer => OnAliveAnswer(message, output),
            State.Complement => OnComplement(message),
            State.Reply => OnReply(message, output),
            _ => Malformed(Peer, "a message out of turn"),
        };

    private string Peer => PeerName is null ? "The peer" : $"'{PeerName}'";

    private HandshakeStep OnName(ReadOnlySpan<byte> message, IBufferWriter<byte> output)
    {
        if (!HandshakeMessages.TryReadName(message, out _peer, out _isVersion5, out string? error))
            return Malformed("The peer", error);
        if ((_peer.Flags & DistributionFlags.NameMe) != 0 && !TryName())
        {
            HandshakeMessages.WriteStatus(output, HandshakeStatus.NotAllowed);
            return Fail(
                HandshakeError.Unsupported,
                $"A node at '{_peer.Name}' asks for a node name, which this node does not give. Start it with a name of its own."
            );
        }

        PeerName = _peer.Name;
        if (_isVersion5 && (_peer.Flags & DistributionFlags.Handshake23) == 0)
        {
            HandshakeMessages.WriteStatus(output, HandshakeStatus.NotAllowed);
            return Fail(HandshakeError.MissingFlags, MissingFlagsText(_peer.Name, "HANDSHAKE_23"));
        }

        // Of a version 5 name only half the flags are known: the rest is checked when the complement has come.
        string missing = _isVersion5 ? "" : FlagSets.Missing(_peer.Flags);
        if (missing.Length > 0)
        {
            HandshakeMessages.WriteStatus(output, HandshakeStatus.NotAllowed);
            return Fail(HandshakeError.MissingFlags, MissingFlagsText(_peer.Name, missing));
        }

        _state = State.Decision;
        return HandshakeStep.Decide;
    }

    private bool TryName()
    {
        if (nameFor is null || !NodeName.TryParse($"x@{_peer.Name}", out NodeName parsed))
            return false;
        (string name, uint creation) = nameFor(parsed.Host);
        _peer = _peer with { Name = name, Creation = creation };
        return _isNamedByUs = true;
    }

    private HandshakeStep OnAliveAnswer(ReadOnlySpan<byte> message, IBufferWriter<byte> output)
    {
        if (!HandshakeMessages.TryReadStatus(message, out HandshakeStatus status, out string? error))
            return Malformed(Peer, error);
        return status switch
        {
            HandshakeStatus.True => Challenge(output),
            HandshakeStatus.False => Fail(HandshakeError.Superseded, $"'{_peer.Name}' keeps the connection there is."),
            _ => Malformed(Peer, "a status that does not answer 'alive'"),
        };
    }

    private HandshakeStep Challenge(IBufferWriter<byte> output)
    {
        // The flag comes back to a node that we named, in place of PUBLISHED: it takes its own for asked and answered only if both sides have it, and crashes otherwise.
        // Abilities are told only to who has told of some: a node of Erlang never sees any.
        HandshakeIdentity self = Self with
        {
            Flags = _isNamedByUs ? (Self.Flags & ~DistributionFlags.Published) | DistributionFlags.NameMe : Self.Flags,
            Abilities = _peer.Abilities == OwnAbilities.None ? OwnAbilities.None : Self.Abilities,
            Offer = (_peer.Abilities & OwnAbilities.Rdma) == 0 ? default : Self.Offer,
        };
        HandshakeMessages.WriteChallenge(output, self, OwnChallenge);
        _state = _isVersion5 ? State.Complement : State.Reply;
        return HandshakeStep.Continue;
    }

    private HandshakeStep OnComplement(ReadOnlySpan<byte> message)
    {
        if (!HandshakeMessages.TryReadComplement(message, ref _peer, out string? error))
            return Malformed(Peer, error);
        string missing = FlagSets.Missing(_peer.Flags);
        if (missing.Length > 0)
            return Fail(HandshakeError.MissingFlags, MissingFlagsText(_peer.Name, missing));
        _state = State.Reply;
        return HandshakeStep.Continue;
    }

    private HandshakeStep OnReply(ReadOnlySpan<byte> message, IBufferWriter<byte> output)
    {
        if (!HandshakeMessages.TryReadReply(message, out uint challenge, out ReadOnlySpan<byte> digest, out string? error))
            return Malformed(Peer, error);
        string cookie = cookieFor(_peer.Name);
        if (!HandshakeDigest.Matches(cookie, OwnChallenge, digest))
            return Fail(HandshakeError.WrongCookie, WrongCookieText(_peer.Name));

        Span<byte> proof = stackalloc byte[HandshakeDigest.Length];
        HandshakeDigest.Compute(cookie, challenge, proof);
        HandshakeMessages.WriteAck(output, proof);
        return Complete(_peer);
    }

    public override HandshakeFailure OnClosed() =>
        Failure
        ?? (
            _state == State.Reply
                ? new HandshakeFailure(
                    HandshakeError.NotAllowed,
                    $"{Peer} hung up after our challenge: it may demand flags that this node lacks."
                )
                : new HandshakeFailure(HandshakeError.Malformed, $"{Peer} hung up in the middle of the handshake.")
        );
}
