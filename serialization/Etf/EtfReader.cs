using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using CloudScale.Serialization.Contracts;

namespace CloudScale.Serialization.Etf;

/// <summary>Reads terms from bytes of the External Term Format, which may be hostile.</summary>
/// <remarks>
/// <para>Every read gives a <see cref="DecodeStatus"/> and never throws on input. Anything but Ok leaves the reader where it was, and <see cref="Error"/> and
/// <see cref="ErrorOffset"/> say what was wrong and where.</para>
/// <para>Limit: a declared length is checked against <see cref="EtfLimits"/> and the bytes that are left before anything is allocated; nesting uses no stack.</para>
/// <para>Threads: one. Terms share nothing with the input, unless the reader was made of memory that it may lend to them.</para>
/// </remarks>
public ref partial struct EtfReader : ITermReader
{
    /// <summary>The byte before a term that stands alone.</summary>
    public const byte Version = 131;

    private readonly ReadOnlySpan<byte> _input;
    private readonly ReadOnlySpan<Atom> _headerAtoms;
    private readonly ReadOnlyMemory<byte> _lent; // the input, if terms may refer to it
    private readonly EtfDecodeContext _context;
    private int _position;
    private int _versionEnd; // where a compressed term may stand; -1 for nowhere
    private int _terms;
    private int _newAtoms;
    private long _allowance; // bytes that may still be allocated
    private Failure? _failure;
    private int _depth; // contracts that contain themselves, being read

    /// <summary>Makes a reader of some bytes.</summary>
    /// <param name="input">The bytes, complete or not.</param>
    /// <param name="context">Limits and identities.</param>
    /// <param name="headerAtoms">The atoms of the distribution header these bytes came with; empty asks <see cref="EtfDecodeContext.AtomCache"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public EtfReader(ReadOnlySpan<byte> input, EtfDecodeContext context, ReadOnlySpan<Atom> headerAtoms = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        _input = input;
        _context = context;
        _headerAtoms = headerAtoms;
        _versionEnd = -1;
        _allowance = context.Limits.AllocationFor(input.Length);
    }

    /// <summary>Makes a reader of memory that terms may keep: a binary that makes up half of it or more is not copied.</summary>
    /// <remarks>Owner: once <see cref="KeepsInput"/> says so, the terms; the bytes must not change again.</remarks>
    /// <param name="input">The bytes, complete or not.</param>
    /// <param name="context">Limits and identities.</param>
    /// <param name="headerAtoms">The atoms of the distribution header these bytes came with.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public EtfReader(ReadOnlyMemory<byte> input, EtfDecodeContext context, ReadOnlySpan<Atom> headerAtoms = default)
        : this(input.Span, context, headerAtoms)
    {
        _lent = input.Slice(0); // field by field: a copy at once would wait until the parts, which were just stored, have left the processor's store buffer
    }

    /// <summary>Whether a term that was read refers to the memory the reader was made of.</summary>
    public bool KeepsInput { get; private set; }

    /// <summary>How many bytes have been read.</summary>
    public readonly int Position => _position;

    /// <summary>How many bytes have not been read.</summary>
    public readonly int Remaining => _input.Length - _position;

    /// <summary>The bytes that have not been read.</summary>
    public readonly ReadOnlySpan<byte> RemainingBytes => _input[_position..];

    /// <summary>How many bytes this reader may still allocate; <see cref="EtfLimits.MaxAllocationPerByte"/>.</summary>
    internal readonly long Allowance => _allowance;

    /// <summary>The tag of the next term, <see cref="EtfTag.None"/> at the end.</summary>
    public readonly EtfTag PeekTag() => _position < _input.Length ? (EtfTag)_input[_position] : EtfTag.None;

    /// <summary>Reads the version byte, 131.</summary>
    public DecodeStatus TryReadVersion()
    {
        if (_position >= _input.Length)
            return More("a version byte", _position);
        if (_input[_position] != Version)
            return Malformed("no version byte 131", _position);
        _versionEnd = ++_position;
        return DecodeStatus.Ok;
    }

    /// <summary>Passes over the version byte in front of a term that is not compressed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryTakeVersion()
    {
        if (_position != 0 || _input.Length < 2 || _input[0] != Version || (EtfTag)_input[1] == EtfTag.Compressed)
            return false;
        _position = 1;
        return true;
    }

    /// <summary>Reads the head of a tuple; its elements are the next reads.</summary>
    /// <remarks>Wire: <c>104 | arity:u8</c> or <c>105 | arity:u32</c>.</remarks>
    public DecodeStatus TryReadTupleHeader(out int arity)
    {
        int at = _position;
        switch (PeekTag())
        {
            case EtfTag.SmallTuple:
                return Finish(at, TryReadCount(at, 1, 1, out arity));
            case EtfTag.LargeTuple:
                return Finish(at, TryReadCount(at, 4, 1, out arity));
            default:
                arity = 0;
                return Other("a tuple", at);
        }
    }

    /// <summary>Reads the head of a list of terms; <paramref name="count"/> elements and a tail are the next reads. Nil gives no tail and count 0.</summary>
    /// <remarks>
    /// Wire: <c>106</c> or <c>108 | length:u32</c>. A STRING_EXT (107) is refused as Malformed: read it with <see cref="TryReadTerm"/>.
    /// </remarks>
    public DecodeStatus TryReadListHeader(out int count)
    {
        int at = _position;
        switch (PeekTag())
        {
            case EtfTag.Nil:
                count = 0;
                _position++;
                return DecodeStatus.Ok;
            case EtfTag.List:
                return Finish(at, TryReadCount(at, 4, 1, out count));
            default:
                count = 0;
                return Other("a list", at);
        }
    }

    /// <summary>Reads the head of a map; <paramref name="count"/> pairs of key and value are the next reads, and whoever reads them looks for equal keys.</summary>
    /// <remarks>Wire: <c>116 | size:u32</c>.</remarks>
    public DecodeStatus TryReadMapHeader(out int count)
    {
        int at = _position;
        count = 0;
        return PeekTag() == EtfTag.Map ? Finish(at, TryReadCount(at, 4, 2, out count)) : Other("a map", at);
    }

    /// <summary>Reads an integer that fits in 64 bits. A longer one is Malformed here.</summary>
    /// <remarks>Wire: <c>97 | u8</c>, <c>98 | i32</c>, <c>110 | length:u8 | sign:u8 | byte × length</c>.</remarks>
    public DecodeStatus TryReadLong(out long value)
    {
        int at = _position;
        value = 0;
        ReadOnlySpan<byte> rest = _input[at..];
        switch (PeekTag())
        {
            case EtfTag.SmallInteger:
                if (rest.Length < 2)
                    return More("an integer", at);
                value = rest[1];
                _position = at + 2;
                return DecodeStatus.Ok;
            case EtfTag.Integer:
                if (rest.Length < 5)
                    return More("an integer", at);
                value = BinaryPrimitives.ReadInt32BigEndian(rest[1..]);
                _position = at + 5;
                return DecodeStatus.Ok;
            case EtfTag.SmallBig:
            case EtfTag.LargeBig:
                DecodeStatus status = TryReadMagnitude(at, out ReadOnlySpan<byte> magnitude, out bool isNegative);
                if (status == DecodeStatus.Ok && !TryGetLong(magnitude, isNegative, out value))
                    status = Malformed("an integer of more than 64 bits", at);
                return Finish(at, status);
            default:
                return Other("an integer", at);
        }
    }

    /// <summary>Reads a float.</summary>
    /// <remarks>Wire: <c>70 | IEEE 754:u64</c> or <c>99 | text:31</c>.</remarks>
    public DecodeStatus TryReadDouble(out double value)
    {
        int at = _position;
        value = 0;
        switch (PeekTag())
        {
            case EtfTag.NewFloat:
                if (Remaining < 9)
                    return More("a float", at);
                double read = BinaryPrimitives.ReadDoubleBigEndian(_input[(at + 1)..]);
                if (!double.IsFinite(read))
                    return Malformed("a float that is no number", at);
                value = read;
                _position = at + 9;
                return DecodeStatus.Ok;
            case EtfTag.Float:
                if (Remaining < 32)
                    return More("a float", at);
                if (!FloatText.TryParse(_input.Slice(at + 1, 31), out value))
                    return Malformed("a float whose text is none", at);
                _position = at + 32;
                return DecodeStatus.Ok;
            default:
                return Other("a float", at);
        }
    }

    /// <summary>Reads a binary without copying it: the bytes are part of the input.</summary>
    /// <remarks>Wire: <c>109 | length:u32 | byte × length</c>. Owner: whoever owns the input.</remarks>
    public DecodeStatus TryReadBinary(out ReadOnlySpan<byte> bytes)
    {
        int at = _position;
        bytes = default;
        if (PeekTag() != EtfTag.Binary)
            return Other("a binary", at);
        DecodeStatus status = TryReadLength(at, at + 1, 4, _context.Limits.MaxBinaryBytes, out int length);
        if (status != DecodeStatus.Ok)
            return status;
        bytes = _input.Slice(at + 5, length);
        _position = at + 5 + length;
        return DecodeStatus.Ok;
    }

    /// <summary>Passes over one term, whatever it is, without making it. Its form is checked no further than its extent needs.</summary>
    public DecodeStatus TrySkipTerm()
    {
        int at = _position;
        if (PeekTag() == EtfTag.Compressed && at == _versionEnd)
            return Finish(at, TryReadCompressed(at, skip: true, out _));
        return Finish(at, Skip());
    }

    /// <summary>Reads a count of elements that each need some bytes, and checks it against the limits and the bytes that are left.</summary>
    private DecodeStatus TryReadCount(int at, int width, int bytesPerElement, out int count)
    {
        count = 0;
        if (_input.Length - at < 1 + width)
            return More("a size", at);
        uint declared = width == 1 ? _input[at + 1] : BinaryPrimitives.ReadUInt32BigEndian(_input[(at + 1)..]);
        if (declared > (uint)_context.Limits.MaxElements)
            return Limit("more elements than allowed", at);
        if ((ulong)declared * (uint)bytesPerElement > (uint)(_input.Length - at - 1 - width))
            return More("as many elements as declared", at);
        count = (int)declared;
        _position = at + 1 + width;
        return DecodeStatus.Ok;
    }

    /// <summary>Reads a length at an offset, and checks it against a limit and the bytes behind it. Does not move.</summary>
    private DecodeStatus TryReadLength(int at, int offset, int width, int limit, out int length)
    {
        length = 0;
        if (_input.Length - offset < width)
            return More("a length", at);
        uint declared = width switch
        {
            1 => _input[offset],
            2 => BinaryPrimitives.ReadUInt16BigEndian(_input[offset..]),
            _ => BinaryPrimitives.ReadUInt32BigEndian(_input[offset..]),
        };
        if (declared > (uint)limit)
            return Limit("longer than allowed", at);
        if (declared > (uint)(_input.Length - offset - width))
            return More("as many bytes as declared", at);
        length = (int)declared;
        return DecodeStatus.Ok;
    }

    /// <summary>Takes what is about to be allocated from what may be. False: then it may not.</summary>
    private bool TryTake(long bytes) => (_allowance -= bytes) >= 0;

    private DecodeStatus OverAllowance(int at) => Limit("more memory for its length than allowed (MaxAllocationPerByte)", at);
}
