using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using CloudScale.Serialization.Contracts;

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
        return TryDecode(ref reader, out term, out used);
    }

    /// <summary>Decodes a term with its version byte from memory that it may keep: a large binary in it is no copy.</summary>
    /// <remarks>Owner: the term, whose bytes must not change again.</remarks>
    /// <inheritdoc cref="TryDecode(ReadOnlySpan{byte}, EtfDecodeContext, out object?, out int)"/>
    public static DecodeStatus TryDecodeShared(ReadOnlyMemory<byte> bytes, EtfDecodeContext context, out object? term, out int used)
    {
        EtfReader reader = new(bytes, context);
        return TryDecode(ref reader, out term, out used);
    }

    /// <summary>Encodes a contract, version byte first.</summary>
    /// <exception cref="ArgumentException">A member holds what is no term.</exception>
    public static byte[] Encode<T>(T contract, EtfEncodeOptions? options = null)
        where T : ITermContract<T>
    {
        ArgumentNullException.ThrowIfNull(contract);
        if (options is { TakesContracts: false } or { CompressionLevel: > 0 })
            return Encode((object)contract, options);
        using PooledBuffer buffer = new(256);
        EncodeTo(buffer, contract);
        return buffer.Written.ToArray();
    }

    /// <summary>Writes a contract into a buffer, version byte first. Allocates nothing.</summary>
    /// <exception cref="ArgumentException">A member holds what is no term; then the buffer holds a torn term.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // then the contract is known, and its method called without a look-up
    public static void EncodeTo<T>(IBufferWriter<byte> output, T contract)
        where T : ITermContract<T> => T.EncodeTo(output, contract);

    /// <summary>Decodes a contract from a term with its version byte, compressed or not.</summary>
    /// <param name="bytes">What the peer sent; more may follow the term.</param>
    /// <param name="context">Limits and identities.</param>
    /// <param name="contract">The contract, default unless Ok.</param>
    /// <param name="used">How many bytes it took; 0 unless Ok.</param>
    /// <param name="error">What was wrong, with the path to the place; null if Ok.</param>
    public static DecodeStatus TryDecode<T>(
        ReadOnlySpan<byte> bytes,
        EtfDecodeContext context,
        [MaybeNull] out T contract,
        out int used,
        out string? error
    )
        where T : ITermContract<T>
    {
        ArgumentNullException.ThrowIfNull(context);
        int took = 0;
        error = null;
        if (T.HasUsualForm && T.TryDecodeUsual(bytes, context, out contract, out took))
        {
            used = took;
            return DecodeStatus.Ok;
        }

        EtfReader reader = new(bytes, context);
        reader.AdvanceOver(0, took);
        DecodeStatus status = reader.TryTakeVersion() ? T.TryReadTerm(ref reader, out contract) : TryDecode(ref reader, out contract);
        error = status == DecodeStatus.Ok ? null : reader.Error;
        used = status == DecodeStatus.Ok ? reader.Position : 0;
        return status;
    }

    /// <summary>Decodes a contract from memory that it may keep: a member of type <see cref="ReadOnlyMemory{T}"/> or <see cref="Binary"/> that is large is no copy.</summary>
    /// <remarks>Owner: the contract, whose bytes must not change again.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // no call and no look-up between generic methods; what a reader is made of is little
    public static DecodeStatus TryDecodeShared<T>(ReadOnlyMemory<byte> bytes, EtfDecodeContext context, [MaybeNull] out T contract)
        where T : ITermContract<T>
    {
        ArgumentNullException.ThrowIfNull(context);
        if (T.HasUsualForm)
            return T.TryDecodeUsual(bytes.Span, context, out contract, out int took)
                ? DecodeStatus.Ok
                : TryDecodeOtherForm(bytes, context, took, out contract);
        EtfReader reader = new(bytes, context);
        // Straight to the contract: between generic methods a call is also a look-up.
        return reader.TryTakeVersion() ? T.TryReadTerm(ref reader, out contract) : TryDecode(ref reader, out contract);
    }

    /// <summary>Decodes a contract from a term with its version byte, compressed or not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a call less between generic methods
    public static DecodeStatus TryDecode<T>(ReadOnlySpan<byte> bytes, EtfDecodeContext context, [MaybeNull] out T contract)
        where T : ITermContract<T> => TryDecode(bytes, context, out contract, out _, out _);

    /// <summary>How many bytes <see cref="Encode(object, EtfEncodeOptions?)"/> gives without compression, the version byte included.</summary>
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

    [MethodImpl(MethodImplOptions.NoInlining)] // with its reader, which callers would make room for
    private static DecodeStatus TryDecodeOtherForm<T>(
        ReadOnlyMemory<byte> bytes,
        EtfDecodeContext context,
        int allocated,
        [MaybeNull] out T contract
    )
        where T : ITermContract<T>
    {
        EtfReader reader = new(bytes, context);
        reader.AdvanceOver(0, allocated);
        return TryDecode(ref reader, out contract);
    }

    private static DecodeStatus TryDecode(ref EtfReader reader, out object? term, out int used)
    {
        term = null;
        DecodeStatus status = reader.TryReadVersion();
        if (status == DecodeStatus.Ok)
            status = reader.TryReadTerm(out term);
        used = status == DecodeStatus.Ok ? reader.Position : 0;
        return status;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static DecodeStatus TryDecode<T>(ref EtfReader reader, [MaybeNull] out T contract)
        where T : ITermContract<T>
    {
        contract = default;
        DecodeStatus status = reader.TryReadVersion();
        if (status != DecodeStatus.Ok)
            return status;
        return reader.PeekTag() == EtfTag.Compressed ? TryInflate(ref reader, out contract) : T.TryReadTerm(ref reader, out contract);
    }

    // Compressed terms are rare and large: they take the way over the dynamic form.
    private static DecodeStatus TryInflate<T>(ref EtfReader reader, [MaybeNull] out T contract)
        where T : ITermContract<T>
    {
        contract = default;
        DecodeStatus status = reader.TryReadTerm(out object? term);
        if (status != DecodeStatus.Ok || Contract.TryFrom(term!, out contract, out string? error))
            return status;
        return reader.FailText(error);
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
