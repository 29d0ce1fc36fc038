using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace CloudScale;

public static partial class Term
{
    private static partial class Printing
    {
        // maybe and else are not among them: OTP 25 and 26 reserve neither by default.
        private static readonly FrozenSet<string> s_reserved = FrozenSet.Create(
            StringComparer.Ordinal,
            "after",
            "and",
            "andalso",
            "band",
            "begin",
            "bnot",
            "bor",
            "bsl",
            "bsr",
            "bxor",
            "case",
            "catch",
            "cond",
            "div",
            "end",
            "fun",
            "if",
            "let",
            "not",
            "of",
            "or",
            "orelse",
            "receive",
            "rem",
            "try",
            "when",
            "xor"
        );

        // The shorter of plain and scientific notation for the fewest digits that read back as the same float; beyond 2^53 always scientific.
        private static void PrintFloat(StringBuilder text, double value)
        {
            if (!double.IsFinite(value))
            {
                text.Append(value.ToString(CultureInfo.InvariantCulture)); // no term; printed for the log that asks why
                return;
            }

            if (double.IsNegative(value))
                text.Append('-');
            if (value == 0)
            {
                text.Append("0.0");
                return;
            }

            value = Math.Abs(value);
            string shortest = value.ToString("R", CultureInfo.InvariantCulture);
            if (double.Parse(shortest, CultureInfo.InvariantCulture) != value)
                shortest = value.ToString("E16", CultureInfo.InvariantCulture); // .NET 10 drops a digit too many of 2^-25 and of 2^-958
            (string digits, int point) = Digits(shortest);
            int plain =
                point <= 0 ? 2 - point
                : point >= digits.Length ? point - digits.Length + 2
                : 0;
            int exponentDigits = Math.Abs(point - 1).ToString(CultureInfo.InvariantCulture).Length + (point <= 0 ? 1 : 0);
            int cost = exponentDigits + 1 + (digits.Length == 1 ? 2 : 1);
            if (plain > cost || value >= 9007199254740992.0)
            {
                text.Append(digits[0]).Append('.').Append(digits.Length == 1 ? "0" : digits.AsSpan(1)).Append('e').Append(point - 1);
                return;
            }

            if (point <= 0)
                text.Append("0.").Append('0', -point).Append(digits);
            else if (point >= digits.Length)
                text.Append(digits).Append('0', point - digits.Length).Append(".0");
            else
                text.Append(digits.AsSpan(0, point)).Append('.').Append(digits.AsSpan(point));
        }

