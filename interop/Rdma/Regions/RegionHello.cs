using System.Buffers.Binary;

namespace CloudScale.Interop.Rdma;

/// <summary>What the two sides of a region say to each other in the private data of their connection.</summary>
/// <remarks>Wire, who calls: <c>"CSRM" | version:u8 = 1 | rights:u8 | 0:u16 | region:u64 | secret:16 bytes</c>.</remarks>
internal readonly ref struct RegionRequest(RegionRights rights, ulong id, ReadOnlySpan<byte> secret)
{
    internal const int LengthBytes = 32;
    internal const uint Magic = 0x4353524D;
    internal const byte Version = 1;

    internal RegionRights Rights { get; } = rights;

    internal ulong Id { get; } = id;

    internal ReadOnlySpan<byte> Secret { get; } = secret;

    internal void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, Magic);
        target[4] = Version;
        target[5] = (byte)Rights;
        target[6..8].Clear();
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Id);
        Secret.CopyTo(target[16..]);
    }

    /// <summary>Reads what may come from anybody; it points into <paramref name="source"/>.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> source, out RegionRequest request)
    {
        request = default;
        if (source.Length < LengthBytes || BinaryPrimitives.ReadUInt32BigEndian(source) != Magic || source[4] != Version)
            return false;
        request = new RegionRequest((RegionRights)source[5], BinaryPrimitives.ReadUInt64BigEndian(source[8..]), source[16..LengthBytes]);
        return true;
    }
}

/// <summary>What a caller that was let in is told.</summary>
/// <remarks>Wire: <c>"CSRM" | version:u8 = 1 | 0:u8 | 0:u16 | key:u32 | 0:u32 | address:u64 | length:u64</c>.</remarks>
internal readonly record struct RegionAnswer(uint Key, ulong Address, long LengthBytes)
{
    internal const int WireBytes = 32;

    internal void Write(Span<byte> target)
    {
        target[..WireBytes].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(target, RegionRequest.Magic);
        target[4] = RegionRequest.Version;
        BinaryPrimitives.WriteUInt32BigEndian(target[8..], Key);
        BinaryPrimitives.WriteUInt64BigEndian(target[16..], Address);
        BinaryPrimitives.WriteUInt64BigEndian(target[24..], (ulong)LengthBytes);
    }

    /// <summary>Reads what may come from anybody.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> source, out RegionAnswer answer)
    {
        answer = default;
        if (
            source.Length < WireBytes
            || BinaryPrimitives.ReadUInt32BigEndian(source) != RegionRequest.Magic
            || source[4] != RegionRequest.Version
        )
            return false;
        long length = BinaryPrimitives.ReadInt64BigEndian(source[24..]);
        answer = new RegionAnswer(
            BinaryPrimitives.ReadUInt32BigEndian(source[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[16..]),
            length
        );
        return length >= 8;
    }
}
