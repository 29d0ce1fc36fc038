using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CloudScale.Serialization.Etf;

/// <summary>Floats one behind the other, each as <c>tag:u8 | IEEE 754:u64</c>, which the External Term Format and MessagePack have in common.</summary>
internal static class FloatRun
{
    private const int Bytes = EtfSpan.DoubleBytes;
    private const ulong Exponent = 0x7FF0_0000_0000_0000; // all ones: it is no number, or infinite
    private const ulong ExponentUnit = 0x0010_0000_0000_0000;

    /// <summary>Writes them into a span that is long enough; returns how many bytes they take.</summary>
    /// <exception cref="ArgumentException">One is infinite or no number.</exception>
    internal static int Put(ReadOnlySpan<double> values, Span<byte> span, byte tag)
    {
        Debug.Assert(span.Length >= values.Length * Bytes, "reserved");
        ref ulong bits = ref Unsafe.As<double, ulong>(ref MemoryMarshal.GetReference(values));
        ref byte start = ref MemoryMarshal.GetReference(span);
        ulong faults = 0;
        nint at = 0;
        for (nint i = 0; i < values.Length; i++, at += Bytes)
        {
            ulong value = Unsafe.Add(ref bits, i);
            faults |= (value & Exponent) + ExponentUnit; // runs over into the sign where it is all ones
            Unsafe.Add(ref start, at) = tag;
            Unsafe.WriteUnaligned(
                ref Unsafe.Add(ref start, at + 1),
                BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value
            );
        }

        if ((long)faults < 0)
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
