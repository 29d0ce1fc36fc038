namespace CloudScale.Interop.Rdma;

/// <summary>What the 32 bits beside each message mean.</summary>
/// <remarks>
/// Wire: <c>kind:2 | rest:30</c>. Data (0): so many bytes have been written at the ring's next place. Credit (1): <c>messages:10 | units:20</c>, how many messages the other side has taken altogether, modulo 1024, and how
/// many bytes of its ring it has freed altogether, in units of 64 bytes modulo 2^20. Word (2): 0 nothing more comes; 1 what was announced has been fetched; 2 it will not be, send it. Announcement (3): a part of an <see cref="RdmaAnnouncement"/>. Absolute counts cannot drift; rounding down errs on the safe side.
/// </remarks>
internal static class RdmaCredits
{
    internal const int MaxReceives = 512; // half of what the count of messages tells apart
    internal const uint MaxRingBytes = (1u << 20) * UnitBytes / 2;

    /// <summary>
    /// Receives that data leaves alone. A side that has no credit itself has at most the other's ring and receives to report, a quarter at a time: eight credits. So credits always find a receive.
    /// </summary>
    internal const int ReservedMessages = 16;

    private const int UnitBytes = 64;
    private const uint MessageMask = 0x3FF;
    private const uint UnitMask = 0xFFFFF;
    private const uint LengthMask = 0x3FFFFFFF;

    internal enum Kind
    {
        Data = 0,
        Credit = 1,
        Word = 2,
        Announcement = 3,
    }

    internal static Kind KindOf(uint immediate) => (Kind)(immediate >> 30);

    internal static uint Data(int lengthBytes) => (uint)lengthBytes;

    internal static uint LengthOf(uint immediate) => immediate & LengthMask;

    internal static uint End => (uint)Kind.Word << 30;

    internal static uint Taken => ((uint)Kind.Word << 30) | 1;

    internal static uint Declined => ((uint)Kind.Word << 30) | 2;

    internal static uint Announcement(uint part) => ((uint)Kind.Announcement << 30) | part;

    internal static uint Credit(uint messages, ulong freedBytes) =>
        ((uint)Kind.Credit << 30) | ((messages & MessageMask) << 20) | (uint)((freedBytes / UnitBytes) & UnitMask);

    /// <summary>The count of messages behind a credit, given one that is not later and less than 1024 behind.</summary>
    internal static uint MessagesAfter(uint known, uint immediate) => known + ((((immediate >> 20) & MessageMask) - known) & MessageMask);

    /// <summary>The count of bytes behind a credit, in the same way.</summary>
    internal static ulong BytesAfter(ulong known, uint immediate)
    {
        ulong units = known / UnitBytes;
        return (units + (((immediate & UnitMask) - units) & UnitMask)) * UnitBytes;
    }
}
