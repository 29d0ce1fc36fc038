using System.Diagnostics;
using System.Numerics;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Handshake;
using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Channel;

/// <summary>Writes a signal as a packet, length included, straight into the connection's buffer.</summary>
/// <remarks>
/// The form follows what was agreed on: the newest both sides know, always, for once a newer form was sent the older must not be (order would be lost). Wire:
/// <c>len:u32 | 112 | 131 | control [| 131 | payload]</c>.
/// </remarks>
internal static class ControlWriter
{
    private const DistributionFlags Watching = DistributionFlags.Monitors | DistributionFlags.MonitorsByName;

    private static readonly Atom s_unused = Atom.Of(""); // where a cookie once stood

    /// <summary>Writes one signal. An exception leaves a torn packet behind: the caller truncates the buffer to where it was.</summary>
    /// <returns>False, with nothing written, where the peer cannot be told (an alias or a monitor, to a node that has none).</returns>
    /// <exception cref="ArgumentException">The payload is no term.</exception>
    public static bool TryWrite(OutputBuffer output, in ControlMessage message, DistributionFlags flags)
    {
        if (!CanTell(message, flags))
            return false;

        int length = output.ReserveUInt32();
        output.WriteByte(Packets.PassThrough);
        EtfWriter writer = new(output);
        writer.WriteVersion();
        if (WriteControl(ref writer, message, flags))
        {
            writer.WriteVersion();
            writer.WriteTerm(message.Payload is SpawnRequest spawn ? spawn.Arguments : message.Payload);
        }

        writer.Flush();
        output.FillUInt32(length, (uint)(output.Count - length - 4));
        return true;
    }

    /// <summary>Writes the terms of a signal as they stand behind a distribution header, without versions. An exception leaves a torn term behind.</summary>
    /// <returns>How many bytes the control tuple takes.</returns>
    /// <exception cref="ArgumentException">The payload is no term.</exception>
    public static int WriteTerms(OutputBuffer output, in ControlMessage message, DistributionFlags flags, EtfEncodeOptions? options)
    {
        int start = output.Count;
        EtfWriter writer = new(output, options);
        bool hasPayload = WriteControl(ref writer, message, flags);
        writer.Flush();
        int controlBytes = output.Count - start;
        if (!hasPayload)
            return controlBytes;
        writer.WriteTerm(message.Payload is SpawnRequest spawn ? spawn.Arguments : message.Payload);
        writer.Flush();
        return controlBytes;
    }

    /// <summary>Whether the peer knows the signal in any form.</summary>
    public static bool CanTell(in ControlMessage message, DistributionFlags flags) =>
        message.Kind switch
        {
            ControlKind.SendToAlias => (flags & (DistributionFlags.Aliases | DistributionFlags.AlternateActionSignals)) != 0,
            ControlKind.ExitToName or ControlKind.ExitToAlias => (flags & DistributionFlags.AlternateActionSignals) != 0,
            ControlKind.SpawnRequest or ControlKind.SpawnReply => (flags & DistributionFlags.Spawn) != 0,
            // A monitor of a C node's process watches its connection alone, as in OTP.
            ControlKind.Monitor or ControlKind.Demonitor or ControlKind.MonitorExit => (flags & Watching) == Watching,
            _ => true,
        };

    // Returns whether the payload follows as a term of its own.
    private static bool WriteControl(ref EtfWriter writer, in ControlMessage message, DistributionFlags flags)
    {
        bool reasonIsPayload = (flags & DistributionFlags.ExitPayload) != 0;
        if (message.Trace is not null && !message.From.IsNone && (flags & DistributionFlags.BigSequentialTraceLabels) != 0)
            return WriteTraced(ref writer, message, flags);
        switch (message.Kind)
        {
            case ControlKind.Send when (flags & DistributionFlags.SendSender) != 0 && !message.From.IsNone:
                Pair(ref writer, ControlOperation.SendSender, 3, message);
                return true;
            case ControlKind.Send:
                Head(ref writer, ControlOperation.Send, 3);
                writer.WriteAtom(s_unused);
                writer.WritePid(message.To);
                return true;
            case ControlKind.SendToName:
                Head(ref writer, ControlOperation.RegSend, 4);
                writer.WritePid(message.From);
                writer.WriteAtom(s_unused);
                writer.WriteAtom(message.Name!);
                return true;
            case ControlKind.SendToAlias when (flags & DistributionFlags.AlternateActionSignals) != 0:
                AlternateAction(ref writer, AlternateActionFlags.Alias, message);
                writer.WriteReference(message.Reference);
                return true;
            case ControlKind.ExitToAlias:
                AlternateAction(ref writer, AlternateActionFlags.Alias | AlternateActionFlags.Exit, message);
                writer.WriteReference(message.Reference);
                return true;
            case ControlKind.ExitToName:
                AlternateAction(ref writer, AlternateActionFlags.Name | AlternateActionFlags.Exit, message);
                writer.WriteAtom(message.Name!);
                return true;
            case ControlKind.SendToAlias:
                Head(ref writer, ControlOperation.AliasSend, 3);
                writer.WritePid(message.From);
                writer.WriteReference(message.Reference);
                return true;
            case ControlKind.Link:
                Pair(ref writer, ControlOperation.Link, 3, message);
                return false;
            case ControlKind.Unlink:
                UnlinkPair(ref writer, ControlOperation.UnlinkId, message);
                return false;
            case ControlKind.UnlinkAck:
                UnlinkPair(ref writer, ControlOperation.UnlinkIdAck, message);
                return false;
            case ControlKind.GroupLeader:
                Pair(ref writer, ControlOperation.GroupLeader, 3, message);
                return false;
            case ControlKind.Exit:
                return Exit(ref writer, reasonIsPayload ? ControlOperation.PayloadExit : ControlOperation.Exit, reasonIsPayload, message);
            case ControlKind.Exit2:
                return Exit(ref writer, reasonIsPayload ? ControlOperation.PayloadExit2 : ControlOperation.Exit2, reasonIsPayload, message);
            case ControlKind.Monitor:
                MonitorBody(ref writer, ControlOperation.Monitor, message);
                return false;
            case ControlKind.Demonitor:
                MonitorBody(ref writer, ControlOperation.Demonitor, message);
                return false;
            case ControlKind.MonitorExit:
                Head(
                    ref writer,
                    reasonIsPayload ? ControlOperation.PayloadMonitorExit : ControlOperation.MonitorExit,
                    reasonIsPayload ? 4 : 5
                );
                PidOrName(ref writer, message.From, message.Name);
                writer.WritePid(message.To);
                writer.WriteReference(message.Reference);
                if (!reasonIsPayload)
                    writer.WriteTerm(message.Payload);
                return reasonIsPayload;
            case ControlKind.SpawnRequest:
                SpawnRequestBody(ref writer, (SpawnRequest)message.Payload!);
                return true;
            case ControlKind.SpawnReply:
                Head(ref writer, ControlOperation.SpawnReply, 5);
                writer.WriteReference(message.Reference);
                writer.WritePid(message.To);
                writer.WriteLong((long)message.UnlinkId);
                PidOrName(ref writer, message.From, message.Name);
                return false;
            default:
                throw new InvalidOperationException($"No wire form for {message.Kind}.");
        }
    }

