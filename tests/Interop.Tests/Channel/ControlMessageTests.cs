using System.Buffers;
using CloudScale.Interop.Channel;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Handshake;
using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Tests.Channel;

public sealed class ControlMessageTests
{
    private const DistributionFlags AllFlags = FlagSets.Implemented;
    private const DistributionFlags OldFlags = FlagSets.RequiredOfPeers;

    private static readonly NodeIdentity s_node = new(Atom.Of("a@b"), 0x01020304);
    private static readonly Pid s_from = new(s_node, (7ul << 32) | 5);
    private static readonly Pid s_to = new(s_node, (8ul << 32) | 6);
    private static readonly Reference s_reference = Reference.FromWords(s_node, [1, 2, 3]);
    private static readonly Atom s_name = Atom.Of("srv");
    private static readonly Atom s_payload = Atom.Of("hi");

    // The parts of the golden bytes.
    private const string PidFrom = "58" + "7703614062" + "00000005" + "00000007" + "01020304";
    private const string PidTo = "58" + "7703614062" + "00000006" + "00000008" + "01020304";
    private const string Ref = "5A0003" + "7703614062" + "01020304" + "00000001" + "00000002" + "00000003";
    private const string Name = "7703737276";
    private const string Unused = "7700";
    private const string Payload = "83" + "77026869";
    private const string Term = "77026869";

    private const string Context = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static readonly Binary s_trace = new(System.Text.Encoding.ASCII.GetBytes(Context));
    private static readonly string s_token = "6805" + "6100" + "6D00000037" + Convert.ToHexString(s_trace.Span) + "6101" + PidFrom + "6100";

    private const string Call = "6803" + Name + Term + "6101";
    private const string SpawnOptions = "6C00000001" + "77046C696E6B" + "6A";
    private const string Arguments = "83" + "6C00000001" + Term + "6A";

    private static readonly SpawnRequest s_spawn = new(
        s_reference,
        s_from,
        s_to,
        s_name,
        s_payload,
        1,
        List.Of((Atom)"link"),
        List.Of(s_payload)
    );

