namespace CloudScale.Interop.Channel;

/// <summary>Where a long packet is read to of which only the beginning has come: an array of its own, or its place in the message that it is a part of.</summary>
/// <param name="Bytes">Takes the packet, or the part of a message in it.</param>
/// <param name="HeadBytes">How many bytes of the packet stand before that.</param>
/// <param name="Sequence">The message of which it is a part; 0 for a packet of its own.</param>
/// <param name="Fragment">The number of the part.</param>
/// <param name="Array">The array of a packet of its own.</param>
/// <param name="IsRented">Whether that array goes back to the pool.</param>
internal readonly record struct PacketRoom(
    Memory<byte> Bytes,
    int HeadBytes,
    ulong Sequence = 0,
    ulong Fragment = 0,
    byte[]? Array = null,
    bool IsRented = false
);
