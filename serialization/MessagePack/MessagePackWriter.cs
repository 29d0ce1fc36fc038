using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using CloudScale.Serialization.Contracts;

namespace CloudScale.Serialization.MessagePack;

/// <summary>Writes MessagePack, always in the shortest form.</summary>
/// <remarks>
/// Owner: the buffer writer stays the caller's; what was written belongs to it only after <see cref="Flush"/>. A write that throws leaves a torn value in the buffer.
/// Threads: one. Pass it by <c>ref</c>: a copy would overwrite what the other wrote. Source: MessagePack specification (github.com/msgpack/msgpack, spec.md).
/// </remarks>
public ref partial struct MessagePackWriter
{
    private const int ChunkBytes = 512; // least that is asked of the buffer writer at once

    private readonly IBufferWriter<byte> _output;
    private Span<byte> _span;
    private int _used;
    private StackGuard _stack; // for contracts in each other

    /// <summary>Makes a writer into a buffer.</summary>
    public MessagePackWriter(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
    }

    /// <summary>Hands what was written to the buffer writer. The writer may go on.</summary>
    public void Flush()
    {
        if (_used > 0)
            _output.Advance(_used);
        _span = default;
        _used = 0;
    }

    /// <summary>Wire: <c>C0</c>.</summary>
    public void WriteNil() => WriteByte(MessagePackCode.Nil);

    /// <summary>Wire: <c>C2</c> for false, <c>C3</c> for true.</summary>
    public void WriteBoolean(bool value) => WriteByte(value ? MessagePackCode.True : MessagePackCode.False);

    /// <summary>An integer.</summary>
    /// <remarks>Wire: one byte from -32 to 127, else <c>CC..CF | u8, u16, u32, u64</c>, or <c>D0..D3 | i8, i16, i32, i64</c> below zero.</remarks>
    public void WriteLong(long value)
    {
        if (value >= 0)
        {
            WriteULong((ulong)value);
            return;
        }

        Span<byte> span = Reserve(9);
        if (value >= -32)
        {
            span[0] = (byte)value;
            _used++;
            return;
        }

        int log =
            value >= sbyte.MinValue ? 0
            : value >= short.MinValue ? 1
            : value >= int.MinValue ? 2
            : 3;
        WriteNumber(span, MessagePackCode.Int8 + log, log, (ulong)value);
    }

    /// <summary>An integer that is not negative.</summary>
    /// <remarks>Wire: as <see cref="WriteLong"/>.</remarks>
    public void WriteULong(ulong value)
    {
        Span<byte> span = Reserve(9);
        if (value <= MessagePackCode.MaxPositiveFixInt)
        {
            span[0] = (byte)value;
            _used++;
            return;
        }

        int log =
            value <= byte.MaxValue ? 0
            : value <= ushort.MaxValue ? 1
            : value <= uint.MaxValue ? 2
            : 3;
        WriteNumber(span, MessagePackCode.UInt8 + log, log, value);
    }

    /// <summary>A float of 32 bits, infinities and NaN included. Wire: <c>CA | IEEE 754:u32</c>.</summary>
    public void WriteSingle(float value)
    {
        Span<byte> span = Reserve(5);
        span[0] = MessagePackCode.Float32;
        BinaryPrimitives.WriteSingleBigEndian(span[1..], value);
        _used += 5;
    }

    /// <summary>A float of 64 bits, infinities and NaN included. Wire: <c>CB | IEEE 754:u64</c>.</summary>
    public void WriteDouble(double value)
    {
        Span<byte> span = Reserve(9);
        span[0] = MessagePackCode.Float64;
        BinaryPrimitives.WriteDoubleBigEndian(span[1..], value);
        _used += 9;
    }

    /// <summary>A text; half a surrogate pair becomes U+FFFD.</summary>
    /// <remarks>Wire: <c>A0 + length</c> up to 31 bytes, else <c>D9..DB | length:u8, u16, u32</c>; then UTF-8.</remarks>
    public void WriteString(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int length = Encoding.UTF8.GetByteCount(text);
        WriteStringHeader(length);
        Span<byte> span = Reserve(length); // not inside the addition: it may reset what is added to
        _used += Encoding.UTF8.GetBytes(text, span);
    }

    /// <summary>A text that is in UTF-8 already. Wire: as <see cref="WriteString"/>.</summary>
    public void WriteUtf8(scoped ReadOnlySpan<byte> utf8)
    {
        WriteStringHeader(utf8.Length);
        WriteBytes(utf8);
    }

    /// <summary>Bytes. Wire: <c>C4..C6 | length:u8, u16, u32 | byte × length</c>.</summary>
    public void WriteBinary(scoped ReadOnlySpan<byte> bytes)
    {
        WriteLength(MessagePackCode.Binary8, bytes.Length);
        WriteBytes(bytes);
    }

    /// <summary>The head of an array; write <paramref name="count"/> values next.</summary>
    /// <remarks>Wire: <c>90 + count</c> up to 15, else <c>DC, DD | count:u16, u32</c>.</remarks>
    public void WriteArrayHeader(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count < 16)
            WriteByte((byte)(MessagePackCode.FixArray | count));
        else
            WriteWideLength(MessagePackCode.Array16, count);
    }

    /// <summary>The head of a map; write <paramref name="count"/> pairs of key and value next.</summary>
    /// <remarks>Wire: <c>80 + count</c> up to 15, else <c>DE, DF | count:u16, u32</c>.</remarks>
    public void WriteMapHeader(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count < 16)
            WriteByte((byte)(MessagePackCode.FixMap | count));
        else
            WriteWideLength(MessagePackCode.Map16, count);
    }

    /// <summary>A value of an extension type; below zero are the specification's own.</summary>
    /// <remarks>Wire: <c>D4..D8 | type:i8</c> for 1, 2, 4, 8 or 16 bytes, else <c>C7..C9 | length:u8, u16, u32 | type:i8</c>; then the bytes.</remarks>
    public void WriteExtension(sbyte type, scoped ReadOnlySpan<byte> data)
    {
        WriteExtensionHeader(type, data.Length);
        WriteBytes(data);
    }

    /// <summary>A point in time, in the shortest of the three forms that holds it.</summary>
    /// <param name="seconds">Since 1970-01-01 UTC, without leap seconds; negative before.</param>
    /// <param name="nanoseconds">On top of the seconds: 0 to 999,999,999.</param>
    public void WriteTimestamp(long seconds, int nanoseconds = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(nanoseconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nanoseconds, 999_999_999);
        bool isShort = (ulong)seconds < 1UL << 34;
        int length =
            !isShort ? 12
            : nanoseconds == 0 && seconds <= uint.MaxValue ? 4
            : 8;
        WriteExtensionHeader(MessagePackExtensions.Timestamp, length);
        Span<byte> span = Reserve(length);
        switch (length)
        {
            case 4:
                BinaryPrimitives.WriteUInt32BigEndian(span, (uint)seconds);
                break;
            case 8:
                BinaryPrimitives.WriteUInt64BigEndian(span, ((ulong)nanoseconds << 34) | (ulong)seconds);
                break;
            default:
                BinaryPrimitives.WriteInt32BigEndian(span, nanoseconds);
                BinaryPrimitives.WriteInt64BigEndian(span[4..], seconds);
                break;
        }

        _used += length;
    }

    /// <summary>A point in time, to 100 nanoseconds.</summary>
    public void WriteTimestamp(DateTimeOffset time)
    {
        long ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        long seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out long rest);
        if (rest < 0)
            (seconds, rest) = (seconds - 1, rest + TimeSpan.TicksPerSecond);
        WriteTimestamp(seconds, (int)rest * 100);
    }

    /// <summary>Values that are encoded already.</summary>
    public void WriteEncoded(scoped ReadOnlySpan<byte> encoded) => WriteBytes(encoded);

    private void WriteStringHeader(int length)
    {
        if (length < 32)
            WriteByte((byte)(MessagePackCode.FixString | length));
        else
            WriteLength(MessagePackCode.String8, length);
    }

    private void WriteExtensionHeader(sbyte type, int length)
    {
        if (length is 1 or 2 or 4 or 8 or 16)
            WriteByte((byte)(MessagePackCode.FixExtension1 + System.Numerics.BitOperations.Log2((uint)length)));
        else
            WriteLength(MessagePackCode.Extension8, length);
        WriteByte((byte)type);
    }

    // code | length in one, two or four bytes, where three codes follow one another.
    private void WriteLength(byte code, int length)
    {
        int log =
            length <= byte.MaxValue ? 0
            : length <= ushort.MaxValue ? 1
            : 2;
        WriteNumber(Reserve(9), code + log, log, (ulong)length);
    }

    private void WriteWideLength(byte code, int length)
    {
        bool isLong = length > ushort.MaxValue;
        WriteNumber(Reserve(9), isLong ? code + 1 : code, isLong ? 2 : 1, (ulong)length);
    }

    /// <summary>Writes <c>code | number</c>, the number in as many bytes as two to the power of <paramref name="log"/>. Wants nine bytes of room.</summary>
    private void WriteNumber(Span<byte> span, int code, int log, ulong value)
    {
        span[0] = (byte)code;
        BinaryPrimitives.WriteUInt64BigEndian(span[1..], value << (64 - (8 << log)));
        _used += 1 + (1 << log);
    }

    private void WriteByte(byte value)
    {
        Reserve(1)[0] = value;
        _used++;
    }

    private void WriteBytes(scoped ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            Span<byte> span = _span[_used..];
            if (bytes.Length <= span.Length)
            {
                bytes.CopyTo(span);
                _used += bytes.Length;
                return;
            }

            bytes[..span.Length].CopyTo(span);
            _used += span.Length;
            bytes = bytes[span.Length..];
            Grow(1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Reserve(int bytes)
    {
        if (_span.Length - _used < bytes)
            Grow(bytes);
        return _span[_used..];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int bytes)
    {
        Flush();
        _span = _output.GetSpan(Math.Max(bytes, ChunkBytes));
    }
}
