using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace CloudScale.Serialization.Etf;

/// <content>What generated contracts write besides single terms.</content>
public ref partial struct EtfWriter
{
    private const int ElementsPerReservation = 512; // untuned

    /// <summary>Room for so many bytes, to be given back in part by <see cref="Advance"/>. See <see cref="EtfSpan"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> GetSpan(int bytes) => Reserve(bytes);

    /// <summary>Says how much of the room has been written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int bytes) => _span = _span[bytes..];

    /// <summary>Few bytes of terms, or of parts of them, that are encoded already: heads and keys of contracts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteRun(scoped ReadOnlySpan<byte> encoded)
    {
        Span<byte> span = Reserve(encoded.Length);
        encoded.CopyTo(span);
        _span = span[encoded.Length..];
    }

    /// <summary>An integer without sign.</summary>
    public void WriteULong(ulong value)
    {
        if (value <= long.MaxValue)
        {
            WriteLong((long)value);
            return;
        }

        Span<byte> span = Reserve(EtfSpan.MaxLongBytes);
        _span = span[PutSmallBig(span, value, isNegative: false)..];
    }

    /// <summary>A text as an atom; makes none.</summary>
    /// <exception cref="ArgumentException">It is longer than an atom may be, or no valid Unicode.</exception>
    public void WriteAtomText(string text)
    {
        Span<byte> span = Reserve(EtfSpan.MostBytesOfAtom(text));
        _span = span[EtfSpan.PutAtomText(span, 0, text)..];
    }

    /// <summary>A text as the list of its code points, as BEAM writes it: bytes as STRING_EXT.</summary>
    public void WriteCharlist(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0)
        {
            WriteNil();
            return;
        }

        if (text.Length <= MaxStringBytes && IsLatin1(text))
        {
            WriteStringHead(text.Length);
            Span<byte> span = Reserve(text.Length);
            _span = span[Encoding.Latin1.GetBytes(text, span)..];
            return;
        }

        int count = 0;
        foreach (Rune _ in text.EnumerateRunes())
            count++;
        WriteListHeader(count);
        foreach (Rune rune in text.EnumerateRunes())
            WriteLong(rune.Value);
        WriteNil();
    }

    /// <summary>A list of integers, as BEAM writes it: up to 65,535 bytes as STRING_EXT.</summary>
    public void WriteIntegers<T>(scoped ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (values.IsEmpty)
        {
            WriteNil();
            return;
        }

        if (values.Length <= MaxStringBytes && AreBytes(values))
        {
            WriteStringHead(values.Length);
            Narrow(values, Reserve(values.Length));
            _span = _span[values.Length..];
            return;
        }

        WriteListHeader(values.Length);
        for (scoped ReadOnlySpan<T> rest = values; !rest.IsEmpty; )
        {
            scoped ReadOnlySpan<T> piece = rest[..Math.Min(rest.Length, ElementsPerReservation)];
            Span<byte> span = Reserve(piece.Length * EtfSpan.MaxLongBytes);
            _span = span[PutIntegers(piece, span)..];
            rest = rest[piece.Length..];
        }

        WriteNil();
    }

    /// <summary>A list of floats.</summary>
    /// <exception cref="ArgumentException">One is infinite or no number.</exception>
    public void WriteDoubles(scoped ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
        {
            WriteNil();
            return;
        }

        WriteListHeader(values.Length);
        for (scoped ReadOnlySpan<double> rest = values; !rest.IsEmpty; )
        {
            scoped ReadOnlySpan<double> piece = rest[..Math.Min(rest.Length, ElementsPerReservation)];
            Span<byte> span = Reserve(piece.Length * EtfSpan.DoubleBytes);
            _span = span[FloatRun.Put(piece, span, (byte)EtfTag.NewFloat)..];
            rest = rest[piece.Length..];
        }

        WriteNil();
    }

    /// <summary>A decimal number as a binary of its digits, with as many places as it has: <c>12.50</c>.</summary>
    public void WriteDecimal(decimal value)
    {
        const int MaxDigits = 32; // 29 digits, sign, point, leading zero
        Span<byte> span = Reserve(5 + MaxDigits);
        value.TryFormat(span[5..], out int length, default, CultureInfo.InvariantCulture);
        span[0] = (byte)EtfTag.Binary;
        BinaryPrimitives.WriteInt32BigEndian(span[1..], length);
        _span = span[(5 + length)..];
    }

    /// <summary>Before a contract that may contain itself, or dynamic terms with contracts in them.</summary>
    /// <exception cref="ArgumentException">It is nested so deep that the stack has no room for it.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Enter()
    {
        if (!_stack.HasRoom())
            ThrowTooDeep();
    }

    internal static int PutSmallBig(Span<byte> span, ulong magnitude, bool isNegative)
    {
        int length = (71 - BitOperations.LeadingZeroCount(magnitude)) / 8;
        span[0] = (byte)EtfTag.SmallBig;
        span[1] = (byte)length;
        span[2] = isNegative ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt64LittleEndian(span[3..], magnitude);
        return 3 + length;
    }

    // Room for the longest form of every value was reserved, so the loops need no check for each.
    private static int PutIntegers<T>(scoped ReadOnlySpan<T> values, Span<byte> span)
        where T : unmanaged, IBinaryInteger<T>
    {
        Debug.Assert(span.Length >= values.Length * EtfSpan.MaxLongBytes, "reserved");
        ref byte start = ref MemoryMarshal.GetReference(span);
        nint at = 0;
        foreach (T value in values)
        {
            if (T.IsZero(value >>> 8)) // a byte, also where the type has a sign
            {
                Unsafe.Add(ref start, at) = (byte)EtfTag.SmallInteger;
                Unsafe.Add(ref start, at + 1) = byte.CreateTruncating(value);
                at += 2;
            }
            else if (typeof(T) == typeof(int))
            {
                Unsafe.Add(ref start, at) = (byte)EtfTag.Integer;
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref start, at + 1), BinaryPrimitives.ReverseEndianness(int.CreateTruncating(value)));
                at += EtfSpan.MaxIntBytes;
            }
            else if (typeof(T) == typeof(ulong) && ulong.CreateTruncating(value) > long.MaxValue)
            {
                at += PutSmallBig(span[(int)at..], ulong.CreateTruncating(value), isNegative: false);
            }
            else
            {
                at = EtfSpan.PutLong(span, (int)at, long.CreateTruncating(value));
            }
        }

        return (int)at;
    }

    // A search for a range would be shorter, and box in code that is not optimized yet.
    private static bool IsLatin1(string text)
    {
        int bits = 0;
        foreach (char unit in text)
            bits |= unit;
        return bits <= byte.MaxValue;
    }

    private static bool AreBytes<T>(scoped ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (typeof(T) == typeof(byte))
            return true;
        if (typeof(T) == typeof(int))
            return !MemoryMarshal.Cast<T, uint>(values).ContainsAnyExceptInRange(0u, byte.MaxValue);
        if (typeof(T) == typeof(long))
            return !MemoryMarshal.Cast<T, ulong>(values).ContainsAnyExceptInRange(0ul, byte.MaxValue);
        foreach (T value in values)
            if (ulong.CreateTruncating(value) > byte.MaxValue)
                return false;
        return true;
    }

    private static void Narrow<T>(ReadOnlySpan<T> values, Span<byte> bytes)
        where T : unmanaged, IBinaryInteger<T>
    {
        bytes = bytes[..values.Length];
        for (int i = 0; i < values.Length; i++)
            bytes[i] = byte.CreateTruncating(values[i]);
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void ThrowTooDeep() =>
        throw new ArgumentException("A contract that contains itself is nested deeper than the stack has room for.");
}
