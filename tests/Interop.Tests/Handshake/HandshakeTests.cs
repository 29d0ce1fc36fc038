using System.Buffers;
using CloudScale.Interop.Handshake;

namespace CloudScale.Interop.Tests.Handshake;

public sealed partial class HandshakeTests
{
    private const DistributionFlags Flags = FlagSets.Implemented | DistributionFlags.Published;

    private static readonly HandshakeIdentity s_alice = new("alice@host", Flags, 11);
    private static readonly HandshakeIdentity s_bob = new("bob@host", Flags, 22);

    [Test]
    public void Handshake_SameCookie_BothDoneAndAgreed()
    {
        Pair pair = new();
        Assert.That(pair.Run(), Is.EqualTo((HandshakeStep.Done, HandshakeStep.Done)));
        Assert.That(pair.Initiator.Outcome, Is.EqualTo(new HandshakeOutcome("bob@host", Flags, FlagSets.Implemented, 22)));
        Assert.That(pair.Acceptor.Outcome, Is.EqualTo(new HandshakeOutcome("alice@host", Flags, FlagSets.Implemented, 11)));
        Assert.That(pair.Acceptor.PeerName, Is.EqualTo("alice@host"));
    }

    [Test]
    public void Handshake_OneSideLacksAnOptionalFlag_NeitherUsesIt()
    {
        Pair pair = new(alice: s_alice with { Flags = Flags & ~DistributionFlags.ExitPayload });
        pair.Run();
        Assert.That(pair.Initiator.Outcome!.Flags & DistributionFlags.ExitPayload, Is.EqualTo(DistributionFlags.None));
        Assert.That(pair.Acceptor.Outcome!.Flags, Is.EqualTo(pair.Initiator.Outcome.Flags));
    }

    [Test]
    public void Handshake_SimultaneousConnectInFavourOfTheCaller_BothDone()
    {
        Pair pair = new(status: HandshakeStatus.OkSimultaneous);
        Assert.That(pair.Run(), Is.EqualTo((HandshakeStep.Done, HandshakeStep.Done)));
        Assert.That(pair.Initiator.IsSimultaneous, Is.True);
    }

    [TestCase(HandshakeStatus.Nok, HandshakeError.Superseded)]
    [TestCase(HandshakeStatus.NotAllowed, HandshakeError.NotAllowed)]
    public void Handshake_RefusingStatus_FailsOnBothSides(object status, object error)
    {
        Pair pair = new(status: (HandshakeStatus)status);
        Assert.That(pair.Run(), Is.EqualTo((HandshakeStep.Failed, HandshakeStep.Failed)));
        Assert.That(
            (pair.Initiator.Failure!.Error, pair.Acceptor.Failure!.Error),
            Is.EqualTo(((HandshakeError)error, (HandshakeError)error))
        );
        Assert.That(pair.Initiator.Failure.Text, Does.Contain("bob@host"));
    }

    [Test]
    public void Handshake_AliveAnsweredTrue_BothDone() =>
        Assert.That(new Pair(status: HandshakeStatus.Alive, goOnIfAlive: true).Run(), Is.EqualTo((HandshakeStep.Done, HandshakeStep.Done)));

    [Test]
    public void Handshake_AliveAnsweredFalse_SupersededOnBothSides()
    {
        Pair pair = new(status: HandshakeStatus.Alive, goOnIfAlive: false);
        Assert.That(pair.Run(), Is.EqualTo((HandshakeStep.Failed, HandshakeStep.Failed)));
        Assert.That(
            (pair.Initiator.Failure!.Error, pair.Acceptor.Failure!.Error),
            Is.EqualTo((HandshakeError.Superseded, HandshakeError.Superseded))
        );
    }

    [Test]
    public void Handshake_WrongCookie_AcceptorRefusesFirstAndTellsNothing()
    {
        Pair pair = new(aliceCookie: "wrong");
        (HandshakeStep initiator, HandshakeStep acceptor) = pair.Run();
        Assert.That(acceptor, Is.EqualTo(HandshakeStep.Failed));
        Assert.That(pair.Acceptor.Failure!.Error, Is.EqualTo(HandshakeError.WrongCookie));
        Assert.That(pair.Acceptor.Failure.Text, Does.Contain("alice@host").And.Contain("same cookie"));
        Assert.That(initiator, Is.EqualTo(HandshakeStep.Continue), "it waits for an ack that does not come");
        Assert.That(pair.Initiator.OnClosed().Error, Is.EqualTo(HandshakeError.WrongCookie));
    }

