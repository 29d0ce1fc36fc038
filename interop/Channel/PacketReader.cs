using System.Buffers.Binary;
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
/// <c>131 | 70 | sequence:u64 | fragment:u64 | part</c>, no version bytes before the terms; with neither: <c>112 | 131 | control [| 131 | term]</c>. Threads: the read loop.
/// What it gives out lies in the packet or in a buffer of its own, until the next read.
/// </remarks>
internal sealed class PacketReader(DistributionFlags flags, EtfDecodeContext context, FragmentAssembly assembly)
{
    /// <summary>Second byte of a packet with a whole message.</summary>
    public const byte Header = 68; // DIST_HEADER

    /// <summary>Second byte of the first fragment of a message.</summary>
    public const byte FirstFragment = 69; // DIST_FRAG_HEADER

    /// <summary>Second byte of every other fragment.</summary>
    public const byte NextFragment = 70; // DIST_FRAG_CONT

    private const int NumberBytes = 16; // sequence and fragment

    private readonly bool _hasHeaders = HasHeaders(flags);
    private readonly bool _hasFragments = (flags & DistributionFlags.Fragments) != 0;
    private readonly AtomCacheReader _atoms = new();
    private FragmentAssembly.Sequence? _whole;

    /// <summary>Whether packets begin with a distribution header.</summary>
    public static bool HasHeaders(DistributionFlags flags) => (flags & (DistributionFlags.AtomCache | DistributionFlags.Fragments)) != 0;

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
        if (!_hasHeaders)
            return Result(ControlReader.TryRead(packet, context, out ControlMessage? plain, out body, out error), plain, out message);

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
            return Result(
                ControlReader.TryReadTerms(packet, context, atoms, out ControlMessage? whole, out body, out error),
                whole,
                out message
            );
        return assembly.TryBegin(sequence, fragment, atoms, packet, out error) ? PacketKind.Nothing : PacketKind.Malformed;
    }

    /// <summary>Gives back what it holds.</summary>
    public void Release()
    {
        _whole?.Dispose();
        _whole = null;
        assembly.Clear();
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
        return Result(
            ControlReader.TryReadTerms(_whole.Bytes, context, _whole.Atoms, out ControlMessage? whole, out body, out error),
            whole,
            out message
        );
    }

    private static PacketKind Result(bool isRead, ControlMessage? read, out ControlMessage message)
    {
        message = read ?? default;
        if (!isRead)
            return PacketKind.Malformed;
        return read is null ? PacketKind.Nothing : PacketKind.Signal;
    }

    private static PacketKind Malformed(string text, out string? error)
    {
        error = text;
        return PacketKind.Malformed;
    }
}
