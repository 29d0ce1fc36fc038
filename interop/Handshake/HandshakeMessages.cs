using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace CloudScale.Interop.Handshake;

/// <summary>The answer of the accepting side to a name.</summary>
internal enum HandshakeStatus
{
    /// <summary>Go on.</summary>
    Ok,

    /// <summary>Go on; the accepting side gives up an attempt of its own.</summary>
    OkSimultaneous,

    /// <summary>Give up: the accepting side has an attempt of its own under way, and that one is kept.</summary>
    Nok,

    /// <summary>The node is not allowed.</summary>
    NotAllowed,

    /// <summary>The accepting side believes to be connected already and asks whether to go on.</summary>
    Alive,

    /// <summary>The accepting side chose a name for this node.</summary>
    Named,

    /// <summary>Initiator to acceptor, in answer to <see cref="Alive"/>: go on.</summary>
    True,

    /// <summary>Initiator to acceptor, in answer to <see cref="Alive"/>: leave it.</summary>
    False,
}

/// <summary>What a node says of itself.</summary>
/// <param name="Name">Full node name.</param>
/// <param name="Flags">What it can do; of a version 5 message only the lower 32 bits are known.</param>
/// <param name="Creation">Its creation; 0 while not known (version 5).</param>
/// <param name="Abilities">What it can do with others of this library.</param>
/// <param name="Offer">What it says besides of an ability; see <see cref="AbilityTrailer"/>.</param>
internal readonly record struct HandshakeIdentity(
    string Name,
    DistributionFlags Flags,
    uint Creation,
    OwnAbilities Abilities = OwnAbilities.None,
    ReadOnlyMemory<byte> Offer = default
);

/// <summary>The messages of the handshake: every one is framed as <c>len:u16 | message</c>, over TLS as <c>len:u32 | message</c>, integers big-endian.</summary>
/// <remarks>Readers take a message without its frame, ignore bytes after what they know, and refuse with a text; they never throw.</remarks>
internal static class HandshakeMessages
{
    private const byte NameTag = (byte)'N';
    private const byte OldNameTag = (byte)'n';
    private const byte StatusTag = (byte)'s';
    private const byte ComplementTag = (byte)'c';
    private const byte ReplyTag = (byte)'r';
    private const byte AckTag = (byte)'a';

    /// <summary>Longest node name: what an atom may hold, in UTF-8.</summary>
    public const int MaxNameBytes = 4 * Atom.MaxCharacters;

    private static readonly string[] s_statusTexts = ["ok", "ok_simultaneous", "nok", "not_allowed", "alive", "named:", "true", "false"];

    /// <summary>Takes one framed message off the input; false leaves the input as it is.</summary>
    public static bool TryReadFrame(ref ReadOnlySequence<byte> input, out ReadOnlySequence<byte> message) =>
        TryReadFrame(ref input, lengthBytes: 2, out message, out _);

    /// <summary>Takes one framed message off the input; false leaves the input as it is.</summary>
    /// <param name="input">What has come.</param>
    /// <param name="lengthBytes">The size of a length, 2 or 4; a message has 64 KB at most either way.</param>
    /// <param name="message">The message.</param>
    /// <param name="length">The length that was read, 0 if there is none yet. One above 64 KB is never waited for.</param>
    public static bool TryReadFrame(ref ReadOnlySequence<byte> input, int lengthBytes, out ReadOnlySequence<byte> message, out uint length)
    {
        message = default;
        length = 0;
        SequenceReader<byte> reader = new(input);
        if (lengthBytes == 2)
        {
            if (!reader.TryReadBigEndian(out short two))
                return false;
            length = (ushort)two;
        }
        else
        {
            if (!reader.TryReadBigEndian(out int four))
                return false;
            length = (uint)four;
        }

        if (length > ushort.MaxValue || reader.Remaining < length)
            return false;
        message = input.Slice(reader.Position, length);
        input = input.Slice(message.End);
        return true;
    }

