using System.Buffers.Binary;

namespace CloudScale.Serialization.Etf;

/// <summary>A quick look at an encoded term: is it one large binary with little around it, as most large messages are?</summary>
internal static class BinaryScan
{
    private const int MaxParts = 24; // untuned; a binary comes early, or it is not looked for
    private const int BinaryHead = 5;

    /// <summary>Whether a binary among the first parts makes up half of the bytes or more. A guess that may say no where it is so; never reads outside.</summary>
    /// <param name="bytes">The term, with or without its version byte.</param>
    internal static bool HasMostly(ReadOnlySpan<byte> bytes) => HasMostly(bytes, bytes.Length);

    /// <summary>The same of a term of which only the beginning is there.</summary>
    /// <param name="bytes">The beginning, with or without its version byte.</param>
    /// <param name="total">How long it is about to be.</param>
    internal static bool HasMostly(ReadOnlySpan<byte> bytes, long total)
    {
        int at = bytes.Length > 0 && bytes[0] == EtfReader.Version ? 1 : 0;
        for (int part = 0; part < MaxParts && at + BinaryHead < bytes.Length; part++)
        {
            int length = Length(bytes[at..], out bool isBinary);
            if (isBinary && length >= total / 2)
                return length <= total - at;
            if (length <= 0 || length > bytes.Length - at)
                return false;
            at += length;
        }

        return false;
    }

    // At least five bytes are there. 0 for what is not passed over.
    private static int Length(ReadOnlySpan<byte> part, out bool isBinary)
    {
        isBinary = false;
        switch ((EtfTag)part[0])
        {
            case EtfTag.SmallTuple or EtfTag.SmallInteger or EtfTag.AtomCacheRef:
                return 2; // of a tuple the head: its elements are the next parts
            case EtfTag.Integer:
                return 5;
            case EtfTag.NewFloat:
                return 9;
            case EtfTag.SmallAtomUtf8:
                return 2 + part[1];
            case EtfTag.NewPid when (EtfTag)part[1] == EtfTag.AtomCacheRef:
                return 1 + 2 + 12;
            case EtfTag.NewPid when (EtfTag)part[1] == EtfTag.SmallAtomUtf8:
                return 1 + 2 + part[2] + 12;
            case EtfTag.NewerReference when (EtfTag)part[3] == EtfTag.AtomCacheRef:
                return 3 + 2 + 4 + (4 * part[2]);
            case EtfTag.NewerReference when (EtfTag)part[3] == EtfTag.SmallAtomUtf8:
                return 3 + 2 + part[4] + 4 + (4 * part[2]);
            case EtfTag.Binary:
                isBinary = true;
                return (int)Math.Min(BinaryHead + (long)BinaryPrimitives.ReadUInt32BigEndian(part[1..]), int.MaxValue);
            default:
                return 0;
        }
    }
}
