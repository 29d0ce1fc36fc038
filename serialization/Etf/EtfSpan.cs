using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace CloudScale.Serialization.Etf;

/// <summary>
/// Terms of bounded size, written into a span that is known to be long enough: generated contracts reserve room for several members at once and put them there. Each
/// returns the offset behind what it wrote.
/// </summary>
public static partial class EtfSpan
{
    /// <summary>Most bytes of an integer of 64 bits.</summary>
    public const int MaxLongBytes = 11;

    /// <summary>Most bytes of an integer of 32 bits with sign.</summary>
    public const int MaxIntBytes = 5;

    /// <summary>Bytes of a float.</summary>
    public const int DoubleBytes = 9;

    /// <summary>Most bytes of a boolean.</summary>
    public const int MaxBooleanBytes = 7;

    // SMALL_ATOM_UTF8_EXT is the letter w.
    private static ReadOnlySpan<byte> EncodedTrue => "w\u0004true"u8;

    private static ReadOnlySpan<byte> EncodedFalse => "w\u0005false"u8;

    /// <summary>Terms, or parts of them, that are encoded already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Put(Span<byte> span, int at, ReadOnlySpan<byte> encoded)
    {
        encoded.CopyTo(span[at..]);
        return at + encoded.Length;
    }

    /// <summary>An integer; forms as <see cref="EtfWriter.WriteLong"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PutLong(Span<byte> span, int at, long value)
    {
        if (value == (int)value)
            return PutInt(span, at, (int)value);
        return at + EtfWriter.PutSmallBig(span[at..], value < 0 ? (ulong)-value : (ulong)value, value < 0);
    }

    /// <summary>An integer of 32 bits; forms as <see cref="EtfWriter.WriteLong"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PutInt(Span<byte> span, int at, int value)
    {
        if ((uint)value <= byte.MaxValue)
        {
            // One store: the tag is the low byte where the machine is little-endian.
            BinaryPrimitives.WriteUInt16BigEndian(span[at..], (ushort)(((int)EtfTag.SmallInteger << 8) | value));
            return at + 2;
        }

        BinaryPrimitives.WriteInt32BigEndian(span[(at + 1)..], value);
        span[at] = (byte)EtfTag.Integer;
        return at + MaxIntBytes;
    }

    /// <summary>A float.</summary>
    /// <exception cref="ArgumentException">It is infinite or no number, which Erlang does not know.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PutDouble(Span<byte> span, int at, double value)
    {
        if (!double.IsFinite(value))
            EtfWriter.ThrowNoNumber();
        BinaryPrimitives.WriteDoubleBigEndian(span[(at + 1)..], value);
        span[at] = (byte)EtfTag.NewFloat;
        return at + DoubleBytes;
    }

    /// <summary>The atom true or false.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PutBoolean(Span<byte> span, int at, bool value) => value ? Put(span, at, EncodedTrue) : Put(span, at, EncodedFalse); // of lengths that are known: a store or two, and no call
}
