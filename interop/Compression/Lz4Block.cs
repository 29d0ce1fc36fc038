using System.Buffers;
using System.Buffers.Binary;
using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Compression;

/// <summary>Bytes as one self-contained piece: as an LZ4 block where that is shorter, as they are where it is not, or where there is no LZ4.</summary>
/// <remarks>
/// Wire: <c>0 | byte × rest</c>, or <c>1 | size:u32 | LZ4 block</c>, big-endian; where it ends is the affair of whoever carries it. Blocks are independent: one that is lost or
/// refused leaves the others readable. Threads: any.
/// </remarks>
public static class Lz4Block
{
    private const byte Plain = 0;
    private const byte Compressed = 1;
    private const int PlainHead = 1;
    private const int CompressedHead = 5;
    private const int ShortestTried = 64; // untuned; below, the head and the tokens eat what a repetition saves

    /// <summary>Writes bytes, compressed if that is shorter.</summary>
    /// <returns>How many bytes were written.</returns>
    public static int Write(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        // No more room than the plain form takes: a block that does not fit is none that would be wanted.
        Span<byte> span = output.GetSpan(PlainHead + bytes.Length)[..(PlainHead + bytes.Length)];
        if (bytes.Length >= ShortestTried && Lz4.TryCompress(bytes, span[CompressedHead..], out int written))
        {
            span[0] = Compressed;
            BinaryPrimitives.WriteInt32BigEndian(span[1..], bytes.Length);
            output.Advance(CompressedHead + written);
            return CompressedHead + written;
        }

        span[0] = Plain;
        bytes.CopyTo(span[PlainHead..]);
        output.Advance(PlainHead + bytes.Length);
        return PlainHead + bytes.Length;
    }

    /// <summary>Writes bytes compressed, if that is shorter by more than so many bytes; else nothing.</summary>
    internal static bool TryWrite(ReadOnlySpan<byte> bytes, int margin, IBufferWriter<byte> output)
    {
        int room = bytes.Length - margin - 1;
        if (bytes.Length < ShortestTried || room <= CompressedHead)
            return false;
        Span<byte> span = output.GetSpan(room)[..room];
        if (!Lz4.TryCompress(bytes, span[CompressedHead..], out int written))
            return false;
        span[0] = Compressed;
        BinaryPrimitives.WriteInt32BigEndian(span[1..], bytes.Length);
        output.Advance(CompressedHead + written);
        return true;
    }

    /// <summary>Reads what <see cref="Write"/> wrote, from anyone.</summary>
    /// <param name="block">All of it.</param>
    /// <param name="maxBytes">Most bytes that may come out.</param>
    /// <param name="output">Gets the bytes, and gives no more room than they need; untouched unless Ok.</param>
    /// <param name="error">What is wrong with the input, null when Ok.</param>
    /// <returns>
    /// LimitExceeded for a declared size beyond <paramref name="maxBytes"/>, before room is made for it; Malformed for what is no block, gives another size than
    /// declared, or is compressed where LZ4 is not available: a peer that was told so does not send it.
    /// </returns>
    public static DecodeStatus TryRead(ReadOnlySpan<byte> block, int maxBytes, IBufferWriter<byte> output, out string? error)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        error = null;
        if (block.IsEmpty)
        {
            error = "a block without its first byte";
            return DecodeStatus.Malformed;
        }

        switch (block[0])
        {
            case Plain:
                ReadOnlySpan<byte> bytes = block[PlainHead..];
                if (bytes.Length > maxBytes)
                    return TooLong(out error);
                output.Write(bytes);
                return DecodeStatus.Ok;
            case Compressed:
                return TryDecompress(block, maxBytes, output, out error);
            default:
                error = $"a block of unknown kind {block[0]}";
                return DecodeStatus.Malformed;
        }
    }

    private static DecodeStatus TryDecompress(ReadOnlySpan<byte> block, int maxBytes, IBufferWriter<byte> output, out string? error)
    {
        if (!Lz4.IsAvailable)
        {
            error = "a compressed block where LZ4 was not agreed on";
            return DecodeStatus.Malformed;
        }

        if (block.Length <= CompressedHead)
        {
            error = "a compressed block without content";
            return DecodeStatus.Malformed;
        }

        uint declared = BinaryPrimitives.ReadUInt32BigEndian(block[1..]);
        if (declared > (uint)maxBytes)
            return TooLong(out error);
        ReadOnlySpan<byte> content = block[CompressedHead..];
        if (declared > (ulong)content.Length * Lz4.MaxRatio)
        {
            error = "a compressed block that declares more than it can hold";
            return DecodeStatus.Malformed;
        }

        Span<byte> span = output.GetSpan((int)declared)[..(int)declared];
        if (!Lz4.TryDecompress(content, span, out int written) || written != (int)declared)
        {
            error = "a compressed block that is none, or of another size than declared";
            return DecodeStatus.Malformed;
        }

        output.Advance(written);
        error = null;
        return DecodeStatus.Ok;
    }

    private static DecodeStatus TooLong(out string? error)
    {
        error = "a block that holds more than allowed";
        return DecodeStatus.LimitExceeded;
    }
}