    [Test]
    public void Initiator_AckWithWrongDigest_IsWrongCookie()
    {
        (HandshakeInitiator initiator, ArrayBufferWriter<byte> output) = InitiatorAt(challenge: 5);
        byte[] ack = new byte[17];
        ack[0] = (byte)'a';
        Assert.That(initiator.OnMessage(ack, output), Is.EqualTo(HandshakeStep.Failed));
        Assert.That(initiator.Failure!.Error, Is.EqualTo(HandshakeError.WrongCookie));
    }

    [Test]
    public void Initiator_OtherNodeAnswers_Fails()
    {
        Pair pair = new(bob: s_bob with { Name = "eve@host" });
        pair.Run();
        Assert.That(pair.Initiator.Failure!.Error, Is.EqualTo(HandshakeError.OtherNode));
        Assert.That(pair.Initiator.Failure.Text, Does.Contain("bob@host").And.Contain("eve@host"));
    }

    [Test]
    public void Acceptor_PeerLacksMandatoryFlags_NamesThem()
    {
        Pair pair = new(alice: s_alice with { Flags = Flags & ~(DistributionFlags.V4Identifiers | DistributionFlags.UnlinkId) });
        Assert.That(pair.Run(), Is.EqualTo((HandshakeStep.Failed, HandshakeStep.Failed)));
        Assert.That(pair.Acceptor.Failure!.Error, Is.EqualTo(HandshakeError.MissingFlags));
        Assert.That(pair.Acceptor.Failure.Text, Does.Contain("UNLINK_ID").And.Contain("V4_NC").And.Not.Contain("MAP_TAG"));
        Assert.That(pair.Initiator.Failure!.Error, Is.EqualTo(HandshakeError.NotAllowed));
    }

    [Test]
    public void Initiator_PeerLacksMandatoryFlags_NamesThem()
    {
        Pair pair = new(bob: s_bob with { Flags = Flags & ~DistributionFlags.Mandatory25Digest & ~DistributionFlags.Maps });
        pair.Run();
        Assert.That(pair.Initiator.Failure!.Error, Is.EqualTo(HandshakeError.MissingFlags));
        Assert.That(pair.Initiator.Failure.Text, Does.Contain("MAP_TAG"));
    }

    [Test]
    public void Flags_DigestOfOtp25_StandsForTheSingleFlags()
    {
        DistributionFlags digestOnly = FlagSets.Mandatory26 | DistributionFlags.Mandatory25Digest;
        Assert.That(FlagSets.Missing(digestOnly), Is.Empty);
        Pair pair = new(alice: s_alice with { Flags = digestOnly });
        pair.Run();
        Assert.That(pair.Acceptor.Outcome!.Flags & DistributionFlags.Maps, Is.Not.EqualTo(DistributionFlags.None));
    }

    [Test]
    public void Acceptor_Version5Name_IsCompletedByTheComplement()
    {
        HandshakeAcceptor acceptor = new(s_bob, _ => "cookie");
        ArrayBufferWriter<byte> output = new();
        byte[] name = [(byte)'n', 0, 5, .. Bytes(unchecked((uint)Flags)), .. "alice@host"u8];
        Assert.That(acceptor.OnMessage(name, output), Is.EqualTo(HandshakeStep.Decide));
        Assert.That(acceptor.Answer(HandshakeStatus.Ok, output), Is.EqualTo(HandshakeStep.Continue));
        uint challenge = ChallengeIn(output.WrittenSpan[5..]);

        byte[] complement = [(byte)'c', .. Bytes((uint)((ulong)Flags >> 32)), .. Bytes(11)];
        Assert.That(acceptor.OnMessage(complement, output), Is.EqualTo(HandshakeStep.Continue));
        byte[] digest = new byte[16];
        HandshakeDigest.Compute("cookie", challenge, digest);
        byte[] reply = [(byte)'r', .. Bytes(99), .. digest];
        Assert.That(acceptor.OnMessage(reply, output), Is.EqualTo(HandshakeStep.Done));
        Assert.That(acceptor.Outcome, Is.EqualTo(new HandshakeOutcome("alice@host", Flags, FlagSets.Implemented, 11)));
    }

