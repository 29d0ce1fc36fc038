using System.Buffers;
using System.Security.Cryptography;

namespace CloudScale.Interop.Handshake;

/// <summary>What both roles of the handshake share: a state machine that gets one message at a time and writes what is to be sent.</summary>
/// <remarks>Threads: one owner. No call throws for what a peer sent; after Done or Failed the machine takes no more messages.</remarks>
internal abstract class HandshakeMachine(HandshakeIdentity self)
{
    /// <summary>What was agreed on; set at <see cref="HandshakeStep.Done"/>.</summary>
    public HandshakeOutcome? Outcome { get; private set; }

    /// <summary>Why it came to nothing; set at <see cref="HandshakeStep.Failed"/>.</summary>
    public HandshakeFailure? Failure { get; private set; }

    /// <summary>The challenge we set the peer.</summary>
    protected uint OwnChallenge { get; } = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));

    protected HandshakeIdentity Self { get; } = self;

    /// <summary>Takes one message, without its frame.</summary>
    public HandshakeStep OnMessage(ReadOnlySpan<byte> message, IBufferWriter<byte> output)
    {
        if (Failure is not null)
            return HandshakeStep.Failed;
        return Outcome is not null
            ? Fail(HandshakeError.Malformed, "The peer went on with a handshake that was complete.")
            : Process(message, output);
    }

    /// <summary>The peer has declared a message longer than any of the handshake is.</summary>
    public HandshakeStep OnTooLong(uint length) => Malformed("The peer", $"the length {length}");

    /// <summary>The failure that a connection closed by the peer at this point means.</summary>
    public abstract HandshakeFailure OnClosed();

    protected abstract HandshakeStep Process(ReadOnlySpan<byte> message, IBufferWriter<byte> output);

    protected HandshakeStep Complete(in HandshakeIdentity peer)
    {
        DistributionFlags flags = FlagSets.Expand(peer.Flags) & Self.Flags & ~(DistributionFlags.Published | DistributionFlags.NameMe);
        Outcome = new HandshakeOutcome(peer.Name, peer.Flags, flags, peer.Creation, peer.Abilities & Self.Abilities, peer.Offer);
        return HandshakeStep.Done;
    }

    protected HandshakeStep Fail(HandshakeError error, string text)
    {
        Failure = new HandshakeFailure(error, text);
        return HandshakeStep.Failed;
    }

    protected HandshakeStep Malformed(string peer, string? what) => Fail(HandshakeError.Malformed, $"{peer} sent {what} in the handshake.");

    protected static string WrongCookieText(string peer) =>
        $"The cookies of this node and '{peer}' differ. Give both nodes the same cookie (option Cookie here, -setcookie or ~/.erlang.cookie there).";

    protected static string MissingFlagsText(string peer, string missing) =>
        $"'{peer}' lacks distribution flags that are mandatory: {missing}. Nodes from OTP 25 on have them.";
}
