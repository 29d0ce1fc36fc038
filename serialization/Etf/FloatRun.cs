using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CloudScale.Serialization.Etf;

/// <summary>Floats one behind the other, each as <c>tag:u8 | IEEE 754:u64</c>, which the External Term Format and MessagePack have in common.</summary>
internal static class FloatRun
{
    private const int Bytes = EtfSpan.DoubleBytes;
    private const ulong Exponent = 0x7FF0_0000_0000_0000; // all ones: it is no number, or infinite

    /// <summary>Writes them into a span that is long enough; returns how many bytes they take.</summary>
    /// <exception cref="ArgumentException">One is infinite or no number.</exception>
    internal static int Put(ReadOnlySpan<double> values, Span<byte> span, byte tag)
    {
        // Two at a time, as one vector of 16 bytes and the two bytes that do not fit: half the stores.
        Debug.Assert(span.Length >= values.Length * Bytes, "reserved");
        ref ulong bits = ref Unsafe.As<double, ulong>(ref MemoryMarshal.GetReference(values));
        ref byte start = ref MemoryMarshal.GetReference(span);
        Vector128<byte> order = Vector128.Create((byte)255, 7, 6, 5, 4, 3, 2, 1, 0, 255, 15, 14, 13, 12, 11, 10);
        Vector128<byte> tags = Vector128.Create(tag, 0, 0, 0, 0, 0, 0, 0, 0, tag, 0, 0, 0, 0, 0, 0);
        Vector128<ulong> exponents = Vector128.Create(Exponent);
        Vector128<ulong> faults = Vector128<ulong>.Zero;
        nint at = 0;
        nint i = 0;
        for (; BitConverter.IsLittleEndian && i + 1 < values.Length; i += 2, at += 2 * Bytes)
        {
            Vector128<ulong> pair = Vector128.LoadUnsafe(ref bits, (nuint)i);
            faults |= Vector128.Equals(pair & exponents, exponents);
            (Vector128.Shuffle(pair.AsByte(), order) | tags).StoreUnsafe(ref start, (nuint)at);
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref start, at + 16), BinaryPrimitives.ReverseEndianness((ushort)pair.GetElement(1)));
        }

        for (; i < values.Length; i++, at += Bytes)
        {
            ulong value = Unsafe.Add(ref bits, i);
            if ((value & Exponent) == Exponent)
                EtfWriter.ThrowNoNumber();
            Unsafe.Add(ref start, at) = tag;
            BinaryPrimitives.WriteUInt64BigEndian(span[((int)at + 1)..], value);
        }

        if (faults != Vector128<ulong>.Zero)
            EtfWriter.ThrowNoNumber();
        return (int)at;
    }

    /// <summary>Reads as many of them as come next, are there, and are finite; returns how many.</summary>
    internal static int Take(ReadOnlySpan<byte> bytes, Span<double> values, byte tag)
    {
        int i = 0;
        for (; i < values.Length && bytes.Length >= Bytes && bytes[0] == tag; i++, bytes = bytes[Bytes..])
        {
            double value = BinaryPrimitives.ReadDoubleBigEndian(bytes[1..]);
            if (!double.IsFinite(value))
                break;
            values[i] = value;
        }

        return i;
    }
}
