using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace CloudScale.Interop.Rdma;

/// <summary>The words at the beginning of an RDMA connection that another one moves to.</summary>
/// <remarks>Wire, each way: <c>"CSMV"</c>, by which each side says that it has the connection; then, from a writer that has ended TCP, <c>bytes:u64</c>, how many it has sent there altogether; then the stream.</remarks>
internal static class MovingMark
{
    private static readonly byte[] s_word = "CSMV"u8.ToArray();

    internal static async ValueTask WriteAsync(PipeWriter output) => await output.WriteAsync(s_word);

    internal static async ValueTask WriteCountAsync(PipeWriter output, long count)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, count);
        await output.WriteAsync(bytes);
    }

    /// <exception cref="IOException">Something else came, or nothing.</exception>
    internal static async ValueTask ReadAsync(PipeReader input, CancellationToken cancellationToken)
    {
        if (await ReadAsync(input, s_word.Length, cancellationToken) is not { } word || !word.AsSpan().SequenceEqual(s_word))
            throw new IOException("The other side does not move there.");
    }

    /// <returns>Null if the stream ends first: then TCP was not left for it.</returns>
    internal static async ValueTask<long?> ReadCountAsync(PipeReader input)
    {
        try
        {
            return await ReadAsync(input, sizeof(long), default) is { } bytes ? BinaryPrimitives.ReadInt64BigEndian(bytes) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async ValueTask<byte[]?> ReadAsync(PipeReader input, int length, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync(cancellationToken);
            if (result.Buffer.Length >= length)
            {
                ReadOnlySequence<byte> taken = result.Buffer.Slice(0, length);
                byte[] bytes = taken.ToArray();
                input.AdvanceTo(taken.End);
                return bytes;
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
                return null;
        }
    }
}
