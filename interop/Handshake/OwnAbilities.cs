using System.Buffers;
using System.Buffers.Binary;

namespace CloudScale.Interop.Handshake;

/// <summary>What two nodes of this library can do with each other beyond Erlang's protocol.</summary>
[Flags]
internal enum OwnAbilities : uint
{
    /// <summary>Nothing: what is to be said to and by all other nodes.</summary>
    None = 0,

    /// <summary>Long packets as LZ4 blocks.</summary>
    Lz4 = 0x1,

    /// <summary>This connection may go on by RDMA; what the called node says besides is where, and by what token (<c>RdmaOffer</c>).</summary>
    Rdma = 0x2,
}

/// <summary>How nodes of this library tell each other of their abilities: behind the name, where the protocol has others accept and ignore whatever there is.</summary>
/// <remarks>
/// Wire: <c>"CSR" | 1:u8 | abilities:u32 [| length:u8 | offer]</c>, big-endian. Bits that are not known are of a later version, and ignored; so is what follows. Source: ERTS User's Guide, Distribution Handshake, on extra data after the name.
/// </remarks>
internal static class AbilityTrailer
{
    /// <summary>How long it is without an offer.</summary>
    public const int Length = 8;

    /// <summary>Longest offer.</summary>
    public const int MaxOfferBytes = 64;

    private static ReadOnlySpan<byte> Mark => "CSR\u0001"u8;

    /// <summary>How long it is; nothing is said of no abilities.</summary>
    public static int LengthOf(OwnAbilities abilities, ReadOnlyMemory<byte> offer) =>
        abilities == OwnAbilities.None ? 0
        : offer.IsEmpty ? Length
        : Length + 1 + offer.Length;

    /// <summary>Writes it, at the end of a message.</summary>
    public static void Write(Span<byte> output, OwnAbilities abilities)
    {
        Mark.CopyTo(output);
        BinaryPrimitives.WriteUInt32BigEndian(output[4..], (uint)abilities);
    }

    /// <summary>Writes it, with an offer of at most <see cref="MaxOfferBytes"/>.</summary>
    public static void Write(IBufferWriter<byte> output, OwnAbilities abilities, ReadOnlyMemory<byte> offer)
    {
        int length = LengthOf(abilities, offer);
        if (length == 0)
            return;
        Span<byte> span = output.GetSpan(length);
        Write(span, abilities);
        if (length > Length)
        {
            span[Length] = (byte)offer.Length;
            offer.Span.CopyTo(span[(Length + 1)..]);
        }

        output.Advance(length);
    }

    /// <summary>What is said behind a name; nothing if it is anything else.</summary>
    public static OwnAbilities Read(ReadOnlySpan<byte> extra) =>
        extra.Length >= Length && extra.StartsWith(Mark)
            ? (OwnAbilities)BinaryPrimitives.ReadUInt32BigEndian(extra[4..])
            : OwnAbilities.None;

    /// <summary>The offer that is said behind a name; empty if there is none, or not one that could be.</summary>
    public static ReadOnlyMemory<byte> ReadOffer(ReadOnlySpan<byte> extra)
    {
        if (extra.Length <= Length || !extra.StartsWith(Mark))
            return default;
        int length = extra[Length];
        return length <= MaxOfferBytes && extra.Length >= Length + 1 + length ? extra.Slice(Length + 1, length).ToArray() : default;
    }
}