    /// <summary>Writes messages again, <c>len:u16 | message</c> as <c>len:u32 | message</c>.</summary>
    public static void WriteWithLongLengths(IBufferWriter<byte> output, ReadOnlyMemory<byte> messages)
    {
        ReadOnlySequence<byte> rest = new(messages);
        while (TryReadFrame(ref rest, out ReadOnlySequence<byte> message))
        {
            output.WriteUInt32((uint)message.Length);
            output.Write(message.FirstSpan);
        }
    }

    /// <summary>Wire: <c>'N' | flags:u64 | creation:u32 | nlen:u16 | name [| abilities]</c> (send_name, version 6); <see cref="AbilityTrailer"/>.</summary>
    public static void WriteName(IBufferWriter<byte> output, in HandshakeIdentity self)
    {
        byte[] name = Encoding.UTF8.GetBytes(self.Name);
        output.WriteUInt16((ushort)(15 + name.Length + AbilityTrailer.LengthOf(self.Abilities, self.Offer)));
        output.WriteByte(NameTag);
        output.WriteUInt64((ulong)self.Flags);
        output.WriteUInt32(self.Creation);
        output.WriteUInt16((ushort)name.Length);
        output.Write(name);
        AbilityTrailer.Write(output, self.Abilities, self.Offer);
    }

    /// <summary>Reads a send_name of version 6, or of version 5: <c>'n' | version:u16 | flags:u32 | name</c>.</summary>
    public static bool TryReadName(ReadOnlySpan<byte> message, out HandshakeIdentity peer, out bool isVersion5, out string? error)
    {
        peer = default;
        isVersion5 = !message.IsEmpty && message[0] == OldNameTag;
        if (isVersion5)
        {
            if (message.Length < 7)
                return Refuse("a name message that ends too early", out error);
            ulong flags = BinaryPrimitives.ReadUInt32BigEndian(message[3..]);
            if (!TryReadNodeName(message[7..], out string name, out error))
                return false;
            peer = new HandshakeIdentity(name, (DistributionFlags)flags, Creation: 0);
            return true;
        }

        if (message.IsEmpty || message[0] != NameTag)
            return Refuse(Unexpected(message, "a name"), out error);
        if (message.Length < 15)
            return Refuse("a name message that ends too early", out error);
        int length = BinaryPrimitives.ReadUInt16BigEndian(message[13..]);
        if (message.Length - 15 < length)
            return Refuse("a name message whose name ends too early", out error);
        DistributionFlags peerFlags = (DistributionFlags)BinaryPrimitives.ReadUInt64BigEndian(message[1..]);
        ReadOnlySpan<byte> nameBytes = message.Slice(15, length);
        if ((peerFlags & DistributionFlags.NameMe) != 0)
        {
            // A node that asks for a name gives only its host.
            peer = new HandshakeIdentity(
                nameBytes.Length <= MaxNameBytes ? Encoding.UTF8.GetString(nameBytes) : "",
                peerFlags,
                Creation: 0,
                AbilityTrailer.Read(message[(15 + length)..]),
                AbilityTrailer.ReadOffer(message[(15 + length)..])
            );
            error = null;
            return true;
        }

        if (!TryReadNodeName(nameBytes, out string peerName, out error))
            return false;
        peer = new HandshakeIdentity(
            peerName,
            peerFlags,
            BinaryPrimitives.ReadUInt32BigEndian(message[9..]),
            AbilityTrailer.Read(message[(15 + length)..]),
            AbilityTrailer.ReadOffer(message[(15 + length)..])
        );
        return true;
    }

    /// <summary>Wire: <c>'s' | text</c>.</summary>
    public static void WriteStatus(IBufferWriter<byte> output, HandshakeStatus status)
    {
        string text = s_statusTexts[(int)status];
        output.WriteUInt16((ushort)(1 + text.Length));
        output.WriteByte(StatusTag);
        Encoding.ASCII.GetBytes(text, output);
    }

    /// <summary>Wire: <c>'s' | "named:" | nlen:u16 | name | creation:u32</c>: the name for a node that asked for one.</summary>
    public static void WriteNamed(IBufferWriter<byte> output, in HandshakeIdentity peer)
    {
        byte[] name = Encoding.UTF8.GetBytes(peer.Name);
        output.WriteUInt16((ushort)(1 + 6 + 2 + name.Length + 4));
        output.WriteByte(StatusTag);
        output.Write("named:"u8);
        output.WriteUInt16((ushort)name.Length);
        output.Write(name);
        output.WriteUInt32(peer.Creation);
    }

