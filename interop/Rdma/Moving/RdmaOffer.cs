using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;

namespace CloudScale.Interop.Rdma;

/// <summary>What the called node says of RDMA in the handshake: where it listens, and by what token the request for this connection is known there.</summary>
/// <remarks>
/// Wire: <c>1:u8 | port:u16 | token:16 [| address:4 or 16]</c>; without an address it is the one that was called. The token is as secret as all that goes over the connection, and good only once both sides have proved themselves on it.
/// </remarks>
internal readonly record struct RdmaOffer(UInt128 Token, int Port, IPAddress? Address)
{
    private const byte Version = 1;
    private const int HeadBytes = 19;

    /// <summary>An offer of a listener, with a token that nobody can guess.</summary>
    internal static RdmaOffer Of(IPEndPoint listener)
    {
        bool isAny = listener.Address.Equals(IPAddress.Any) || listener.Address.Equals(IPAddress.IPv6Any);
        UInt128 token = BinaryPrimitives.ReadUInt128BigEndian(RandomNumberGenerator.GetBytes(16));
        return new RdmaOffer(token == 0 ? 1 : token, listener.Port, isAny ? null : listener.Address);
    }

    internal byte[] ToBytes()
    {
        byte[] address = Address?.GetAddressBytes() ?? [];
        byte[] bytes = new byte[HeadBytes + address.Length];
        bytes[0] = Version;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(1), (ushort)Port);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(3), Token);
        address.CopyTo(bytes, HeadBytes);
        return bytes;
    }

    /// <returns>False if it is nothing that could be used.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out RdmaOffer offer)
    {
        offer = default;
        if (bytes.Length is not (HeadBytes or HeadBytes + 4 or HeadBytes + 16) || bytes[0] != Version)
            return false;
        int port = BinaryPrimitives.ReadUInt16BigEndian(bytes[1..]);
        UInt128 token = BinaryPrimitives.ReadUInt128BigEndian(bytes[3..]);
        if (port == 0 || token == 0)
            return false;
        offer = new RdmaOffer(token, port, bytes.Length == HeadBytes ? null : new IPAddress(bytes[HeadBytes..]));
        return true;
    }
}
