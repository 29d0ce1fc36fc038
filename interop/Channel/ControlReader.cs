using System.Numerics;
using CloudScale.Interop.Connections;
using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Channel;

/// <summary>Reads a packet into a signal, in one pass and without building the control tuple.</summary>
/// <remarks>
/// Wire: <c>112 | 131 | control [| 131 | payload]</c>. Nothing a peer sends raises an exception: what is not understood gives a text, and the caller closes the
/// connection, for after a signal that was not understood the state of links and monitors is unknown. Of trace tokens only the contexts of <see cref="TraceToken"/> are kept, and only of messages to a process or a name.
/// </remarks>
internal static class ControlReader
{
    private const long MaxSpawnFlags = 1 << 27; // as BEAM
    private const int MaxArity = 16; // of any control tuple; a first check before the elements are looked at

    /// <summary>Reads one packet that is not a tick. <paramref name="message"/> has kind and content; false gives the reason.</summary>
    /// <param name="packet">The packet, without its length.</param>
    /// <param name="context">Limits and identities of the connection.</param>
    /// <param name="message">The signal; <see cref="ControlKind.None"/> for one without meaning (NODE_LINK).</param>
    /// <param name="body">The message that a send brings, which nobody has looked at.</param>
    /// <param name="error">What was wrong.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> packet,
        EtfDecodeContext context,
        out ControlMessage message,
        out EncodedTerm body,
        out string? error
    )
    {
        message = default;
        body = default;
        if (packet.IsEmpty || packet[0] != Packets.PassThrough)
        {
            error = packet.IsEmpty ? "an empty packet" : $"a packet of type {packet[0]}, which was not agreed on";
            return false;
        }

        EtfReader reader = new(packet[1..], context);
        if (reader.TryReadVersion() == DecodeStatus.Ok)
            return TryRead(ref reader, context, null, out message, out body, out error);
        error = $"a packet that does not begin with a control tuple ({reader.Error})";
        return false;
    }

    /// <summary>Reads what is behind a distribution header: the terms without their versions.</summary>
    /// <param name="terms">The bytes behind the header.</param>
    /// <param name="context">Limits and identities of the connection.</param>
    /// <param name="atoms">The atoms of the header.</param>
    /// <param name="message">The signal; <see cref="ControlKind.None"/> for one without meaning (NODE_LINK).</param>
    /// <param name="body">The message that a send brings, which nobody has looked at.</param>
    /// <param name="error">What was wrong.</param>
    public static bool TryReadTerms(
        ReadOnlySpan<byte> terms,
        EtfDecodeContext context,
        Atom[] atoms,
        out ControlMessage message,
        out EncodedTerm body,
        out string? error
    )
    {
        EtfReader reader = new(terms, context, atoms);
        return TryRead(ref reader, context, atoms, out message, out body, out error);
    }

    // Without header atoms each term has its version byte.
    private static bool TryRead(
        scoped ref EtfReader reader,
        EtfDecodeContext context,
        Atom[]? atoms,
        out ControlMessage message,
        out EncodedTerm body,
        out string? error
    )
    {
        message = default;
        body = default;
        if (
            reader.TryReadTupleHeader(out int arity) != DecodeStatus.Ok
            || arity is 0 or > MaxArity
            || reader.TryReadLong(out long operation) != DecodeStatus.Ok
        )
        {
            error = $"a packet that does not begin with a control tuple ({reader.Error ?? "its size"})";
            return false;
        }

        if (!TryReadControl(ref reader, operation, arity, out message, out bool hasPayload))
        {
            error = $"a control message {operation} of {arity} elements that is malformed or unknown ({reader.Error ?? "its form"})";
            return false;
        }

        if (message.KeepsBody)
        {
            body = atoms is null ? new EncodedTerm(reader.RemainingBytes, context) : new EncodedTerm(reader.RemainingBytes, context, atoms);
            error = reader.Remaining == 0 ? $"a control message {operation} without a message" : null;
            return error is null;
        }

        if (hasPayload && !TryReadPayload(ref reader, atoms is null, ref message, out error))
            return false;
        if (reader.Remaining > 0)
        {
            error = $"{reader.Remaining} bytes after a control message {operation}";
            return false;
        }

        error = null;
        return true;
    }

    private static bool TryReadPayload(ref EtfReader reader, bool hasVersion, ref ControlMessage message, out string? error)
    {
        if ((!hasVersion || reader.TryReadVersion() == DecodeStatus.Ok) && reader.TryReadTerm(out object? payload) == DecodeStatus.Ok)
        {
            message = message with { Payload = payload };
            error = null;
            return true;
        }

        error = $"a payload that is no term ({reader.Error} at byte {reader.ErrorOffset})";
        return false;
    }

    private static bool TryReadControl(ref EtfReader reader, long operation, int arity, out ControlMessage message, out bool hasPayload)
    {
        message = default;
        hasPayload = false;
        switch ((ControlOperation)operation, arity)
        {
            case (ControlOperation.Send, 3) or (ControlOperation.SendTraced, 4):
                hasPayload = true;
                return Skip(ref reader)
                    && Pid(ref reader, out Pid sendTo)
                    && Token(ref reader, arity - 3, out Binary? sendTrace)
                    && Set(out message, new ControlMessage(ControlKind.Send, To: sendTo, Trace: sendTrace));

            case (ControlOperation.SendSender, 3)
            or (ControlOperation.SendSenderTraced, 4):
                hasPayload = true;
                return Pid(ref reader, out Pid from)
                    && Pid(ref reader, out Pid to)
                    && Token(ref reader, arity - 3, out Binary? trace)
                    && Set(out message, new ControlMessage(ControlKind.Send, from, to, Trace: trace));

            case (ControlOperation.RegSend, 4)
            or (ControlOperation.RegSendTraced, 5):
                hasPayload = true;
                return Pid(ref reader, out Pid nameFrom)
                    && Skip(ref reader)
                    && reader.TryReadAtom(out Atom toName) == DecodeStatus.Ok
                    && Token(ref reader, arity - 4, out Binary? nameTrace)
                    && Set(out message, new ControlMessage(ControlKind.SendToName, nameFrom, Name: toName, Trace: nameTrace));

            case (ControlOperation.AliasSend, 3)
            or (ControlOperation.AliasSendTraced, 4):
                hasPayload = true;
                return Pid(ref reader, out Pid aliasFrom)
                    && reader.TryReadReference(out Reference alias) == DecodeStatus.Ok
                    && Rest(ref reader, arity - 3)
                    && Set(out message, new ControlMessage(ControlKind.SendToAlias, aliasFrom, Reference: alias));

            case (ControlOperation.Link, 3):
                return Pair(ref reader, ControlKind.Link, out message);
            case (ControlOperation.Unlink, 3):
                return Pair(ref reader, ControlKind.Unlink, out message);
            case (ControlOperation.UnlinkId, 4):
                return UnlinkId(ref reader, out ulong id) && Pair(ref reader, ControlKind.Unlink, out message, id);
            case (ControlOperation.UnlinkIdAck, 4):
                return UnlinkId(ref reader, out ulong acknowledged) && Pair(ref reader, ControlKind.UnlinkAck, out message, acknowledged);
            case (ControlOperation.GroupLeader, 3):
                return Pair(ref reader, ControlKind.GroupLeader, out message);
            case (ControlOperation.NodeLink, 1):
                return true;

            case (ControlOperation.Exit, 4)
            or (ControlOperation.ExitTraced, 5):
                return Pair(ref reader, ControlKind.Exit, out message) && Rest(ref reader, arity - 4) && Reason(ref reader, ref message);
            case (ControlOperation.Exit2, 4) or (ControlOperation.Exit2Traced, 5):
                return Pair(ref reader, ControlKind.Exit2, out message) && Rest(ref reader, arity - 4) && Reason(ref reader, ref message);
            case (ControlOperation.PayloadExit, 3) or (ControlOperation.PayloadExitTraced, 4):
                hasPayload = true;
                return Pair(ref reader, ControlKind.Exit, out message) && Rest(ref reader, arity - 3);
            case (ControlOperation.PayloadExit2, 3) or (ControlOperation.PayloadExit2Traced, 4):
                hasPayload = true;
                return Pair(ref reader, ControlKind.Exit2, out message) && Rest(ref reader, arity - 3);

            case (ControlOperation.Monitor, 4):
                return MonitorBody(ref reader, ControlKind.Monitor, out message);
            case (ControlOperation.Demonitor, 4):
                return MonitorBody(ref reader, ControlKind.Demonitor, out message);
            case (ControlOperation.MonitorExit, 5):
                return MonitorExitBody(ref reader, out message) && Reason(ref reader, ref message);
            case (ControlOperation.PayloadMonitorExit, 4):
                hasPayload = true;
                return MonitorExitBody(ref reader, out message);
            case (ControlOperation.SpawnRequest, 6) or (ControlOperation.SpawnRequestTraced, 7):
                hasPayload = true;
                return SpawnRequestBody(ref reader, out message) && Rest(ref reader, arity - 6);
            case (ControlOperation.SpawnReply, 5) or (ControlOperation.SpawnReplyTraced, 6):
                return SpawnReplyBody(ref reader, out message) && Rest(ref reader, arity - 5);
            case (ControlOperation.AlternateActionSend, >= 4): // later releases may add elements
                hasPayload = true;
                return AlternateActionBody(ref reader, arity, out message);
            default:
                return false;
        }
    }

    // Flags, From, To: pid, name or alias, [Token].
    private static bool AlternateActionBody(ref EtfReader reader, int arity, out ControlMessage message)
    {
        message = default;
        if (!LowBits(ref reader, out AlternateActionFlags flags) || !Pid(ref reader, out Pid from))
            return false;
        if ((flags & AlternateActionFlags.Token) != 0 && arity < 5)
            return false;
        bool isExit = (flags & AlternateActionFlags.Exit) != 0;
        bool isPriority = (flags & AlternateActionFlags.Priority) != 0;
        switch (flags & (AlternateActionFlags.Alias | AlternateActionFlags.Name))
        {
            case AlternateActionFlags.Alias when reader.TryReadReference(out Reference alias) == DecodeStatus.Ok:
                ControlKind toAlias = isExit ? ControlKind.ExitToAlias : ControlKind.SendToAlias;
                message = new ControlMessage(toAlias, from, Reference: alias, IsPriority: isPriority);
                break;
            case AlternateActionFlags.Name when reader.TryReadAtom(out Atom name) == DecodeStatus.Ok:
                message = new ControlMessage(
                    isExit ? ControlKind.ExitToName : ControlKind.SendToName,
                    from,
                    Name: name,
                    IsPriority: isPriority
                );
                break;
            case AlternateActionFlags.None when Pid(ref reader, out Pid to):
                message = new ControlMessage(isExit ? ControlKind.Exit2 : ControlKind.Send, from, to, IsPriority: isPriority);
                break;
            default:
                return false;
        }

        return Rest(ref reader, arity - 4);
    }

    // Flags may be an integer of any size; what is beyond the lowest byte is for later releases, and ignored.
    private static bool LowBits(ref EtfReader reader, out AlternateActionFlags flags)
    {
        flags = AlternateActionFlags.None;
        if (
            reader.PeekTag() is not (EtfTag.SmallInteger or EtfTag.Integer or EtfTag.SmallBig or EtfTag.LargeBig)
            || reader.TryReadTerm(out object? term) != DecodeStatus.Ok
        )
            return false;
        flags = (AlternateActionFlags)(
            term switch
            {
                long small => (int)(small & 0xFF),
                BigInteger big => (int)(big & 0xFF),
                _ => 0,
            }
        );
        return term is long and >= 0 or BigInteger { Sign: > 0 };
    }

    // ReqId, From, GroupLeader, {Module, Function, Arity}, OptList.
    private static bool SpawnRequestBody(ref EtfReader reader, out ControlMessage message)
    {
        message = default;
        if (
            reader.TryReadReference(out Reference reference) != DecodeStatus.Ok
            || !Pid(ref reader, out Pid from)
            || !Pid(ref reader, out Pid leader)
            || reader.TryReadTupleHeader(out int parts) != DecodeStatus.Ok
            || parts != 3
            || reader.TryReadAtom(out Atom module) != DecodeStatus.Ok
            || reader.TryReadAtom(out Atom function) != DecodeStatus.Ok
            || reader.TryReadLong(out long arity) != DecodeStatus.Ok
            || arity is < 0 or > int.MaxValue
            || reader.TryReadTerm(out object? options) != DecodeStatus.Ok
            || options is not List { IsProper: true } list
        )
            return false;
        SpawnRequest request = new(reference, from, leader, module, function, (int)arity, list);
        return Set(out message, new ControlMessage(ControlKind.SpawnRequest, from, leader, Reference: reference, Payload: request));
    }

    // ReqId, To, Flags, Result: pid or atom.
    private static bool SpawnReplyBody(ref EtfReader reader, out ControlMessage message)
    {
        message = default;
        return reader.TryReadReference(out Reference reference) == DecodeStatus.Ok
            && Pid(ref reader, out Pid to)
            && reader.TryReadLong(out long flags) == DecodeStatus.Ok
            && flags is >= 0 and < MaxSpawnFlags
            && PidOrName(ref reader, out Pid child, out Atom? error)
            && Set(out message, new ControlMessage(ControlKind.SpawnReply, child, to, error, reference, (ulong)flags));
    }

    // From, To: two pids.
    private static bool Pair(ref EtfReader reader, ControlKind kind, out ControlMessage message, ulong unlinkId = 0)
    {
        message = default;
        return Pid(ref reader, out Pid from)
            && Pid(ref reader, out Pid to)
            && Set(out message, new ControlMessage(kind, from, to, UnlinkId: unlinkId));
    }

    // From: pid, ToProc: pid or name, Ref.
    private static bool MonitorBody(ref EtfReader reader, ControlKind kind, out ControlMessage message)
    {
        message = default;
        return Pid(ref reader, out Pid from)
            && PidOrName(ref reader, out Pid to, out Atom? name)
            && reader.TryReadReference(out Reference reference) == DecodeStatus.Ok
            && Set(out message, new ControlMessage(kind, from, to, name, reference));
    }

    // FromProc: pid or name, To: pid, Ref.
    private static bool MonitorExitBody(ref EtfReader reader, out ControlMessage message)
    {
        message = default;
        return PidOrName(ref reader, out Pid from, out Atom? name)
            && Pid(ref reader, out Pid to)
            && reader.TryReadReference(out Reference reference) == DecodeStatus.Ok
            && Set(out message, new ControlMessage(ControlKind.MonitorExit, from, to, name, reference));
    }

    private static bool Reason(ref EtfReader reader, ref ControlMessage message)
    {
        if (reader.TryReadTerm(out object? reason) != DecodeStatus.Ok)
            return false;
        message = message with { Payload = reason };
        return true;
    }

    private static bool PidOrName(ref EtfReader reader, out Pid pid, out Atom? name)
    {
        name = null;
        if (reader.PeekTag() is EtfTag.Pid or EtfTag.NewPid)
            return Pid(ref reader, out pid);
        pid = default;
        bool isAtom = reader.TryReadAtom(out Atom atom) == DecodeStatus.Ok;
        name = atom;
        return isAtom;
    }

    private static bool UnlinkId(ref EtfReader reader, out ulong id)
    {
        id = 0;
        if (
            reader.PeekTag() is not (EtfTag.SmallInteger or EtfTag.Integer or EtfTag.SmallBig)
            || reader.TryReadTerm(out object? term) != DecodeStatus.Ok
        )
            return false;
        switch (term)
        {
            case long small when small > 0:
                id = (ulong)small;
                return true;
            case BigInteger big when big.Sign > 0 && big <= ulong.MaxValue:
                id = (ulong)big;
                return true;
            default:
                return false;
        }
    }

    private static bool Pid(ref EtfReader reader, out Pid pid) => reader.TryReadPid(out pid) == DecodeStatus.Ok;

    private static bool Skip(ref EtfReader reader) => reader.TrySkipTerm() == DecodeStatus.Ok;

    private static bool Token(ref EtfReader reader, int count, out Binary? trace)
    {
        trace = null;
        return count == 0 || TraceToken.TryRead(ref reader, out trace);
    }

    // What is left is a trace token that nobody asks for, or nothing.
    private static bool Rest(ref EtfReader reader, int count)
    {
        for (; count > 0; count--)
        {
            if (!Skip(ref reader))
                return false;
        }

        return true;
    }

    private static bool Set(out ControlMessage target, in ControlMessage value)
    {
        target = value;
        return true;
    }
}
