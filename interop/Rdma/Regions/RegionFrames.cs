using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace CloudScale.Interop.Rdma;

/// <summary>What is asked of a region that a processor serves.</summary>
internal enum RegionAct : byte
{
    Read = 0,
    Write = 1,
    CompareExchange = 2,
    FetchAdd = 3,
}

/// <summary>A request to a region, by any transport that is not RDMA.</summary>
/// <remarks>
/// After <see cref="RegionRequest"/> and <see cref="RegionAnswer"/>. Wire: <c>act:u8 | 0:u8 | 0:u16 | length:u32 | offset:u64 | value:u64 | comparand:u64</c>, big-endian, and behind a write its bytes. Answers come in the order of the requests:
/// <c>length:u32</c> and so many bytes: what was read, nothing, or the 8 of the number that was there. Whoever asks for what he may not have is shown out.
/// </remarks>
internal readonly record struct RegionFrame(RegionAct Act, int LengthBytes, long Offset, long Value, long Comparand)
{
    internal const int WireBytes = 32;

    internal void Write(Span<byte> target)
    {
        target[..WireBytes].Clear();
        target[0] = (byte)Act;
        BinaryPrimitives.WriteInt32BigEndian(target[4..], LengthBytes);
        BinaryPrimitives.WriteInt64BigEndian(target[8..], Offset);
        BinaryPrimitives.WriteInt64BigEndian(target[16..], Value);
        BinaryPrimitives.WriteInt64BigEndian(target[24..], Comparand);
    }

    /// <summary>Reads what may come from anybody who was let in.</summary>
    /// <returns>False if it is nothing that may be asked of a region of that length by one with those rights.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> source, RegionRights rights, long regionBytes, out RegionFrame frame)
    {
        frame = new RegionFrame(
            (RegionAct)source[0],
            BinaryPrimitives.ReadInt32BigEndian(source[4..]),
            BinaryPrimitives.ReadInt64BigEndian(source[8..]),
            BinaryPrimitives.ReadInt64BigEndian(source[16..]),
            BinaryPrimitives.ReadInt64BigEndian(source[24..])
        );
        bool isCount = frame.Act is RegionAct.CompareExchange or RegionAct.FetchAdd;
        RegionRights needed = frame.Act switch
        {
            RegionAct.Read => RegionRights.Read,
            RegionAct.Write => RegionRights.Write,
            _ => RegionRights.Count,
        };
        return frame.Act <= RegionAct.FetchAdd
            && (rights & needed) != 0
            && frame.LengthBytes is >= 0 and <= RemoteRegion.PartBytes
            && frame.Offset >= 0
            && frame.Offset <= regionBytes - frame.LengthBytes
            && (!isCount || (frame.LengthBytes == sizeof(long) && frame.Offset % sizeof(long) == 0));
    }
}

/// <summary>Reading what has a known length.</summary>
internal static class RegionFrames
{
    /// <returns>False if the stream ends first.</returns>
    internal static async ValueTask<bool> TryReadAsync(PipeReader input, Memory<byte> target, CancellationToken cancellationToken = default)
    {
        while (!target.IsEmpty)
        {
            ReadResult result = await input.ReadAsync(cancellationToken);
            ReadOnlySequence<byte> part = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, target.Length));
            part.CopyTo(target.Span);
            target = target[(int)part.Length..];
            input.AdvanceTo(part.End);
            if (result.IsCompleted && !target.IsEmpty)
                return false;
        }

        return true;
    }
}
