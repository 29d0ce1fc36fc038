using System.Buffers;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Unicode;

namespace CloudScale.Serialization.Etf;

/// <summary>Short texts of ASCII with letters of two bytes in between, as those of most European languages are: from UTF-8 in one pass.</summary>
/// <remarks>The base library goes on by eight bytes at most once it has met a letter that is not ASCII; here the vectors go on behind it. Texts with longer letters are the library's from there on.</remarks>
internal static class MixedText
{
    /// <summary>How many characters are written beyond those of the text, and mean nothing.</summary>
    public const int Spare = 16;

    private const byte FirstLead = 0xC2; // of two bytes; what is below would be a longer form of ASCII
    private const byte LastLead = 0xDF;

    /// <summary>Writes the characters of some UTF-8. Returns how many there are; -1 if it is none.</summary>
    public static int Widen(ReadOnlySpan<byte> utf8, Span<char> characters)
    {
        Debug.Assert(characters.Length >= utf8.Length + Spare, "a vector may begin at the last character");
        ref byte source = ref MemoryMarshal.GetReference(utf8);
        ref ushort target = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(characters));
        int length = utf8.Length;
        int at = 0;
        int made = 0;
        while (length - at >= Vector128<byte>.Count)
        {
            Vector128<byte> bytes = Vector128.LoadUnsafe(ref source, (nuint)at);
            Vector128.WidenLower(bytes).StoreUnsafe(ref target, (nuint)made);
            Vector128.WidenUpper(bytes).StoreUnsafe(ref target, (nuint)(made + Vector128<ushort>.Count));
            uint others = bytes.ExtractMostSignificantBits();
            int ascii = others == 0 ? Vector128<byte>.Count : BitOperations.TrailingZeroCount(others);
            at += ascii;
            made += ascii;
            if (others == 0)
                continue;
            do
            {
                uint lead = Unsafe.Add(ref source, at);
                if (lead - FirstLead > LastLead - FirstLead || at + 1 == length || (Unsafe.Add(ref source, at + 1) & 0xC0) != 0x80)
                    return WidenRest(utf8, at, characters, made);
                Unsafe.Add(ref target, made++) = (ushort)(((lead & 0x1F) << 6) | (Unsafe.Add(ref source, at + 1) & 0x3Fu));
                at += 2;
            } while (at < length && Unsafe.Add(ref source, at) > sbyte.MaxValue);
        }

        for (; at < length; at++)
        {
            byte letter = Unsafe.Add(ref source, at);
            if (letter > sbyte.MaxValue)
                return WidenRest(utf8, at, characters, made);
            Unsafe.Add(ref target, made++) = letter;
        }

        return made;
    }

    private static int WidenRest(ReadOnlySpan<byte> utf8, int at, Span<char> characters, int made) =>
        Utf8.ToUtf16(utf8[at..], characters[made..], out _, out int written, replaceInvalidSequences: false) == OperationStatus.Done
            ? made + written
            : -1;
}
