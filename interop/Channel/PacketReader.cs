using System.Buffers;
using System.Buffers.Binary;
using CloudScale.Interop.Compression;
using CloudScale.Interop.Handshake;
using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Channel;

/// <summary>What a packet was.</summary>
internal enum PacketKind
{
    /// <summary>Not of the protocol; the connection is to be closed.</summary>
    Malformed,

    /// <summary>Nothing to act on: a fragment of something that is not whole yet, or a signal without meaning.</summary>
    Nothing,

    /// <summary>A signal.</summary>
    Signal,
}

/// <summary>Reads the packets of one connection: with a distribution header, in fragments, or plain, as was agreed on.</summary>
/// <remarks>
/// Wire, with DIST_HDR_ATOM_CACHE or FRAGMENTS: <c>131 | 68 | header | control [| term]</c>, <c>131 | 69 | sequence:u64 | fragment:u64 | header | control [| part]</c> and
/// <c>131 | 70 | sequence:u64 | fragment:u64 | part</c>, no version bytes before the terms; with neither: <c>112 | 131 | control [| 131 | term]</c>. With LZ4, any of these may stand in
/// <c>131 | 76 | block</c>. Threads: the read loop.
/// What it gives out lies in the packet or in a buffer of its own, until the next read.
/// </remarks>
/// <param name="flags">What was agreed on.</param>
/// <param name="context">Limits and identities.</param>
/// <param name="assembly">Long messages under way.</param>
/// <param name="maxInflatedBytes">How long a packet may be that comes compressed; 0 where that was not agreed on.</param>
internal sealed class PacketReader(DistributionFlags flags, EtfDecodeContext context, FragmentAssembly assembly, int maxInflatedBytes = 0)
{
    /// <summary>Second byte of a packet with a whole message.</summary>
    public const byte Header = 68; // DIST_HEADER

    /// <summary>Second byte of the first fragment of a message.</summary>
    public const byte FirstFragment = 69; // DIST_FRAG_HEADER

    /// <summary>Second byte of every other fragment.</summary>
    public const byte NextFragment = 70; // DIST_FRAG_CONT

    private const int NumberBytes = 16; // sequence and fragment
    private const int MaxRoomBytes = 1 << 20; // what a packet is given on its word alone

    private readonly bool _hasHeaders = HasHeaders(flags);
    private readonly bool _hasFragments = (flags & DistributionFlags.Fragments) != 0;
    private readonly AtomCacheReader _atoms = new();
    private readonly OutputBuffer _inflated = new();
    private FragmentAssembly.Sequence? _whole;

    /// <summary>Whether packets begin with a distribution header.</summary>
    public static bool HasHeaders(DistributionFlags flags) => (flags & (DistributionFlags.AtomCache | DistributionFlags.Fragments)) != 0;

    /// <summary>Whether parts of a long message have come, and not all.</summary>
    public bool HasOpen => assembly.OpenCount > 0;

    /// <summary>Whether the peer has put atoms into its cache.</summary>
    public bool HasCachedAtoms => _atoms.IsUsed;

    /// <summary>Reads one packet that is not a tick.</summary>
    /// <param name="packet">The packet, without its length.</param>
    /// <param name="message">The signal, if it is one.</param>
    /// <param name="body">The message that a send brings, which nobody has looked at.</param>
    /// <param name="error">What was wrong.</param>
    public PacketKind Read(ReadOnlySpan<byte> packet, out ControlMessage message, out EncodedTerm body, out string? error)
    {
        _whole?.Dispose();
        _whole = null;
        message = default;
        body = default;
        if (maxInflatedBytes > 0 && IsCompressed(packet) && !TryInflate(ref packet, out error))
            return PacketKind.Malformed;
        if (!_hasHeaders)
            return Result(ControlReader.TryRead(packet, context, out message, out body, out error), message);

        if (packet.Length < 2 || packet[0] != EtfReader.Version || packet[1] is not (Header or FirstFragment or NextFragment))
            return Malformed("a packet without a distribution header, which was agreed on", out error);
        byte type = packet[1];
        packet = packet[2..];
        ulong sequence = 0;
        ulong fragment = 1;
        if (type != Header)
        {
            if (!_hasFragments)
                return Malformed("a fragment, which was not agreed on", out error);
            if (packet.Length < NumberBytes)
                return Malformed("a fragment without its numbers", out error);
            sequence = BinaryPrimitives.ReadUInt64BigEndian(packet);
            fragment = BinaryPrimitives.ReadUInt64BigEndian(packet[8..]);
            packet = packet[NumberBytes..];
            if (fragment == 0)
                return Malformed("a fragment with the number 0", out error);
        }

        if (type == NextFragment)
            return Continue(sequence, fragment, packet, out message, out body, out error);
        if (!_atoms.TryRead(ref packet, context, out Atom[] atoms, out error))
            return PacketKind.Malformed;
        if (fragment == 1)
            return Result(ControlReader.TryReadTerms(packet, context, atoms, out message, out body, out error), message);
        long expected = (long)Math.Min(fragment, int.MaxValue) * packet.Length;
        bool isKept = IsMostlyBinary(packet, atoms, expected);
        return assembly.TryBegin(sequence, fragment, atoms, packet, expected, isKept, out error)
            ? PacketKind.Nothing
            : PacketKind.Malformed;
    }

