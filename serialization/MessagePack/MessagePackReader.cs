using System.Buffers.Binary;
using System.Numerics;
using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.MessagePack;

/// <summary>Reads MessagePack, which may be hostile.</summary>
/// <remarks>
/// <para>Every read gives a <see cref="DecodeStatus"/> and never throws on input. Anything but Ok leaves the reader where it was, and <see cref="Error"/> and
/// <see cref="ErrorOffset"/> say what was wrong and where. Longer forms than needed are taken, as the specification asks.</para>
/// <para>Limit: a declared length is checked against <see cref="EtfLimits"/> and the bytes that are left before anything is allocated; nesting uses no stack.</para>
/// <para>Threads: one. Terms share nothing with the input. Source: MessagePack specification (github.com/msgpack/msgpack, spec.md).</para>
/// </remarks>
public ref partial struct MessagePackReader : ITermReader
{
    private readonly ReadOnlySpan<byte> _input;
    private readonly EtfDecodeContext _context;
    private int _position;
    private int _terms;
    private int _newAtoms;
    private int _depth; // of contracts that may contain themselves
    private long _allowance; // bytes that may still be allocated
    private string? _what; // was wrong; see Error
    private ErrorKind _kind;
    private int _errorOffset;
    private string? _root; // the contract in which it was wrong, and the way from there
    private string _path = "";
    private bool _isPathCut;

    /// <summary>Makes a reader of some bytes.</summary>
    /// <param name="input">The bytes, complete or not.</param>
    /// <param name="context">Limits and identities: those of the connection, whichever format it speaks.</param>
    public MessagePackReader(ReadOnlySpan<byte> input, EtfDecodeContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _input = input;
        _context = context;
        _allowance = context.Limits.AllocationFor(input.Length);
    }

    /// <summary>How many bytes have been read.</summary>
    public readonly int Position => _position;

    /// <summary>How many bytes have not been read.</summary>
    public readonly int Remaining => _input.Length - _position;

    /// <summary>The bytes that have not been read.</summary>
    public readonly ReadOnlySpan<byte> RemainingBytes => _input[_position..];

    /// <summary>How many bytes this reader may still allocate; <see cref="EtfLimits.MaxAllocationPerByte"/>.</summary>
    internal readonly long Allowance => _allowance;

    private readonly byte Code => _input[_position]; // there is one

    /// <summary>What kind of value comes next.</summary>
    public readonly MessagePackType PeekType() => _position < _input.Length ? TypeOf(_input[_position]) : MessagePackType.None;

    /// <summary>Takes nil if it comes next, and says whether it did.</summary>
    public bool TryTakeNil()
    {
        if (Remaining == 0 || Code != MessagePackCode.Nil)
            return false;
        _position++;
        return true;
    }

    /// <summary>Reads nil.</summary>
    public DecodeStatus TryReadNil() => TryTakeNil() ? DecodeStatus.Ok : Other("nil", _position);

    /// <summary>Reads true or false.</summary>
    public DecodeStatus TryReadBoolean(out bool value)
    {
        value = false;
        if (PeekType() != MessagePackType.Boolean)
            return Other("true or false", _position);
        value = Code == MessagePackCode.True;
        _position++;
        return DecodeStatus.Ok;
    }

    /// <summary>Reads an integer that fits in 64 bits with sign. A greater one is Malformed here.</summary>
    public DecodeStatus TryReadLong(out long value)
    {
        int at = _position;
        value = 0;
        DecodeStatus status = TryReadWhole(out ulong bits, out bool isNegative);
        if (status == DecodeStatus.Ok && !isNegative && bits > long.MaxValue)
            return Back(at, Malformed("an integer of more than 63 bits", at));
        value = (long)bits;
        return status;
    }

    /// <summary>Reads an integer that is not negative. Another is Malformed here.</summary>
    public DecodeStatus TryReadULong(out ulong value)
    {
        int at = _position;
        DecodeStatus status = TryReadWhole(out value, out bool isNegative);
        if (status != DecodeStatus.Ok || !isNegative)
            return status;
        value = 0;
        return Back(at, Malformed("a negative integer", at));
    }

    /// <summary>Reads an integer that fits into the type, as <see cref="int"/> or <see cref="byte"/>.</summary>
    public DecodeStatus TryReadInteger<T>(out T value)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        int at = _position;
        value = default;
        DecodeStatus status = TryReadWhole(out ulong bits, out bool isNegative);
        if (status != DecodeStatus.Ok)
            return status;
        bool fits = isNegative ? (long)bits >= long.CreateSaturating(T.MinValue) : bits <= ulong.CreateSaturating(T.MaxValue);
        if (!fits)
            return Back(at, Other($"an integer from {T.MinValue} to {T.MaxValue}", at));
        value = T.CreateTruncating(bits);
        return DecodeStatus.Ok;
    }

    /// <summary>Reads a float of 32 or 64 bits, infinities and NaN included.</summary>
    public DecodeStatus TryReadDouble(out double value)
    {
        int at = _position;
        value = 0;
        if (PeekType() != MessagePackType.Float)
            return Other("a float", at);
        bool isWide = Code == MessagePackCode.Float64;
        if (Remaining < (isWide ? 9 : 5))
            return More("a float", at);
        ReadOnlySpan<byte> bytes = _input[(at + 1)..];
        value = isWide ? BinaryPrimitives.ReadDoubleBigEndian(bytes) : BinaryPrimitives.ReadSingleBigEndian(bytes);
        _position += isWide ? 9 : 5;
        return DecodeStatus.Ok;
    }

    /// <summary>Reads the head of an array; <paramref name="count"/> values are the next reads.</summary>
    public DecodeStatus TryReadArrayHeader(out int count)
    {
        count = 0;
        return PeekType() == MessagePackType.Array
            ? TryReadCount(MessagePackCode.FixArray, MessagePackCode.Array16, 1, out count)
            : Other("an array", _position);
    }

    /// <summary>Reads the head of a map; <paramref name="count"/> pairs of key and value are the next reads, and whoever reads them looks for equal keys.</summary>
    public DecodeStatus TryReadMapHeader(out int count)
    {
        count = 0;
        return PeekType() == MessagePackType.Map
            ? TryReadCount(MessagePackCode.FixMap, MessagePackCode.Map16, 2, out count)
            : Other("a map", _position);
    }

    private static MessagePackType TypeOf(byte code) =>
        code switch
        {
            <= MessagePackCode.MaxPositiveFixInt => MessagePackType.Integer,
            < MessagePackCode.FixArray => MessagePackType.Map,
            < MessagePackCode.FixString => MessagePackType.Array,
            < MessagePackCode.Nil => MessagePackType.String,
            MessagePackCode.Nil => MessagePackType.Nil,
            MessagePackCode.NeverUsed => MessagePackType.Invalid,
            MessagePackCode.False or MessagePackCode.True => MessagePackType.Boolean,
            <= MessagePackCode.Binary32 => MessagePackType.Binary,
            <= MessagePackCode.Extension32 => MessagePackType.Extension,
            <= MessagePackCode.Float64 => MessagePackType.Float,
            <= MessagePackCode.Int64 => MessagePackType.Integer,
            <= MessagePackCode.FixExtension16 => MessagePackType.Extension,
            <= MessagePackCode.String32 => MessagePackType.String,
            <= MessagePackCode.Array32 => MessagePackType.Array,
            <= MessagePackCode.Map32 => MessagePackType.Map,
            _ => MessagePackType.Integer,
        };

    /// <summary>Reads an integer of any form; a negative one in two's complement.</summary>
    private DecodeStatus TryReadWhole(out ulong bits, out bool isNegative)
    {
        int at = _position;
        bits = 0;
        isNegative = false;
        if (PeekType() != MessagePackType.Integer)
            return Other("an integer", at);
        byte code = Code;
        if (code is <= MessagePackCode.MaxPositiveFixInt or >= MessagePackCode.NegativeFixInt)
        {
            isNegative = code >= MessagePackCode.NegativeFixInt;
            bits = (ulong)(sbyte)code;
            _position++;
            return DecodeStatus.Ok;
        }

        bool isSigned = code >= MessagePackCode.Int8;
        int bytes = 1 << (code - (isSigned ? MessagePackCode.Int8 : MessagePackCode.UInt8));
        if (Remaining < 1 + bytes)
            return More("an integer", at);
        bits = Unsigned(at + 1, bytes);
        if (isSigned)
        {
            int unused = 64 - (8 * bytes);
            bits = (ulong)((long)(bits << unused) >> unused);
            isNegative = (long)bits < 0;
        }

        _position += 1 + bytes;
        return DecodeStatus.Ok;
    }

    /// <summary>Reads a count of elements that each need some bytes, and checks it against the limits and the bytes that are left.</summary>
    private DecodeStatus TryReadCount(byte fix, byte wide, int bytesPerElement, out int count)
    {
        int at = _position;
        count = 0;
        byte code = Code;
        ulong declared = (ulong)(code - fix);
        int width = 0;
        if (code >= wide)
        {
            width = 2 << (code - wide);
            if (Remaining < 1 + width)
                return More("a size", at);
            declared = Unsigned(at + 1, width);
        }

        if (declared > (uint)_context.Limits.MaxElements)
            return Limit("more elements than allowed", at);
        if (declared * (uint)bytesPerElement > (uint)(Remaining - 1 - width))
            return More("as many elements as declared", at);
        count = (int)declared;
        _position = at + 1 + width;
        return DecodeStatus.Ok;
    }

    private readonly ulong Unsigned(int offset, int bytes)
    {
        ReadOnlySpan<byte> input = _input[offset..];
        return bytes switch
        {
            1 => input[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(input),
            4 => BinaryPrimitives.ReadUInt32BigEndian(input),
            _ => BinaryPrimitives.ReadUInt64BigEndian(input),
        };
    }
}
