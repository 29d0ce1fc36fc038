using System.Buffers.Binary;

namespace CloudScale.Serialization.Etf;

/// <content>
/// Long lists of nothing but integers, or nothing but floats: kept as numbers, which takes a third of the room of boxes and a fifth of the time. Where that is not what stands there, complete, finite and
/// within the limits, nothing is read, and the long way goes on.
/// </content>
public ref partial struct EtfReader
{
    private const int FewNumbers = 16; // below it boxes that are there already, and no second look, are cheaper

    /// <summary>After the head of a list: all its elements and its end.</summary>
    private bool TryReadNumbers(DecodeStack stack, int count, out object? value)
    {
        value = null;
        ReadOnlySpan<byte> rest = _input[_position..];
        if (rest.Length <= 2 * count || stack.Depth >= _context.Limits.MaxDepth - _depth)
            return false;
        int length = (EtfTag)rest[0] == EtfTag.NewFloat ? FloatsBytes(rest, count) : IntegersBytes(rest, count);
        if (length < 0 || (EtfTag)rest[length] != EtfTag.Nil || count >= _context.Limits.MaxTotalTerms - _terms)
            return false;
        if (!Affords(HeapSize.List + HeapSize.Array(count, sizeof(long))))
            return false;
        if ((EtfTag)rest[0] == EtfTag.NewFloat)
        {
            double[] floats = new double[count];
            if (!TryReadFloats(rest, floats))
                return false;
            value = List.Adopt(floats);
        }
        else
        {
            long[] integers = new long[count];
            ReadIntegers(rest, integers);
            value = List.Adopt(integers);
        }

        _position += length + 1;
        _terms += count + 1;
        return true;
    }

    /// <summary>How many bytes so many floats take, with the tag behind them still in the input; -1 if they are not all floats.</summary>
    private static int FloatsBytes(ReadOnlySpan<byte> input, int count)
    {
        if (input.Length / EtfSpan.DoubleBytes < count || input.Length == count * EtfSpan.DoubleBytes)
            return -1;
        int at = 0;
        for (int left = count; left > 0; left--, at += EtfSpan.DoubleBytes)
        {
            if ((EtfTag)input[at] != EtfTag.NewFloat)
                return -1;
        }

        return at;
    }

    /// <summary>The same of integers of up to 32 bits.</summary>
    private static int IntegersBytes(ReadOnlySpan<byte> input, int count)
    {
        int at = 0;
        for (int left = count; left > 0; left--)
        {
            if ((uint)at >= (uint)input.Length)
                return -1;
            switch ((EtfTag)input[at])
            {
                case EtfTag.SmallInteger:
                    at += 2;
                    break;
                case EtfTag.Integer:
                    at += EtfSpan.MaxIntBytes;
                    break;
                default:
                    return -1;
            }
        }

        return at < input.Length ? at : -1;
    }

    private static bool TryReadFloats(ReadOnlySpan<byte> input, double[] floats)
    {
        for (int i = 0; i < floats.Length; i++)
        {
            double value = BinaryPrimitives.ReadDoubleBigEndian(input[((i * EtfSpan.DoubleBytes) + 1)..]);
            if (!double.IsFinite(value))
                return false;
            floats[i] = value;
        }

        return true;
    }

    private static void ReadIntegers(ReadOnlySpan<byte> input, long[] integers)
    {
        int at = 0;
        for (int i = 0; i < integers.Length; i++)
        {
            bool isSmall = (EtfTag)input[at] == EtfTag.SmallInteger;
            integers[i] = isSmall ? input[at + 1] : BinaryPrimitives.ReadInt32BigEndian(input[(at + 1)..]);
            at += isSmall ? 2 : EtfSpan.MaxIntBytes;
        }
    }
}
