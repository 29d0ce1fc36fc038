using System.Buffers;
using System.Buffers.Binary;
using CloudScale.Interop.Compression;
using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Channel;

/// <summary>Makes long packets shorter, between nodes that have agreed on it, right before they are sent.</summary>
/// <remarks>
/// Wire: <c>len:u32 | 131 | 76 | LZ4 block of a packet</c> (<see cref="Lz4Block"/>) in place of <c>len:u32 | packet</c>. Each packet by itself: a part of a long message is as long as LZ4 looks back.
/// Threads: one at a time, that which sends; no lock is held meanwhile.
/// </remarks>
/// <param name="threshold">From how many bytes on a packet is tried.</param>
internal sealed class PacketCompressor(int threshold)
{
    /// <summary>Second byte of a compressed packet. None of Erlang's is called so.</summary>
    public const byte Compressed = 76;

    private const int LengthBytes = 4;
    private const int HeadBytes = 2;

    private readonly OutputBuffer _output = new();

    /// <summary>The same packets, long ones compressed where that makes them shorter.</summary>
    /// <param name="packets">Whole packets with their lengths.</param>
    /// <returns>The packets given where none was compressed, else a buffer of this object; either holds until the next call.</returns>
    public ReadOnlyMemory<byte> Compress(ReadOnlyMemory<byte> packets)
    {
        _output.Clear();
        int kept = 0; // up to where the output has everything
        for (int at = 0; at < packets.Length; )
        {
            int next = at + LengthBytes + BinaryPrimitives.ReadInt32BigEndian(packets.Span[at..]);
            if (next - at - LengthBytes >= threshold)
            {
                _output.Write(packets.Span[kept..at]);
                kept = TryWrite(packets.Span[(at + LengthBytes)..next]) ? next : at;
            }

            at = next;
        }

        if (_output.Count == 0)
        {
            _output.Trim();
            return packets;
        }

        _output.Write(packets.Span[kept..]);
        return _output.Written;
    }

    private bool TryWrite(ReadOnlySpan<byte> packet)
    {
        int start = _output.ReserveUInt32();
        _output.WriteByte(EtfReader.Version);
        _output.WriteByte(Compressed);
        if (!Lz4Block.TryWrite(packet, HeadBytes, _output))
        {
            _output.Truncate(start);
            return false;
        }

        _output.FillUInt32(start, (uint)(_output.Count - start - LengthBytes));
        return true;
    }
}
