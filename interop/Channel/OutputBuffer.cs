using System.Buffers;
using System.Buffers.Binary;

namespace CloudScale.Interop.Channel;

/// <summary>Bytes of a connection that wait to be sent, in one piece, so that lengths can be filled in afterwards and a batch is one write.</summary>
/// <remarks>
/// Threads: one at a time. Owner: the connection; the array is rented, and stays with it while batches follow each other, after that up to <see cref="KeptBytes"/>. What was
/// given out as <see cref="Written"/> holds until the buffer is cleared or grows.
/// </remarks>
internal sealed class OutputBuffer : IBufferWriter<byte>
{
    /// <summary>What an idle buffer keeps.</summary>
    public const int KeptBytes = 256 * 1024;

    private const int FirstBytes = 4096;

    private byte[] _bytes = [];

    /// <summary>Number of bytes written.</summary>
    public int Count { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Count);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - Count);
        Count += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Count);
    }

    /// <summary>Leaves room for a length and returns where it is.</summary>
    public int ReserveUInt32()
    {
        Reserve(4);
        Count += 4;
        return Count - 4;
    }

    public void FillUInt32(int position, uint value) => BinaryPrimitives.WriteUInt32BigEndian(_bytes.AsSpan(position), value);

    /// <summary>Takes back everything from a position on.</summary>
    public void Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
        Count = count;
    }

    /// <summary>Empties the buffer; another batch like the last finds its room.</summary>
    public void Clear() => Count = 0;

    /// <summary>Gives back what large batches made an empty buffer grow to: there are no more of them for the moment.</summary>
    public void Trim()
    {
        if (Count > 0 || _bytes.Length <= KeptBytes)
            return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    /// <summary>Some of what was written, to be overwritten.</summary>
    public Span<byte> Span(int start, int length) => _bytes.AsSpan(0, Count).Slice(start, length);

    private void Reserve(int sizeHint)
    {
        sizeHint = Math.Max(sizeHint, 1);
        if (_bytes.Length - Count < sizeHint)
            Grow(sizeHint);
    }

    private void Grow(int sizeHint)
    {
        long wanted = Math.Max(Math.Max(FirstBytes, 2L * _bytes.Length), (long)Count + sizeHint);
        if (wanted > Array.MaxLength)
            wanted =
                (long)Count + sizeHint <= Array.MaxLength
                    ? Array.MaxLength
                    : throw new InvalidOperationException("More than 2 GB wait to be sent to one node.");
        byte[] bytes = ArrayPool<byte>.Shared.Rent((int)wanted);
        _bytes.AsSpan(0, Count).CopyTo(bytes);
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = bytes;
    }
}
