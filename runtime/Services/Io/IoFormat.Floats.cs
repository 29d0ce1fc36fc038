using System.Globalization;
using System.Text;

namespace CloudScale.Runtime.Services.Io;

/// <content>Floats with a number of digits: <c>~e</c>, <c>~f</c> and <c>~g</c>. They are rounded from twenty digits behind the point, half up, as <c>io_lib</c> does.</content>
internal static partial class IoFormat
{
    private const int DefaultDigits = 6;

    private static void AppendFloat(StringBuilder text, object argument, FormatSequence sequence)
    {
        if (Term.Normalize(argument) is not double value)
            throw ErlangException.BadArgument();
        int precision = sequence.Precision ?? DefaultDigits;
        string printed = sequence.Control switch
        {
            'e' => Scientific(value, precision),
            'f' => Plain(value, precision),
            _ => General(value, precision),
        };
        AppendTerm(text, printed, sequence with { Precision = sequence.Width });
    }

    private static string General(double value, int precision)
    {
        if (precision < 1)
            throw ErlangException.BadArgument();
        double magnitude = Math.Abs(value);
        int exponent = magnitude switch
        {
            < 0.1 => -2,
            < 1 => -1,
            < 10 => 0,
            < 100 => 1,
            < 1_000 => 2,
            < 10_000 => 3,
            _ => int.MaxValue,
        };
        if ((precision <= 1 && exponent == -1) || (precision - 1 > exponent && exponent >= -1))
            return Plain(value, precision - 1 - exponent);
        return Scientific(value, Math.Max(precision, 2));
    }

    private static string Scientific(double value, int precision)
    {
        if (precision < 2)
            throw ErlangException.BadArgument();
        (char[] digits, int exponent) = DigitsOf(value);
        char[] rounded = Round(digits, precision, out bool carried);
        if (carried)
            exponent++;
        StringBuilder text = new(precision + 8);
        if (double.IsNegative(value))
            text.Append('-');
        text.Append(rounded[0]).Append('.').Append(rounded, 1, precision - 1).Append('e');
        if (exponent >= 0)
            text.Append('+');
        return text.Append(exponent).ToString();
    }

    private static string Plain(double value, int precision)
    {
        if (precision < 1)
            throw ErlangException.BadArgument();
        (char[] digits, int exponent) = DigitsOf(value);
        int whole = exponent + 1; // digits before the point
        if (whole <= 0)
        {
            char[] padded = new char[digits.Length + 1 - whole];
            Array.Fill(padded, '0', 0, 1 - whole);
            digits.CopyTo(padded, 1 - whole);
            digits = padded;
            whole = 1;
        }

        char[] rounded = Round(digits, whole + precision, out bool carried);
        StringBuilder text = new(rounded.Length + 3);
        if (double.IsNegative(value))
            text.Append('-');
        if (carried)
        {
            text.Append(rounded, 0, whole + 1).Append('.').Append(rounded, whole + 1, precision - 1).Append('0');
            return text.ToString();
        }

        return text.Append(rounded, 0, whole).Append('.').Append(rounded, whole, precision).ToString();
    }

    /// <summary>The first digits, rounded; if that makes one more in front, the last is left out and <paramref name="carried"/> is set.</summary>
    private static char[] Round(char[] digits, int count, out bool carried)
    {
        char[] rounded = new char[count];
        for (int i = 0; i < count; i++)
            rounded[i] = i < digits.Length ? digits[i] : '0';
        carried = false;
        if (count >= digits.Length || digits[count] < '5')
            return rounded;
        for (int i = count - 1; i >= 0; i--)
        {
            if (rounded[i] != '9')
            {
                rounded[i]++;
                return rounded;
            }

            rounded[i] = '0';
        }

        carried = true;
        Array.Copy(rounded, 0, rounded, 1, count - 1);
        rounded[0] = '1';
        return rounded;
    }

    /// <summary>21 digits of the magnitude, and the power of ten of the first.</summary>
    private static (char[] Digits, int Exponent) DigitsOf(double value)
    {
        string printed = Math.Abs(value).ToString("E20", CultureInfo.InvariantCulture);
        int e = printed.IndexOf('E', StringComparison.Ordinal);
        char[] digits = [printed[0], .. printed.AsSpan(2, e - 2)];
        return (digits, int.Parse(printed.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
    }
}
