using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.MessagePack;

/// <summary>
/// Values of bounded size, written into a span that is known to be long enough: generated contracts reserve room for several members at once and put them there. Each
/// returns the offset behind what it wrote.
/// </summary>
public static class MessagePackSpan
{
    /// <summary>Most bytes of an integer of 64 bits.</summary>
    public const int MaxLongBytes = 9;

    /// <summary>Most bytes of an integer of 32 bits.</summary>
    public const int MaxIntBytes = 5;

    /// <summary>Values, or parts of them, that are encoded already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Put(Span<byte> span, int at, ReadOnlySpan<byte> encoded)
    {
        encoded.CopyTo(span[at..]);
        return at + encoded.Length;
    }

    /// <summary>An integer in its shortest form; <see cref="MessagePackWriter.WriteLong"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PutLong(Span<byte> span, int at, long value)
    {
        if (value is < -32 or > MessagePackCode.MaxPositiveFixInt)
            return PutWide(span, at, value);
        span[at] = (byte)value;
        return at + 1;
    }

    /// <summary>An integer of 32 bits in its shortest form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PutInt(Span<byte> span, int at, int value) => PutLong(span, at, value);

    /// <summary>A float of 64 bits.</summary>
    /// <exception cref="ArgumentException">It is infinite or no number, which terms have not.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PutDouble(Span<byte> span, int at, double value)
    {
        if (!double.IsFinite(value))
            EtfWriter.ThrowNoNumber();
        BinaryPrimitives.WriteDoubleBigEndian(span[(at + 1)..], value);
        span[at] = MessagePackCode.Float64;
        return at + 9;
    }

    /// <summary>A float of 32 bits.</summary>
    /// <exception cref="ArgumentException">It is infinite or no number, which terms have not.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PutDouble(Span<byte> span, int at, float value)
    {
        if (!float.IsFinite(value))
            EtfWriter.ThrowNoNumber();
        BinaryPrimitives.WriteSingleBigEndian(span[(at + 1)..], value);
        span[at] = MessagePackCode.Float32;
        return at + 5;
    }

    /// <summary>true or false.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PutBoolean(Span<byte> span, int at, bool value)
    {
        span[at] = value ? MessagePackCode.True : MessagePackCode.False;
        return at + 1;
    }

    private static int PutWide(Span<byte> span, int at, long value)
    {
        int log;
        int code;
        if (value >= 0)
        {
            log =
                value <= byte.MaxValue ? 0
                : value <= ushort.MaxValue ? 1
                : value <= uint.MaxValue ? 2
                : 3;
            code = MessagePackCode.UInt8 + log;
        }
        else
        {
            log =
                value >= sbyte.MinValue ? 0
                : value >= short.MinValue ? 1
                : value >= int.MinValue ? 2
                : 3;
            code = MessagePackCode.Int8 + log;
        }

        // Only as many bytes as it has: the room behind them may belong to nobody.
        span[at] = (byte)code;
        Span<byte> rest = span.Slice(at + 1, 1 << log);
        switch (log)
        {
            case 0:
                rest[0] = (byte)value;
                break;
            case 1:
                BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)value);
                break;
            case 2:
                BinaryPrimitives.WriteUInt32BigEndian(rest, (uint)value);
                break;
            default:
                BinaryPrimitives.WriteInt64BigEndian(rest, value);
                break;
        }

        return at + 1 + (1 << log);
    }
}