    private static readonly object[][] s_forms =
    [
        [
            "Send",
            new ControlMessage(ControlKind.Send, s_from, s_to, Payload: s_payload),
            AllFlags,
            "6803" + "6116" + PidFrom + PidTo + Payload,
        ],
        [
            "Send, of a trace",
            new ControlMessage(ControlKind.Send, s_from, s_to, Payload: s_payload, Trace: s_trace),
            AllFlags,
            "6804" + "6117" + PidFrom + PidTo + s_token + Payload,
        ],
        [
            "SendToName, of a trace",
            new ControlMessage(ControlKind.SendToName, s_from, Name: s_name, Payload: s_payload, Trace: s_trace),
            AllFlags,
            "6805" + "6110" + PidFrom + Unused + Name + s_token + Payload,
        ],
        [
            "Send, old",
            new ControlMessage(ControlKind.Send, default, s_to, Payload: s_payload),
            OldFlags,
            "6803" + "6102" + Unused + PidTo + Payload,
        ],
        [
            "SendToName",
            new ControlMessage(ControlKind.SendToName, s_from, Name: s_name, Payload: s_payload),
            AllFlags,
            "6804" + "6106" + PidFrom + Unused + Name + Payload,
        ],
        [
            "SendToAlias",
            new ControlMessage(ControlKind.SendToAlias, s_from, Reference: s_reference, Payload: s_payload),
            AllFlags,
            "6804" + "6125" + "6104" + PidFrom + Ref + Payload,
        ],
        [
            "SendToAlias, before OTP 28",
            new ControlMessage(ControlKind.SendToAlias, s_from, Reference: s_reference, Payload: s_payload),
            AllFlags & ~DistributionFlags.AlternateActionSignals,
            "6803" + "6121" + PidFrom + Ref + Payload,
        ],
        [
            "SendToAlias, priority",
            new ControlMessage(ControlKind.SendToAlias, s_from, Reference: s_reference, Payload: s_payload, IsPriority: true),
            AllFlags,
            "6804" + "6125" + "6105" + PidFrom + Ref + Payload,
        ],
        [
            "ExitToAlias, priority",
            new ControlMessage(ControlKind.ExitToAlias, s_from, Reference: s_reference, Payload: s_payload, IsPriority: true),
            AllFlags,
            "6804" + "6125" + "6115" + PidFrom + Ref + Payload,
        ],
        [
            "ExitToName",
            new ControlMessage(ControlKind.ExitToName, s_from, Name: s_name, Payload: s_payload),
            AllFlags,
            "6804" + "6125" + "6118" + PidFrom + Name + Payload,
        ],
        ["Link", new ControlMessage(ControlKind.Link, s_from, s_to), AllFlags, "6803" + "6101" + PidFrom + PidTo],
        ["Unlink", new ControlMessage(ControlKind.Unlink, s_from, s_to, UnlinkId: 9), AllFlags, "6804" + "6123" + "6109" + PidFrom + PidTo],
        [
            "Unlink, largest id",
            new ControlMessage(ControlKind.Unlink, s_from, s_to, UnlinkId: ulong.MaxValue),
            AllFlags,
            "6804" + "6123" + "6E0800FFFFFFFFFFFFFFFF" + PidFrom + PidTo,
        ],
        [
            "UnlinkAck",
            new ControlMessage(ControlKind.UnlinkAck, s_from, s_to, UnlinkId: 9),
            AllFlags,
            "6804" + "6124" + "6109" + PidFrom + PidTo,
        ],
        [
            "Exit",
            new ControlMessage(ControlKind.Exit, s_from, s_to, Payload: s_payload),
            AllFlags,
            "6803" + "6118" + PidFrom + PidTo + Payload,
        ],
        [
            "Exit, old",
            new ControlMessage(ControlKind.Exit, s_from, s_to, Payload: s_payload),
            OldFlags,
            "6804" + "6103" + PidFrom + PidTo + Term,
        ],
        [
            "Exit2",
            new ControlMessage(ControlKind.Exit2, s_from, s_to, Payload: s_payload),
            AllFlags,
            "6803" + "611A" + PidFrom + PidTo + Payload,
        ],
        [
            "Exit2, old",
            new ControlMessage(ControlKind.Exit2, s_from, s_to, Payload: s_payload),
            OldFlags,
            "6804" + "6108" + PidFrom + PidTo + Term,
        ],
        [
            "Monitor",
            new ControlMessage(ControlKind.Monitor, s_from, s_to, Reference: s_reference),
            AllFlags,
            "6804" + "6113" + PidFrom + PidTo + Ref,
        ],
        [
            "Monitor by name",
            new ControlMessage(ControlKind.Monitor, s_from, Name: s_name, Reference: s_reference),
            AllFlags,
            "6804" + "6113" + PidFrom + Name + Ref,
        ],
        [
            "Demonitor",
            new ControlMessage(ControlKind.Demonitor, s_from, s_to, Reference: s_reference),
            AllFlags,
            "6804" + "6114" + PidFrom + PidTo + Ref,
        ],
        [
            "MonitorExit",
            new ControlMessage(ControlKind.MonitorExit, s_from, s_to, Reference: s_reference, Payload: s_payload),
            AllFlags,
            "6804" + "611C" + PidFrom + PidTo + Ref + Payload,
        ],
        [
            "MonitorExit by name, old",
            new ControlMessage(ControlKind.MonitorExit, To: s_to, Name: s_name, Reference: s_reference, Payload: s_payload),
            OldFlags | DistributionFlags.Monitors | DistributionFlags.MonitorsByName,
            "6805" + "6115" + Name + PidTo + Ref + Term,
        ],
        ["GroupLeader", new ControlMessage(ControlKind.GroupLeader, s_from, s_to), AllFlags, "6803" + "6107" + PidFrom + PidTo],
        [
            "SpawnRequest",
            new ControlMessage(ControlKind.SpawnRequest, s_from, s_to, Reference: s_reference, Payload: s_spawn),
            AllFlags,
            "6806" + "611D" + Ref + PidFrom + PidTo + Call + SpawnOptions + Arguments,
        ],
        [
            "SpawnReply",
            new ControlMessage(ControlKind.SpawnReply, s_from, s_to, Reference: s_reference, UnlinkId: 3),
            AllFlags,
            "6805" + "611F" + Ref + PidTo + "6103" + PidFrom,
        ],
        [
            "SpawnReply, error",
            new ControlMessage(ControlKind.SpawnReply, To: s_to, Name: s_name, Reference: s_reference),
            AllFlags,
            "6805" + "611F" + Ref + PidTo + "6100" + Name,
        ],
    ];

