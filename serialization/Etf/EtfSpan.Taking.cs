using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace CloudScale.Serialization.Etf;

/// <content>
/// Terms read from a span in the form in which BEAM writes them: generated contracts read several members at once that way. False leaves the offset anywhere, and says no
/// more than that the reader must look for itself, from the first of them on.
/// </content>
public static partial class EtfSpan
{
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
            value = T.CreateTruncating(rest[1]);
            at += 2;
            return true;
        }

        if ((typeof(T) == typeof(int) || typeof(T) == typeof(long)) && rest.Length >= MaxIntBytes && (EtfTag)rest[0] == EtfTag.Integer)
        {
            value = T.CreateTruncating(BinaryPrimitives.ReadInt32BigEndian(rest[1..]));
            at += MaxIntBytes;
            return true;
        }

        value = default;
        return false;
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
