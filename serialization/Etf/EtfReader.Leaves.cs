using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace CloudScale.Serialization.Etf;

/// <content>Integers, bytes and lists of bytes as objects.</content>
public ref partial struct EtfReader
{
    private const int SmallestLent = 256; // bytes; untuned, below it a copy costs no more than the reference

    private DecodeStatus TryReadString(DecodeStack stack, int at, out object? value)
    {
        value = null;
        DecodeStatus status = TryReadLength(at, at + 1, 2, _context.Limits.MaxElements, out int length);
        if (status != DecodeStatus.Ok)
            return status;
        ReadOnlySpan<byte> bytes = _input.Slice(at + 3, length);
        _position = at + 3 + length;
        if (!stack.AtTail || stack.Top.Next == 0)
        {
            if (length > 0 && !TryTake(HeapSize.List + HeapSize.Array(length, 1)))
                return OverAllowance(at);
            value = List.FromBytes(bytes);
            return DecodeStatus.Ok;
        }

        _position = at + 2; // as if the bytes, and a tail, were terms that are still to come
        status = Lengthen(stack, length, terms: 0, at);
        _position = at + 3 + length;
        if (status != DecodeStatus.Ok)
            return status;
        ref DecodeStack.Frame top = ref stack.Top;
        Span<object> elements = Unsafe.As<object[]>(top.Parts).AsSpan(top.Next, length);
        for (int i = 0; i < bytes.Length; i++)
            elements[i] = SmallIntegers.Box(bytes[i]);
        top.Next += length;
        value = List.Empty;
        return DecodeStatus.Ok;
    }

    private DecodeStatus Box(long number, int at, out object? value)
    {
        value = null;
        if (!SmallIntegers.HasBox(number) && !TryTake(HeapSize.Number))
            return OverAllowance(at);
        value = SmallIntegers.Box(number);
        return DecodeStatus.Ok;
    }

    /// <summary>A binary or bit string of a copy of some bytes.</summary>
    private DecodeStatus CopyBytes(ReadOnlySpan<byte> bytes, int bitsInLastByte, int at, out object? value)
    {
        value = Binary.Empty;
        if (bytes.IsEmpty)
            return DecodeStatus.Ok;
        if (bitsInLastByte == 8 && TryLend(bytes.Length, out ReadOnlyMemory<byte> lent))
        {
            value = new Binary(lent);
            return DecodeStatus.Ok;
        }

        if (!TryTake(bitsInLastByte == 8 ? HeapSize.WholeBinary(bytes.Length) : HeapSize.BitString + HeapSize.Array(bytes.Length, 1)))
        {
            value = null;
            return OverAllowance(at);
        }

        value = bitsInLastByte == 8 ? Binary.CopyOf(bytes) : new BitString(bytes, bitsInLastByte);
        return DecodeStatus.Ok;
    }

    /// <summary>The bytes that were just passed over, as memory to keep: if the input may be lent, and they are so much of it that keeping all for them is no waste.</summary>
    private bool TryLend(int length, out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        if (length < SmallestLent || length < _lent.Length / 2 || _lent.IsEmpty)
            return false;
        bytes = _lent.Slice(_position - length, length);
        KeepsInput = true;
        return true;
    }

    private DecodeStatus TryReadBig(int at, out object? value)
    {
        value = null;
        DecodeStatus status = TryReadMagnitude(at, out ReadOnlySpan<byte> magnitude, out bool isNegative);
        if (status != DecodeStatus.Ok)
            return status;
        if (TryGetLong(magnitude, isNegative, out long number))
            return Box(number, at, out value);
        // The words, once more for the constructor's work.
        if (!TryTake(HeapSize.BigInteger + HeapSize.Array(magnitude.Length + 3, 1)))
            return OverAllowance(at);
        BigInteger integer = new(magnitude, isUnsigned: true);
        value = isNegative ? -integer : integer;
        return DecodeStatus.Ok;
    }

    private DecodeStatus TryReadMagnitude(int at, out ReadOnlySpan<byte> magnitude, out bool isNegative)
    {
        magnitude = default;
        isNegative = false;
        int width = (EtfTag)_input[at] == EtfTag.SmallBig ? 1 : 4;
        if (Remaining < 2 + width)
            return More("an integer", at);
        uint declared = width == 1 ? _input[at + 1] : BinaryPrimitives.ReadUInt32BigEndian(_input[(at + 1)..]);
        if (declared > (uint)_context.Limits.MaxIntegerBytes)
            return Limit("an integer longer than allowed", at);
        int start = at + 2 + width;
        if (declared > (uint)(_input.Length - start))
            return More("as many bytes as declared", at);
        isNegative = _input[start - 1] != 0; // BEAM takes any other byte for a minus, too
        magnitude = _input.Slice(start, (int)declared).TrimEnd((byte)0);
        _position = start + (int)declared;
        return DecodeStatus.Ok;
    }

    private static bool TryGetLong(ReadOnlySpan<byte> magnitude, bool isNegative, out long value)
    {
        value = 0;
        if (magnitude.Length > 8)
            return false;
        ulong bits = 0;
        for (int i = magnitude.Length - 1; i >= 0; i--)
            bits = (bits << 8) | magnitude[i];
        if (bits > long.MaxValue && !(isNegative && bits == 1UL << 63))
            return false;
        value = isNegative ? -(long)bits : (long)bits;
        return true;
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
        _position = at + 6 + bytes.Length;
        return CopyBytes(bytes, bits, at, out value);
    }
}
