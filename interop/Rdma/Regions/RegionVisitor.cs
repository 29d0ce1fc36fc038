using System.Buffers.Binary;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Rdma;

/// <summary>Somebody who was let in to a region by a transport that is not RDMA.</summary>
/// <remarks>Threads: his own task, but for <see cref="End"/>. What he asks for is done under a lock, and not at all once he was shown out.</remarks>
internal sealed class RegionVisitor(ITransportConnection connection, OfferedRegion region, RegionRights rights, byte[] secret)
    : IRegionGuest
{
    private readonly Lock _gate = new();
    private readonly byte[] _answer = new byte[sizeof(int) + RemoteRegion.PartBytes];
    private bool _isEnded; // under _gate

    public byte[] Secret => secret;

    public void End()
    {
        lock (_gate)
            _isEnded = true;
        region.Leave(this);
        connection.Abort();
    }

    /// <summary>Tells him how long the region is.</summary>
    internal async ValueTask<bool> GreetAsync()
    {
        byte[] bytes = new byte[RegionAnswer.WireBytes];
        new RegionAnswer(0, 0, region.LengthBytes).Write(bytes);
        try
        {
            await connection.Output.WriteAsync(bytes);
            return true;
        }
        catch (IOException)
        {
            region.Leave(this);
            return false;
        }
    }

    /// <summary>Does what he asks for until he goes.</summary>
    internal async Task ServeAsync()
    {
        byte[] head = new byte[RegionFrame.WireBytes];
        byte[] bytes = new byte[RemoteRegion.PartBytes];
        try
        {
            while (await RegionFrames.TryReadAsync(connection.Input, head))
            {
                if (!RegionFrame.TryRead(head, rights, region.LengthBytes, out RegionFrame frame))
                    break;
                if (
                    frame.Act == RegionAct.Write
                    && !await RegionFrames.TryReadAsync(connection.Input, bytes.AsMemory(0, frame.LengthBytes))
                )
                    break;
                if (!TryDo(frame, bytes, out int length))
                    break;
                if ((await connection.Output.WriteAsync(_answer.AsMemory(0, sizeof(int) + length))).IsCompleted)
                    break;
            }
        }
        catch (IOException)
        {
            // He is gone, or was shown out.
        }

        region.Leave(this);
    }

    private bool TryDo(in RegionFrame frame, byte[] bytes, out int length)
    {
        Span<byte> found = _answer.AsSpan(sizeof(int));
        length = frame.Act == RegionAct.Write ? 0 : frame.LengthBytes;
        lock (_gate)
        {
            if (_isEnded)
                return false;
            switch (frame.Act)
            {
                case RegionAct.Read:
                    region.ReadWords((int)frame.Offset, found[..length]);
                    break;
                case RegionAct.Write:
                    region.WriteWords((int)frame.Offset, bytes.AsSpan(0, frame.LengthBytes));
                    break;
                case RegionAct.CompareExchange:
                    BinaryPrimitives.WriteInt64BigEndian(found, region.CompareExchange((int)frame.Offset, frame.Value, frame.Comparand));
                    break;
                default:
                    BinaryPrimitives.WriteInt64BigEndian(found, region.FetchAdd((int)frame.Offset, frame.Value));
                    break;
            }
        }

        BinaryPrimitives.WriteInt32BigEndian(_answer, length);
        return true;
    }
}
