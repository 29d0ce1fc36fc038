using System.Buffers.Binary;
using System.IO.Compression;
using CloudScale.Serialization.Etf;

namespace CloudScale.Fuzz.Etf;

/// <summary>Inputs that are made to hurt: a million deep, a million cells, zip bombs, heads that promise everything.</summary>
internal sealed class EtfBombs(Rng rng, Draft draft)
{
    /// <summary>Turns the draft into a compressed term, now and then with a size that lies.</summary>
    public void Compress()
    {
        ReadOnlySpan<byte> term = draft.Bytes[Math.Min(1, draft.Length)..];
        int honest = term.Length;
        using MemoryStream compressed = new();
        using (ZLibStream zlib = new(compressed, rng.OneIn(3) ? CompressionLevel.NoCompression : CompressionLevel.Fastest, leaveOpen: true))
        {
            if (rng.OneIn(20))
            {
                // Far more than it says, or as much: a binary of zeros.
                int zeros = rng.Next(1 << rng.Next(10, 22));
                Span<byte> head = [(byte)EtfTag.Binary, 0, 0, 0, 0];
                BinaryPrimitives.WriteInt32BigEndian(head[1..], zeros);
                zlib.Write(head);
                zlib.Write(new byte[zeros]);
                honest = zeros + head.Length;
            }
            else
            {
                zlib.Write(term);
            }
        }

        draft.Clear();
        draft.Byte(EtfReader.Version);
        int spot = draft.Begin(SpotKind.Term);
        draft.Byte((byte)EtfTag.Compressed);
        draft.Count(rng.OneIn(4) ? honest + rng.Next(-3, 4) : honest, 4);
        draft.Text(compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
        draft.End(spot);
    }

    /// <summary>Something deep or long; how much, up to a million.</summary>
    public void Nest(int levels)
    {
        draft.Clear();
        draft.Byte(EtfReader.Version);
        ReadOnlySpan<byte> head = Head(rng.Next(8));
        for (int level = 0; level < levels; level++)
            draft.Write(head);
        if (rng.OneIn(2))
            draft.Byte((byte)EtfTag.Nil);
        if (rng.OneIn(2))
        {
            // What closes lists and maps: tails and values.
            Span<byte> tails = draft.Take(levels);
            tails.Fill((byte)EtfTag.Nil);
        }
    }

    private static ReadOnlySpan<byte> Head(int which) =>
        which switch
        {
            0 => [104, 1],
            1 => [105, 0, 0, 0, 1],
            2 => [108, 0, 0, 0, 1],
            3 => [108, 0, 0, 0, 1, 106],
            4 => [108, 0, 0, 0, 0],
            5 => [116, 0, 0, 0, 1],
            6 => [105, 0, 255, 255, 255],
            _ => [104, 2],
        };
}
