using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using CloudScale.Serialization.Contracts;

namespace CloudScale.Serialization.Etf;

/// <summary>Writes terms in the External Term Format, as <c>term_to_binary</c> of OTP 26 and later does.</summary>
/// <remarks>
/// <para>Owner: the buffer writer stays the caller's; what was written belongs to it only after <see cref="Flush"/>. A write that throws, because something is no
/// term, leaves a torn term in the buffer: whoever shares the buffer with others encodes elsewhere first, or asks <see cref="ExternalTerm.ExternalSize"/>.</para>
/// <para>Threads: one. Pass it by <c>ref</c>: a copy would overwrite what the other wrote.</para>
/// </remarks>
public ref partial struct EtfWriter
{
    private const int ChunkBytes = 512; // least that is asked of the buffer writer at once
    private const int LongBytes = 4 << 10; // to ask for less would cost as much as to copy

    private readonly EtfEncodeOptions _options;
    private IBufferWriter<byte> _output;
    private Span<byte> _span; // the room that is left
    private int _given; // how much there was
    private StackGuard _stack; // for contracts in each other

    /// <summary>Makes a writer into a buffer.</summary>
    public EtfWriter(IBufferWriter<byte> output, EtfEncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
        _options = options ?? EtfEncodeOptions.Default;
    }

    /// <summary>A writer that has written the version byte already: one look at the buffer where a term is short.</summary>
    internal static EtfWriter Begin(IBufferWriter<byte> output)
    {
        EtfWriter writer = new(output);
        Span<byte> span = output.GetSpan(ChunkBytes);
        span[0] = EtfReader.Version;
        writer._given = span.Length;
        writer._span = span[1..];
        return writer;
    }

    /// <summary>Hands what was written to the buffer writer. The writer may go on.</summary>
    public void Flush()
    {
        int used = _given - _span.Length;
        if (used > 0)
            _output.Advance(used);
        _span = default;
        _given = 0;
    }

    /// <summary>Hands what was written to the buffer writer, and that was all.</summary>
    internal readonly void End()
    {
        int used = _given - _span.Length;
        if (used > 0)
            _output.Advance(used);
    }

    /// <summary>Wire: <c>131</c>.</summary>
    public void WriteVersion() => WriteByte(EtfReader.Version);

    /// <summary>The head of a tuple; write <paramref name="arity"/> terms next.</summary>
    /// <remarks>Wire: <c>104 | arity:u8</c>, from 256 on <c>105 | arity:u32</c>.</remarks>
    public void WriteTupleHeader(int arity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(arity);
        if (arity > byte.MaxValue)
        {
            WriteHead(EtfTag.LargeTuple, arity);
            return;
        }

        Span<byte> span = Reserve(2);
        span[0] = (byte)EtfTag.SmallTuple;
        span[1] = (byte)arity;
        _span = span[2..];
    }

    /// <summary>The head of a list; write <paramref name="count"/> terms next, then the tail, mostly <see cref="WriteNil"/>.</summary>
    /// <remarks>Wire: <c>108 | length:u32</c>.</remarks>
    public void WriteListHeader(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        WriteHead(EtfTag.List, count);
    }

    /// <summary>The head of a map; write <paramref name="count"/> pairs of key and value next, no two keys equal.</summary>
    /// <remarks>Wire: <c>116 | size:u32</c>.</remarks>
    public void WriteMapHeader(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        WriteHead(EtfTag.Map, count);
    }

    /// <summary>Nil, the empty list. Wire: <c>106</c>.</summary>
    public void WriteNil() => WriteByte((byte)EtfTag.Nil);

    /// <summary>An integer.</summary>
    /// <remarks>
    /// Wire: <c>97 | u8</c> from 0 to 255, <c>98 | i32</c> where 32 bits suffice, else <c>110 | length:u8 | sign:u8 | byte × length</c>, least significant first.
    /// </remarks>
    public void WriteLong(long value)
    {
        Span<byte> span = Reserve(EtfSpan.MaxLongBytes);
        _span = span[EtfSpan.PutLong(span, 0, value)..];
    }

    /// <summary>An integer of any size.</summary>
    /// <remarks>Wire: as <see cref="WriteLong"/>; beyond 255 bytes <c>111 | length:u32 | sign:u8 | byte × length</c>.</remarks>
    public void WriteBigInteger(BigInteger value)
    {
        if (value >= long.MinValue && value <= long.MaxValue)
        {
            WriteLong((long)value);
            return;
        }

        BigInteger magnitude = BigInteger.Abs(value);
        int length = magnitude.GetByteCount(isUnsigned: true);
        byte sign = value.Sign < 0 ? (byte)1 : (byte)0;
        if (length <= byte.MaxValue)
        {
            Span<byte> head = Reserve(3);
            head[0] = (byte)EtfTag.SmallBig;
            head[1] = (byte)length;
            head[2] = sign;
            _span = head[3..];
        }
        else
        {
            WriteHead(EtfTag.LargeBig, length);
            WriteByte(sign);
        }

        magnitude.TryWriteBytes(Reserve(length), out int written, isUnsigned: true);
        _span = _span[written..];
    }

    /// <summary>A float.</summary>
    /// <remarks>Wire: <c>70 | IEEE 754:u64</c>; with minor version 0 <c>99 | text:31</c>.</remarks>
    /// <exception cref="ArgumentException">It is infinite or no number, which Erlang does not know.</exception>
    public void WriteDouble(double value)
    {
        if (!double.IsFinite(value))
            ThrowNoNumber();
        Span<byte> span = Reserve(1 + FloatText.Length);
        if (_options.MinorVersion <= 0)
        {
            span[0] = (byte)EtfTag.Float;
            FloatText.Write(value, span[1..]);
            _span = span[(1 + FloatText.Length)..];
            return;
        }

        span[0] = (byte)EtfTag.NewFloat;
        BinaryPrimitives.WriteDoubleBigEndian(span[1..], value);
        _span = span[EtfSpan.DoubleBytes..];
    }

    /// <summary>The atom true or false.</summary>
    public void WriteBoolean(bool value) => WriteAtom(value ? Atoms.True : Atoms.False);

    /// <summary>An atom.</summary>
    /// <remarks>
    /// Wire: <c>119 | length:u8 | UTF-8</c>, from 256 bytes on <c>118 | length:u16 | UTF-8</c>; below minor version 2 <c>100 | length:u16 | Latin-1</c> where it can.
    /// </remarks>
    public void WriteAtom(Atom atom)
    {
        Span<byte> span = Reserve(EtfSpan.MostBytes(atom));
        _span = span[PutAtom(span, 0, atom)..];
    }

    /// <summary>A pid. Wire: <c>88 | node | id:u32 | serial:u32 | creation:u32</c>.</summary>
    /// <exception cref="ArgumentException">It is <c>default</c>, which names no process.</exception>
    public void WritePid(Pid pid)
    {
        Span<byte> span = Reserve(EtfSpan.MostBytes(pid));
        _span = span[PutPid(span, 0, pid)..];
    }

    /// <summary>A port. Wire: <c>120 | node | id:u64 | creation:u32</c>; ids of up to 28 bits as <c>89 | node | id:u32 | creation:u32</c>, as BEAM does.</summary>
    /// <exception cref="ArgumentException">It is <c>default</c>, which names no port.</exception>
    public void WritePort(Port port)
    {
        if (port.Node is null)
            ThrowNoIdentity("port");
        _options.Identities?.Remember(port.Node);
        bool isWide = port.Number >= 1UL << 28;
        WriteByte((byte)(isWide ? EtfTag.V4Port : EtfTag.NewPort));
        WriteAtom(port.Node.Name);
        Span<byte> span = Reserve(12);
        if (isWide)
            BinaryPrimitives.WriteUInt64BigEndian(span, port.Number);
        else
            BinaryPrimitives.WriteUInt32BigEndian(span, (uint)port.Number);
        BinaryPrimitives.WriteUInt32BigEndian(span[(isWide ? 8 : 4)..], port.Node.Creation);
        _span = span[(isWide ? 12 : 8)..];
    }

    /// <summary>A reference. Wire: <c>90 | words:u16 | node | creation:u32 | word:u32 × words</c>.</summary>
    /// <exception cref="ArgumentException">It is <c>default</c>, which is no reference.</exception>
    public void WriteReference(Reference reference)
    {
        Span<byte> span = Reserve(EtfSpan.MostBytes(reference));
        _span = span[PutReference(span, 0, reference)..];
    }

    /// <summary>A binary. Wire: <c>109 | length:u32 | byte × length</c>.</summary>
    public void WriteBinary(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > ChunkBytes)
        {
            WriteHead(EtfTag.Binary, bytes.Length);
            WriteBytes(bytes);
            return;
        }

        Span<byte> span = Reserve(5 + bytes.Length);
        bytes.CopyTo(span[5..]);
        BinaryPrimitives.WriteInt32BigEndian(span[1..], bytes.Length);
        span[0] = (byte)EtfTag.Binary;
        _span = span[(5 + bytes.Length)..];
    }

    /// <summary>A binary; a long one as <see cref="WriteShared"/>.</summary>
    public void WriteBinary(Binary binary)
    {
        ArgumentNullException.ThrowIfNull(binary);
        if (binary.Length >= LongBytes)
            WriteShared(binary.Memory);
        else
            WriteBinary(binary.Span);
    }

    /// <summary>A binary that stays as it is until what was written has been sent: an <see cref="IReferringBuffer"/> may take it where it lies. Wire: <c>109 | length:u32 | byte × length</c>.</summary>
    public void WriteShared(ReadOnlyMemory<byte> bytes)
    {
        WriteHead(EtfTag.Binary, bytes.Length);
        if (bytes.Length < LongBytes || !TryRefer(bytes))
            WriteBytes(bytes.Span);
    }

    /// <summary>A text as the binary of its UTF-8; half a surrogate pair becomes U+FFFD.</summary>
    public void WriteString(string text)
    {
        Span<byte> span = Reserve(EtfSpan.MostBytes(text));
        _span = span[EtfSpan.PutText(span, 0, text)..];
    }

    /// <summary>Terms that are encoded already, without version byte.</summary>
    public void WriteEncoded(scoped ReadOnlySpan<byte> encoded) => WriteBytes(encoded);

    private void WriteHead(EtfTag tag, int length)
    {
        Span<byte> span = Reserve(5);
        span[0] = (byte)tag;
        BinaryPrimitives.WriteInt32BigEndian(span[1..], length);
        _span = span[5..];
    }

    private void WriteByte(byte value)
    {
        Span<byte> span = Reserve(1);
        span[0] = value;
        _span = span[1..];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryRefer(ReadOnlyMemory<byte> bytes)
    {
        if (_output is not IReferringBuffer output)
            return false;
        Flush();
        return output.TryRefer(bytes);
    }

    private void WriteBytes(scoped ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > _span.Length)
        {
            int length = _span.Length;
            bytes[..length].CopyTo(_span);
            bytes = bytes[length..];
            _span = default;
            Grow(1);
        }

        bytes.CopyTo(_span);
        _span = _span[bytes.Length..];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Reserve(int bytes)
    {
        if (_span.Length < bytes)
            Grow(bytes);
        return _span;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int bytes)
    {
        Flush();
        _span = _output.GetSpan(Math.Max(bytes, ChunkBytes));
        _given = _span.Length;
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void ThrowNoNumber() =>
        throw new ArgumentException("A float must be a finite number: Erlang has no infinity and no NaN.");

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void ThrowNoIdentity(string what) => throw new ArgumentException($"default is no {what}.");
}
