using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace CloudScale.Interop.Rdma;

/// <summary>What one node says to many by its own memory: the latest value, read by whoever wants it, when he wants it.</summary>
/// <remarks>
/// Memory, little-endian: <c>version:u64 | length:u32 | check:u32 | bytes</c>; the version is odd while the writer is at work. Devices do not promise to read bytes in order, so a version before and one after prove nothing: a check over version, length and
/// bytes does. Threads: one writer.
/// </remarks>
public sealed class BroadcastWriter
{
    internal const int HeaderBytes = 16;

    private readonly OfferedRegion _region;
    private readonly int _offset;
    private readonly int _capacity;
    private ulong _version;

    /// <summary>The buffer at an offset of a region of this node, for values of up to <paramref name="capacity"/> bytes; it takes 16 more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not fit.</exception>
    public BroadcastWriter(OfferedRegion region, int offset, int capacity)
    {
        ArgumentNullException.ThrowIfNull(region);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)offset + HeaderBytes + capacity, region.LengthBytes);
        _region = region;
        _offset = offset;
        _capacity = capacity;
    }

    /// <summary>Replaces the value.</summary>
    /// <exception cref="ArgumentException">It is longer than the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The region is offered no more.</exception>
    public void Publish(ReadOnlySpan<byte> value)
    {
        if (value.Length > _capacity)
            throw new ArgumentException($"The buffer holds {_capacity} bytes, not {value.Length}.", nameof(value));
        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(header, _version + 1);
        _region.Write(_offset, header[..8]);
        _region.Write(_offset + HeaderBytes, value);
        _version += 2;
        BinaryPrimitives.WriteUInt64LittleEndian(header, _version);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], value.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Check(header[..12], value));
        _region.Write(_offset, header);
    }

    internal static uint Check(ReadOnlySpan<byte> head, ReadOnlySpan<byte> value) => Add(Add(uint.MaxValue, head), value);

    private static uint Add(uint check, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
            check = BitOperations.Crc32C(check, word);
        foreach (byte rest in bytes[(words.Length * sizeof(ulong))..])
            check = BitOperations.Crc32C(check, rest);
        return check;
    }
}

/// <summary>Reads what a <see cref="BroadcastWriter"/> of another node has said last.</summary>
/// <remarks>Threads: one at a time; any number of readers.</remarks>
public sealed class BroadcastReader
{
    private readonly IRemoteMemory _memory;
    private readonly long _offset;
    private readonly byte[] _bytes;

    /// <summary>The buffer at an offset, for values of up to <paramref name="capacity"/> bytes, as its writer has it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie there.</exception>
    public BroadcastReader(IRemoteMemory memory, long offset, int capacity)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + BroadcastWriter.HeaderBytes + capacity, memory.LengthBytes);
        _memory = memory;
        _offset = offset;
        _bytes = new byte[BroadcastWriter.HeaderBytes + capacity];
    }

    /// <summary>How often the writer had published what was read last; 0 before.</summary>
    public ulong Version { get; private set; }

    /// <summary>How often a read met the writer at work and began again.</summary>
    public long Repeats { get; private set; }

    /// <summary>Reads the latest value, whole.</summary>
    /// <returns>Its bytes, good until the next read; empty if nothing was published yet.</returns>
    /// <exception cref="IOException">The way to the memory is broken.</exception>
    /// <exception cref="OperationCanceledException">Given up; a writer that never rests is never read.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            await _memory.ReadAsync(_offset, _bytes, cancellationToken);
            ulong version = BinaryPrimitives.ReadUInt64LittleEndian(_bytes);
            int length = BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(8));
            if (version == 0)
                return default;
            if (
                version % 2 == 0
                && (uint)length <= (uint)(_bytes.Length - BroadcastWriter.HeaderBytes)
                && BroadcastWriter.Check(_bytes.AsSpan(0, 12), _bytes.AsSpan(BroadcastWriter.HeaderBytes, length))
                    == BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(12))
            )
            {
                Version = version / 2;
                return _bytes.AsMemory(BroadcastWriter.HeaderBytes, length);
            }

            Repeats++;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
