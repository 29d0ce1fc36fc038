using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace CloudScale.Serialization.Etf;

/// <content>Terms as the plain values of .NET that contracts have for members.</content>
public ref partial struct EtfReader
{
    /// <summary>Reads an integer that fits into the type, as <see cref="int"/> or <see cref="ulong"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public DecodeStatus TryReadInteger<T>(out T value)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        int at = _position;
        ReadOnlySpan<byte> input = _input;
        if (typeof(T) != typeof(sbyte) && (uint)(at + 1) < (uint)input.Length && (EtfTag)input[at] == EtfTag.SmallInteger)
        {
            value = T.CreateTruncating(input[at + 1]);
            _position = at + 2;
            return DecodeStatus.Ok;
        }

        return TryReadWideInteger(out value);
    }

    /// <summary>Reads an integer of any size.</summary>
    public DecodeStatus TryReadBigInteger(out BigInteger value)
    {
        int at = _position;
        value = default;
        if (PeekTag() is EtfTag.SmallBig or EtfTag.LargeBig)
        {
            DecodeStatus big = TryReadMagnitude(at, out ReadOnlySpan<byte> magnitude, out bool isNegative);
            if (big != DecodeStatus.Ok)
                return big;
            if (!TryTake(HeapSize.Array(magnitude.Length + 3, 1)))
                return Finish(at, OverAllowance(at));
            value = new BigInteger(magnitude, isUnsigned: true);
            if (isNegative)
                value = -value;
            return DecodeStatus.Ok;
        }

        DecodeStatus status = TryReadLong(out long number);
        value = number;
        return status;
    }

    /// <summary>Reads a float; an integer that a float holds exactly is taken for one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public DecodeStatus TryReadNumber(out double value)
    {
        ReadOnlySpan<byte> rest = _input[_position..];
        if (rest.Length >= EtfSpan.DoubleBytes && (EtfTag)rest[0] == EtfTag.NewFloat)
        {
            value = BinaryPrimitives.ReadDoubleBigEndian(rest[1..]);
            if (double.IsFinite(value))
            {
                _position += EtfSpan.DoubleBytes;
                return DecodeStatus.Ok;
            }
        }

        return TryReadOtherNumber(out value);
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
        return Finish(at, Malformed("a float beyond the range of 32 bits", at));
    }

    /// <summary>Reads the atom true or false.</summary>
    public DecodeStatus TryReadBoolean(out bool value)
    {
        // SMALL_ATOM_UTF8_EXT is the letter w.
        if (TryTake("w\u0004true"u8))
        {
            value = true;
            return DecodeStatus.Ok;
        }

        value = false;
        if (TryTake("w\u0005false"u8) || TryTakeAtom("false"u8))
            return DecodeStatus.Ok;
        value = TryTakeAtom("true"u8);
        return value ? DecodeStatus.Ok : Other("true or false", _position);
    }

    /// <summary>Reads a binary of UTF-8 as text.</summary>
    public DecodeStatus TryReadText(out string value)
    {
        int at = _position;
        value = "";
        ReadOnlySpan<byte> rest = _input[at..];
        if (rest.IsEmpty || (EtfTag)rest[0] != EtfTag.Binary)
            return Other("a text", at);
        uint length = rest.Length < 5 ? uint.MaxValue : BinaryPrimitives.ReadUInt32BigEndian(rest[1..]);
        if (length > (uint)(rest.Length - 5) || length > (uint)_context.Limits.MaxBinaryBytes)
            return TryReadBinary(out _); // says what is wrong
        ReadOnlySpan<byte> bytes = rest.Slice(5, (int)length);
        _position = at + 5 + bytes.Length;
        if (bytes.IsEmpty)
            return DecodeStatus.Ok;
        if (!TryTake(HeapSize.Text(bytes.Length)))
            return Finish(at, OverAllowance(at));
        if (bytes.Length <= ShortText ? AsciiText.IsValid(bytes) : Ascii.IsValid(bytes))
        {
            // Widened in one pass: UTF-8 would be counted first.
            value = bytes.Length <= ShortText ? AsciiText.Widen(bytes) : Encoding.Latin1.GetString(bytes);
            return DecodeStatus.Ok;
        }

        return TryWidenUtf8(bytes, out value) ? DecodeStatus.Ok : Finish(at, Malformed("a text that is no UTF-8", at));
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)] // its room on the stack would be every text's
    internal static bool TryWidenUtf8(ReadOnlySpan<byte> bytes, out string value)
    {
        value = "";
        if (bytes.Length <= ShortText)
        {
            // Checked and widened in one pass, where the base library would take three.
            Span<char> characters = stackalloc char[ShortText + MixedText.Spare];
            int written = MixedText.Widen(bytes, characters);
            if (written < 0)
                return false;
            value = new string(characters[..written]);
            return true;
        }

        if (!Utf8.IsValid(bytes))
            return false;
        value = Encoding.UTF8.GetString(bytes);
        return true;
    }

    private const int ShortText = 256;

    /// <summary>Reads the text of an atom; makes no atom.</summary>
    public DecodeStatus TryReadAtomText(out string value)
    {
        int at = _position;
        value = "";
        DecodeStatus status = TryReadAtomText(out ReadOnlySpan<byte> utf8);
        if (status != DecodeStatus.Ok)
            return status;
        if (Atom.TryGetRecent(utf8, out Atom? known))
        {
            value = known.Name; // the text is there already
            return DecodeStatus.Ok;
        }

        bool isAscii = utf8.Length <= ShortText && AsciiText.IsValid(utf8);
        if (!isAscii && (utf8.Length > Atom.MaxUtf8Bytes || !Utf8.IsValid(utf8)))
            return Finish(at, Malformed("an atom that is no UTF-8, or longer than 255 characters", at));
        if (!TryTake(HeapSize.Text(utf8.Length)))
            return Finish(at, OverAllowance(at));
        value = isAscii ? AsciiText.Widen(utf8) : Encoding.UTF8.GetString(utf8);
        return DecodeStatus.Ok;
    }

    /// <summary>Reads a list of code points as text, from LIST_EXT or STRING_EXT.</summary>
    public DecodeStatus TryReadCharlist(out string value)
    {
        int at = _position;
        value = "";
        if (PeekTag() == EtfTag.String)
        {
            DecodeStatus bytes = TryReadPiece(0, out int length, out ReadOnlySpan<byte> latin1);
            if (bytes != DecodeStatus.Ok)
                return bytes;
            if (!TryTake(HeapSize.Text(length)))
                return Finish(at, OverAllowance(at));
            value = Encoding.Latin1.GetString(latin1);
            return bytes;
        }

        if (PeekTag() is not (EtfTag.List or EtfTag.Nil))
            return Other("a list of characters", at);
        DecodeStatus status = TryReadIntegers(out int[] codePoints);
        if (status != DecodeStatus.Ok || codePoints.Length == 0)
            return status;
        char[] units = ArrayPool<char>.Shared.Rent(2 * codePoints.Length);
        int count = 0;
        foreach (int codePoint in codePoints)
        {
            if (!Rune.IsValid(codePoint))
            {
                status = Finish(at, Malformed($"a list of characters with {codePoint}, which is none", at));
                break;
            }

            count += new Rune(codePoint).EncodeToUtf16(units.AsSpan(count));
        }

        if (status == DecodeStatus.Ok)
            value = new string(units, 0, count);
        ArrayPool<char>.Shared.Return(units);
        return status;
    }

    /// <summary>Reads a binary into an array of its own.</summary>
    public DecodeStatus TryReadBytes(out byte[] value)
    {
        int at = _position;
        value = [];
        DecodeStatus status = TryReadBinary(out ReadOnlySpan<byte> bytes);
        if (status != DecodeStatus.Ok || bytes.IsEmpty)
            return status;
        if (!TryTake(HeapSize.Array(bytes.Length, 1)))
            return Finish(at, OverAllowance(at));
        value = bytes.ToArray();
        return status;
    }

    /// <summary>Reads a binary: a copy, or the input itself where that may be kept.</summary>
    public DecodeStatus TryReadMemory(out ReadOnlyMemory<byte> value)
    {
        int at = _position;
        value = default;
        DecodeStatus status = TryReadBinary(out ReadOnlySpan<byte> bytes);
        if (status != DecodeStatus.Ok || TryLend(bytes.Length, out value) || bytes.IsEmpty)
            return status;
        if (!TryTake(HeapSize.Array(bytes.Length, 1)))
            return Finish(at, OverAllowance(at));
        value = bytes.ToArray();
        return status;
    }

    /// <summary>Reads a binary of decimal digits, with sign and point, or an integer.</summary>
    public DecodeStatus TryReadDecimal(out decimal value)
    {
        int at = _position;
        if (PeekTag() is EtfTag.SmallInteger or EtfTag.Integer or EtfTag.SmallBig)
        {
            DecodeStatus integer = TryReadInteger(out long number);
            value = number;
            return integer;
        }

        value = 0;
        if (PeekTag() != EtfTag.Binary)
            return Other("a decimal number in a binary", at);
        DecodeStatus status = TryReadBinary(out ReadOnlySpan<byte> text);
        if (status != DecodeStatus.Ok)
            return status;
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out value)
            ? DecodeStatus.Ok
            : Finish(at, Malformed("a binary that holds no decimal number, or one of more than 96 bits", at));
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
        return Finish(at, Other(NameOf(typeof(T)), at));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private DecodeStatus TryReadOtherNumber(out double value)
    {
        if (PeekTag() is not (EtfTag.SmallInteger or EtfTag.Integer))
            return TryReadDouble(out value);
        DecodeStatus status = TryReadLong(out long number);
        value = number;
        return status;
    }

    private static string NameOf(Type type)
    {
        if (type == typeof(Tuple))
            return "a tuple";
        if (type == typeof(List))
            return "a list";
        if (type == typeof(Map))
            return "a map";
        if (type == typeof(Binary))
            return "a binary";
        if (type == typeof(BitString))
            return "a bit string that is no binary";
        return type == typeof(ExternalFun) ? "a fun M:F/A" : "a fun";
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private DecodeStatus TryReadWideInteger<T>(out T value)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        int at = _position;
        DecodeStatus status;
        if (PeekTag() == EtfTag.Integer && Remaining >= 5)
        {
            int number32 = BinaryPrimitives.ReadInt32BigEndian(_input[(at + 1)..]);
            _position = at + 5;
            if (typeof(T) != typeof(int) && typeof(T) != typeof(long))
                return Narrow(at, number32, out value);
            value = T.CreateTruncating(number32);
            return DecodeStatus.Ok;
        }

        if (
            typeof(T) == typeof(long)
            && PeekTag() == EtfTag.SmallBig
            && Remaining >= 3 + sizeof(long)
            && _input[at + 1] < sizeof(long)
            && _input[at + 1] <= _context.Limits.MaxIntegerBytes
        )
        {
            // Milliseconds since 1970 and the like: so many bytes of the eight that can be loaded at once.
            int unused = 8 * (sizeof(long) - _input[at + 1]);
            long number56 =
                _input[at + 1] == 0 ? 0 : (long)(BinaryPrimitives.ReadUInt64LittleEndian(_input[(at + 3)..]) << unused >> unused);
            value = T.CreateTruncating(_input[at + 2] == 0 ? number56 : -number56);
            _position = at + 3 + _input[at + 1];
            return DecodeStatus.Ok;
        }

        if (PeekTag() is EtfTag.SmallBig or EtfTag.LargeBig)
        {
            status = TryReadMagnitude(at, out ReadOnlySpan<byte> magnitude, out bool isNegative);
            value = default;
            if (status != DecodeStatus.Ok)
                return status;
            if (TryGetLong(magnitude, isNegative, out long number))
                return Narrow(at, number, out value);
            return magnitude.Length == sizeof(ulong) && !isNegative ? Narrow(at, ToUInt64(magnitude), out value) : Beyond<T>(at);
        }

        status = TryReadLong(out long small);
        if (status != DecodeStatus.Ok)
        {
            value = default;
            return status;
        }

        return Narrow(at, small, out value);
    }

    private DecodeStatus Narrow<T>(int at, Int128 number, out T value)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        value = T.CreateTruncating(number);
        if (number >= Int128.CreateTruncating(T.MinValue) && number <= Int128.CreateTruncating(T.MaxValue))
            return DecodeStatus.Ok;
        value = default;
        return Beyond<T>(at);
    }

    private DecodeStatus Beyond<T>(int at)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        _position = at;
        return Other($"an integer from {T.MinValue} to {T.MaxValue}", at);
    }

    private static ulong ToUInt64(ReadOnlySpan<byte> magnitude) => BinaryPrimitives.ReadUInt64LittleEndian(magnitude);
}
