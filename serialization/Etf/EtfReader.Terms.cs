using System.Buffers.Binary;
using System.Numerics;

namespace CloudScale.Serialization.Etf;

/// <content>Whole terms. Containers that are not complete yet wait on a stack of our own, their parts on another.</content>
public ref partial struct EtfReader
{
    /// <summary>Reads one term, without version byte; right after <see cref="TryReadVersion"/> it may be compressed.</summary>
    public DecodeStatus TryReadTerm(out object? term)
    {
        int start = _position;
        if (PeekTag() == EtfTag.Compressed && start == _versionEnd)
            return Finish(start, TryReadCompressed(start, skip: false, out term));

        DecodeStack stack = DecodeStack.Take();
        DecodeStatus status = Decode(stack, out term);
        stack.Return();
        return Finish(start, status);
    }

    private DecodeStatus Decode(DecodeStack stack, out object? term)
    {
        term = null;
        DecodeStatus status = TryCount(1, _position);
        if (status != DecodeStatus.Ok)
            return status;
        while (true)
        {
            int at = _position;
            status = TryReadPart(stack, at, out object? value);
            if (status != DecodeStatus.Ok)
                return status;
            while (value is not null)
            {
                if (stack.Depth == 0)
                {
                    term = value;
                    return DecodeStatus.Ok;
                }

                stack.Push(value);
                value = null;
                if (--stack.Top.Missing != 0)
                    break;
                DecodeStack.Frame done = stack.Pop();
                status = Build(stack, done, out value);
                if (status != DecodeStatus.Ok)
                    return status;
            }
        }
    }

    /// <summary>Reads a leaf, or the head of a container; then there is no value yet.</summary>
    private DecodeStatus TryReadPart(DecodeStack stack, int at, out object? value)
    {
        value = null;
        DecodeStatus status;
        int count;
        switch (PeekTag())
        {
            case EtfTag.SmallInteger:
                if (Remaining < 2)
                    return More("an integer", at);
                value = SmallIntegers.Box(_input[at + 1]);
                _position = at + 2;
                return DecodeStatus.Ok;
            case EtfTag.SmallAtomUtf8:
            case EtfTag.AtomUtf8:
            case EtfTag.SmallAtom:
            case EtfTag.Atom:
            case EtfTag.AtomCacheRef:
                status = TryReadAtom(out Atom atom);
                value = atom;
                return status;
            case EtfTag.SmallTuple:
            case EtfTag.LargeTuple:
                status = TryReadTupleHeader(out count);
                if (status != DecodeStatus.Ok || count > 0)
                    return status == DecodeStatus.Ok ? Open(stack, DecodeStack.Kind.Tuple, count, at) : status;
                value = Tuple.Empty;
                return status;
            case EtfTag.Integer:
                status = TryReadLong(out long number);
                value = SmallIntegers.Box(number);
                return status;
            case EtfTag.Nil:
                value = List.Empty;
                _position = at + 1;
                return DecodeStatus.Ok;
            case EtfTag.List:
                return TryOpenList(stack, at);
            case EtfTag.String:
                return TryReadString(stack, at, out value);
            case EtfTag.Map:
                status = TryReadMapHeader(out count);
                if (status != DecodeStatus.Ok || count > 0)
                    return status == DecodeStatus.Ok ? Open(stack, DecodeStack.Kind.Map, 2 * count, at) : status;
                value = Map.Empty;
                return status;
            case EtfTag.Binary:
                status = TryReadBinary(out ReadOnlySpan<byte> bytes);
                value = status == DecodeStatus.Ok ? Binary.CopyOf(bytes) : null;
                return status;
            case EtfTag.NewPid:
            case EtfTag.Pid:
                status = TryReadPid(out Pid pid);
                value = status == DecodeStatus.Ok ? pid : null;
                return status;
            case EtfTag.NewFloat:
            case EtfTag.Float:
                status = TryReadDouble(out double real);
                value = status == DecodeStatus.Ok ? real : null;
                return status;
            case EtfTag.NewerReference:
            case EtfTag.NewReference:
            case EtfTag.Reference:
                status = TryReadReference(out Reference reference);
                value = status == DecodeStatus.Ok ? reference : null;
                return status;
            case EtfTag.SmallBig:
            case EtfTag.LargeBig:
                return TryReadBig(at, out value);
            case EtfTag.BitBinary:
                return TryReadBitBinary(at, out value);
            case EtfTag.V4Port:
            case EtfTag.NewPort:
            case EtfTag.Port:
                status = TryReadPort(out Port port);
                value = status == DecodeStatus.Ok ? port : null;
                return status;
            case EtfTag.Export:
                return TryReadExport(at, out value);
            case EtfTag.NewFun:
                return TryReadFunHead(stack, at, out value);
            case EtfTag.None when at >= _input.Length:
                return More("a term", at);
            default:
                return Malformed(RefusedTag((EtfTag)_input[at]), at);
        }
    }

    private static string RefusedTag(EtfTag tag) =>
        tag switch
        {
            EtfTag.Fun => "the old FUN_EXT, which OTP refuses since 23",
            EtfTag.Local => "a LOCAL_EXT, which only the runtime system that wrote it can read",
            EtfTag.Compressed => "a compressed term that is not the outermost",
            _ => "an unknown tag",
        };

    private DecodeStatus Open(DecodeStack stack, DecodeStack.Kind kind, int parts, int at)
    {
        if (stack.Depth >= _context.Limits.MaxDepth)
            return Limit("nested deeper than allowed", at);
        stack.Open(kind, parts, at);
        return TryCount(parts, at);
    }

    private DecodeStatus TryCount(int terms, int at)
    {
        if (terms > _context.Limits.MaxTotalTerms - _terms)
            return Limit("more terms than allowed", at);
        _terms += terms;
        return DecodeStatus.Ok;
    }

    // The tail of a list is often another list on the wire. Its elements are simply further ones of the first, so a chain of cells costs neither depth nor copies.
    private DecodeStatus TryOpenList(DecodeStack stack, int at)
    {
        DecodeStatus status = TryReadListHeader(out int count);
        if (status != DecodeStatus.Ok)
            return status;
        if (!stack.AtTail)
            return Open(stack, DecodeStack.Kind.List, count + 1, at);
        if (stack.PartsOfTop + (long)count > _context.Limits.MaxElements)
            return Limit("more elements than allowed", at);
        stack.Top.Missing += count;
        return TryCount(count, at);
    }

    private DecodeStatus TryReadString(DecodeStack stack, int at, out object? value)
    {
        value = null;
        DecodeStatus status = TryReadLength(at, at + 1, 2, _context.Limits.MaxElements, out int length);
        if (status != DecodeStatus.Ok)
            return status;
        ReadOnlySpan<byte> bytes = _input.Slice(at + 3, length);
        if (stack.AtTail && stack.PartsOfTop > 0)
        {
            if (stack.PartsOfTop + (long)length > _context.Limits.MaxElements)
                return Limit("more elements than allowed", at);
            foreach (byte element in bytes)
                stack.Push(SmallIntegers.Box(element));
            value = List.Empty;
        }
        else
        {
            value = List.FromBytes(bytes);
        }

        _position = at + 3 + length;
        return DecodeStatus.Ok;
    }

    private DecodeStatus Build(DecodeStack stack, in DecodeStack.Frame done, out object? value)
    {
        ReadOnlySpan<object> parts = stack.PartsOf(done);
        value = done.Kind switch
        {
            DecodeStack.Kind.Tuple => Tuple.Adopt(parts.ToArray()),
            DecodeStack.Kind.List => List.Adopt(parts[..^1].ToArray(), parts[^1]),
            DecodeStack.Kind.Map => Map.FromPairs(parts),
            _ => ((FunHead)parts[0]).ToFun(parts[1..]),
        };
        stack.Drop(done);
        return value is null ? Malformed("a map with two equal keys", done.Offset) : DecodeStatus.Ok;
    }

    private DecodeStatus TryReadBig(int at, out object? value)
    {
        value = null;
        int width = (EtfTag)_input[at] == EtfTag.SmallBig ? 1 : 4;
        if (Remaining < 2 + width)
            return More("an integer", at);
        uint declared = width == 1 ? _input[at + 1] : BinaryPrimitives.ReadUInt32BigEndian(_input[(at + 1)..]);
        if (declared > (uint)_context.Limits.MaxIntegerBytes)
            return Limit("an integer longer than allowed", at);
        int start = at + 2 + width;
        if (declared > (uint)(_input.Length - start))
            return More("as many bytes as declared", at);

        bool isNegative = _input[start - 1] != 0; // BEAM takes any other byte for a minus, too
        ReadOnlySpan<byte> magnitude = _input.Slice(start, (int)declared).TrimEnd((byte)0);
        _position = start + (int)declared;
        if (magnitude.Length <= 8)
        {
            ulong bits = 0;
            for (int i = magnitude.Length - 1; i >= 0; i--)
                bits = (bits << 8) | magnitude[i];
            if (bits <= long.MaxValue || (isNegative && bits == 1UL << 63))
            {
                value = SmallIntegers.Box(isNegative ? -(long)bits : (long)bits);
                return DecodeStatus.Ok;
            }
        }

        BigInteger integer = new(magnitude, isUnsigned: true);
        value = isNegative ? -integer : integer;
        return DecodeStatus.Ok;
    }

    private DecodeStatus TryReadBitBinary(int at, out object? value)
    {
        value = null;
        if (Remaining < 6)
            return More("a bit string", at);
        uint declared = BinaryPrimitives.ReadUInt32BigEndian(_input[(at + 1)..]);
        if (declared > (uint)_context.Limits.MaxBinaryBytes)
            return Limit("longer than allowed", at);
        int bits = _input[at + 5];
        if (bits > 8 || bits == 0 != (declared == 0))
            return Malformed("a bit string whose last byte has no or more than eight bits", at);
        if (declared > (uint)(Remaining - 6))
            return More("as many bytes as declared", at);
        ReadOnlySpan<byte> bytes = _input.Slice(at + 6, (int)declared);
        value = bits is 0 or 8 ? Binary.CopyOf(bytes) : new BitString(bytes, bits);
        _position = at + 6 + bytes.Length;
        return DecodeStatus.Ok;
    }

    private DecodeStatus TryReadExport(int at, out object? value)
    {
        value = null;
        _position = at + 1;
        DecodeStatus status = TryReadAtom(out Atom module);
        if (status != DecodeStatus.Ok)
            return status;
        status = TryReadAtom(out Atom function);
        if (status != DecodeStatus.Ok)
            return status;
        status = TryReadLong(out long arity);
        if (status != DecodeStatus.Ok)
            return status;
        if (arity is < 0 or > 255)
            return Malformed("a fun of more than 255 arguments", at);
        value = new ExternalFun(module, function, (int)arity);
        return DecodeStatus.Ok;
    }

    // The Size field is read over, as BEAM does: the parts say where they end.
    private DecodeStatus TryReadFunHead(DecodeStack stack, int at, out object? value)
    {
        const int FixedBytes = 1 + 4 + 1 + 16 + 4 + 4;
        value = null;
        if (Remaining < FixedBytes)
            return More("a fun", at);
        byte arity = _input[at + 5];
        UInt128 uniq = BinaryPrimitives.ReadUInt128BigEndian(_input[(at + 6)..]);
        uint index = BinaryPrimitives.ReadUInt32BigEndian(_input[(at + 22)..]);
        uint free = BinaryPrimitives.ReadUInt32BigEndian(_input[(at + 26)..]);
        if (free > (uint)_context.Limits.MaxElements)
            return Limit("more free variables than allowed", at);
        _position = at + FixedBytes;
        DecodeStatus status = TryReadAtom(out Atom module);
        if (status != DecodeStatus.Ok)
            return status;
        status = TryReadLong(out long oldIndex);
        if (status != DecodeStatus.Ok)
            return status;
        status = TryReadLong(out long oldUniq);
        if (status != DecodeStatus.Ok)
            return status;
        if (oldIndex is < int.MinValue or > int.MaxValue || oldUniq is < int.MinValue or > int.MaxValue)
            return Malformed("a fun with an index of more than 32 bits", at);
        status = TryReadPid(out Pid creator);
        if (status != DecodeStatus.Ok)
            return status;
        if (free > (uint)Remaining)
            return More("as many free variables as declared", at);

        FunHead head = new(module, arity, uniq, index, (int)oldIndex, (int)oldUniq, creator);
        if (free == 0)
        {
            value = head.ToFun([]);
            return DecodeStatus.Ok;
        }

        status = Open(stack, DecodeStack.Kind.Fun, (int)free, at);
        if (status == DecodeStatus.Ok)
            stack.Push(head);
        return status;
    }

    private sealed record FunHead(Atom Module, byte Arity, UInt128 Uniq, uint Index, int OldIndex, int OldUniq, Pid Creator)
    {
        public Fun ToFun(ReadOnlySpan<object> freeVariables) =>
            new(Module, Arity, Uniq, Index, OldIndex, OldUniq, Creator, freeVariables.ToArray());
    }
}
