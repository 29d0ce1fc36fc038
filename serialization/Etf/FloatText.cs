using System.Globalization;
using System.Text;

namespace CloudScale.Serialization.Etf;

/// <summary>The text form of floats in FLOAT_EXT: C's <c>%.20e</c> in 31 bytes.</summary>
internal static class FloatText
{
    public const int Length = 31;

    /// <summary>Reads a float as BEAM does: sign, digits, point or comma, digits, and perhaps an exponent; nothing else before the first zero byte.</summary>
    public static bool TryParse(ReadOnlySpan<byte> field, out double value)
    {
        value = 0;
        int end = field.IndexOf((byte)0);
        ReadOnlySpan<byte> text = end < 0 ? field : field[..end];
        ReadOnlySpan<byte> rest = SkipSign(text);
        if (!SkipDigits(ref rest) || rest.IsEmpty || rest[0] is not ((byte)'.' or (byte)','))
            return false;
        int point = text.Length - rest.Length;
        rest = rest[1..];
        if (!SkipDigits(ref rest))
            return false;
        if (!rest.IsEmpty)
        {
            if (rest[0] is not ((byte)'e' or (byte)'E'))
                return false;
            rest = SkipSign(rest[1..]);
            if (!SkipDigits(ref rest) || !rest.IsEmpty)
                return false;
        }

        Span<byte> pointed = stackalloc byte[Length];
        text.CopyTo(pointed);
        pointed[point] = (byte)'.'; // a comma is what some languages write, and BEAM takes
        if (double.TryParse(pointed[..text.Length], NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value))
            return true;
        value = 0;
        return false;
    }

    /// <summary>Writes a finite float into a field of <see cref="Length"/> bytes.</summary>
    public static void Write(double value, Span<byte> field)
    {
        field[..Length].Clear();
        string text = value.ToString("e20", CultureInfo.InvariantCulture); // 1.5…e+000: C has two digits of exponent where they suffice
        int digits = text.Length - 3;
        int written = Encoding.ASCII.GetBytes(text.AsSpan(0, digits), field);
        Encoding.ASCII.GetBytes(text.AsSpan(text[digits] == '0' ? digits + 1 : digits), field[written..]);
    }

    private static ReadOnlySpan<byte> SkipSign(ReadOnlySpan<byte> text) =>
        !text.IsEmpty && text[0] is ((byte)'+' or (byte)'-') ? text[1..] : text;

    private static bool SkipDigits(ref ReadOnlySpan<byte> text)
    {
        int digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits < 0)
            digits = text.Length;
        text = text[digits..];
        return digits > 0;
    }
}
