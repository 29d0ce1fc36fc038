using System.Numerics;
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
    private static readonly Atom s_unused = Atom.Of(""); // where a cookie once stood

    /// <summary>Writes one signal. An exception leaves a torn packet behind: the caller truncates the buffer to where it was.</summary>
    /// <returns>False, with nothing written, where the peer cannot be told (an alias, to a node that has none).</returns>
    /// <exception cref="ArgumentException">The payload is no term.</exception>
    public static bool TryWrite(OutputBuffer output, in ControlMessage message, DistributionFlags flags)
    {
        if (message.Kind == ControlKind.SendToAlias && (flags & DistributionFlags.Aliases) == 0)
            return false;

        int length = output.ReserveUInt32();
        output.WriteByte(Packets.PassThrough);
        EtfWriter writer = new(output);
        writer.WriteVersion();
        if (WriteControl(ref writer, message, flags))
        {
            writer.WriteVersion();
            writer.WriteTerm(message.Payload);
        }

        writer.Flush();
        output.FillUInt32(length, (uint)(output.Count - length - 4));
        return true;
    }

    // Returns whether the payload follows as a term of its own.
    private static bool WriteControl(ref EtfWriter writer, in ControlMessage message, DistributionFlags flags)
    {
        bool reasonIsPayload = (flags & DistributionFlags.ExitPayload) != 0;
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
            default:
                throw new InvalidOperationException($"No wire form for {message.Kind}.");
        }
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
