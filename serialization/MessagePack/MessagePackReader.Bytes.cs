using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.MessagePack;

/// <content>Texts, bytes, extensions, timestamps; and passing over any value.</content>
public ref partial struct MessagePackReader
{
    /// <summary>Reads a text without copying it: the bytes are part of the input, and as they came, valid UTF-8 or not.</summary>
    public DecodeStatus TryReadUtf8(out ReadOnlySpan<byte> utf8)
    {
        utf8 = default;
        if (PeekType() != MessagePackType.String)
            return Other("a text", _position);
        byte code = Code;
        return code < MessagePackCode.Nil
            ? TryReadRun(0, 0, code - MessagePackCode.FixString, out utf8)
            : TryReadRun(1 << (code - MessagePackCode.String8), 0, 0, out utf8);
    }

    /// <summary>Reads a text. What is no UTF-8 is Malformed.</summary>
    public DecodeStatus TryReadString(out string text)
    {
        int at = _position;
        text = "";
        DecodeStatus status = TryReadUtf8(out ReadOnlySpan<byte> utf8);
        if (status != DecodeStatus.Ok)
            return status;
        if (!Utf8.IsValid(utf8))
            return Back(at, Malformed("a text that is no UTF-8", at));
        if (!TryTake(HeapSize.Text(utf8.Length)))
            return Back(at, OverAllowance(at));
        text = Encoding.UTF8.GetString(utf8);
        return DecodeStatus.Ok;
    }

    /// <summary>Reads bytes without copying them: they are part of the input.</summary>
    public DecodeStatus TryReadBinary(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        return PeekType() == MessagePackType.Binary
            ? TryReadRun(1 << (Code - MessagePackCode.Binary8), 0, 0, out bytes)
            : Other("bytes", _position);
    }

    /// <summary>Reads a value of an extension type without copying its bytes.</summary>
    public DecodeStatus TryReadExtension(out sbyte type, out ReadOnlySpan<byte> data)
    {
        int at = _position;
        type = 0;
        data = default;
        if (PeekType() != MessagePackType.Extension)
            return Other("an extension", at);
        byte code = Code;
        bool isFixed = code >= MessagePackCode.FixExtension1;
        int width = isFixed ? 0 : 1 << (code - MessagePackCode.Extension8);
        DecodeStatus status = TryReadRun(width, 1, isFixed ? 1 << (code - MessagePackCode.FixExtension1) : 0, out data);
        if (status == DecodeStatus.Ok)
            type = (sbyte)_input[at + 1 + width];
        return status;
    }

    /// <summary>Reads a point in time.</summary>
    /// <param name="seconds">Since 1970-01-01 UTC, without leap seconds; negative before.</param>
    /// <param name="nanoseconds">On top of the seconds: 0 to 999,999,999.</param>
    public DecodeStatus TryReadTimestamp(out long seconds, out int nanoseconds)
    {
        int at = _position;
        seconds = 0;
        nanoseconds = 0;
        DecodeStatus status = TryReadOwn(MessagePackExtensions.Timestamp, "a timestamp", out ReadOnlySpan<byte> data);
        if (status != DecodeStatus.Ok)
            return status;
        uint fraction = 0;
        switch (data.Length)
        {
            case 4:
                seconds = BinaryPrimitives.ReadUInt32BigEndian(data);
                break;
            case 8:
                ulong both = BinaryPrimitives.ReadUInt64BigEndian(data);
                fraction = (uint)(both >> 34);
                seconds = (long)(both & ((1UL << 34) - 1));
                break;
            case 12:
                fraction = BinaryPrimitives.ReadUInt32BigEndian(data);
                seconds = BinaryPrimitives.ReadInt64BigEndian(data[4..]);
                break;
            default:
                return Back(at, Malformed("a timestamp of a length that none has", at));
        }

        if (fraction > 999_999_999)
        {
            seconds = 0;
            return Back(at, Malformed("a timestamp of more than 999,999,999 nanoseconds", at));
        }

        nanoseconds = (int)fraction;
        return DecodeStatus.Ok;
    }

    /// <summary>Reads a point in time, to 100 nanoseconds; one that .NET has no date for is Malformed.</summary>
    public DecodeStatus TryReadTimestamp(out DateTimeOffset time)
    {
        int at = _position;
        time = default;
        DecodeStatus status = TryReadTimestamp(out long seconds, out int nanoseconds);
        if (status != DecodeStatus.Ok)
            return status;
        if (seconds < DateTimeOffset.MinValue.ToUnixTimeSeconds() || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            return Back(at, Malformed("a timestamp before the year 1 or after the year 9999", at));
        time = DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100);
        return DecodeStatus.Ok;
    }

    /// <summary>Passes over one value, whatever it is, without making it. Its form is checked no further than its extent needs.</summary>
    public DecodeStatus TrySkip()
    {
        int start = _position;
        for (long pending = 1; pending > 0; pending--)
        {
            int at = _position;
            DecodeStatus status = TrySkipPart(out long parts);
            pending += parts;
            // Each value needs a byte; this also keeps hostile sizes from adding up.
            if (status == DecodeStatus.Ok && pending - 1 > Remaining)
                status = More("as many values as declared", at);
            if (status != DecodeStatus.Ok)
                return Back(start, status);
        }

        return DecodeStatus.Ok;
    }

    private DecodeStatus TrySkipPart(out long parts)
    {
        parts = 0;
        int count;
        DecodeStatus status;
        switch (PeekType())
        {
            case MessagePackType.None:
                return More("a value", _position);
            case MessagePackType.Nil:
            case MessagePackType.Boolean:
                _position++;
                return DecodeStatus.Ok;
            case MessagePackType.Integer:
                return TryReadWhole(out _, out _);
            case MessagePackType.Float:
                return TryReadDouble(out _);
            case MessagePackType.String:
                return TryReadUtf8(out _);
            case MessagePackType.Binary:
                return TryReadBinary(out _);
            case MessagePackType.Extension:
                return TryReadExtension(out _, out _);
            case MessagePackType.Array:
                status = TryReadArrayHeader(out count);
                parts = count;
                return status;
            case MessagePackType.Map:
                status = TryReadMapHeader(out count);
                parts = 2L * count;
                return status;
            default:
                return Other("a value", _position);
        }
    }

    /// <summary>Reads an extension of one type.</summary>
    private DecodeStatus TryReadOwn(sbyte wanted, string what, out ReadOnlySpan<byte> data)
    {
        int at = _position;
        if (PeekType() != MessagePackType.Extension)
        {
            data = default;
            return Other(what, at);
        }

        DecodeStatus status = TryReadExtension(out sbyte type, out data);
        if (status == DecodeStatus.Ok && type != wanted)
            status = Back(at, Malformed("an extension of another type than expected", at));
        return status;
    }

    /// <summary>Reads <c>code | length | head | byte × length</c>; without a width the length is known.</summary>
    private DecodeStatus TryReadRun(int width, int head, int known, out ReadOnlySpan<byte> bytes)
    {
        int at = _position;
        bytes = default;
        if (Remaining < 1 + width + head)
            return More("a length", at);
        ulong length = width == 0 ? (ulong)known : Unsigned(at + 1, width);
        if (length > (uint)_context.Limits.MaxBinaryBytes)
            return Limit("longer than allowed", at);
        if (length > (uint)(Remaining - 1 - width - head))
            return More("as many bytes as declared", at);
        bytes = _input.Slice(at + 1 + width + head, (int)length);
        _position = at + 1 + width + head + (int)length;
        return DecodeStatus.Ok;
    }
}
