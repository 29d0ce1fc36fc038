namespace CloudScale.Fuzz;

/// <summary>What a place in an input is.</summary>
internal enum SpotKind : byte
{
    /// <summary>A whole term, from its tag to its end.</summary>
    Term,

    /// <summary>A length, arity or size, big-endian.</summary>
    Length,

    /// <summary>Text.</summary>
    Text,
}

/// <summary>A place in an input that a mutation may look for.</summary>
internal struct Spot
{
    public int Start;
    public int End;
    public SpotKind Kind;
}

/// <summary>An input in the making: bytes, and where their structure is.</summary>
/// <remarks>Threads: one; made once and used again for every input, so that a run allocates nothing of its own.</remarks>
internal sealed class Draft
{
    private const int MaxSpots = 4096;

    private byte[] _bytes = new byte[1 << 16];
    private readonly Spot[] _spots = new Spot[MaxSpots];

    public int Length { get; private set; }

    public int SpotCount { get; private set; }

    public Span<byte> Bytes => _bytes.AsSpan(0, Length);

    public Span<Spot> Spots => _spots.AsSpan(0, SpotCount);

    public void Clear()
    {
        Length = 0;
        SpotCount = 0;
    }

    /// <summary>Begins a place; -1 when there are enough of them.</summary>
    public int Begin(SpotKind kind)
    {
        if (SpotCount == MaxSpots)
            return -1;
        _spots[SpotCount] = new Spot
        {
            Start = Length,
            End = Length,
            Kind = kind,
        };
        return SpotCount++;
    }

    /// <summary>Notes a place that is written already.</summary>
    public void Mark(SpotKind kind, int start, int end)
    {
        if (SpotCount < MaxSpots)
            _spots[SpotCount++] = new Spot
            {
                Start = start,
                End = end,
                Kind = kind,
            };
    }

    public void End(int spot)
    {
        if (spot >= 0)
            _spots[spot].End = Length;
    }

    public void Byte(int value)
    {
        Reserve(1);
        _bytes[Length++] = (byte)value;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    /// <summary>Room for bytes that the caller fills.</summary>
    public Span<byte> Take(int count)
    {
        Reserve(count);
        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }

    public void Number(ulong value, int width)
    {
        Span<byte> span = Take(width);
        for (int i = width - 1; i >= 0; i--, value >>= 8)
            span[i] = (byte)value;
    }

    /// <summary>A number that lies about how much follows, when a mutation wants it to.</summary>
    public void Count(long value, int width)
    {
        int spot = Begin(SpotKind.Length);
        Number((ulong)value, width);
        End(spot);
    }

    public void Text(ReadOnlySpan<byte> bytes)
    {
        int spot = Begin(SpotKind.Text);
        Write(bytes);
        End(spot);
    }

    public ulong NumberAt(in Spot spot)
    {
        ulong value = 0;
        foreach (byte b in Bytes[spot.Start..spot.End])
            value = (value << 8) | b;
        return value;
    }

    public void PutNumber(in Spot spot, ulong value)
    {
        for (int i = spot.End - 1; i >= spot.Start; i--, value >>= 8)
            _bytes[i] = (byte)value;
    }

    /// <summary>Replaces some bytes by others. Places inside what goes are forgotten, those behind move.</summary>
    public void Replace(int start, int end, ReadOnlySpan<byte> by)
    {
        int shift = by.Length - (end - start);
        if (shift > 0)
            Reserve(shift);
        Span<byte> all = _bytes;
        all[end..Length].CopyTo(all[(end + shift)..]);
        by.CopyTo(all[start..]);
        Length += shift;

        int kept = 0;
        foreach (Spot spot in Spots)
        {
            Spot moved = spot;
            if (spot.End > start && spot.Start < end && !(spot.Start <= start && spot.End >= end))
                continue;
            if (spot.Start >= end && spot.Start > start)
                moved.Start += shift;
            if (spot.End >= end)
                moved.End += shift;
            _spots[kept++] = moved;
        }

        SpotCount = kept;
    }

    public void Truncate(int length)
    {
        Length = length;
        int kept = 0;
        foreach (Spot spot in Spots)
            if (spot.End <= length)
                _spots[kept++] = spot;
        SpotCount = kept;
    }

    /// <summary>A place of a kind, chosen at random; false when there is none.</summary>
    public bool TryPick(SpotKind kind, Rng rng, out Spot spot)
    {
        spot = default;
        if (SpotCount == 0)
            return false;
        int first = rng.Next(SpotCount);
        for (int i = 0; i < SpotCount; i++)
        {
            spot = _spots[(first + i) % SpotCount];
            if (spot.Kind == kind && spot.End > spot.Start)
                return true;
        }

        return false;
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - Length >= count)
            return;
        Array.Resize(ref _bytes, (int)Math.Max(2L * _bytes.Length, (long)Length + count));
    }
}