        /// <summary>The significant digits of a printed float, and the place of its decimal point counted from the first of them.</summary>
        private static (string Digits, int Point) Digits(string printed)
        {
            int exponent = 0;
            int e = printed.IndexOf('E', StringComparison.Ordinal);
            if (e >= 0)
            {
                exponent = int.Parse(printed.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
                printed = printed[..e];
            }

            int dot = printed.IndexOf('.', StringComparison.Ordinal);
            int point = dot < 0 ? printed.Length : dot;
            string digits = dot < 0 ? printed : printed.Remove(dot, 1);
            int leading = digits.Length - digits.TrimStart('0').Length;
            digits = digits[leading..].TrimEnd('0');
            return (digits, point - leading + exponent);
        }

        private static void PrintAtom(StringBuilder text, Atom atom)
        {
            if (!MustQuote(atom.Name))
            {
                text.Append(atom.Name);
                return;
            }

            text.Append('\'');
            foreach (Rune rune in atom.Name.EnumerateRunes())
                PrintCharacter(text, rune.Value, '\'');
            text.Append('\'');
        }

        private static bool MustQuote(string name)
        {
            if (name.Length == 0 || !(name[0] is (>= 'a' and <= 'z') or (>= 'ß' and <= 'ÿ' and not '÷')) || s_reserved.Contains(name))
                return true;
            foreach (char c in name)
                if (
                    !(
                        c
                        is (>= 'a' and <= 'z')
                            or (>= 'A' and <= 'Z')
                            or (>= '0' and <= '9')
                            or '_'
                            or '@'
                            or (>= 'À' and <= 'ÿ' and not '×' and not '÷')
                    )
                )
                    return true;
            return false;
        }

        private static bool TryPrintString(StringBuilder text, List list, int limit)
        {
            if (!list.IsProper)
                return false;
            if (list.TryGetBytes(out ReadOnlySpan<byte> bytes))
                return TryPrintLatin1(text, bytes, limit);
            foreach (object element in list)
            {
                object? character = element;
                if (TermKinds.Classify(ref character) != TermKind.Integer || !IsPrintable((long)character))
                    return false;
            }

            text.Append('"');
            foreach (object element in list)
            {
                if (text.Length > limit)
                    break;
                object? character = element;
                TermKinds.Classify(ref character);
                PrintCharacter(text, (int)(long)character, '"');
            }

            text.Append('"');
            return true;
        }

        private static bool TryPrintLatin1(StringBuilder text, ReadOnlySpan<byte> bytes, int limit)
        {
            foreach (byte b in bytes)
                if (!IsPrintable(b))
                    return false;
            text.Append('"');
            for (int i = 0; i < bytes.Length && text.Length <= limit; i++)
                PrintCharacter(text, bytes[i], '"');
            text.Append('"');
            return true;
        }

        private static void PrintBinary(StringBuilder text, Binary binary, int limit)
        {
            int start = text.Length;
            text.Append("<<");
            ReadOnlySpan<byte> bytes = binary.Span;
            if (!bytes.IsEmpty && !TryPrintUtf8(text, bytes, limit) && !TryPrintLatin1(text, bytes, limit))
            {
                text.Length = start + 2;
                PrintBytes(text, bytes, limit);
            }

            text.Append(">>");
        }

        private static bool TryPrintUtf8(StringBuilder text, ReadOnlySpan<byte> bytes, int limit)
        {
            for (ReadOnlySpan<byte> rest = bytes; !rest.IsEmpty; )
            {
                if (Rune.DecodeFromUtf8(rest, out Rune rune, out int length) != System.Buffers.OperationStatus.Done)
                    return false;
                if (!IsPrintable(rune.Value))
                    return false;
                rest = rest[length..];
            }

            bool ascii = true;
            text.Append('"');
            for (ReadOnlySpan<byte> rest = bytes; !rest.IsEmpty && text.Length <= limit; )
            {
                Rune.DecodeFromUtf8(rest, out Rune rune, out int length);
                ascii &= rune.IsAscii;
                PrintCharacter(text, rune.Value, '"');
                rest = rest[length..];
            }

            text.Append(ascii ? "\"" : "\"/utf8");
            return true;
        }

        private static void PrintBytes(StringBuilder text, ReadOnlySpan<byte> bytes, int limit)
        {
            for (int i = 0; i < bytes.Length && text.Length <= limit; i++)
            {
                if (i > 0)
                    text.Append(',');
                text.Append(bytes[i]);
            }
        }

        private static void PrintBitString(StringBuilder text, BitString bits, int limit)
        {
            text.Append("<<");
            PrintBytes(text, bits.Span[..^1], limit);
            if (bits.Span.Length > 1)
                text.Append(',');
            text.Append(bits.Span[^1] >> (8 - bits.BitsInLastByte)).Append(':').Append(bits.BitsInLastByte).Append(">>");
        }

        private static bool IsPrintable(long character) =>
            character
                is (>= ' ' and <= '~')
                    or (>= 0xA0 and < 0xD800)
                    or (> 0xDFFF and < 0xFFFE)
                    or (> 0xFFFF and <= 0x10FFFF)
                    or (>= '\b' and <= '\r')
                    or 0x1B;

        private static void PrintCharacter(StringBuilder text, int character, char quote)
        {
            switch (character)
            {
                case '\\':
                    text.Append("\\\\");
                    return;
                case '\b':
                    text.Append("\\b");
                    return;
                case '\t':
                    text.Append("\\t");
                    return;
                case '\n':
                    text.Append("\\n");
                    return;
                case '\v':
                    text.Append("\\v");
                    return;
                case '\f':
                    text.Append("\\f");
                    return;
                case '\r':
                    text.Append("\\r");
                    return;
                case 0x1B:
                    text.Append("\\e");
                    return;
                case 0x7F:
                    text.Append("\\d");
                    return;
            }

            if (character == quote)
                text.Append('\\').Append(quote);
            else if (character is < ' ' or (> 0x7F and < 0xA0))
                text.Append('\\')
                    .Append((char)('0' + (character >> 6)))
                    .Append((char)('0' + ((character >> 3) & 7)))
                    .Append((char)('0' + (character & 7)));
            else if (character < 0x10000)
                text.Append((char)character);
            else
                text.Append(new Rune(character).ToString());
        }
    }
}
