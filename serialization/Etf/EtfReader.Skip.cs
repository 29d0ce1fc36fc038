using System.Buffers.Binary;

namespace CloudScale.Serialization.Etf;

/// <content>Passing over a term: a count of the terms still to pass is all the state it needs.</content>
public ref partial struct EtfReader
{
    private DecodeStatus Skip()
    {
        for (long pending = 1; pending > 0; pending--)
        {
            int at = _position;
            DecodeStatus status = TrySkipPart(at, out long parts);
            if (status != DecodeStatus.Ok)
                return status;
            pending += parts;
            // Each term needs a byte; this also keeps hostile sizes from adding up.
            if (pending - 1 > Remaining)
                return More("as many terms as declared", at);
        }

        return DecodeStatus.Ok;
    }

    private DecodeStatus TrySkipPart(int at, out long parts)
    {
        parts = 0;
        switch (PeekTag())
        {
            case EtfTag.Nil:
                return Advance(at, 1);
            case EtfTag.SmallInteger:
            case EtfTag.AtomCacheRef:
                return Advance(at, 2);
            case EtfTag.Integer:
                return Advance(at, 5);
            case EtfTag.NewFloat:
                return Advance(at, 9);
            case EtfTag.Float:
                return Advance(at, 32);
            case EtfTag.SmallAtomUtf8:
            case EtfTag.SmallAtom:
                return SkipBytes(at, 1, 0);
            case EtfTag.SmallBig:
                return SkipBytes(at, 1, 1);
            case EtfTag.AtomUtf8:
            case EtfTag.Atom:
            case EtfTag.String:
                return SkipBytes(at, 2, 0);
            case EtfTag.Binary:
                return SkipBytes(at, 4, 0);
            case EtfTag.BitBinary:
            case EtfTag.LargeBig:
                return SkipBytes(at, 4, 1);
            case EtfTag.SmallTuple:
                return SkipCount(at, 1, 1, 0, out parts);
            case EtfTag.LargeTuple:
                return SkipCount(at, 4, 1, 0, out parts);
            case EtfTag.List:
                return SkipCount(at, 4, 1, 1, out parts);
            case EtfTag.Map:
                return SkipCount(at, 4, 2, 0, out parts);
            case EtfTag.NewPid:
                return SkipIdentity(at, 1, 12);
            case EtfTag.Pid:
                return SkipIdentity(at, 1, 9);
            case EtfTag.V4Port:
                return SkipIdentity(at, 1, 12);
            case EtfTag.NewPort:
                return SkipIdentity(at, 1, 8);
            case EtfTag.Port:
            case EtfTag.Reference:
                return SkipIdentity(at, 1, 5);
            case EtfTag.NewerReference:
                return SkipReference(at, 4);
            case EtfTag.NewReference:
                return SkipReference(at, 1);
            case EtfTag.Export:
                parts = 3;
                return Advance(at, 1);
            case EtfTag.NewFun:
                if (Remaining < 30)
                    return More("a fun", at);
                parts = 4L + BinaryPrimitives.ReadUInt32BigEndian(_input[(at + 26)..]);
                return Advance(at, 30);
            case EtfTag.NativeRecord:
                if (Remaining < NativeRecordHeadBytes)
                    return More("a record", at);
                parts = 2 + (2L * ReadUnsigned(at + 1, 4));
                return Advance(at, NativeRecordHeadBytes);
            case EtfTag.None when at >= _input.Length:
                return More("a term", at);
            default:
                return Malformed(RefusedTag((EtfTag)_input[at]), at);
        }
    }

    private DecodeStatus Advance(int at, int bytes)
    {
        if (_input.Length - at < bytes)
            return More("the end of a term", at);
        _position = at + bytes;
        return DecodeStatus.Ok;
    }

    private DecodeStatus SkipBytes(int at, int width, int extra)
    {
        if (Remaining < 1 + width + extra)
            return More("a length", at);
        uint length = ReadUnsigned(at + 1, width);
        if (length > (uint)(Remaining - 1 - width - extra))
            return More("as many bytes as declared", at);
        return Advance(at, 1 + width + extra + (int)length);
    }

    private DecodeStatus SkipCount(int at, int width, int factor, int tail, out long parts)
    {
        parts = 0;
        if (Remaining < 1 + width)
            return More("a size", at);
        parts = ((long)ReadUnsigned(at + 1, width) * factor) + tail;
        return Advance(at, 1 + width);
    }

    private DecodeStatus SkipIdentity(int at, int head, int rest)
    {
        DecodeStatus status = Advance(at, head);
        if (status != DecodeStatus.Ok)
            return status;
        int atom = _position;
        if (PeekTag() is not (EtfTag.SmallAtomUtf8 or EtfTag.SmallAtom or EtfTag.AtomUtf8 or EtfTag.Atom or EtfTag.AtomCacheRef))
            return Other("an atom", atom);
        status = TrySkipPart(atom, out _);
        return status == DecodeStatus.Ok ? Advance(_position, rest) : status;
    }

    private DecodeStatus SkipReference(int at, int creationWidth)
    {
        if (Remaining < 3)
            return More("a reference", at);
        return SkipIdentity(at, 3, creationWidth + (4 * BinaryPrimitives.ReadUInt16BigEndian(_input[(at + 1)..])));
    }

    private readonly uint ReadUnsigned(int offset, int width) =>
        width switch
        {
            1 => _input[offset],
            2 => BinaryPrimitives.ReadUInt16BigEndian(_input[offset..]),
            _ => BinaryPrimitives.ReadUInt32BigEndian(_input[offset..]),
        };
}
