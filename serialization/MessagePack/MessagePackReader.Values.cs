using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.MessagePack;

/// <content>Values as the plain types of .NET that contracts have for members.</content>
public ref partial struct MessagePackReader
{
    private const long MaxExactInteger = 1L << 53; // that a float holds, as all below it

    /// <summary>Reads a float; an integer that a float holds exactly is taken for one. Infinities and NaN, which terms have not, are Malformed.</summary>
    public DecodeStatus TryReadNumber(out double value)
    {
        int at = _position;
        DecodeStatus status;
        if (PeekType() != MessagePackType.Integer)
        {
            status = TryReadDouble(out value);
            if (status != DecodeStatus.Ok || double.IsFinite(value))
                return status;
            value = 0;
            return Back(at, Malformed("a float that is no number", at));
        }

        status = TryReadLong(out long number);
        value = number;
        if (status != DecodeStatus.Ok || number is >= -MaxExactInteger and <= MaxExactInteger)
            return status;
        value = 0;
        return Back(at, Other("a float", at));
    }

    /// <summary>Reads a float that fits into 32 bits; what they cannot hold exactly is rounded.</summary>
    public DecodeStatus TryReadNumber(out float value)
    {
        int at = _position;
        DecodeStatus status = TryReadNumber(out double wide);
        value = (float)wide;
        if (status != DecodeStatus.Ok || float.IsFinite(value))
            return status;
        value = 0;
        return Back(at, Malformed("a float beyond the range of 32 bits", at));
    }

    /// <summary>Reads a text; bytes that are UTF-8 are taken for one, as terms have texts.</summary>
    public DecodeStatus TryReadText(out string value)
    {
        int at = _position;
        value = "";
        DecodeStatus status;
        ReadOnlySpan<byte> utf8;
        switch (PeekType())
        {
            case MessagePackType.String:
                status = TryReadUtf8(out utf8);
                break;
            case MessagePackType.Binary:
                status = TryReadBinary(out utf8);
                break;
            default:
                return Other("a text", at);
        }

        if (status != DecodeStatus.Ok || utf8.IsEmpty)
            return status;
        if (!Utf8.IsValid(utf8))
            return Back(at, Malformed("a text that is no UTF-8", at));
        if (!TryTake(HeapSize.Text(utf8.Length)))
            return Back(at, OverAllowance(at));
        value = Encoding.UTF8.GetString(utf8);
        return status;
    }

    /// <summary>Reads a name as text; makes no atom.</summary>
    public DecodeStatus TryReadAtomText(out string value)
    {
        int at = _position;
        value = "";
        DecodeStatus status = TryReadAtomText(out ReadOnlySpan<byte> utf8);
        if (status != DecodeStatus.Ok)
            return status;
        if (utf8.Length > Atom.MaxUtf8Bytes || !Utf8.IsValid(utf8))
            return Back(at, Malformed("a name that is no UTF-8, or longer than 255 characters", at));
        if (!TryTake(HeapSize.Text(utf8.Length)))
            return Back(at, OverAllowance(at));
        value = Encoding.UTF8.GetString(utf8);
        return status;
    }

    /// <summary>Reads a text, or an array of code points, which terms have for texts that are lists.</summary>
    public DecodeStatus TryReadCharlist(out string value)
    {
        int at = _position;
        value = "";
        if (PeekType() == MessagePackType.String)
            return TryReadText(out value);
        if (PeekType() != MessagePackType.Array)
            return Other("a text, or a list of characters", at);
        DecodeStatus status = TryReadIntegers(out int[] codePoints);
        if (status != DecodeStatus.Ok || codePoints.Length == 0)
            return status;
        char[] units = ArrayPool<char>.Shared.Rent(2 * codePoints.Length);
        int count = 0;
        foreach (int codePoint in codePoints)
        {
            if (!Rune.IsValid(codePoint))
            {
                status = Back(at, Malformed($"a list of characters with {codePoint}, which is none", at));
                break;
            }

            count += new Rune(codePoint).EncodeToUtf16(units.AsSpan(count));
        }

        if (status == DecodeStatus.Ok && !TryTake(HeapSize.Array(count, sizeof(char))))
            status = Back(at, OverAllowance(at));
        if (status == DecodeStatus.Ok)
            value = new string(units, 0, count);
        ArrayPool<char>.Shared.Return(units);
        return status;
    }

    /// <summary>Reads bytes into an array of their own; a text is taken for its bytes.</summary>
    public DecodeStatus TryReadBytes(out byte[] value)
    {
        int at = _position;
        value = [];
        ReadOnlySpan<byte> bytes;
        DecodeStatus status = PeekType() == MessagePackType.String ? TryReadUtf8(out bytes) : TryReadBinary(out bytes);
        if (status != DecodeStatus.Ok || bytes.IsEmpty)
            return status;
        if (!TryTake(HeapSize.Array(bytes.Length, 1)))
            return Back(at, OverAllowance(at));
        value = bytes.ToArray();
        return status;
    }

    /// <summary>Reads a text of decimal digits, with sign and point, or an integer.</summary>
    public DecodeStatus TryReadDecimal(out decimal value)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        int at = _position;
        value = 0;
        DecodeStatus status;
        ReadOnlySpan<byte> digits;
        switch (PeekType())
        {
            case MessagePackType.Integer:
                status = TryReadLong(out long number);
                value = number;
                return status;
            case MessagePackType.String:
                status = TryReadUtf8(out digits);
                break;
            case MessagePackType.Binary:
                status = TryReadBinary(out digits);
                break;
            default:
                return Other("a decimal number as a text", at);
        }

        if (status != DecodeStatus.Ok || decimal.TryParse(digits, Style, CultureInfo.InvariantCulture, out value))
            return status;
        return Back(at, Malformed("a text that holds no decimal number, or one of more than 96 bits", at));
    }

    /// <summary>Reads a term of one kind: a <see cref="Tuple"/>, <see cref="List"/>, <see cref="Map"/>, <see cref="Binary"/> …; any term for <see cref="object"/>.</summary>
    public DecodeStatus TryReadTerm<T>(out T value)
        where T : class
    {
        int at = _position;
        DecodeStatus status = TryReadTerm(out object? term);
        value = (term as T)!;
        if (status != DecodeStatus.Ok || value is not null)
            return status;
        return Back(at, Other(FoundValue.NameOf(typeof(T)), at));
    }

    /// <summary>Reads the head of an array that is a list; its elements are the next reads.</summary>
    /// <param name="bytesPerElement">Least bytes that an element has: a count that they cannot fill is refused before anything is allocated for it.</param>
    /// <param name="count">How many elements follow.</param>
    public DecodeStatus TryReadListStart(int bytesPerElement, out int count)
    {
        int at = _position;
        count = 0;
        if (PeekType() != MessagePackType.Array)
            return Other("a list", at);
        DecodeStatus status = TryReadCount(MessagePackCode.FixArray, MessagePackCode.Array16, bytesPerElement, out count);
        return status == DecodeStatus.Ok ? Back(at, TryCount(count, at)) : status;
    }

    /// <summary>Reads the head of a map; its keys and values are the next reads.</summary>
    /// <param name="bytesPerEntry">Least bytes that a key and a value have together.</param>
    /// <param name="count">How many entries follow.</param>
    public DecodeStatus TryReadMapStart(int bytesPerEntry, out int count)
    {
        int at = _position;
        count = 0;
        if (PeekType() != MessagePackType.Map)
            return Other("a map", at);
        DecodeStatus status = TryReadCount(MessagePackCode.FixMap, MessagePackCode.Map16, bytesPerEntry, out count);
        return status == DecodeStatus.Ok ? Back(at, TryCount(count, at)) : status;
    }

    /// <summary>Reads an array of integers.</summary>
    public DecodeStatus TryReadIntegers<T>(out T[] values)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        int at = _position;
        values = [];
        DecodeStatus status = TryReadListStart(1, out int count);
        if (status == DecodeStatus.Ok)
            status = TryMakeArray(count, out values);
        if (status == DecodeStatus.Ok)
            status = TryReadEach(values.AsSpan());
        if (status != DecodeStatus.Ok)
            values = [];
        return Back(at, status);
    }

    /// <summary>Reads an array of integers.</summary>
    public DecodeStatus TryReadIntegers<T>(out List<T> values)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        int at = _position;
        DecodeStatus status = TryReadListOf(out values);
        return status == DecodeStatus.Ok ? Back(at, TryReadEach(CollectionsMarshal.AsSpan(values))) : status;
    }

    /// <summary>Reads an array of floats.</summary>
    public DecodeStatus TryReadDoubles(out double[] values)
    {
        int at = _position;
        values = [];
        DecodeStatus status = TryReadListStart(1, out int count);
        if (status == DecodeStatus.Ok)
            status = TryMakeArray(count, out values);
        if (status == DecodeStatus.Ok)
            status = TryReadEach(values.AsSpan());
        if (status != DecodeStatus.Ok)
            values = [];
        return Back(at, status);
    }

    /// <summary>Reads an array of floats.</summary>
    public DecodeStatus TryReadDoubles(out List<double> values)
    {
        int at = _position;
        DecodeStatus status = TryReadListOf(out values);
        return status == DecodeStatus.Ok ? Back(at, TryReadEach(CollectionsMarshal.AsSpan(values))) : status;
    }

    /// <summary>Reads an array of terms of any kind.</summary>
    public DecodeStatus TryReadTerms(out object[] values)
    {
        int at = _position;
        values = [];
        if (PeekType() != MessagePackType.Array)
            return Other("a list", at);
        DecodeStatus status = TryReadTerm(out object? term);
        if (status != DecodeStatus.Ok)
            return status;
        if (term is not List { IsProper: true } list)
            return Back(at, Malformed("a tuple, fun or improper list where a list should be", at));
        if (list.TryGetWholeArray(out object[]? elements))
        {
            values = elements; // nobody else has the list
            return status;
        }

        if (list.Count > 0)
        {
            status = TryAllot<object>(list.Count);
            if (status != DecodeStatus.Ok)
                return Back(at, status);
            values = new object[list.Count];
            list.CopyTo(values);
        }

        return status;
    }

    /// <summary>For generated code: asks whether a collection may have so many more elements, by <see cref="EtfLimits.MaxAllocationPerByte"/>.</summary>
    public DecodeStatus TryAllot<T>(int more) => TryAllot(HeapSize.Array(more, Unsafe.SizeOf<T>()));

    /// <summary>For generated code: asks whether so many bytes may be allocated, by <see cref="EtfLimits.MaxAllocationPerByte"/>.</summary>
    public DecodeStatus TryAllot(long bytes) => TryTake(bytes) ? DecodeStatus.Ok : OverAllowance(_position);

    /// <summary>For generated code: makes the array for so many elements, by <see cref="EtfLimits.MaxAllocationPerByte"/>.</summary>
    public DecodeStatus TryMakeArray<T>(int count, out T[] items)
    {
        items = [];
        if (count == 0)
            return DecodeStatus.Ok;
        DecodeStatus status = TryAllot<T>(count);
        if (status == DecodeStatus.Ok)
            items = new T[count];
        return status;
    }

    private DecodeStatus TryReadListOf<T>(out List<T> values)
    {
        int at = _position;
        values = [];
        DecodeStatus status = TryReadListStart(1, out int count);
        if (status != DecodeStatus.Ok || count == 0)
            return status;
        status = TryAllot<T>(count);
        if (status != DecodeStatus.Ok)
            return Back(at, status);
        CollectionsMarshal.SetCount(values, count);
        return status;
    }

    private DecodeStatus TryReadEach<T>(Span<T> values)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        // The common forms without leaving the loop.
        ReadOnlySpan<byte> rest = _input[_position..];
        int i = 0;
        for (; i < values.Length && rest.Length >= 1 + sizeof(uint); i++)
        {
            byte code = rest[0];
            if (code <= MessagePackCode.MaxPositiveFixInt)
            {
                values[i] = T.CreateTruncating(code);
                rest = rest[1..];
            }
            else if (typeof(T) != typeof(int) && typeof(T) != typeof(long))
            {
                break;
            }
            else if (code == MessagePackCode.UInt8)
            {
                values[i] = T.CreateTruncating(rest[1]);
                rest = rest[2..];
            }
            else if (code == MessagePackCode.UInt8 + 1)
            {
                values[i] = T.CreateTruncating(BinaryPrimitives.ReadUInt16BigEndian(rest[1..]));
                rest = rest[3..];
            }
            else if (code == MessagePackCode.UInt8 + 2 && typeof(T) == typeof(long))
            {
                values[i] = T.CreateTruncating(BinaryPrimitives.ReadUInt32BigEndian(rest[1..]));
                rest = rest[5..];
            }
            else
            {
                break;
            }
        }

        _position = _input.Length - rest.Length;
        for (; i < values.Length; i++)
        {
            DecodeStatus status = TryReadInteger(out values[i]);
            if (status != DecodeStatus.Ok)
                return FailAt(status, i);
        }

        return DecodeStatus.Ok;
    }

    private DecodeStatus TryReadEach(Span<double> values)
    {
        int i = FloatRun.Take(_input[_position..], values, MessagePackCode.Float64);
        _position += i * EtfSpan.DoubleBytes;
        for (; i < values.Length; i++)
        {
            DecodeStatus status = TryReadNumber(out values[i]);
            if (status != DecodeStatus.Ok)
                return FailAt(status, i);
        }

        return DecodeStatus.Ok;
    }
}
