using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.MessagePack;

/// <summary>Contracts to MessagePack and back: plain arrays, maps and texts, for whoever knows nothing of terms.</summary>
/// <remarks>
/// Threads: any. Forms: serialization/MessagePack/README.md. A contract that was written by <see cref="MessagePackTerm"/> as a dynamic term can be read here as well; the
/// other way round it cannot be told a tuple from a list.
/// </remarks>
public static class MessagePackContract
{
    /// <summary>Encodes a contract.</summary>
    /// <exception cref="ArgumentException">A member holds what is no term.</exception>
    public static byte[] Encode<T>(T contract)
        where T : ITermContract<T>
    {
        using PooledBuffer buffer = new(256);
        EncodeTo(buffer, contract);
        return buffer.Written.ToArray();
    }

    /// <summary>Writes a contract into a buffer. Allocates nothing.</summary>
    /// <exception cref="ArgumentException">A member holds what is no term; then the buffer holds a torn value.</exception>
    public static void EncodeTo<T>(IBufferWriter<byte> output, T contract)
        where T : ITermContract<T>
    {
        MessagePackWriter writer = new(output);
        T.WriteMessagePack(ref writer, contract);
        writer.Flush();
    }

    /// <summary>Decodes a contract.</summary>
    /// <param name="bytes">What the peer sent; more may follow the value.</param>
    /// <param name="context">Limits and identities, the same as for the External Term Format.</param>
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
        MessagePackReader reader = new(bytes, context);
        DecodeStatus status = T.TryReadMessagePack(ref reader, out contract);
        error = status == DecodeStatus.Ok ? null : reader.Error;
        used = status == DecodeStatus.Ok ? reader.Position : 0;
        return status;
    }

    /// <summary>Decodes a contract.</summary>
    public static DecodeStatus TryDecode<T>(ReadOnlySpan<byte> bytes, EtfDecodeContext context, [MaybeNull] out T contract)
        where T : ITermContract<T> => TryDecode(bytes, context, out contract, out _, out _);
}
