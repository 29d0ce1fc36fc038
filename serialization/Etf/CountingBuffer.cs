using System.Buffers;

namespace CloudScale.Serialization.Etf;

/// <summary>Counts what is written, and forgets it.</summary>
internal sealed class CountingBuffer : IBufferWriter<byte>
{
    private readonly byte[] _scratch = new byte[4096];

    public long Count { get; private set; }

    public void Advance(int count) => Count += count;

    public Memory<byte> GetMemory(int sizeHint = 0) => sizeHint <= _scratch.Length ? _scratch : new byte[sizeHint];

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