    [Test]
    public void Acceptor_Version5NameWithoutHandshake23_IsRefusedByName()
    {
        HandshakeAcceptor acceptor = new(s_bob, _ => "cookie");
        byte[] name = [(byte)'n', 0, 5, .. Bytes(unchecked((uint)(Flags & ~DistributionFlags.Handshake23))), .. "alice@host"u8];
        Assert.That(acceptor.OnMessage(name, new ArrayBufferWriter<byte>()), Is.EqualTo(HandshakeStep.Failed));
        Assert.That(acceptor.Failure!.Text, Does.Contain("HANDSHAKE_23"));
    }

    [Test]
    public void Acceptor_NodeThatAsksForAName_IsRefusedClearly()
    {
        HandshakeAcceptor acceptor = new(s_bob, _ => "cookie");
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
        Assert.That(acceptor.OnMessage(name, new ArrayBufferWriter<byte>()), Is.EqualTo(HandshakeStep.Failed));
        Assert.That(acceptor.Failure!.Error, Is.EqualTo(HandshakeError.Unsupported));
    }

    [Test]
    public void Messages_BytesAfterTheName_AreIgnored()
    {
        Assert.That(new Pair(trailingBytes: 7).Run(), Is.EqualTo((HandshakeStep.Done, HandshakeStep.Done)));
    }

    [Test]
    public void Name_OfVersion6_HasTheBytesOfTheProtocol()
    {
        ArrayBufferWriter<byte> output = new();
        HandshakeMessages.WriteName(output, new HandshakeIdentity("a@b", (DistributionFlags)0x0102030405060708, 0xA0B0C0D0));
        Assert.That(Convert.ToHexString(output.WrittenSpan), Is.EqualTo("0012" + "4E" + "0102030405060708" + "A0B0C0D0" + "0003614062"));
    }

    [Test]
    public void Digest_KnownCookieAndChallenge_IsMd5OfCookieThenDecimal()
    {
        // echo -n secret4294967295 | md5sum
        byte[] digest = new byte[16];
        HandshakeDigest.Compute("secret", uint.MaxValue, digest);
        Assert.That(digest, Is.EqualTo(Convert.FromHexString("5DFD181E69AA587CC812EB333E6536B6")));
    }

