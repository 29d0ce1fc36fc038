using System.Buffers;
using System.Diagnostics;

namespace CloudScale.Serialization.Etf;

/// <summary>A growing buffer of rented memory whose written bytes may be changed.</summary>
/// <remarks>Threads: one. Owner: whoever made it, until <see cref="Dispose"/>.</remarks>
internal sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes;

    public PooledBuffer(int capacity) => _bytes = capacity == 0 ? [] : ArrayPool<byte>.Shared.Rent(capacity);

    public int Count { get; private set; }

    public Span<byte> Written => _bytes.AsSpan(0, Count);

    public void Advance(int count)
    {
        Debug.Assert((uint)count <= (uint)(_bytes.Length - Count), "only what was given may be written");
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

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Count = 0;
    }

    private void Reserve(int sizeHint)
    {
        if (_bytes.Length - Count >= Math.Max(sizeHint, 1))
            return;
        byte[] grown = ArrayPool<byte>.Shared.Rent(
            (int)Math.Min(Array.MaxLength, Math.Max(2L * _bytes.Length, Count + Math.Max((long)sizeHint, 256)))
        );
        Written.CopyTo(grown);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = grown;
    }
}
