using System.Buffers.Binary;

namespace CloudScale.Serialization.Etf;

/// <content>Whole terms. Containers that are not complete yet wait on a stack of our own.</content>
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
        term = ReadFlat(stack);
        if (term is not null)
            return DecodeStatus.Ok;
        while (true)
        {
            object? value;
            if (stack.Depth > 0)
                Fill(stack);
            if (stack.Depth > 0 && stack.Top.Next == stack.Top.Count)
                status = Complete(stack, out value);
            else
                status = TryReadPart(stack, _position, out value);
            if (status != DecodeStatus.Ok)
                return status;
            while (value is not null)
            {
                if (stack.Depth == 0)
                {
                    term = value;
                    return DecodeStatus.Ok;
                }

                status = Put(stack, ref value);
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
                    return status == DecodeStatus.Ok ? OpenTuple(stack, count, at) : status;
                value = Tuple.Empty;
                return status;
            case EtfTag.Integer:
                status = TryReadLong(out long number);
                return status == DecodeStatus.Ok ? Box(number, at, out value) : status;
            case EtfTag.Nil:
                value = List.Empty;
                _position = at + 1;
                return DecodeStatus.Ok;
            case EtfTag.List:
                return TryOpenList(stack, at, out value);
            case EtfTag.String:
                return TryReadString(stack, at, out value);
            case EtfTag.Map:
                status = TryReadMapHeader(out count);
                if (status != DecodeStatus.Ok || count > 0)
                    return status == DecodeStatus.Ok ? OpenMap(stack, count, at) : status;
                value = Map.Empty;
                return status;
            case EtfTag.Binary:
                status = TryReadBinary(out ReadOnlySpan<byte> bytes);
                return status == DecodeStatus.Ok ? CopyBytes(bytes, 8, at, out value) : status;
            case EtfTag.NewPid:
            case EtfTag.Pid:
                status = TryReadPid(out Pid pid);
                if (status != DecodeStatus.Ok || !TryTake(HeapSize.Identity))
                    return status == DecodeStatus.Ok ? OverAllowance(at) : status;
                value = pid;
                return status;
            case EtfTag.NewFloat:
            case EtfTag.Float:
                status = TryReadDouble(out double real);
                if (status != DecodeStatus.Ok || !TryTake(HeapSize.Number))
                    return status == DecodeStatus.Ok ? OverAllowance(at) : status;
                value = real;
                return status;
            case EtfTag.NewerReference:
            case EtfTag.NewReference:
            case EtfTag.Reference:
                status = TryReadReference(out Reference reference);
                if (status != DecodeStatus.Ok || !TryTake(HeapSize.Identity))
                    return status == DecodeStatus.Ok ? OverAllowance(at) : status;
                value = reference;
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
                if (status != DecodeStatus.Ok || !TryTake(HeapSize.Identity))
                    return status == DecodeStatus.Ok ? OverAllowance(at) : status;
                value = port;
                return status;
            case EtfTag.Export:
                return TryReadExport(at, out value);
            case EtfTag.NewFun:
                return TryReadFunHead(stack, at, out value);
            case EtfTag.NativeRecord:
                return TryReadRecordHead(stack, at, out value);
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
        if (!TryTake(HeapSize.ExternalFun))
            return OverAllowance(at);
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

        long bytes = HeapSize.Fun + (free == 0 ? 0 : HeapSize.References(free));
        if (free == 0)
        {
            if (!TryTake(bytes))
                return OverAllowance(at);
            value = new Fun(module, arity, uniq, index, (int)oldIndex, (int)oldUniq, creator, System.Array.Empty<object>());
            return DecodeStatus.Ok;
        }

        status = MayOpen(stack, free, at, bytes);
        if (status != DecodeStatus.Ok)
            return status;
        Fun fun = new(module, arity, uniq, index, (int)oldIndex, (int)oldUniq, creator, new object[free]);
        stack.Open(DecodeStack.Kind.Fun, fun, (int)free, at);
        return DecodeStatus.Ok;
    }
}
