using System.Buffers.Binary;

namespace CloudScale.Interop.Rdma;

/// <summary>What each side of a connection tells the other in the private data of its making: where to write, and how far ahead.</summary>
/// <remarks>Wire: <c>"CSRD" | version:u8 = 1 | has token:u8 | receives:u16 | ring bytes:u32 | ring key:u32 | ring address:u64 [| token:16]</c>; what follows is ignored. The token, never 0, names the connection that moves here; who calls says it.</remarks>
internal readonly record struct RdmaHello(int Receives, int RingBytes, uint RingKey, ulong RingAddress, UInt128 Token = default)
{
    internal const int LengthBytes = 24;
    internal const int MaxLengthBytes = LengthBytes + 16;
    private const uint Magic = 0x43535244;
    private const byte Version = 1;

    /// <summary>How many bytes <see cref="Write"/> writes.</summary>
    internal int WrittenBytes => Token == 0 ? LengthBytes : MaxLengthBytes;

    internal void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, Magic);
        target[4] = Version;
        target[5] = Token == 0 ? (byte)0 : (byte)1;
        BinaryPrimitives.WriteUInt16BigEndian(target[6..], (ushort)Receives);
        BinaryPrimitives.WriteUInt32BigEndian(target[8..], (uint)RingBytes);
        BinaryPrimitives.WriteUInt32BigEndian(target[12..], RingKey);
        BinaryPrimitives.WriteUInt64BigEndian(target[16..], RingAddress);
        if (Token != 0)
            BinaryPrimitives.WriteUInt128BigEndian(target[LengthBytes..], Token);
    }

    /// <summary>Reads what may come from anybody.</summary>
    /// <returns>False if it is none of ours, or asks for what cannot be.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> source, out RdmaHello hello)
    {
        hello = default;
        if (source.Length < LengthBytes || BinaryPrimitives.ReadUInt32BigEndian(source) != Magic || source[4] != Version)
            return false;
        int receives = BinaryPrimitives.ReadUInt16BigEndian(source[6..]);
        uint ringBytes = BinaryPrimitives.ReadUInt32BigEndian(source[8..]);
        if (receives is <= RdmaCredits.ReservedMessages or > RdmaCredits.MaxReceives)
            return false;
        if (!uint.IsPow2(ringBytes) || ringBytes is < 4096 or > RdmaCredits.MaxRingBytes)
            return false;
        bool hasToken = source[5] != 0;
        if (hasToken && source.Length < MaxLengthBytes)
            return false;
        hello = new RdmaHello(
            receives,
            (int)ringBytes,
            BinaryPrimitives.ReadUInt32BigEndian(source[12..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[16..]),
            hasToken ? BinaryPrimitives.ReadUInt128BigEndian(source[LengthBytes..]) : 0
        );
        return true;
    }
}