    // Forms that are read and never written.
    private static readonly object[][] s_acceptedForms =
    [
        [
            "SEND_TT",
            "6804" + "610C" + Unused + PidTo + "6101" + Payload,
            new ControlMessage(ControlKind.Send, To: s_to, Payload: s_payload),
        ],
        [
            "SEND_SENDER_TT",
            "6804" + "6117" + PidFrom + PidTo + "6101" + Payload,
            new ControlMessage(ControlKind.Send, s_from, s_to, Payload: s_payload),
        ],
        [
            "EXIT_TT",
            "6805" + "610D" + PidFrom + PidTo + "6101" + Term,
            new ControlMessage(ControlKind.Exit, s_from, s_to, Payload: s_payload),
        ],
        [
            "REG_SEND_TT",
            "6805" + "6110" + PidFrom + Unused + Name + "6101" + Payload,
            new ControlMessage(ControlKind.SendToName, s_from, Name: s_name, Payload: s_payload),
        ],
        [
            "EXIT2_TT",
            "6805" + "6112" + PidFrom + PidTo + "6101" + Term,
            new ControlMessage(ControlKind.Exit2, s_from, s_to, Payload: s_payload),
        ],
        [
            "PAYLOAD_EXIT_TT",
            "6804" + "6119" + PidFrom + PidTo + "6101" + Payload,
            new ControlMessage(ControlKind.Exit, s_from, s_to, Payload: s_payload),
        ],
        [
            "PAYLOAD_EXIT2_TT",
            "6804" + "611B" + PidFrom + PidTo + "6101" + Payload,
            new ControlMessage(ControlKind.Exit2, s_from, s_to, Payload: s_payload),
        ],
        [
            "ALIAS_SEND_TT",
            "6804" + "6122" + PidFrom + Ref + "6101" + Payload,
            new ControlMessage(ControlKind.SendToAlias, s_from, Reference: s_reference, Payload: s_payload),
        ],
        [
            "SPAWN_REQUEST_TT",
            "6807" + "611E" + Ref + PidFrom + PidTo + Call + SpawnOptions + "6101" + Arguments,
            new ControlMessage(ControlKind.SpawnRequest, s_from, s_to, Reference: s_reference, Payload: s_spawn),
        ],
        [
            "SPAWN_REPLY_TT",
            "6806" + "6120" + Ref + PidTo + "6101" + PidFrom + "6101",
            new ControlMessage(ControlKind.SpawnReply, s_from, s_to, Reference: s_reference, UnlinkId: 1),
        ],
        [
            "ALTACT_SIG_SEND with a token",
            "6805" + "6125" + "6107" + PidFrom + Ref + "6101" + Payload,
            new ControlMessage(ControlKind.SendToAlias, s_from, Reference: s_reference, Payload: s_payload, IsPriority: true),
        ],
        [
            "ALTACT_SIG_SEND with flags and elements of later releases",
            "6806" + "6125" + "6E0900E400000000000000FF" + PidFrom + Ref + "6101" + "6102" + Payload,
            new ControlMessage(ControlKind.SendToAlias, s_from, Reference: s_reference, Payload: s_payload),
        ],
        [
            "ALTACT_SIG_SEND to a pid",
            "6804" + "6125" + "6101" + PidFrom + PidTo + Payload,
            new ControlMessage(ControlKind.Send, s_from, s_to, Payload: s_payload, IsPriority: true),
        ],
        [
            "ALTACT_SIG_SEND to a name",
            "6804" + "6125" + "6109" + PidFrom + Name + Payload,
            new ControlMessage(ControlKind.SendToName, s_from, Name: s_name, Payload: s_payload, IsPriority: true),
        ],
        [
            "ALTACT_SIG_SEND, exit to a pid",
            "6804" + "6125" + "6110" + PidFrom + PidTo + Payload,
            new ControlMessage(ControlKind.Exit2, s_from, s_to, Payload: s_payload),
        ],
        ["UNLINK", "6803" + "6104" + PidFrom + PidTo, new ControlMessage(ControlKind.Unlink, s_from, s_to)],
    ];

