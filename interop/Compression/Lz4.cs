using CloudScale.Interop.Native;

namespace CloudScale.Interop.Compression;

/// <summary>LZ4 blocks by the distribution's liblz4, through our C library; either may be absent, and then there is no LZ4.</summary>
/// <remarks>
/// Threads: any. What a peer and we agree on depends on <see cref="IsAvailable"/>: absent means not negotiated, not slower. Source: LZ4 Block Format Description;
/// a block says neither how long it is nor how much it holds, so both have to come with it: <see cref="Lz4Block"/>.
/// </remarks>
public static unsafe class Lz4
{
    /// <summary>Most bytes of one block before compression.</summary>
    public const int MaxLength = 0x7E000000;

    /// <summary>A block holds at most so many times its own length: each of its bytes adds 255 to a match at best.</summary>
    public const int MaxRatio = 255;

    private static readonly Lazy<(bool IsAvailable, string Text)> s_probe = new(Probe);

    /// <summary>Whether blocks can be compressed and decompressed here.</summary>
    public static bool IsAvailable => s_probe.Value.IsAvailable;

    /// <summary>One line for logs and tools: the version of liblz4, or why there is none.</summary>
    public static string Description => s_probe.Value.Text;

    /// <summary>The longest block that so many bytes can become.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than <see cref="MaxLength"/>, or negative.</exception>
    public static int MaxCompressedLength(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLength);
        return length + (length / 255) + 16;
    }

    /// <summary>Compresses bytes into one block.</summary>
    /// <returns>False if the block does not fit, if there are too many bytes, or where LZ4 is not available.</returns>
    public static bool TryCompress(ReadOnlySpan<byte> source, Span<byte> destination, out int written)
    {
        written = 0;
        if (!IsAvailable || source.Length > MaxLength || destination.IsEmpty)
            return false;
        fixed (byte* from = &Begin(source))
        fixed (byte* to = destination)
            written = Math.Max(0, NativeMethods.csn_lz4_compress(from, source.Length, to, destination.Length));
        return written > 0;
    }

    /// <summary>Decompresses one block, which may be hostile.</summary>
    /// <returns>False if it is no block, or holds more than fits, or where LZ4 is not available; then the destination has been written to all the same.</returns>
    public static bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> destination, out int written)
    {
        written = 0;
        if (!IsAvailable || source.IsEmpty)
            return false;
        int result;
        fixed (byte* from = source)
        fixed (byte* to = &Begin(destination))
            result = NativeMethods.csn_lz4_decompress(from, source.Length, to, destination.Length);
        written = Math.Max(0, result);
        return result >= 0;
    }

    // C wants an address also where there are no bytes; it does not look there.
    private static ref readonly byte Begin(ReadOnlySpan<byte> bytes) => ref bytes.IsEmpty ? ref s_nothing : ref bytes[0];

    private static readonly byte s_nothing;

    private static (bool, string) Probe()
    {
        if (!NativeVersion.IsPresent)
            return (false, $"no LZ4: {NativeVersion.Description}");
        try
        {
            int version = NativeMethods.csn_lz4_version();
            return version > 0
                ? (true, $"liblz4 {version / 10000}.{version / 100 % 100}.{version % 100}")
                : (false, $"no LZ4: no usable liblz4.so.1 on this machine (error {-version})");
        }
        catch (EntryPointNotFoundException)
        {
            return (false, $"no LZ4: {NativeVersion.Description} is older than 0.2 and has none");
        }
    }
}
