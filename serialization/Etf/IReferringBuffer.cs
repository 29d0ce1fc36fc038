using System.Buffers;

namespace CloudScale.Serialization.Etf;

/// <summary>A buffer that may take long binaries where they lie, so that they need not be copied into it.</summary>
public interface IReferringBuffer : IBufferWriter<byte>
{
    /// <summary>Takes bytes where they lie, behind all that was advanced over; false if they are to be copied. Owner: still the caller's, who does not change them as long as the buffer is in use.</summary>
    bool TryRefer(ReadOnlyMemory<byte> bytes);
}
