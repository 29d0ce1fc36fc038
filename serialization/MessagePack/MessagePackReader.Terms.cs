using System.Numerics;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.MessagePack;

/// <content>Whole terms. Containers that are not complete yet wait on a stack of our own.</content>
public ref partial struct MessagePackReader
{
    /// <summary>Reads one value as a term.</summary>
    /// <remarks>
    /// What other writers have and terms have not: a text is the binary of its bytes, nil the atom nil, an extension of a type that is not ours (a timestamp, too)
    /// the tuple <c>{ext, Type, Binary}</c>. Infinities and NaN are Malformed.
    /// </remarks>
    public DecodeStatus TryReadTerm(out object? term)
    {
        int start = _position;
        DecodeStack stack = DecodeStack.Take();
        DecodeStatus status = Decode(stack, out term);
        stack.Return();
        return Back(start, status);
    }

    private DecodeStatus Decode(DecodeStack stack, out object? term)
    {
        term = null;
        DecodeStatus status = TryCount(1, _position);
        if (status != DecodeStatus.Ok)
            return status;
        while (true)
        {
            status = TryReadPart(stack, _position, out object? value);
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
        ReadOnlySpan<byte> bytes;
        switch (PeekType())
        {
            case MessagePackType.None:
                return More("a term", at);
            case MessagePackType.Nil:
            case MessagePackType.Boolean:
                status = TryReadAtom(out Atom atom);
                value = atom;
                return status;
            case MessagePackType.Integer:
                status = TryReadWhole(out ulong bits, out bool isNegative);
                if (status != DecodeStatus.Ok)
                    return status;
                return isNegative || bits <= long.MaxValue ? Box((long)bits, at, out value) : Box((BigInteger)bits, at, out value);
            case MessagePackType.Float:
                status = TryReadDouble(out double real);
                if (status != DecodeStatus.Ok)
                    return status;
                if (!double.IsFinite(real))
                    return Malformed("a float that is no number", at);
                if (!TryTake(HeapSize.Number))
                    return OverAllowance(at);
                value = real;
                return status;
            case MessagePackType.String:
                status = TryReadUtf8(out bytes);
                return status == DecodeStatus.Ok ? CopyBytes(bytes, 8, at, out value) : status;
            case MessagePackType.Binary:
                status = TryReadBinary(out bytes);
                return status == DecodeStatus.Ok ? CopyBytes(bytes, 8, at, out value) : status;
            case MessagePackType.Array:
                return OpenArray(stack, at, out value);
            case MessagePackType.Map:
                return OpenMap(stack, at, out value);
            case MessagePackType.Extension:
                status = TryReadExtension(out sbyte type, out bytes);
                return status == DecodeStatus.Ok ? Extension(type, bytes, at, out value) : status;
            default:
                return Other("a term", at);
        }
    }

    private DecodeStatus Extension(sbyte type, ReadOnlySpan<byte> data, int at, out object? value)
    {
        value = null;
        DecodeStatus status;
        switch (type)
        {
            case MessagePackExtensions.Atom:
                status = TryGetAtom(at, data, out Atom atom);
                value = atom;
                return status;
            case MessagePackExtensions.Integer:
                status = MakeInteger(at, data, out BigInteger integer);
                return status == DecodeStatus.Ok ? Box(integer, at, out value) : status;
            case MessagePackExtensions.BitString:
                if (data.Length < 2 || data[0] is 0 or > 7)
                    return Malformed("a bit string whose last byte has none or all of its bits", at);
                return CopyBytes(data[1..], data[0], at, out value);
            case MessagePackExtensions.Form:
                return Malformed("the form of an array elsewhere than at its start", at);
            case MessagePackExtensions.Pid:
            case MessagePackExtensions.Port:
            case MessagePackExtensions.Reference:
                return Identity(type, data, at, out value);
            default:
                status = CopyBytes(data, 8, at, out object? content);
                if (status != DecodeStatus.Ok)
                    return status;
                if (!TryTake(HeapSize.WholeTuple(3) + HeapSize.Number))
                    return OverAllowance(at);
                value = Tuple.Of(MessagePackTerm.ExtensionAtom, SmallIntegers.Box(type), content!);
                return DecodeStatus.Ok;
        }
    }

    private DecodeStatus Identity(sbyte type, ReadOnlySpan<byte> data, int at, out object? value)
    {
        value = null;
        if (!TryTake(HeapSize.Identity))
            return OverAllowance(at);
        DecodeStatus status;
        switch (type)
        {
            case MessagePackExtensions.Pid:
                status = MakePid(at, data, out Pid pid);
                value = status == DecodeStatus.Ok ? pid : null;
                return status;
            case MessagePackExtensions.Port:
                status = MakePort(at, data, out Port port);
                value = status == DecodeStatus.Ok ? port : null;
                return status;
            default:
                status = MakeReference(at, data, out Reference reference);
                value = status == DecodeStatus.Ok ? reference : null;
                return status;
        }
    }

    private DecodeStatus Box(long number, int at, out object? value)
    {
        value = null;
        if (!SmallIntegers.HasBox(number) && !TryTake(HeapSize.Number))
            return OverAllowance(at);
        value = SmallIntegers.Box(number);
        return DecodeStatus.Ok;
    }

    private DecodeStatus Box(BigInteger number, int at, out object? value)
    {
        value = null;
        if (number >= long.MinValue && number <= long.MaxValue)
            return Box((long)number, at, out value);
        // One that came as 64 bits has its words still to be made.
        if (!TryTake(HeapSize.BigInteger + HeapSize.Array(sizeof(ulong), 1)))
            return OverAllowance(at);
        value = number;
        return DecodeStatus.Ok;
    }

    /// <summary>A binary or bit string of a copy of some bytes.</summary>
    private DecodeStatus CopyBytes(ReadOnlySpan<byte> bytes, int bitsInLastByte, int at, out object? value)
    {
        value = Binary.Empty;
        if (bytes.IsEmpty)
            return DecodeStatus.Ok;
        if (!TryTake(bitsInLastByte == 8 ? HeapSize.WholeBinary(bytes.Length) : HeapSize.BitString + HeapSize.Array(bytes.Length, 1)))
        {
            value = null;
            return OverAllowance(at);
        }

        value = bitsInLastByte == 8 ? Binary.CopyOf(bytes) : new BitString(bytes, bitsInLastByte);
        return DecodeStatus.Ok;
    }

    private DecodeStatus TryCount(long terms, int at)
    {
        if (terms > _context.Limits.MaxTotalTerms - _terms)
            return Limit("more terms than allowed", at);
        _terms += (int)terms;
        return DecodeStatus.Ok;
    }
}