    [TestCaseSource(nameof(s_forms))]
    public void Write_EachKind_HasTheBytesOfTheProtocol(string what, object message, object flags, string hex)
    {
        string expected = "70" + "83" + hex;
        Assert.That(
            Convert.ToHexString(Written((ControlMessage)message, (DistributionFlags)flags)),
            Is.EqualTo((expected.Length / 2).ToString("X8") + expected),
            what
        );
    }

    [TestCaseSource(nameof(s_forms))]
    public void Read_WhatWasWritten_GivesTheSame(string what, object message, object flags, string hex)
    {
        Assert.That(TryRead("7083" + hex, out ControlMessage read, out string? error), Is.True, error);
        Assert.That(read, Is.EqualTo((ControlMessage)message), $"{what}, {flags}");
    }

    [TestCaseSource(nameof(s_acceptedForms))]
    public void Read_FormsOfOthers_GivesTheirMeaning(string what, string hex, object expected)
    {
        Assert.That(TryRead("7083" + hex, out ControlMessage read, out string? error), Is.True, error);
        Assert.That(read, Is.EqualTo((ControlMessage)expected), what);
    }

    [Test]
    public void Write_TraceToANodeWithoutLabels_IsAnOrdinaryMessage()
    {
        ControlMessage traced = new(ControlKind.Send, s_from, s_to, Payload: s_payload, Trace: s_trace);
        DistributionFlags flags = AllFlags & ~DistributionFlags.BigSequentialTraceLabels;
        Assert.That(Written(traced, flags), Is.EqualTo(Written(traced with { Trace = null }, AllFlags)));
        Assert.That(
            Convert.ToHexString(Written(traced, DistributionFlags.BigSequentialTraceLabels)),
            Does.Contain("6804" + "610C" + Unused + PidTo + "6805"),
            "SEND_TT, where the sender is not told"
        );
        Assert.That(
            Written(traced with { From = default }, AllFlags),
            Is.EqualTo(Written(traced with { From = default, Trace = null }, AllFlags)),
            "a token names its sender"
        );
    }

    [TestCase("6805" + "6100" + "6107" + "6101" + PidFrom + "6100", Description = "a label of its own")]
    [TestCase("6805" + "6100" + "6D00000002" + "4142" + "6101" + PidFrom + "6100", Description = "a binary of another length")]
    [TestCase("6802" + "6100" + "6107", Description = "another form")]
    [TestCase("6A", Description = "none")]
    public void Read_TokenOfAnotherKind_IsReadOver(string token)
    {
        Assert.That(
            TryRead("7083" + "6804" + "6117" + PidFrom + PidTo + token + Payload, out ControlMessage read, out string? error),
            error
        );
        Assert.That(read, Is.EqualTo(new ControlMessage(ControlKind.Send, s_from, s_to, Payload: s_payload)));
    }

