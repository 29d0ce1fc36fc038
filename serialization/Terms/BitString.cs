namespace CloudScale;

/// <summary>An Erlang bit string whose length is no multiple of eight; one that is, is a <see cref="Binary"/>.</summary>
/// <remarks>Immutable. The bits of the last byte are its highest ones. Wire: <c>77 | length:u32 | bits:u8 | byte × length</c> (BIT_BINARY_EXT).</remarks>
public sealed class BitString : IEquatable<BitString>
{
    private readonly byte[] _bytes;

    /// <summary>Makes a bit string from a copy of the bytes; the unused low bits of the last one are cleared.</summary>
    /// <param name="bytes">At least one byte.</param>
    /// <param name="bitsInLastByte">1 to 7: how many of the last byte's bits count, from the highest.</param>
    /// <exception cref="ArgumentException">There is no byte.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of bits is not 1 to 7.</exception>
    public BitString(ReadOnlySpan<byte> bytes, int bitsInLastByte)
    {
        if (bytes.IsEmpty)
            throw new ArgumentException("A bit string has at least one byte; the empty one is Binary.Empty.", nameof(bytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(bitsInLastByte, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bitsInLastByte, 7);
        _bytes = bytes.ToArray();
        _bytes[^1] &= (byte)(0xFF << (8 - bitsInLastByte));
        BitsInLastByte = bitsInLastByte;
    }

    /// <summary>The bytes; the unused bits of the last one are zero.</summary>
    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>How many bits of the last byte count: 1 to 7.</summary>
    public int BitsInLastByte { get; }

    /// <summary>Number of bits.</summary>
    public long BitLength => ((long)(_bytes.Length - 1) * 8) + BitsInLastByte;

    /// <inheritdoc/>
    public bool Equals(BitString? other) =>
        other is not null && BitsInLastByte == other.BitsInLastByte && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as BitString);

    /// <inheritdoc/>
    public override int GetHashCode() => Term.HashBytes(_bytes, (ulong)TermKind.BitString + ((ulong)BitsInLastByte << 8));

    /// <summary>The bit string as Erlang prints it: <c>&lt;&lt;255,5:3&gt;&gt;</c>.</summary>
    public override string ToString() => Term.Format(this);
}
