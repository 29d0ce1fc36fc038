using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CloudScale.Serialization.Etf;

/// <content>
/// Lists as collections of .NET. A list may come in pieces, each in the tail of the one before, as the C library of Erlang writes them; so the end of a piece says whether more
/// follows.
/// </content>
public ref partial struct EtfReader
{
    /// <summary>Reads the start of a proper list; its elements and <see cref="TryReadListEnd"/> are the next reads.</summary>
    /// <param name="bytesPerElement">Least bytes that an element has on the wire: a count that they cannot fill is refused before anything is allocated for it.</param>
    /// <param name="count">How many elements follow.</param>
    public DecodeStatus TryReadListStart(int bytesPerElement, out int count)
    {
        int at = _position;
        EtfTag tag = PeekTag();
        count = 0;
        if (tag == EtfTag.Nil)
            return DecodeStatus.Ok; // stays for TryReadListEnd
        if (tag != EtfTag.List)
            return Other("a list", at);
        DecodeStatus status = TryReadCount(at, 4, bytesPerElement, out count);
        return status == DecodeStatus.Ok ? TryCount(count, at) : status;
    }

    /// <summary>Reads what stands behind the elements of a list: nil, or the start of a further piece of it.</summary>
    /// <param name="bytesPerElement">As for <see cref="TryReadListStart"/>.</param>
    /// <param name="read">How many elements have been read.</param>
    /// <param name="more">How many follow; 0 at the end of the list.</param>
    public DecodeStatus TryReadListEnd(int bytesPerElement, int read, out int more)
    {
        more = 0;
        while (_position >= _input.Length || (EtfTag)_input[_position] != EtfTag.Nil)
        {
            int at = _position;
            if (PeekTag() != EtfTag.List)
                return Other("the end of a list", at);
            DecodeStatus status = TryReadCount(at, 4, bytesPerElement, out more);
            if (status != DecodeStatus.Ok)
                return status;
            if (more > _context.Limits.MaxElements - read)
                return Limit("more elements than allowed", at);
            if (more > 0)
                return TryCount(more, at);
        }

        _position++;
        return DecodeStatus.Ok;
    }

    /// <summary>Reads the start of a map; its keys and values are the next reads.</summary>
    /// <param name="bytesPerEntry">Least bytes that a key and a value have on the wire together.</param>
    /// <param name="count">How many entries follow.</param>
    public DecodeStatus TryReadMapStart(int bytesPerEntry, out int count)
    {
        int at = _position;
        count = 0;
        if (PeekTag() != EtfTag.Map)
            return Other("a map", at);
        DecodeStatus status = TryReadCount(at, 4, bytesPerEntry, out count);
        return status == DecodeStatus.Ok ? TryCount(count, at) : status;
    }

    /// <summary>Reads a list of integers, from LIST_EXT or STRING_EXT.</summary>
    public DecodeStatus TryReadIntegers<T>(out T[] values)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        values = [];
        DecodeStatus status = TryReadIntegers(null, ref values);
        if (status != DecodeStatus.Ok)
            values = [];
        return status;
    }

    /// <summary>Reads a list of integers, from LIST_EXT or STRING_EXT.</summary>
    public DecodeStatus TryReadIntegers<T>(out List<T> values)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        values = [];
        T[] none = [];
        return TryReadIntegers(values, ref none);
    }

    /// <summary>Reads a list of floats.</summary>
    public DecodeStatus TryReadDoubles(out double[] values)
    {
        values = [];
        DecodeStatus status = TryReadDoubles(null, ref values);
        if (status != DecodeStatus.Ok)
            values = [];
        return status;
    }

    /// <summary>Reads a list of floats.</summary>
    public DecodeStatus TryReadDoubles(out List<double> values)
    {
        values = [];
        double[] none = [];
        return TryReadDoubles(values, ref none);
    }

    /// <summary>Reads a list of terms of any kind.</summary>
    public DecodeStatus TryReadTerms(out object[] values)
    {
        values = [];
        int at = _position;
        if (PeekTag() is not (EtfTag.Nil or EtfTag.List or EtfTag.String))
            return Other("a list", at);
        DecodeStatus status = TryReadTerm(out object? term);
        if (status != DecodeStatus.Ok)
            return status;
        if (term is not List { IsProper: true } list)
            return Finish(at, Malformed("a list that does not end in nil", at));
        if (list.TryGetWholeArray(out object[]? elements))
        {
            values = elements; // nobody else has the list
            return DecodeStatus.Ok;
        }

        if (list.Count > 0)
        {
            status = TryAllot<object>(list.Count);
            if (status != DecodeStatus.Ok)
                return Finish(at, status);
            values = new object[list.Count];
            list.CopyTo(values);
        }

        return DecodeStatus.Ok;
    }

    /// <summary>For generated code: makes room for the next piece of a list; the first piece gets exactly what it needs.</summary>
    public DecodeStatus TryGrow<T>(ref T[] items, int filled, int more)
    {
        if (more <= items.Length - filled)
            return DecodeStatus.Ok;
        int length = filled == 0 ? more : (int)Math.Min(System.Array.MaxLength, Math.Max(2L * filled, (long)filled + more));
        DecodeStatus status = TryAllot<T>(length);
        if (status == DecodeStatus.Ok)
            System.Array.Resize(ref items, length);
        return status;
    }

    /// <summary>For generated code: asks whether a collection may have so many more elements, by <see cref="EtfLimits.MaxAllocationPerByte"/>.</summary>
    public DecodeStatus TryAllot<T>(int more) => TryAllot(HeapSize.Array(more, Unsafe.SizeOf<T>()));

    /// <summary>For generated code: asks whether so many bytes may be allocated, by <see cref="EtfLimits.MaxAllocationPerByte"/>.</summary>
    public DecodeStatus TryAllot(long bytes) => TryTake(bytes) ? DecodeStatus.Ok : OverAllowance(_position);

    private DecodeStatus TryReadIntegers<T>(List<T>? list, ref T[] array)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        int start = _position;
        int filled = 0;
        while (true)
        {
            DecodeStatus status = TryReadPiece(filled, out int count, out ReadOnlySpan<byte> bytes);
            if (status != DecodeStatus.Ok)
                return Finish(start, status);
            if (count == 0)
                break;
            status = TryMakeRoom(list, ref array, filled, count, out Span<T> piece);
            if (status == DecodeStatus.Ok)
                status = bytes.IsEmpty ? TryReadEach(piece, filled) : TryWiden(bytes, piece, filled);
            if (status != DecodeStatus.Ok)
                return Finish(start, status);
            filled += count;
            if (!bytes.IsEmpty)
                break; // a STRING_EXT has no tail
        }

        if (list is null && array.Length != filled)
            System.Array.Resize(ref array, filled);
        return DecodeStatus.Ok;
    }

    private DecodeStatus TryReadDoubles(List<double>? list, ref double[] array)
    {
        int start = _position;
        int filled = 0;
        if (PeekTag() is not (EtfTag.List or EtfTag.Nil))
            return Other("a list", start);
        while (true)
        {
            DecodeStatus status = TryReadListEnd(2, filled, out int count);
            if (status != DecodeStatus.Ok)
                return Finish(start, status);
            if (count == 0)
                break;
            status = TryMakeRoom(list, ref array, filled, count, out Span<double> piece);
            if (status == DecodeStatus.Ok)
                status = TryReadEach(piece, filled);
            if (status != DecodeStatus.Ok)
                return Finish(start, status);
            filled += count;
        }

        if (list is null && array.Length != filled)
            System.Array.Resize(ref array, filled);
        return DecodeStatus.Ok;
    }

    /// <summary>Room for the next elements, in the list or in the array.</summary>
    private DecodeStatus TryMakeRoom<T>(List<T>? list, scoped ref T[] array, int filled, int count, out Span<T> room)
    {
        room = default;
        DecodeStatus status;
        if (list is null)
        {
            status = TryGrow(ref array, filled, count);
            if (status == DecodeStatus.Ok)
                room = array.AsSpan(filled, count);
            return status;
        }

        status = TryAllot<T>(count);
        if (status != DecodeStatus.Ok)
            return status;
        CollectionsMarshal.SetCount(list, filled + count);
        room = CollectionsMarshal.AsSpan(list)[filled..];
        return status;
    }

    /// <summary>The next piece of a list of integers: so many terms, or bytes; no elements at the end.</summary>
    private DecodeStatus TryReadPiece(int filled, out int count, out ReadOnlySpan<byte> bytes)
    {
        int at = _position;
        bytes = default;
        count = 0;
        switch (PeekTag())
        {
            case EtfTag.String:
                DecodeStatus status = TryReadLength(at, at + 1, 2, _context.Limits.MaxElements - filled, out count);
                if (status != DecodeStatus.Ok)
                    return status;
                bytes = _input.Slice(at + 3, count);
                _position = at + 3 + count;
                return DecodeStatus.Ok;
            case EtfTag.List or EtfTag.Nil:
                return TryReadListEnd(2, filled, out count);
            default:
                return Other(filled == 0 ? "a list" : "the end of a list", at);
        }
    }

    private DecodeStatus TryWiden<T>(scoped ReadOnlySpan<byte> bytes, scoped Span<T> values, int filled)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (typeof(T) == typeof(int))
        {
            Widen(bytes, MemoryMarshal.Cast<T, int>(values));
            return DecodeStatus.Ok;
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            if (typeof(T) == typeof(sbyte) && bytes[i] > sbyte.MaxValue)
                return FailAt(Malformed("expected an integer from -128 to 127, got " + bytes[i], _position - bytes.Length + i), filled + i);
            values[i] = T.CreateTruncating(bytes[i]);
        }

        return DecodeStatus.Ok;
    }

    private static void Widen(ReadOnlySpan<byte> bytes, Span<int> values)
    {
        int i = 0;
        for (; Vector128.IsHardwareAccelerated && i <= bytes.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Create(bytes[i..]));
            (Vector128<uint> first, Vector128<uint> second) = Vector128.Widen(low);
            (Vector128<uint> third, Vector128<uint> fourth) = Vector128.Widen(high);
            Span<int> into = values.Slice(i, Vector128<byte>.Count);
            first.AsInt32().CopyTo(into);
            second.AsInt32().CopyTo(into[4..]);
            third.AsInt32().CopyTo(into[8..]);
            fourth.AsInt32().CopyTo(into[12..]);
        }

        for (; i < bytes.Length; i++)
            values[i] = bytes[i];
    }

    private DecodeStatus TryReadEach<T>(scoped Span<T> values, int filled)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        // The two common forms without leaving the loop.
        ReadOnlySpan<byte> rest = _input[_position..];
        int i = 0;
        for (; typeof(T) != typeof(sbyte) && i < values.Length && rest.Length >= 5; i++)
        {
            if ((EtfTag)rest[0] == EtfTag.SmallInteger)
            {
                values[i] = T.CreateTruncating(rest[1]);
                rest = rest[2..];
            }
            else if ((EtfTag)rest[0] == EtfTag.Integer && (typeof(T) == typeof(int) || typeof(T) == typeof(long)))
            {
                values[i] = T.CreateTruncating(BinaryPrimitives.ReadInt32BigEndian(rest[1..]));
                rest = rest[5..];
            }
            else
            {
                break;
            }
        }

        _position = _input.Length - rest.Length;
        for (; i < values.Length; i++)
        {
            DecodeStatus status = TryReadInteger(out values[i]);
            if (status != DecodeStatus.Ok)
                return FailAt(status, filled + i);
        }

        return DecodeStatus.Ok;
    }

    private DecodeStatus TryReadEach(scoped Span<double> values, int filled)
    {
        int i = FloatRun.Take(RemainingBytes, values, (byte)EtfTag.NewFloat);
        _position += i * EtfSpan.DoubleBytes;
        for (; i < values.Length; i++)
        {
            DecodeStatus status = TryReadNumber(out values[i]);
            if (status != DecodeStatus.Ok)
                return FailAt(status, filled + i);
        }

        return DecodeStatus.Ok;
    }
}
