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
        if (LeftOf(span, at) < encoded.Length || !IsSame(ref From(span, at), encoded))
            return false;
        at += encoded.Length;
        return true;
    }

    /// <summary>An integer that fits into the type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTakeInteger<T>(ReadOnlySpan<byte> span, ref int at, out T value)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        long left = LeftOf(span, at);
        ref byte start = ref From(span, at);
        if (typeof(T) != typeof(sbyte) && left >= 2 && (EtfTag)start == EtfTag.SmallInteger)
        {
            value = Truncate<T>(Unsafe.Add(ref start, 1));
            at += 2;
            return true;
        }

        if ((typeof(T) == typeof(int) || typeof(T) == typeof(long)) && left >= MaxIntBytes && (EtfTag)start == EtfTag.Integer)
        {
            value = Truncate<T>(BinaryPrimitives.ReadInt32BigEndian(Bytes(ref start, 1, sizeof(int))));
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

    /// <summary>An integer that fits into 64 bits, also one of more than 32: milliseconds since 1970 and the like. For spans of <see cref="EtfReader.BytesFor(int, int)"/>, which has looked at the limits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTakeLong(ReadOnlySpan<byte> span, ref int at, out long value)
    {
        if (TryTakeInteger(span, ref at, out value))
            return true;
        ref byte start = ref From(span, at);
        if (LeftOf(span, at) < MaxLongBytes || (EtfTag)start != EtfTag.SmallBig || (uint)Unsafe.Add(ref start, 1) - 1 >= sizeof(long) - 1)
            return false;
        // So many bytes of the eight that can be loaded at once.
        int length = Unsafe.Add(ref start, 1);
        int unused = 8 * (sizeof(long) - length);
        long magnitude = (long)(BinaryPrimitives.ReadUInt64LittleEndian(Bytes(ref start, 3, sizeof(ulong))) << unused >> unused);
        value = Unsafe.Add(ref start, 2) == 0 ? magnitude : -magnitude;
        at += 3 + length;
        return true;
    }

    /// <summary>A short text. For spans of <see cref="EtfReader.BytesFor(int, int)"/>, which has looked at the limits.</summary>
    /// <param name="span">The bytes.</param>
    /// <param name="at">Where it begins; behind it if true.</param>
    /// <param name="heap">Bytes that were allocated, for <see cref="EtfReader.AdvanceOver"/>.</param>
    /// <param name="value">The text.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTakeText(ReadOnlySpan<byte> span, ref int at, ref int heap, out string value)
    {
        long left = LeftOf(span, at);
        ref byte start = ref From(span, at);
        if (left >= BinaryHeadBytes && (EtfTag)start == EtfTag.Binary)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(Bytes(ref start, 1, sizeof(uint)));
            if (length <= MaxTakenText && length <= left - BinaryHeadBytes)
            {
                value = AsciiText.MakeText(Bytes(ref start, BinaryHeadBytes, (int)length))!;
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
        ref byte start = ref From(span, at);
        if (LeftOf(span, at) >= DoubleBytes && (EtfTag)start == EtfTag.NewFloat)
        {
            value = BinaryPrimitives.ReadDoubleBigEndian(Bytes(ref start, 1, sizeof(double)));
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

    // How many bytes there are from an offset on; fewer than none if it is no offset of the span. What follows reads no more than that, so each read below it needs no look of its own.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long LeftOf(ReadOnlySpan<byte> span, int at) => span.Length - (long)(uint)at;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte From(ReadOnlySpan<byte> span, int at) => ref Unsafe.Add(ref MemoryMarshal.GetReference(span), (nuint)(uint)at);

    // Of bytes that are known when it is compiled, so that one of the ways is left: one or two compares with numbers, where a comparison of spans first asks whether both are the same memory.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsSame(ref byte start, ReadOnlySpan<byte> encoded)
    {
        ref byte other = ref MemoryMarshal.GetReference(encoded);
        if (encoded.Length is >= sizeof(ulong) and <= 2 * sizeof(ulong))
        {
            int last = encoded.Length - sizeof(ulong);
            return Unsafe.ReadUnaligned<ulong>(ref start) == Unsafe.ReadUnaligned<ulong>(ref other)
                && Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, last))
                    == Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref other, last));
        }

        if (encoded.Length is >= sizeof(uint) and < sizeof(ulong))
        {
            int last = encoded.Length - sizeof(uint);
            return Unsafe.ReadUnaligned<uint>(ref start) == Unsafe.ReadUnaligned<uint>(ref other)
                && Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, last))
                    == Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref other, last));
        }

        return Bytes(ref start, 0, encoded.Length).SequenceEqual(encoded);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<byte> Bytes(ref byte start, int at, int count) =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref start, at), count);
}