    /// <summary>Reads the status that <see cref="WriteNamed"/> writes; the creation is never 0.</summary>
    public static bool TryReadNamed(ReadOnlySpan<byte> message, out string name, out uint creation, out string? error)
    {
        name = "";
        creation = 0;
        ReadOnlySpan<byte> rest = message[Math.Min(message.Length, 1 + "named:".Length)..];
        if (rest.Length < 2)
            return Refuse("a name for this node that ends too early", out error);
        int length = BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (rest.Length - 6 < length)
            return Refuse("a name for this node that ends too early", out error);
        if (!TryReadNodeName(rest.Slice(2, length), out name, out error))
            return false;
        creation = BinaryPrimitives.ReadUInt32BigEndian(rest[(2 + length)..]);
        return creation != 0 || Refuse("a name for this node without a creation", out error);
    }

    /// <summary>Reads a status; <c>named:</c> is recognised by its beginning, the others must match to the letter.</summary>
    public static bool TryReadStatus(ReadOnlySpan<byte> message, out HandshakeStatus status, out string? error)
    {
        status = default;
        if (message.IsEmpty || message[0] != StatusTag)
            return Refuse(Unexpected(message, "a status"), out error);
        ReadOnlySpan<byte> text = message[1..];
        if (text.StartsWith("named:"u8))
        {
            status = HandshakeStatus.Named;
            error = null;
            return true;
        }

        for (int candidate = 0; candidate < s_statusTexts.Length; candidate++)
        {
            if (candidate == (int)HandshakeStatus.Named || !Ascii.Equals(text, s_statusTexts[candidate]))
                continue;
            status = (HandshakeStatus)candidate;
            error = null;
            return true;
        }

        return Refuse($"the unknown status '{Encoding.Latin1.GetString(text[..Math.Min(text.Length, 40)])}'", out error);
    }

    /// <summary>Wire: <c>'N' | flags:u64 | challenge:u32 | creation:u32 | nlen:u16 | name [| abilities]</c>; <see cref="AbilityTrailer"/>.</summary>
    public static void WriteChallenge(IBufferWriter<byte> output, in HandshakeIdentity self, uint challenge)
    {
        byte[] name = Encoding.UTF8.GetBytes(self.Name);
        output.WriteUInt16((ushort)(19 + name.Length + AbilityTrailer.LengthOf(self.Abilities, self.Offer)));
        output.WriteByte(NameTag);
        output.WriteUInt64((ulong)self.Flags);
        output.WriteUInt32(challenge);
        output.WriteUInt32(self.Creation);
        output.WriteUInt16((ushort)name.Length);
        output.Write(name);
        AbilityTrailer.Write(output, self.Abilities, self.Offer);
    }

    /// <summary>Reads a challenge of version 6.</summary>
    public static bool TryReadChallenge(ReadOnlySpan<byte> message, out HandshakeIdentity peer, out uint challenge, out string? error)
    {
        peer = default;
        challenge = 0;
        if (!message.IsEmpty && message[0] == OldNameTag)
            return Refuse("a challenge of version 5; nodes older than OTP 23 are not supported", out error);
        if (message.IsEmpty || message[0] != NameTag)
            return Refuse(Unexpected(message, "a challenge"), out error);
        if (message.Length < 19)
            return Refuse("a challenge that ends too early", out error);
        int length = BinaryPrimitives.ReadUInt16BigEndian(message[17..]);
        if (message.Length - 19 < length)
            return Refuse("a challenge whose name ends too early", out error);
        if (!TryReadNodeName(message.Slice(19, length), out string name, out error))
            return false;

        challenge = BinaryPrimitives.ReadUInt32BigEndian(message[9..]);
        peer = new HandshakeIdentity(
            name,
            (DistributionFlags)BinaryPrimitives.ReadUInt64BigEndian(message[1..]),
            BinaryPrimitives.ReadUInt32BigEndian(message[13..]),
            AbilityTrailer.Read(message[(19 + length)..]),
            AbilityTrailer.ReadOffer(message[(19 + length)..])
        );
        return true;
    }