    [Test]
    public void Frame_InPieces_WaitsForAllOfIt()
    {
        byte[] bytes = [0, 3, 1, 2, 3, 0, 1, 9];
        for (int length = 0; length < 5; length++)
        {
            ReadOnlySequence<byte> cut = new(bytes, 0, length);
            Assert.That(HandshakeMessages.TryReadFrame(ref cut, out _), Is.False);
        }

        ReadOnlySequence<byte> input = new(bytes);
        Assert.That(HandshakeMessages.TryReadFrame(ref input, out ReadOnlySequence<byte> first), Is.True);
        Assert.That(first.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(HandshakeMessages.TryReadFrame(ref input, out ReadOnlySequence<byte> second), Is.True);
        Assert.That(second.ToArray(), Is.EqualTo(new byte[] { 9 }));
        Assert.That(input.IsEmpty, Is.True);
    }

    /// <summary>Every message of a good handshake, cut at every length and with every byte changed, in both roles: a result each time, never an exception.</summary>
    [Test]
    public void Messages_EveryTruncationAndMutation_GivesAResult()
    {
        for (int victim = 0; victim < 5; victim++)
        {
            int length = new Pair().RunUntil(victim).Length;
            for (int cut = 0; cut < length; cut++)
                Check(victim, message => message[..cut], mustFail: true);
            for (int position = 0; position < length; position++)
            for (int bit = 0; bit < 8; bit++)
                Check(
                    victim,
                    message =>
                    {
                        message[position] ^= (byte)(1 << bit);
                        return message;
                    },
                    mustFail: false
                );
        }

        static void Check(int victim, Func<byte[], byte[]> damage, bool mustFail)
        {
            Pair pair = new(damage: (victim, damage));
            (HandshakeStep initiator, HandshakeStep acceptor) = pair.Run();
            foreach (HandshakeMachine machine in (HandshakeMachine[])[pair.Initiator, pair.Acceptor])
                if (machine.Failure is not null)
                    Assert.That(machine.Failure.Text, Is.Not.Empty);
            if (mustFail)
                Assert.That((initiator, acceptor), Is.Not.EqualTo((HandshakeStep.Done, HandshakeStep.Done)), $"message {victim}");
        }
    }

    private static (HandshakeInitiator, ArrayBufferWriter<byte>) InitiatorAt(uint challenge)
    {
        HandshakeInitiator initiator = new(s_alice, "bob@host", "cookie");
        ArrayBufferWriter<byte> output = new();
        initiator.Start(output);
        initiator.OnMessage("sok"u8, output);
        ArrayBufferWriter<byte> message = new();
        HandshakeMessages.WriteChallenge(message, s_bob, challenge);
        initiator.OnMessage(message.WrittenSpan[2..], output);
        return (initiator, output);
    }

    private static uint ChallengeIn(ReadOnlySpan<byte> framed)
    {
        Assert.That(HandshakeMessages.TryReadChallenge(framed[2..], out _, out uint challenge, out string? error), Is.True, error);
        return challenge;
    }

    private static byte[] Bytes(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    /// <summary>Both machines and the wire between them.</summary>
    private sealed class Pair(
        HandshakeIdentity? alice = null,
        HandshakeIdentity? bob = null,
        string aliceCookie = "cookie",
        HandshakeStatus status = HandshakeStatus.Ok,
        bool goOnIfAlive = true,
        int trailingBytes = 0,
        (int Message, Func<byte[], byte[]> Do)? damage = null
    )
    {
        private readonly Queue<(bool ToAcceptor, byte[] Message)> _wire = [];
        private int _delivered;

        public HandshakeInitiator Initiator { get; } = new(alice ?? s_alice, "bob@host", aliceCookie);
        public HandshakeAcceptor Acceptor { get; } = new(bob ?? s_bob, _ => "cookie");

        public (HandshakeStep Initiator, HandshakeStep Acceptor) Run()
        {
            (HandshakeStep, HandshakeStep) steps = default;
            RunUntil(int.MaxValue, ref steps);
            return steps;
        }

        public byte[] RunUntil(int message)
        {
            (HandshakeStep, HandshakeStep) steps = default;
            return RunUntil(message, ref steps);
        }

        private byte[] RunUntil(int message, ref (HandshakeStep Initiator, HandshakeStep Acceptor) steps)
        {
            ArrayBufferWriter<byte> output = new();
            Initiator.Start(output);
            Post(true, output);
            while (_wire.TryDequeue(out (bool ToAcceptor, byte[] Message) next))
            {
                if (_delivered == message)
                    return next.Message;
                byte[] bytes = damage?.Message == _delivered ? damage.Value.Do(next.Message) : next.Message;
                _delivered++;
                if (next.ToAcceptor)
                {
                    steps.Acceptor = Acceptor.OnMessage(bytes, output);
                    if (steps.Acceptor == HandshakeStep.Decide)
                        steps.Acceptor = Acceptor.Answer(status, output);
                }
                else
                {
                    steps.Initiator = Initiator.OnMessage(bytes, output);
                    if (steps.Initiator == HandshakeStep.Decide)
                        steps.Initiator = Initiator.AnswerAlive(goOnIfAlive, output);
                }

                Post(!next.ToAcceptor, output);
            }

            return [];
        }

        private void Post(bool toAcceptor, ArrayBufferWriter<byte> output)
        {
            ReadOnlySequence<byte> input = new(output.WrittenSpan.ToArray());
            while (HandshakeMessages.TryReadFrame(ref input, out ReadOnlySequence<byte> message))
                _wire.Enqueue((toAcceptor, [.. message.ToArray(), .. message.First.Span[0] == 's' ? [] : new byte[trailingBytes]]));
            output.Clear();
        }
    }
}
