namespace CloudScale;

/// <summary>A reference: a value that is unique among connected nodes.</summary>
/// <remarks>
/// A value of two words. One made here holds its 64-bit number directly; one made elsewhere keeps its words (3 to 5) in an object of its own.
/// Wire: <c>90 | len:u16 | node | creation:u32 | word:u32 × len</c> (NEWER_REFERENCE_EXT). The number of a local reference is laid out in three words:
/// 18 bits, 32 bits, 14 bits, least significant first, as BEAM does.
/// </remarks>
public readonly struct Reference : IEquatable<Reference>
{
    /// <summary>Most words a reference may have on the wire.</summary>
    public const int MaxWords = 5;

    private readonly object? _origin; // NodeIdentity for the three-word layout above, Wide for any other

    /// <summary>Makes the reference of this number.</summary>
    public Reference(NodeIdentity node, ulong number)
    {
        _origin = node;
        Number = number;
    }

    private Reference(Wide wide, ulong hash)
    {
        _origin = wide;
        Number = hash;
    }

    /// <summary>The number of a reference in the three-word layout; a hash of the words for any other.</summary>
    public ulong Number { get; }

    /// <summary>The node that made the reference; null only in <c>default</c>.</summary>
    public NodeIdentity Node => _origin as NodeIdentity ?? (_origin as Wide)?.Node!;

    /// <summary>True for <c>default</c>, which is no reference.</summary>
    public bool IsNone => _origin is null;

    /// <summary>How many words the wire form has.</summary>
    public int WordCount => _origin is Wide wide ? wide.Words.Length : 3;

    /// <summary>Makes a reference from the words of its wire form.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no words, or more than <see cref="MaxWords"/>.</exception>
    public static Reference FromWords(NodeIdentity node, ReadOnlySpan<uint> words)
    {
        ArgumentOutOfRangeException.ThrowIfZero(words.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(words.Length, MaxWords);
        if (words.Length == 3 && words[0] < 1u << 18 && words[2] < 1u << 14)
            return new Reference(node, words[0] | ((ulong)words[1] << 18) | ((ulong)words[2] << 50));

        ulong hash = 14695981039346656037;
        foreach (uint word in words)
            hash = (hash ^ word) * 1099511628211;
        return new Reference(new Wide(node, words.ToArray()), hash);
    }

    /// <summary>Writes the words of the wire form, least significant first, and returns how many there are.</summary>
    public int CopyWords(Span<uint> destination)
    {
        if (_origin is Wide wide)
        {
            wide.Words.CopyTo(destination);
            return wide.Words.Length;
        }

        destination[0] = (uint)Number & 0x3FFFF;
        destination[1] = (uint)(Number >> 18);
        destination[2] = (uint)(Number >> 50);
        return 3;
    }

    /// <inheritdoc/>
    public bool Equals(Reference other)
    {
        if (Number != other.Number)
            return false;
        if (ReferenceEquals(_origin, other._origin))
            return true;
        return _origin is not null && _origin.Equals(other._origin);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Reference other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Number.GetHashCode();

    /// <summary>Whether both are one reference.</summary>
    public static bool operator ==(Reference left, Reference right) => left.Equals(right);

    /// <summary>Whether they are two references.</summary>
    public static bool operator !=(Reference left, Reference right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => Term.Format(this);

    private sealed class Wide(NodeIdentity node, uint[] words)
    {
        public NodeIdentity Node { get; } = node;
        public uint[] Words { get; } = words;

        public override bool Equals(object? obj) =>
            obj is Wide other && Node.Equals(other.Node) && Words.AsSpan().SequenceEqual(other.Words);

        public override int GetHashCode() => Words.Length;
    }
}
