using System.Buffers;
using System.Buffers.Binary;
using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Channel;

/// <summary>Bytes of a connection that wait to be sent, in one piece, so that lengths can be filled in afterwards and a batch is one write.</summary>
/// <remarks>
/// Threads: one at a time. Owner: the connection; the array is rented, and stays with it while batches follow each other, after that up to <see cref="KeptBytes"/>. What was
/// given out as <see cref="Written"/> holds until the buffer is cleared or grows. One long binary may lie elsewhere (<see cref="RefersFrom"/>): positions count it, <see cref="Count"/> and <see cref="Written"/> do not.
/// </remarks>
internal sealed class OutputBuffer : IReferringBuffer
{
    /// <summary>What an idle buffer keeps.</summary>
    public const int KeptBytes = 256 * 1024;

    private const int FirstBytes = 4096;

    private byte[] _bytes = [];
    private ReadOnlyMemory<byte> _referred;
    private int _referredAt;

    /// <summary>Number of bytes written.</summary>
    public int Count { get; private set; }

    /// <summary>The same with those that lie elsewhere.</summary>
    public int Length => Count + _referred.Length;

    /// <summary>How long a binary is that is taken where it lies, the first of the kind.</summary>
    public int RefersFrom { get; init; } = int.MaxValue;

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
    public void Clear()
    {
        Count = 0;
        _referred = default;
    }

    public bool TryRefer(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < RefersFrom || !_referred.IsEmpty || bytes.Length > Array.MaxLength - Count)
            return false;
        _referred = bytes;
        _referredAt = Count;
        return true;
    }

    /// <summary>What lies at a position and behind it in one piece.</summary>
    /// <param name="position">Where.</param>
    /// <param name="index">Where it lies in <see cref="Written"/>; less than 0 if it lies elsewhere.</param>
    public ReadOnlyMemory<byte> PieceAt(int position, out int index)
    {
        index = -1;
        if (position >= _referredAt && position < _referredAt + _referred.Length)
            return _referred[(position - _referredAt)..];
        bool isBehind = !_referred.IsEmpty && position >= _referredAt;
        index = isBehind ? position - _referred.Length : position;
        return Written[index..(isBehind || _referred.IsEmpty ? Count : _referredAt)];
    }

    /// <summary>Copies some of what was written, wherever it lies.</summary>
    public void CopyTo(OutputBuffer other, int position, int length)
    {
        while (length > 0)
        {
            ReadOnlySpan<byte> piece = PieceAt(position, out _).Span;
            piece = piece[..Math.Min(piece.Length, length)];
            other.Write(piece);
            position += piece.Length;
            length -= piece.Length;
        }
    }

    /// <summary>Gives back what large batches made an empty buffer grow to: there are no more of them for the moment.</summary>
    public void Trim()
    {
        if (Count == 0 && _bytes.Length > KeptBytes)
            Release();
    }

    /// <summary>Empties the buffer and gives back all it has.</summary>
    public void Release()
    {
        Clear();
        if (_bytes.Length > 0)
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
