using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using CloudScale.Interop.Handshake;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>A peer made of bare bytes, for what no well-behaved node does.</summary>
internal static class RawPeer
{
    /// <summary>Neither atom cache nor fragments, so that packets are of the plain form, unless others are asked for.</summary>
    public const DistributionFlags PlainFlags =
        (FlagSets.Implemented & ~(DistributionFlags.AtomCache | DistributionFlags.Fragments)) | DistributionFlags.Published;

    public static async Task<Socket> ConnectAsync(EndPoint endPoint)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endPoint);
        return socket;
    }

    /// <summary>A whole handshake, as the side that calls.</summary>
    public static async Task<Socket> HandshakeAsync(
        EndPoint endPoint,
        string name,
        string cookie,
        bool oneByOne = false,
        DistributionFlags flags = PlainFlags,
        OwnAbilities abilities = OwnAbilities.None
    )
    {
        Socket socket = await ConnectAsync(endPoint);
        await SendAsync(NameMessage(name, flags, abilities));
        Assert.That(await ReadFrameAsync(socket), Is.EqualTo("sok"u8.ToArray()));
        Assert.That(HandshakeMessages.TryReadChallenge(await ReadFrameAsync(socket), out _, out uint challenge, out _), Is.True);
        await SendAsync(ReplyMessage(cookie, challenge));
        Assert.That((await ReadFrameAsync(socket))[0], Is.EqualTo((byte)'a'));
        return socket;

        async Task SendAsync(byte[] bytes)
        {
            foreach (byte[] part in oneByOne ? bytes.Chunk(1) : [bytes])
                await socket.SendAsync(part);
        }
    }

    public static byte[] NameMessage(string name, DistributionFlags flags = PlainFlags, OwnAbilities abilities = OwnAbilities.None)
    {
        ArrayBufferWriter<byte> message = new();
        HandshakeMessages.WriteName(message, new HandshakeIdentity(name, flags, 7, abilities));
        return message.WrittenMemory.ToArray();
    }

    public static byte[] ReplyMessage(string cookie, uint challenge)
    {
        byte[] digest = new byte[HandshakeDigest.Length];
        HandshakeDigest.Compute(cookie, challenge, digest);
        ArrayBufferWriter<byte> reply = new();
        HandshakeMessages.WriteReply(reply, 1, digest);
        return reply.WrittenMemory.ToArray();
    }

    public static async Task<byte[]> ReadFrameAsync(Socket socket)
    {
        byte[] head = new byte[2];
        await ReadExactlyAsync(socket, head);
        byte[] body = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        await ReadExactlyAsync(socket, body);
        return body;
    }

    public static async Task ReadExactlyAsync(Socket socket, Memory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int count = await socket.ReceiveAsync(buffer);
            Assert.That(count, Is.GreaterThan(0), "the node hung up");
            buffer = buffer[count..];
        }
    }

    public static async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        List<byte> all = [];
        byte[] chunk = new byte[256];
        try
        {
            for (int count; (count = await socket.ReceiveAsync(chunk)) > 0; )
                all.AddRange(chunk.AsSpan(0, count));
        }
        catch (SocketException)
        {
            // Reset: the node hung up with our bytes unread.
        }

        return [.. all];
    }
}
