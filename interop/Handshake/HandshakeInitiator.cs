using System.Buffers;
using System.Diagnostics;

namespace CloudScale.Interop.Handshake;

/// <summary>The side that opened the connection.</summary>
/// <remarks>
/// <c>us: 'N' name → them: 's' status → [us: 's' true] → them: 'N' challenge → us: 'r' reply → them: 'a' ack</c>. A node without a name says its host, and NAME_ME; the status is then its name and
/// creation.
/// </remarks>
/// <param name="self">What we say of ourselves; with NAME_ME the name is a host.</param>
/// <param name="expectedPeer">The node we called.</param>
/// <param name="cookie">The cookie for that node.</param>
internal sealed class HandshakeInitiator(HandshakeIdentity self, string expectedPeer, string cookie) : HandshakeMachine(self)
{
    private State _state = State.Status;
    private HandshakeIdentity _peer;
    private bool _isNamed;

    private enum State
    {
        Status,
        AliveAnswer,
        Challenge,
        Ack,
    }

    /// <summary>Whether the other side gives up an attempt of its own in favour of this one.</summary>
    public bool IsSimultaneous { get; private set; }

    /// <summary>Who we are: with NAME_ME, and once the status has come, under the name that the other side gave.</summary>
    public HandshakeIdentity Given { get; private set; } = self;

    private bool AsksForAName => (Self.Flags & DistributionFlags.NameMe) != 0;

    /// <summary>Writes the first message.</summary>
    public void Start(IBufferWriter<byte> output) => HandshakeMessages.WriteName(output, Self);

    /// <summary>
    /// After <see cref="HandshakeStep.Decide"/>: <paramref name="goOn"/> if this attempt is still the one we want, so that the peer's old connection is dead.
    /// </summary>
    public HandshakeStep AnswerAlive(bool goOn, IBufferWriter<byte> output)
    {
        if (_state != State.AliveAnswer || Failure is not null)
            throw new InvalidOperationException("The handshake did not ask.");
        HandshakeMessages.WriteStatus(output, goOn ? HandshakeStatus.True : HandshakeStatus.False);
        _state = State.Challenge;
        return goOn ? HandshakeStep.Continue : Fail(HandshakeError.Superseded, $"'{expectedPeer}' is connected already.");
    }

    protected override HandshakeStep Process(ReadOnlySpan<byte> message, IBufferWriter<byte> output) =>
        _state switch
        {
            State.Status => OnStatus(message),
            State.Challenge => OnChallenge(message, output),
            State.Ack => OnAck(message),
            _ => Malformed($"'{expectedPeer}'", "a message out of turn"),
        };

    private HandshakeStep OnStatus(ReadOnlySpan<byte> message)
    {
        if (!HandshakeMessages.TryReadStatus(message, out HandshakeStatus status, out string? error))
            return Malformed($"'{expectedPeer}'", error);
        switch (status)
        {
            case HandshakeStatus.Named when AsksForAName:
                return OnNamed(message);
            case HandshakeStatus.Ok or HandshakeStatus.OkSimultaneous or HandshakeStatus.Alive when AsksForAName:
                return Fail(HandshakeError.Unsupported, $"'{expectedPeer}' gives no names. Give this node one of its own.");
            case HandshakeStatus.Ok or HandshakeStatus.OkSimultaneous:
                IsSimultaneous = status == HandshakeStatus.OkSimultaneous;
                _state = State.Challenge;
                return HandshakeStep.Continue;
            case HandshakeStatus.Alive:
                _state = State.AliveAnswer;
                return HandshakeStep.Decide;
            case HandshakeStatus.Nok:
                return Fail(
                    HandshakeError.Superseded,
                    $"'{expectedPeer}' is connecting to this node at the same time; its attempt is kept."
                );
            case HandshakeStatus.NotAllowed:
                return Fail(
                    HandshakeError.NotAllowed,
                    $"'{expectedPeer}' does not allow this node to connect: it is missing from a list of allowed nodes there (net_kernel:allow/1), "
                        + "or that node demands distribution flags that this one lacks."
                );
            case HandshakeStatus.Named:
                return Fail(HandshakeError.Unsupported, $"'{expectedPeer}' wants to choose this node's name, which was not asked for.");
            default:
                return Malformed($"'{expectedPeer}'", "an answer where a status belongs");
        }
    }

    private HandshakeStep OnNamed(ReadOnlySpan<byte> message)
    {
        if (!HandshakeMessages.TryReadNamed(message, out string name, out uint creation, out string? error))
            return Malformed($"'{expectedPeer}'", error);
        _ = NodeName.TryParse(name, out NodeName parsed);
        if (parsed.Host != Self.Name || name == expectedPeer)
            return Malformed($"'{expectedPeer}'", $"the name '{name}' for this node, whose host is '{Self.Name}',");
        Given = Self with { Name = name, Creation = creation };
        _isNamed = true;
        _state = State.Challenge;
        return HandshakeStep.Continue;
    }

    private HandshakeStep OnChallenge(ReadOnlySpan<byte> message, IBufferWriter<byte> output)
    {
        if (!HandshakeMessages.TryReadChallenge(message, out _peer, out uint challenge, out string? error))
            return Malformed($"'{expectedPeer}'", error);
        if (_peer.Name != expectedPeer)
            return Fail(
                HandshakeError.OtherNode,
                $"The node that answered for '{expectedPeer}' calls itself '{_peer.Name}'. Use that name, or correct what epmd and DNS say."
            );
        Debug.Assert(_isNamed == AsksForAName, "A node that asks for a name has it before the challenge.");
        string missing = FlagSets.Missing(_peer.Flags);
        if (missing.Length > 0)
            return Fail(HandshakeError.MissingFlags, MissingFlagsText(expectedPeer, missing));

        Span<byte> digest = stackalloc byte[HandshakeDigest.Length];
        HandshakeDigest.Compute(cookie, challenge, digest);
        HandshakeMessages.WriteReply(output, OwnChallenge, digest);
        _state = State.Ack;
        return HandshakeStep.Continue;
    }

    private HandshakeStep OnAck(ReadOnlySpan<byte> message)
    {
        if (!HandshakeMessages.TryReadAck(message, out ReadOnlySpan<byte> digest, out string? error))
            return Malformed($"'{expectedPeer}'", error);
        return HandshakeDigest.Matches(cookie, OwnChallenge, digest)
            ? Complete(_peer)
            : Fail(HandshakeError.WrongCookie, WrongCookieText(expectedPeer));
    }

    public override HandshakeFailure OnClosed() =>
        Failure
        ?? (
            _state == State.Ack
                ? new HandshakeFailure(
                    HandshakeError.WrongCookie,
                    $"'{expectedPeer}' hung up on our proof. " + WrongCookieText(expectedPeer)
                )
                : new HandshakeFailure(HandshakeError.Malformed, $"'{expectedPeer}' hung up in the middle of the handshake.")
        );
}