    [TestCase("7083" + "6804" + "6125" + "610C" + PidFrom + Ref + Payload, "37 of 4 elements")]
    [TestCase("7083" + "6804" + "6125" + "6106" + PidFrom + Ref + Payload, "37 of 4 elements")]
    [TestCase("7083" + "6804" + "6125" + "62FFFFFFFF" + PidFrom + Ref + Payload, "37 of 4 elements")]
    [TestCase("7083" + "6804" + "6125" + "6104" + PidFrom + PidTo + Payload, "37 of 4 elements")]
    [TestCase("7083" + "6806" + "611D" + Ref + PidFrom + PidTo + "6803" + Name + Term + "62FFFFFFFF" + "6A" + "836A", "29 of 6 elements")]
    [TestCase("7083" + "6806" + "611D" + Ref + PidFrom + PidTo + Call + "6101" + "836A", "29 of 6 elements")]
    [TestCase("7083" + "6806" + "611D" + Ref + PidFrom + PidTo + Call + SpawnOptions, "29 without a message")]
    [TestCase("7083" + "6805" + "611F" + Ref + PidTo + "6208000000" + PidFrom, "31 of 5 elements")]
    [TestCase("", "an empty packet")]
    [TestCase("8344", "type 131")]
    [TestCase("70", "control tuple")]
    [TestCase("7083", "control tuple")]
    [TestCase("70836A", "control tuple")]
    [TestCase("70836800", "control tuple")]
    [TestCase("708369FFFFFFFF6101", "control tuple")]
    [TestCase("7083680161FF", "255 of 1 elements")]
    [TestCase("708368036101" + PidFrom + "6105", "1 of 3 elements")]
    [TestCase("708368036102" + Unused + PidTo, "without a message")]
    [TestCase("708368036101" + PidFrom + PidTo + "00", "1 bytes after")]
    [TestCase("7083680461236100" + PidFrom + PidTo, "35 of 4 elements")]
    [TestCase("708368046123" + "6E0801FFFFFFFFFFFFFFFF" + PidFrom + PidTo, "35 of 4 elements")]
    public void Read_HostilePacket_IsRefusedWithAReason(string hex, string reason)
    {
        Assert.That(TryRead(hex, out _, out string? error), Is.False);
        Assert.That(error, Does.Contain(reason));
    }

    [Test]
    public void Read_EveryTruncationAndMutation_GivesAResult()
    {
        foreach (object[] form in s_forms)
        {
            byte[] whole = Convert.FromHexString("7083" + (string)form[3]);
            for (int length = 0; length < whole.Length; length++)
            {
                bool isRead = TryRead(whole.AsSpan(0, length), out _, out string? error);
                Assert.That(isRead, Is.False, $"{form[0]}, {length} bytes");
                Assert.That(error, Is.Not.Empty);
            }

            for (int position = 0; position < whole.Length; position++)
            for (int value = 0; value < 256; value += 3)
            {
                byte[] mutated = [.. whole];
                mutated[position] = (byte)value;
                if (!TryRead(mutated, out _, out string? error))
                    Assert.That(error, Is.Not.Null.And.Not.Empty);
            }
        }
    }

    [Test]
    public void Packets_TooLarge_IsSeenFromTheLengthAlone()
    {
        ReadOnlySequence<byte> input = new([0x7F, 0xFF, 0xFF, 0xFF]);
        Assert.That(Packets.TryRead(ref input, 1024, out _, out uint length), Is.EqualTo(PacketStatus.TooLarge));
        Assert.That(length, Is.EqualTo(0x7FFFFFFFu));
    }

    [Test]
    public void Packets_TickThenHalfAPacket_GivesTheTickAndWaits()
    {
        ReadOnlySequence<byte> input = new([0, 0, 0, 0, 0, 0, 0, 2, 9]);
        Assert.That(Packets.TryRead(ref input, 1024, out ReadOnlySequence<byte> tick, out _), Is.EqualTo(PacketStatus.Ok));
        Assert.That(tick.IsEmpty, Is.True);
        Assert.That(Packets.TryRead(ref input, 1024, out _, out _), Is.EqualTo(PacketStatus.NeedMoreData));
        Assert.That(input.Length, Is.EqualTo(5));
    }

    private static bool TryRead(string hex, out ControlMessage message, out string? error) =>
        TryRead(Convert.FromHexString(hex), out message, out error);

    /// <summary>Reads a signal, and the message it brings, as a receiver will.</summary>
    private static bool TryRead(ReadOnlySpan<byte> packet, out ControlMessage message, out string? error)
    {
        string? refused = null;
        EtfDecodeContext context = new(EtfLimits.Trusted, s_node) { OnRefused = text => refused = text };
        if (!ControlReader.TryRead(packet, context, out message, out EncodedTerm body, out error))
            return false;
        if (message.IsSend)
            message = message with { Payload = body.Decode() };
        else if (message.Payload is SpawnRequest request)
            message = message with { Payload = request with { Arguments = body.Decode() as List } };
        error = refused;
        return refused is null;
    }

    private static byte[] Written(in ControlMessage message, DistributionFlags flags)
    {
        OutputBuffer output = new();
        Assert.That(ControlWriter.TryWrite(output, message, flags), Is.True);
        return output.Written.ToArray();
    }
}