    // A message to a process or a name, with a token behind.
    private static bool WriteTraced(ref EtfWriter writer, in ControlMessage message, DistributionFlags flags)
    {
        Debug.Assert(message.Kind is ControlKind.Send or ControlKind.SendToName, "Only messages to a process or a name carry a trace.");
        if (message.Kind == ControlKind.SendToName)
        {
            Head(ref writer, ControlOperation.RegSendTraced, 5);
            writer.WritePid(message.From);
            writer.WriteAtom(s_unused);
            writer.WriteAtom(message.Name!);
        }
        else if ((flags & DistributionFlags.SendSender) != 0)
        {
            Pair(ref writer, ControlOperation.SendSenderTraced, 4, message);
        }
        else
        {
            Head(ref writer, ControlOperation.SendTraced, 4);
            writer.WriteAtom(s_unused);
            writer.WritePid(message.To);
        }

        TraceToken.Write(ref writer, message.Trace!, message.From);
        return true;
    }

    // What follows is the receiver.
    private static void AlternateAction(ref EtfWriter writer, AlternateActionFlags flags, in ControlMessage message)
    {
        Head(ref writer, ControlOperation.AlternateActionSend, 4);
        writer.WriteLong((long)(message.IsPriority ? flags | AlternateActionFlags.Priority : flags));
        writer.WritePid(message.From);
    }

    private static void SpawnRequestBody(ref EtfWriter writer, SpawnRequest request)
    {
        Head(ref writer, ControlOperation.SpawnRequest, 6);
        writer.WriteReference(request.Reference);
        writer.WritePid(request.From);
        writer.WritePid(request.GroupLeader);
        writer.WriteTupleHeader(3);
        writer.WriteAtom(request.Module);
        writer.WriteAtom(request.Function);
        writer.WriteLong(request.Arity);
        writer.WriteTerm(request.Options);
    }

    private static bool Exit(ref EtfWriter writer, ControlOperation operation, bool reasonIsPayload, in ControlMessage message)
    {
        Pair(ref writer, operation, reasonIsPayload ? 3 : 4, message);
        if (!reasonIsPayload)
            writer.WriteTerm(message.Payload);
        return reasonIsPayload;
    }

    private static void UnlinkPair(ref EtfWriter writer, ControlOperation operation, in ControlMessage message)
    {
        Head(ref writer, operation, 4);
        writer.WriteBigInteger(new BigInteger(message.UnlinkId));
        writer.WritePid(message.From);
        writer.WritePid(message.To);
    }

    private static void Pair(ref EtfWriter writer, ControlOperation operation, int arity, in ControlMessage message)
    {
        Head(ref writer, operation, arity);
        writer.WritePid(message.From);
        writer.WritePid(message.To);
    }

    private static void MonitorBody(ref EtfWriter writer, ControlOperation operation, in ControlMessage message)
    {
        Head(ref writer, operation, 4);
        writer.WritePid(message.From);
        PidOrName(ref writer, message.To, message.Name);
        writer.WriteReference(message.Reference);
    }

    private static void PidOrName(ref EtfWriter writer, Pid pid, Atom? name)
    {
        if (name is null)
            writer.WritePid(pid);
        else
            writer.WriteAtom(name);
    }

    private static void Head(ref EtfWriter writer, ControlOperation operation, int arity)
    {
        writer.WriteTupleHeader(arity);
        writer.WriteLong((long)operation);
    }
}