    /// <summary>Room for a long packet of which only the beginning is there, so that the rest is read where it belongs. False: it is to be read as any other.</summary>
    /// <param name="beginning">The packet's first bytes, without its length.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="room">The room; it belongs to whoever asked until it is read.</param>
    public bool TryFindRoom(ReadOnlySpan<byte> beginning, int length, out PacketRoom room)
    {
        room = default;
        if (!_hasHeaders || beginning.Length < 2 + NumberBytes || length > MaxRoomBytes || beginning[0] != EtfReader.Version)
            return false;
        switch (beginning[1])
        {
            case NextFragment when _hasFragments:
                int head = 2 + NumberBytes;
                ulong sequence = BinaryPrimitives.ReadUInt64BigEndian(beginning[2..]);
                ulong fragment = BinaryPrimitives.ReadUInt64BigEndian(beginning[(2 + 8)..]);
                if (!assembly.TryFindRoom(sequence, fragment, length - head, out Memory<byte> place))
                    return false;
                room = new PacketRoom(place, head, sequence, fragment);
                return true;
            case FirstFragment or Header:
                ReadOnlySpan<byte> terms = beginning[2..];
                bool isKept =
                    beginning[1] == Header
                    && _atoms.TryRead(ref terms, context, out Atom[] atoms, out _) // once more later, which does no harm
                    && IsMostlyBinary(terms, atoms, length);
                byte[] array = isKept ? GC.AllocateUninitializedArray<byte>(length) : ArrayPool<byte>.Shared.Rent(length);
                room = new PacketRoom(array.AsMemory(0, length), 0, Array: array, IsRented: !isKept);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads a packet that was read into its room. An array that is not rented may go with the message.</summary>
    public PacketKind Read(in PacketRoom room, out ControlMessage message, out EncodedTerm body, out string? error)
    {
        ReadOnlySpan<byte> bytes = room.Bytes.Span;
        if (room.Array is null)
        {
            _whole?.Dispose();
            _whole = null;
            return Continue(room.Sequence, room.Fragment, bytes, out message, out body, out error);
        }

        PacketKind kind = Read(bytes, out message, out body, out error);
        if (!room.IsRented && !body.Bytes.IsEmpty)
            body = body.OwnedBy(room.Array, bytes.Length - body.Bytes.Length);
        return kind;
    }

    // Only a guess, so it may fail for any reason.
    private bool IsMostlyBinary(ReadOnlySpan<byte> terms, Atom[] atoms, long expected) =>
        ControlReader.TryReadTerms(terms, context, atoms, out ControlMessage _, out EncodedTerm body, out string? _)
        && body.BeginsMostlyBinary(expected);

    /// <summary>Gives back what it holds.</summary>
    public void Release()
    {
        _whole?.Dispose();
        _whole = null;
        assembly.Clear();
        _inflated.Clear();
        _inflated.Trim();
    }

    private static bool IsCompressed(ReadOnlySpan<byte> packet) =>
        packet.Length >= 2 && packet[0] == EtfReader.Version && packet[1] == PacketCompressor.Compressed;

    // What comes out is a packet as any other, which stays in the buffer until the next one.
    private bool TryInflate(ref ReadOnlySpan<byte> packet, out string? error)
    {
        _inflated.Clear();
        _inflated.Trim();
        if (Lz4Block.TryRead(packet[2..], maxInflatedBytes, _inflated, out error) != DecodeStatus.Ok)
        {
            error = "a compressed packet: " + error;
            return false;
        }

        packet = _inflated.Written.Span;
        if (!IsCompressed(packet))
            return true;
        error = "a compressed packet in a compressed packet";
        return false;
    }

    private PacketKind Continue(
        ulong sequence,
        ulong fragment,
        ReadOnlySpan<byte> part,
        out ControlMessage message,
        out EncodedTerm body,
        out string? error
    )
    {
        message = default;
        body = default;
        if (!assembly.TryContinue(sequence, fragment, part, out _whole, out error))
            return PacketKind.Malformed;
        if (_whole is null)
            return PacketKind.Nothing;
        PacketKind kind = Result(
            ControlReader.TryReadTerms(_whole.Bytes, context, _whole.Atoms, out message, out body, out error),
            message
        );
        if (_whole.MayBeTaken && !body.Bytes.IsEmpty)
            body = body.OwnedBy(_whole.TakeArray(out int length), length - body.Bytes.Length);
        return kind;
    }

    private static PacketKind Result(bool isRead, in ControlMessage message)
    {
        if (!isRead)
            return PacketKind.Malformed;
        return message.Kind == ControlKind.None ? PacketKind.Nothing : PacketKind.Signal;
    }

    private static PacketKind Malformed(string text, out string? error)
    {
        error = text;
        return PacketKind.Malformed;
    }
}
