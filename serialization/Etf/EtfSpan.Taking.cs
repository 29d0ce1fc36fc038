using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CloudScale.Serialization.Etf;

/// <content>
/// Terms read from a span in the form in which BEAM writes them: generated contracts read several members at once that way. False leaves the offset anywhere, and says no
/// more than that the reader must look for itself, from the first of them on.
/// </content>
public static partial class EtfSpan
{
    internal const int MaxTakenText = 256; // bytes; what is longer is read by the reader

    /// <summary>Passes over these bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTake(ReadOnlySpan<byte> span, ref int at, ReadOnlySpan<byte> encoded)
    {
        if (!span[at..].StartsWith(encoded))
            return false;
        at += encoded.Length;
        return true;
    }

    /// <summary>An integer that fits into the type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTakeInteger<T>(ReadOnlySpan<byte> span, ref int at, out T value)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        ReadOnlySpan<byte> rest = span[at..];
        if (typeof(T) != typeof(sbyte) && rest.Length >= 2 && (EtfTag)rest[0] == EtfTag.SmallInteger)
        {
            value = Truncate<T>(rest[1]);
            at += 2;
            return true;
        }

        if ((typeof(T) == typeof(int) || typeof(T) == typeof(long)) && rest.Length >= MaxIntBytes && (EtfTag)rest[0] == EtfTag.Integer)
        {
            value = Truncate<T>(BinaryPrimitives.ReadInt32BigEndian(rest[1..]));
            at += MaxIntBytes;
            return true;
        }

        value = default;
        return false;
    }

    // The frequent types without the generic conversion: several calls, which use up what may be inlined into a contract that has many numbers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Truncate<T>(int value)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (typeof(T) == typeof(int))
            return Unsafe.BitCast<int, T>(value);
        return typeof(T) == typeof(long) ? Unsafe.BitCast<long, T>(value) : T.CreateTruncating(value);
    }

    /// <summary>An integer that fits into 64 bits, also one of more than 32: milliseconds since 1970 and the like. For spans of <see cref="EtfReader.BytesFor"/>, which has looked at the limits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTakeLong(ReadOnlySpan<byte> span, ref int at, out long value)
    {
        if (TryTakeInteger(span, ref at, out value))
            return true;
        ReadOnlySpan<byte> rest = span[at..];
        if (rest.Length < MaxLongBytes || (EtfTag)rest[0] != EtfTag.SmallBig || (uint)rest[1] - 1 >= sizeof(long) - 1)
            return false;
        // So many bytes of the eight that can be loaded at once.
        int unused = 8 * (sizeof(long) - rest[1]);
        long magnitude = (long)(BinaryPrimitives.ReadUInt64LittleEndian(rest[3..]) << unused >> unused);
        value = rest[2] == 0 ? magnitude : -magnitude;
        at += 3 + rest[1];
        return true;
    }

    /// <summary>A short text. For spans of <see cref="EtfReader.BytesFor"/>, which has looked at the limits.</summary>
    /// <param name="span">The bytes.</param>
    /// <param name="at">Where it begins; behind it if true.</param>
    /// <param name="heap">Bytes that were allocated, for <see cref="EtfReader.AdvanceOver"/>.</param>
    /// <param name="value">The text.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTakeText(ReadOnlySpan<byte> span, ref int at, ref int heap, out string value)
    {
        ReadOnlySpan<byte> rest = span[at..];
        if (rest.Length >= BinaryHeadBytes && (EtfTag)rest[0] == EtfTag.Binary)
        {
            // Both within the bytes: the length by the condition above, the text by the one below.
            ref byte start = ref MemoryMarshal.GetReference(rest);
            uint length = BinaryPrimitives.ReadUInt32BigEndian(
                MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref start, 1), sizeof(uint))
            );
            if (length <= MaxTakenText && length <= (uint)(rest.Length - BinaryHeadBytes))
            {
                value = AsciiText.MakeText(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref start, BinaryHeadBytes), (int)length))!;
                at += BinaryHeadBytes + (int)length;
                heap += (int)HeapSize.Text((int)length);
                return value is not null;
            }
        }

        value = null!;
        return false;
    }

    /// <summary>A short text, or the atom that null is.</summary>
    /// <param name="span">The bytes.</param>
    /// <param name="at">Where it begins; behind it if true.</param>
    /// <param name="heap">Bytes that were allocated, for <see cref="EtfReader.AdvanceOver"/>.</param>
    /// <param name="none">The atom, encoded.</param>
    /// <param name="value">The text, or null.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTakeText(ReadOnlySpan<byte> span, ref int at, ref int heap, ReadOnlySpan<byte> none, out string? value)
    {
        value = null;
        return TryTake(span, ref at, none) || TryTakeText(span, ref at, ref heap, out value!);
    }

    /// <summary>A float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTakeDouble(ReadOnlySpan<byte> span, ref int at, out double value)
    {
        ReadOnlySpan<byte> rest = span[at..];
        if (rest.Length >= DoubleBytes && (EtfTag)rest[0] == EtfTag.NewFloat)
        {
            value = BinaryPrimitives.ReadDoubleBigEndian(rest[1..]);
            at += DoubleBytes;
            return double.IsFinite(value);
        }

        value = 0;
        return false;
    }

    /// <summary>The atom true or false.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTakeBoolean(ReadOnlySpan<byte> span, ref int at, out bool value)
    {
        value = TryTake(span, ref at, EncodedTrue);
        return value || TryTake(span, ref at, EncodedFalse);
    }
}
