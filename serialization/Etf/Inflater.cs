using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace CloudScale.Serialization.Etf;

/// <summary>Inflates one zlib stream whose inflated size is known.</summary>
/// <remarks>
/// Our own, because the streams of the base library neither tell how many bytes they consumed, which <c>used</c> needs, nor take hostile input without exceptions.
/// Memory grows with the bytes that really came out, not with the declared size alone, unless that was paid for. Owner: the output is rented until <see cref="Dispose"/>.
/// Source: RFC 1950 and RFC 1951.
/// </remarks>
internal ref struct Inflater
{
    private const int MaxBits = 15;
    private const int FirstRent = 4096;

    private readonly ReadOnlySpan<byte> _input;
    private readonly int _size;
    private byte[] _output;
    private ushort[]? _tables;
    private int _written;
    private int _next; // next byte of the input
    private ulong _bits; // bits taken from the input, the next one lowest
    private int _bitCount;

    /// <summary>Makes one; <paramref name="atOnce"/> rents all of the output now, <see cref="RentedBytes"/>.</summary>
    public Inflater(ReadOnlySpan<byte> input, int size, bool atOnce = false)
    {
        _input = input;
        _size = size;
        _output = ArrayPool<byte>.Shared.Rent(atOnce ? size : Math.Min(size, FirstRent));
        Error = "compressed bytes that are no zlib stream";
    }

    private static ReadOnlySpan<byte> CodeOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    private static ReadOnlySpan<ushort> LengthBase =>
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
    private static ReadOnlySpan<byte> LengthExtra =>
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
    private static ReadOnlySpan<ushort> DistanceBase =>
        [
            1,
            2,
            3,
            4,
            5,
            7,
            9,
            13,
            17,
            25,
            33,
            49,
            65,
            97,
            129,
            193,
            257,
            385,
            513,
            769,
            1025,
            1537,
            2049,
            3073,
            4097,
            6145,
            8193,
            12289,
            16385,
            24577,
        ];
    private static ReadOnlySpan<byte> DistanceExtra =>
        [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

    /// <summary>What is wrong with the stream, after Malformed.</summary>
    public string Error { get; private set; }

    /// <summary>How many bytes of the input the stream took.</summary>
    public readonly int Used => _next;

    /// <summary>The inflated bytes.</summary>
    public readonly ReadOnlySpan<byte> Output => _output.AsSpan(0, _written);

    /// <summary>What renting the output at once takes: the pool's arrays have a power of two.</summary>
    public static long RentedBytes(int size) => HeapSize.Array(BitOperations.RoundUpToPowerOf2((uint)Math.Max(size, 16)), 1);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_output);
        _output = [];
        if (_tables is not null)
            ArrayPool<ushort>.Shared.Return(_tables);
        _tables = null;
    }

    /// <summary>Inflates the whole stream: Ok, NeedMoreData or Malformed.</summary>
    public DecodeStatus Run()
    {
        if (_input.Length < 2)
            return DecodeStatus.NeedMoreData;
        int header = BinaryPrimitives.ReadUInt16BigEndian(_input);
        if ((header & 0x0F00) != 0x0800 || header >> 12 > 7 || (header & 0x20) != 0 || header % 31 != 0)
            return DecodeStatus.Malformed;
        _next = 2;

        bool isLast;
        do
        {
            if (!TryTake(3, out int block))
                return DecodeStatus.NeedMoreData;
            isLast = (block & 1) != 0;
            DecodeStatus status = (block >> 1) switch
            {
                0 => CopyStored(),
                1 => InflateFixed(),
                2 => InflateDynamic(),
                _ => DecodeStatus.Malformed,
            };
            if (status != DecodeStatus.Ok)
                return status;
        } while (!isLast);

        return CheckEnd();
    }

    private DecodeStatus CheckEnd()
    {
        GiveBackBytes();
        if (_written != _size)
            return Malformed("a compressed term that inflates to another size than declared");
        if (_input.Length - _next < 4)
            return DecodeStatus.NeedMoreData;
        uint expected = BinaryPrimitives.ReadUInt32BigEndian(_input[_next..]);
        _next += 4;
        return Adler32(Output) == expected ? DecodeStatus.Ok : Malformed("a compressed term whose checksum is wrong");
    }

    private static uint Adler32(ReadOnlySpan<byte> bytes)
    {
        const int Chunk = 5552; // the most that cannot overflow 32 bits
        uint low = 1;
        uint high = 0;
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> chunk = bytes[..Math.Min(Chunk, bytes.Length)];
            foreach (byte b in chunk)
            {
                low += b;
                high += low;
            }

            low %= 65521;
            high %= 65521;
            bytes = bytes[chunk.Length..];
        }

        return (high << 16) | low;
    }

    private DecodeStatus CopyStored()
    {
        GiveBackBytes();
        if (_input.Length - _next < 4)
            return DecodeStatus.NeedMoreData;
        int length = BinaryPrimitives.ReadUInt16LittleEndian(_input[_next..]);
        if (length != (BinaryPrimitives.ReadUInt16LittleEndian(_input[(_next + 2)..]) ^ 0xFFFF))
            return DecodeStatus.Malformed;
        _next += 4;
        if (!TryReserve(length))
            return TooLong();
        if (_input.Length - _next < length)
            return DecodeStatus.NeedMoreData;
        _input.Slice(_next, length).CopyTo(_output.AsSpan(_written));
        _next += length;
        _written += length;
        return DecodeStatus.Ok;
    }

    private DecodeStatus InflateFixed()
    {
        Span<byte> lengths = stackalloc byte[288];
        lengths[..144].Fill(8);
        lengths[144..256].Fill(9);
        lengths[256..280].Fill(7);
        lengths[280..].Fill(8);
        Span<byte> distances = stackalloc byte[32]; // two of them never occur, but they make the code complete
        distances.Fill(5);
        return InflateBlock(lengths, distances);
    }

    private DecodeStatus InflateDynamic()
    {
        if (!TryTake(14, out int counts))
            return DecodeStatus.NeedMoreData;
        int literalCount = (counts & 31) + 257;
        int distanceCount = ((counts >> 5) & 31) + 1;
        int codeCount = (counts >> 10) + 4;
        if (literalCount > 286 || distanceCount > 30)
            return DecodeStatus.Malformed;

        Span<byte> codeLengths = stackalloc byte[19];
        codeLengths.Clear();
        for (int i = 0; i < codeCount; i++)
        {
            if (!TryTake(3, out int length))
                return DecodeStatus.NeedMoreData;
            codeLengths[CodeOrder[i]] = (byte)length;
        }

        Span<byte> lengths = stackalloc byte[286 + 30];
        lengths.Clear();
        DecodeStatus status = ReadLengths(codeLengths, lengths[..(literalCount + distanceCount)]);
        if (status != DecodeStatus.Ok)
            return status;
        if (lengths[256] == 0)
            return DecodeStatus.Malformed; // no code for the end of the block
        return InflateBlock(lengths[..literalCount], lengths.Slice(literalCount, distanceCount));
    }

    private DecodeStatus ReadLengths(scoped ReadOnlySpan<byte> codeLengths, scoped Span<byte> lengths)
    {
        if (!TryBuild(codeLengths, Table(0), out int codeBits))
            return DecodeStatus.Malformed;
        for (int i = 0; i < lengths.Length; )
        {
            DecodeStatus status = TryDecode(Table(0), codeBits, out int symbol);
            if (status != DecodeStatus.Ok)
                return status;
            if (symbol < 16)
            {
                lengths[i++] = (byte)symbol;
                continue;
            }

            (int extraBits, int least) = symbol switch
            {
                16 => (2, 3),
                17 => (3, 3),
                _ => (7, 11),
            };
            if (!TryTake(extraBits, out int extra))
                return DecodeStatus.NeedMoreData;
            int repeat = least + extra;
            if (repeat > lengths.Length - i || (symbol == 16 && i == 0))
                return DecodeStatus.Malformed;
            lengths.Slice(i, repeat).Fill(symbol == 16 ? lengths[i - 1] : (byte)0);
            i += repeat;
        }

        return DecodeStatus.Ok;
    }

    private DecodeStatus InflateBlock(scoped ReadOnlySpan<byte> literalLengths, scoped ReadOnlySpan<byte> distanceLengths)
    {
        Span<ushort> literals = Table(0);
        Span<ushort> distances = Table(1);
        if (!TryBuild(literalLengths, literals, out int literalBits) || !TryBuild(distanceLengths, distances, out int distanceBits))
            return DecodeStatus.Malformed;

        while (true)
        {
            DecodeStatus status = TryDecode(literals, literalBits, out int symbol);
            if (status != DecodeStatus.Ok)
                return status;
            if (symbol < 256)
            {
                if (_written == _output.Length || _written == _size)
                {
                    if (!TryReserve(1))
                        return TooLong();
                }

                _output[_written++] = (byte)symbol;
                continue;
            }

            if (symbol == 256)
                return DecodeStatus.Ok;
            status = CopyMatch(symbol - 257, distances, distanceBits);
            if (status != DecodeStatus.Ok)
                return status;
        }
    }

    private DecodeStatus CopyMatch(int lengthCode, ReadOnlySpan<ushort> distances, int distanceBits)
    {
        if (lengthCode >= LengthBase.Length)
            return DecodeStatus.Malformed;
        if (!TryTake(LengthExtra[lengthCode], out int extra))
            return DecodeStatus.NeedMoreData;
        int length = LengthBase[lengthCode] + extra;
        DecodeStatus status = TryDecode(distances, distanceBits, out int distanceCode);
        if (status != DecodeStatus.Ok)
            return status;
        if (distanceCode >= DistanceBase.Length)
            return DecodeStatus.Malformed;
        if (!TryTake(DistanceExtra[distanceCode], out extra))
            return DecodeStatus.NeedMoreData;
        int distance = DistanceBase[distanceCode] + extra;
        if (distance > _written)
            return DecodeStatus.Malformed;
        if (!TryReserve(length))
            return TooLong();

        Span<byte> output = _output;
        int from = _written - distance;
        if (distance >= length)
        {
            output.Slice(from, length).CopyTo(output[_written..]);
        }
        else
        {
            for (int i = 0; i < length; i++) // the copy reads what it has written
                output[_written + i] = output[from + i];
        }

        _written += length;
        return DecodeStatus.Ok;
    }

    /// <summary>Fills a table that is indexed by the next bits: symbol × 16 + length of its code; 0 where no code begins so.</summary>
    private static bool TryBuild(ReadOnlySpan<byte> lengths, Span<ushort> table, out int bits)
    {
        Span<int> counts = stackalloc int[MaxBits + 1];
        counts.Clear();
        foreach (byte length in lengths)
            counts[length]++;
        counts[0] = 0;
        bits = MaxBits;
        while (bits > 1 && counts[bits] == 0)
            bits--;

        Span<int> codes = stackalloc int[MaxBits + 2];
        codes.Clear();
        int code = 0;
        int left = 1;
        int used = 0;
        for (int length = 1; length <= MaxBits; length++)
        {
            left = (left << 1) - counts[length];
            if (left < 0)
                return false; // more codes than there is room for
            used += counts[length];
            codes[length] = code;
            code = (code + counts[length]) << 1;
        }

        // Codes that leave room are allowed only where there are none, or one of a single bit: blocks with no or one distance.
        if (left > 0 && used > 0 && !(used == 1 && counts[1] == 1))
            return false;

        Span<ushort> entries = table[..(1 << bits)];
        entries.Clear();
        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            int length = lengths[symbol];
            if (length == 0)
                continue;
            int reversed = 0;
            for (int i = 0, c = codes[length]++; i < length; i++, c >>= 1)
                reversed = (reversed << 1) | (c & 1);
            for (int i = reversed; i < entries.Length; i += 1 << length)
                entries[i] = (ushort)((symbol << 4) | length);
        }

        return true;
    }

    private DecodeStatus TryDecode(ReadOnlySpan<ushort> table, int bits, out int symbol)
    {
        Refill();
        int entry = table[(int)(_bits & ((1UL << bits) - 1))];
        int length = entry & 15;
        symbol = entry >> 4;
        if (length > _bitCount || (length == 0 && _bitCount < bits))
            return DecodeStatus.NeedMoreData;
        if (length == 0)
            return DecodeStatus.Malformed;
        _bits >>= length;
        _bitCount -= length;
        return DecodeStatus.Ok;
    }

    private bool TryTake(int count, out int value)
    {
        Refill();
        value = (int)(_bits & ((1UL << count) - 1));
        if (count > _bitCount)
            return false;
        _bits >>= count;
        _bitCount -= count;
        return true;
    }

    private void Refill()
    {
        while (_bitCount <= 48 && _next < _input.Length)
        {
            _bits |= (ulong)_input[_next++] << _bitCount;
            _bitCount += 8;
        }
    }

    /// <summary>Drops the rest of the current byte and returns the whole bytes that were taken ahead.</summary>
    private void GiveBackBytes()
    {
        _next -= _bitCount / 8;
        _bits = 0;
        _bitCount = 0;
    }

    private bool TryReserve(int length)
    {
        if (length > _size - _written)
            return false;
        if (length <= _output.Length - _written)
            return true;
        int wanted = (int)Math.Min(_size, Math.Max((long)_output.Length * 2, (long)_written + length));
        byte[] grown = ArrayPool<byte>.Shared.Rent(wanted);
        _output.AsSpan(0, _written).CopyTo(grown);
        ArrayPool<byte>.Shared.Return(_output);
        _output = grown;
        return true;
    }

    private Span<ushort> Table(int which)
    {
        _tables ??= ArrayPool<ushort>.Shared.Rent(2 << MaxBits);
        return _tables.AsSpan(which << MaxBits, 1 << MaxBits);
    }

    private DecodeStatus TooLong() => Malformed("a compressed term that inflates to more than declared");

    private DecodeStatus Malformed(string error)
    {
        Error = error;
        return DecodeStatus.Malformed;
    }
}
