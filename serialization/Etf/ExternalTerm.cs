using System.Buffers.Binary;
using System.IO.Compression;

namespace CloudScale.Serialization.Etf;

/// <summary>Whole terms to bytes and back: <c>term_to_binary</c>, <c>binary_to_term</c> and <c>external_size</c>.</summary>
/// <remarks>Threads: any.</remarks>
public static class ExternalTerm
{
    /// <summary>Encodes a term, version byte first.</summary>
    /// <exception cref="ArgumentException">Something in it is no term, or a float that is no number.</exception>
    public static byte[] Encode(object term, EtfEncodeOptions? options = null)
    {
        options ??= EtfEncodeOptions.Default;
        using PooledBuffer buffer = new(256);
        EtfWriter writer = new(buffer, options);
        writer.WriteVersion();
        writer.WriteTerm(term);
        writer.Flush();
        if (options.CompressionLevel > 0)
        {
            byte[]? compressed = Compress(buffer.Written, Math.Min(options.CompressionLevel, 9));
            if (compressed is not null)
                return compressed;
        }

        return buffer.Written.ToArray();
    }

    /// <summary>Decodes a term with its version byte, compressed or not.</summary>
    /// <param name="bytes">What the peer sent; more may follow the term.</param>
    /// <param name="context">Limits and identities.</param>
    /// <param name="term">The term, null unless Ok.</param>
    /// <param name="used">How many bytes it took; 0 unless Ok.</param>
    public static DecodeStatus TryDecode(ReadOnlySpan<byte> bytes, EtfDecodeContext context, out object? term, out int used)
    {
        EtfReader reader = new(bytes, context);
        term = null;
        DecodeStatus status = reader.TryReadVersion();
        if (status == DecodeStatus.Ok)
            status = reader.TryReadTerm(out term);
        used = status == DecodeStatus.Ok ? reader.Position : 0;
        return status;
    }

    /// <summary>How many bytes <see cref="Encode"/> gives without compression, the version byte included.</summary>
    /// <exception cref="ArgumentException">Something in it is no term, or a float that is no number.</exception>
    public static long ExternalSize(object term, EtfEncodeOptions? options = null)
    {
        CountingBuffer counter = new();
        EtfWriter writer = new(counter, options);
        writer.WriteVersion();
        writer.WriteTerm(term);
        writer.Flush();
        return counter.Count;
    }

    // Wire: 131 | 80 | size:u32 | zlib, where size does not count the version byte.
    private static byte[]? Compress(ReadOnlySpan<byte> encoded, int level)
    {
        ReadOnlySpan<byte> term = encoded[1..];
        using MemoryStream compressed = new(encoded.Length / 2);
        Span<byte> header = [EtfReader.Version, (byte)EtfTag.Compressed, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(header[2..], term.Length);
        compressed.Write(header);
        using (ZLibStream zlib = new(compressed, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true))
            zlib.Write(term);
        return compressed.Length < encoded.Length ? compressed.ToArray() : null;
    }
}
