using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CloudScale.Serialization.Etf;

/// <summary>Texts that are ASCII, as most are, and short: between UTF-16 and bytes in one go.</summary>
/// <remarks>The base library does the same for any length and any text, with calls and checks that cost more than the few characters. Both take vectors; where a text is no multiple of one, the last overlaps the one before.</remarks>
internal static class AsciiText
{
    private const ushort BeyondAscii = 0xFF80;
    private const byte BeyondAsciiByte = 0x80;
    private const ulong BeyondAsciiBytes = 0x8080_8080_8080_8080;

    private static int Width => Vector128<byte>.Count;

    private static int Half => Vector64<byte>.Count;

    /// <summary>Writes each character as a byte. Returns how many there are; -1 if one is not ASCII, or there is no room, and then what the bytes are is not said.</summary>
    public static int Narrow(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        int length = text.Length;
        if (length > bytes.Length)
            return -1;
        ref ushort source = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(text));
        ref byte target = ref MemoryMarshal.GetReference(bytes);
        if (length >= Width)
        {
            Vector128<ushort> seen = Vector128<ushort>.Zero;
            nuint last = (nuint)(length - Width);
            for (nuint i = 0; ; i = Math.Min(i + (nuint)Width, last))
            {
                Vector128<ushort> low = Vector128.LoadUnsafe(ref source, i);
                Vector128<ushort> high = Vector128.LoadUnsafe(ref source, i + (nuint)Half);
                seen |= low | high;
                Vector128.Narrow(low, high).StoreUnsafe(ref target, i);
                if (i == last)
                    break;
            }

            return (seen & Vector128.Create(BeyondAscii)) == Vector128<ushort>.Zero ? length : -1;
        }

        if (length >= Half)
        {
            Vector128<ushort> first = Vector128.LoadUnsafe(ref source);
            Vector128<ushort> end = Vector128.LoadUnsafe(ref source, (nuint)(length - Half));
            Vector128<byte> both = Vector128.Narrow(first, end);
            both.GetLower().StoreUnsafe(ref target);
            both.GetUpper().StoreUnsafe(ref target, (nuint)(length - Half));
            return ((first | end) & Vector128.Create(BeyondAscii)) == Vector128<ushort>.Zero ? length : -1;
        }

        int bits = 0;
        for (int i = 0; i < length; i++)
        {
            bits |= Unsafe.Add(ref source, i);
            Unsafe.Add(ref target, i) = (byte)Unsafe.Add(ref source, i);
        }