    /// <summary>Wire: <c>'c' | flagsHigh:u32 | creation:u32</c>: what a version 5 name message had no room for.</summary>
    public static void WriteComplement(IBufferWriter<byte> output, in HandshakeIdentity self)
    {
        output.WriteUInt16(9);
        output.WriteByte(ComplementTag);
        output.WriteUInt32((uint)((ulong)self.Flags >> 32));
        output.WriteUInt32(self.Creation);
    }

    /// <summary>Reads a complement and completes what is known of the peer.</summary>
    public static bool TryReadComplement(ReadOnlySpan<byte> message, ref HandshakeIdentity peer, out string? error)
    {
        if (message.IsEmpty || message[0] != ComplementTag)
            return Refuse(Unexpected(message, "a complement"), out error);
        if (message.Length < 9)
            return Refuse("a complement that ends too early", out error);
        ulong high = BinaryPrimitives.ReadUInt32BigEndian(message[1..]);
        peer = peer with
        {
            Flags = (DistributionFlags)((uint)peer.Flags | (high << 32)),
            Creation = BinaryPrimitives.ReadUInt32BigEndian(message[5..]),
        };
        error = null;
        return true;
    }

    /// <summary>Wire: <c>'r' | challenge:u32 | digest:16</c>.</summary>
    public static void WriteReply(IBufferWriter<byte> output, uint challenge, ReadOnlySpan<byte> digest)
    {
        output.WriteUInt16(21);
        output.WriteByte(ReplyTag);
        output.WriteUInt32(challenge);
        output.Write(digest);
    }

    /// <summary>Reads a challenge reply.</summary>
    public static bool TryReadReply(ReadOnlySpan<byte> message, out uint challenge, out ReadOnlySpan<byte> digest, out string? error)
    {
        challenge = 0;
        digest = default;
        if (message.IsEmpty || message[0] != ReplyTag)
            return Refuse(Unexpected(message, "a challenge reply"), out error);
        if (message.Length < 21)
            return Refuse("a challenge reply that ends too early", out error);
        challenge = BinaryPrimitives.ReadUInt32BigEndian(message[1..]);
        digest = message.Slice(5, HandshakeDigest.Length);
        error = null;
        return true;
    }

    /// <summary>Wire: <c>'a' | digest:16</c>.</summary>
    public static void WriteAck(IBufferWriter<byte> output, ReadOnlySpan<byte> digest)
    {
        output.WriteUInt16(17);
        output.WriteByte(AckTag);
        output.Write(digest);
    }

    /// <summary>Reads a challenge ack.</summary>
    public static bool TryReadAck(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> digest, out string? error)
    {
        digest = default;
        if (message.IsEmpty || message[0] != AckTag)
            return Refuse(Unexpected(message, "a challenge ack"), out error);
        if (message.Length < 17)
            return Refuse("a challenge ack that ends too early", out error);
        digest = message.Slice(1, HandshakeDigest.Length);
        error = null;
        return true;
    }

    private static bool TryReadNodeName(ReadOnlySpan<byte> bytes, out string name, out string? error)
    {
        name = "";
        if (bytes.IsEmpty || bytes.Length > MaxNameBytes || !System.Text.Unicode.Utf8.IsValid(bytes))
            return Refuse($"a node name of {bytes.Length} bytes that is empty, too long or not UTF-8", out error);
        string text = Encoding.UTF8.GetString(bytes);
        if (!NodeName.TryParse(text, out _))
            return Refuse("a node name that has not the form name@host", out error);
        name = text;
        error = null;
        return true;
    }

    private static string Unexpected(ReadOnlySpan<byte> message, string expected) =>
        message.IsEmpty ? $"an empty message where {expected} belongs" : $"a message of type {message[0]} where {expected} belongs";

    private static bool Refuse(string text, out string? error)
    {
        error = text;
        return false;
    }
}
