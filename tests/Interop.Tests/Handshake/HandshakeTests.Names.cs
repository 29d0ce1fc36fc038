using System.Buffers;
using CloudScale.Interop.Handshake;

namespace CloudScale.Interop.Tests.Handshake;

/// <summary>Names that are asked for and given.</summary>
public sealed partial class HandshakeTests
{
    [Test]
    public void Initiator_NamedStatus_IsRefusedClearly()
    {
        HandshakeInitiator initiator = new(s_alice, "bob@host", "c");
        Assert.That(initiator.OnMessage("snamed:\0\u0005x@hos"u8, new ArrayBufferWriter<byte>()), Is.EqualTo(HandshakeStep.Failed));
        Assert.That(initiator.Failure!.Error, Is.EqualTo(HandshakeError.Unsupported));
    }

    [Test]
    public void Initiator_WithoutAName_HasTheOneItIsGiven()
    {
        HandshakeInitiator initiator = new(
            new("host", (Flags & ~DistributionFlags.Published) | DistributionFlags.NameMe, 0),
            "bob@host",
            "c"
        );
        HandshakeAcceptor acceptor = new(s_bob, _ => "c", host => ($"given@{host}", 77));
        ArrayBufferWriter<byte> there = new();
        ArrayBufferWriter<byte> back = new();
        initiator.Start(there);
        Assert.That(acceptor.OnMessage(Take(there)[0], back), Is.EqualTo(HandshakeStep.Decide));
        acceptor.Answer(HandshakeStatus.Ok, back);
        HandshakeStep step = HandshakeStep.Continue;
        foreach (byte[] message in Take(back))
            step = initiator.OnMessage(message, there);
        Assert.That(step, Is.EqualTo(HandshakeStep.Continue));
        Assert.That(acceptor.OnMessage(Take(there)[0], back), Is.EqualTo(HandshakeStep.Done));
        Assert.That(initiator.OnMessage(Take(back)[0], there), Is.EqualTo(HandshakeStep.Done));
        Assert.That((initiator.Given.Name, initiator.Given.Creation), Is.EqualTo(("given@host", 77u)));
        Assert.That((acceptor.Outcome!.PeerName, acceptor.Outcome.Creation), Is.EqualTo(("given@host", 77u)));
        Assert.That(initiator.Outcome!.Flags, Is.EqualTo(acceptor.Outcome.Flags).And.EqualTo(FlagSets.Implemented));
        Assert.That(initiator.Outcome.PeerFlags & DistributionFlags.Published, Is.EqualTo(DistributionFlags.None), "hidden to each other");
    }

    [TestCase("snamed:\0\u000agiven@host\0\0\0", Description = "a creation too short")]
    [TestCase("snamed:\0\u000agiven@host\0\0\0\0", Description = "no creation")]
    [TestCase("snamed:\0\u000agiven@else\0\0\0\u0001", Description = "another host")]
    [TestCase("snamed:\0\u0008bob@host\0\0\0\u0001", Description = "the giver's own name")]
    [TestCase("snamed:\0\u0004host\0\0\0\u0001", Description = "no name")]
    [TestCase("snamed:\0\u00ffgiven@host\0\0\0\u0001", Description = "a length too long")]
    [TestCase("snamed:\0", Description = "nothing")]
    [TestCase("snamed:", Description = "not even a length")]
    public void Initiator_NameThatIsNone_IsMalformed(string status)
    {
        HandshakeInitiator initiator = new(new("host", Flags | DistributionFlags.NameMe, 0), "bob@host", "c");
        Assert.That(
            initiator.OnMessage(System.Text.Encoding.Latin1.GetBytes(status), new ArrayBufferWriter<byte>()),
            Is.EqualTo(HandshakeStep.Failed)
        );
        Assert.That(initiator.Failure!.Error, Is.EqualTo(HandshakeError.Malformed), initiator.Failure.Text);
    }

    [TestCase("sok")]
    [TestCase("sok_simultaneous")]
    [TestCase("salive")]
    public void Initiator_AsksForAName_IsGivenNone_SaysSo(string status)
    {
        HandshakeInitiator initiator = new(new("host", Flags | DistributionFlags.NameMe, 0), "bob@host", "c");
        Assert.That(
            initiator.OnMessage(System.Text.Encoding.ASCII.GetBytes(status), new ArrayBufferWriter<byte>()),
            Is.EqualTo(HandshakeStep.Failed)
        );
        Assert.That(initiator.Failure!.Text, Does.Contain("gives no names"));
    }

    private static List<byte[]> Take(ArrayBufferWriter<byte> written)
    {
        List<byte[]> messages = [];
        ReadOnlySequence<byte> rest = new(written.WrittenSpan.ToArray());
        while (HandshakeMessages.TryReadFrame(ref rest, out ReadOnlySequence<byte> message))
            messages.Add(message.ToArray());
        written.ResetWrittenCount();
        return messages;
    }

    [Test]
    public void Acceptor_NodeThatAsksForAName_IsNamed_AndItsFlagComesBack()
    {
        HandshakeAcceptor acceptor = new(s_bob, _ => "cookie", host => ($"given@{host}", 0x01020304));
        ArrayBufferWriter<byte> output = new();
        byte[] name =
        [
            (byte)'N',
            .. Bytes((uint)((ulong)(Flags | DistributionFlags.NameMe) >> 32)),
            .. Bytes(unchecked((uint)Flags)),
            .. Bytes(0),
            0,
            4,
            .. "host"u8,
        ];
        Assert.That(acceptor.OnMessage(name, output), Is.EqualTo(HandshakeStep.Decide));
        Assert.That(acceptor.PeerName, Is.EqualTo("given@host"));
        Assert.That(acceptor.Answer(HandshakeStatus.Ok, output), Is.EqualTo(HandshakeStep.Continue));
        ReadOnlySequence<byte> written = new(output.WrittenMemory);
        Assert.That(HandshakeMessages.TryReadFrame(ref written, out ReadOnlySequence<byte> status));
        Assert.That(status.ToArray(), Is.EqualTo((byte[])[.. "snamed:\0\ngiven@host"u8, 1, 2, 3, 4]));
        Assert.That(HandshakeMessages.TryReadFrame(ref written, out ReadOnlySequence<byte> message));
        Assert.That(HandshakeMessages.TryReadChallenge(message.ToArray(), out HandshakeIdentity bob, out _, out _));
        Assert.That(bob.Flags & (DistributionFlags.NameMe | DistributionFlags.Published), Is.EqualTo(DistributionFlags.NameMe));
    }

    [Test]
    public void Acceptor_NodeThatAsksForAName_WithAHostThatIsNone_IsRefused()
    {
        HandshakeAcceptor acceptor = new(s_bob, _ => "cookie", host => ($"given@{host}", 7));
        byte[] name =
        [
            (byte)'N',
            .. Bytes((uint)((ulong)(Flags | DistributionFlags.NameMe) >> 32)),
            .. Bytes(unchecked((uint)Flags)),
            .. Bytes(0),
            0,
            4,
            .. "a@ b"u8,
        ];
        Assert.That(acceptor.OnMessage(name, new ArrayBufferWriter<byte>()), Is.EqualTo(HandshakeStep.Failed));
    }
}