        return (bits & BeyondAscii) == 0 ? length : -1;
    }

    /// <summary>The text of some short UTF-8; null if it is none.</summary>
    /// <remarks>Most texts are of one of the two lengths: what is looked at is what is widened, and nothing asks for the length again.</remarks>
    public static string? MakeText(ReadOnlySpan<byte> utf8)
    {
        int length = utf8.Length;
        ref byte source = ref MemoryMarshal.GetReference(utf8);
        if ((uint)(length - Width) <= (uint)Width)
        {
            nuint last = (nuint)(length - Width);
            Vector128<byte> seen = Vector128.LoadUnsafe(ref source) | Vector128.LoadUnsafe(ref source, last);
            if ((seen & Vector128.Create(BeyondAsciiByte)) != Vector128<byte>.Zero)
                return MakeOtherText(utf8);
            // Loaded again behind the call: no register for vectors outlives one.
            string text = new('\0', length);
            ref ushort target = ref FirstOf(text);
            WidenVector(ref source, ref target, 0);
            WidenVector(ref source, ref target, last);
            return text;
        }

        if ((uint)(length - Half) < (uint)Half)
        {
            nuint last = (nuint)(length - Half);
            ulong seen = Unsafe.ReadUnaligned<ulong>(ref source) | Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, last));
            if ((seen & BeyondAsciiBytes) != 0)
                return MakeOtherText(utf8);
            string text = new('\0', length);
            ref ushort target = ref FirstOf(text);
            WidenHalf(ref source, ref target, 0);
            WidenHalf(ref source, ref target, last);
            return text;
        }

        return IsValid(utf8) ? Widen(utf8) : MakeOtherText(utf8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WidenVector(ref byte source, ref ushort target, nuint at)
    {
        Vector128<byte> bytes = Vector128.LoadUnsafe(ref source, at);
        if (Avx2.IsSupported)
        {
            Avx2.ConvertToVector256Int16(bytes).AsUInt16().StoreUnsafe(ref target, at);
            return;
        }

        Vector128.WidenLower(bytes).StoreUnsafe(ref target, at);
        Vector128.WidenUpper(bytes).StoreUnsafe(ref target, at + (nuint)Half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WidenHalf(ref byte source, ref ushort target, nuint at) =>
        Vector128
            .WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, at))).AsByte())
            .StoreUnsafe(ref target, at);

    [MethodImpl(MethodImplOptions.NoInlining)] // the variable it is put into would be on the stack of each that makes texts
    private static string? MakeOtherText(ReadOnlySpan<byte> utf8) => EtfReader.TryWidenUtf8(utf8, out string text) ? text : null;

    /// <summary>Whether all bytes are ASCII.</summary>
    public static bool IsValid(ReadOnlySpan<byte> bytes)
    {
        int length = bytes.Length;
        ref byte source = ref MemoryMarshal.GetReference(bytes);
        if (length >= Width)
        {
            nuint last = (nuint)(length - Width);
            Vector128<byte> seen = Vector128.LoadUnsafe(ref source, last);
            for (nuint i = 0; i < last; i += (nuint)Width)
                seen |= Vector128.LoadUnsafe(ref source, i);
            return (seen & Vector128.Create(BeyondAsciiByte)) == Vector128<byte>.Zero;
        }

        ulong bits = 0;
        if (length >= sizeof(ulong))
        {
            bits =
                Unsafe.ReadUnaligned<ulong>(ref source) | Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, length - sizeof(ulong)));
            return (bits & BeyondAsciiBytes) == 0;
        }

        if (length >= sizeof(uint))
        {
            bits = Unsafe.ReadUnaligned<uint>(ref source) | Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, length - sizeof(uint)));
            return (bits & 0x8080_8080) == 0;
        }

        for (int i = 0; i < length; i++)
            bits |= Unsafe.Add(ref source, i);
        return (bits & BeyondAsciiByte) == 0;
    }

    /// <summary>The text of bytes that all are ASCII.</summary>
    public static string Widen(ReadOnlySpan<byte> ascii)
    {
        // What string.Create does, without the call of a delegate: nobody else has the text while it is written.
        string text = new('\0', ascii.Length);
        Widen(ascii, MemoryMarshal.CreateSpan(ref Unsafe.As<ushort, char>(ref FirstOf(text)), ascii.Length));
        return text;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref ushort FirstOf(string text) => ref Unsafe.As<char, ushort>(ref Unsafe.AsRef(in text.GetPinnableReference()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // into the only caller
    private static void Widen(ReadOnlySpan<byte> ascii, Span<char> characters)
    {
        int length = ascii.Length;
        if (length > characters.Length)
            return; // they are as many
        ref byte source = ref MemoryMarshal.GetReference(ascii);
        ref ushort target = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(characters));
        if (length >= Width)
        {
            nuint last = (nuint)(length - Width);
            for (nuint i = 0; ; i = Math.Min(i + (nuint)Width, last))
            {
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.LoadUnsafe(ref source, i));
                low.StoreUnsafe(ref target, i);
                high.StoreUnsafe(ref target, i + (nuint)Half);
                if (i == last)
                    return;
            }
        }

        if (length >= Half)
        {
            nuint last = (nuint)(length - Half);
            Vector128<byte> both = Vector128.Create(Vector64.LoadUnsafe(ref source), Vector64.LoadUnsafe(ref source, last));
            (Vector128<ushort> first, Vector128<ushort> end) = Vector128.Widen(both);
            first.StoreUnsafe(ref target);
            end.StoreUnsafe(ref target, last);
            return;
        }

        if (length >= sizeof(uint))
        {
            int last = length - sizeof(uint);
            Vector128<byte> both = Vector128
                .Create(Unsafe.ReadUnaligned<uint>(ref source), Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, last)), 0, 0)
                .AsByte();
            Vector128<ulong> wide = Vector128.WidenLower(both).AsUInt64();
            Unsafe.WriteUnaligned(ref Unsafe.As<ushort, byte>(ref target), wide.GetElement(0));
            Unsafe.WriteUnaligned(ref Unsafe.As<ushort, byte>(ref Unsafe.Add(ref target, last)), wide.GetElement(1));
            return;
        }

        for (int i = 0; i < length; i++)
            Unsafe.Add(ref target, i) = Unsafe.Add(ref source, i);
    }
}
