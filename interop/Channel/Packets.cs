using System.Buffers;

namespace CloudScale.Interop.Channel;

/// <summary>What a look at the input found.</summary>
internal enum PacketStatus
{
    /// <summary>A whole packet; an empty one is a tick.</summary>
    Ok,

    /// <summary>Not all of it is there yet.</summary>
    NeedMoreData,

    /// <summary>The packet would be larger than allowed.</summary>
    TooLarge,
}

/// <summary>The framing between connected nodes: <c>len:u32 | packet</c>; a length of 0 is a tick.</summary>
internal static class Packets
{
    /// <summary>First byte of a packet without distribution header: PASS_THROUGH.</summary>
    public const byte PassThrough = 112;

    /// <summary>Takes a packet off the input. The size is checked before anything waits for it.</summary>
    public static PacketStatus TryRead(ref ReadOnlySequence<byte> input, uint maxBytes, out ReadOnlySequence<byte> packet, out uint length)
    {
        packet = default;
        length = 0;
        SequenceReader<byte> reader = new(input);
        if (!reader.TryReadBigEndian(out int signed))
            return PacketStatus.NeedMoreData;
        length = (uint)signed;
        if (length > maxBytes)
            return PacketStatus.TooLarge;
        if (reader.Remaining < length)
            return PacketStatus.NeedMoreData;
        packet = input.Slice(reader.Position, length);
        input = input.Slice(packet.End);
        return PacketStatus.Ok;
    }
}
