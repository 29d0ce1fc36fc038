using System.Diagnostics.CodeAnalysis;

namespace CloudScale;

/// <summary>A reference: a value that is unique among connected nodes.</summary>
/// <remarks>
/// A value of two words. One made here holds its 64-bit number directly; one that may be an alias also leads to the number of its process, and then has five words on the
/// wire; words that fit neither form are kept in an object of their own.
/// Wire: <c>90 | len:u16 | node | creation:u32 | word:u32 × len</c> (NEWER_REFERENCE_EXT). The number is laid out in three words: 18 bits, 32 bits, 14 bits, least
/// significant first, as BEAM does; the number of an alias's process follows in two, low word first.
/// </remarks>
public readonly struct Reference : IEquatable<Reference>
{
    /// <summary>Most words a reference may have on the wire.</summary>
    public const int MaxWords = 5;

    /// <summary>The bits of the number that the first word has.</summary>
    internal const uint FirstWord = (1 << 18) - 1;

    private readonly object? _origin; // NodeIdentity for the three-word layout above, AliasOrigin for the five-word one, Wide for any other

    /// <summary>Makes the reference of this number.</summary>
    public Reference(NodeIdentity node, ulong number)
    {
        _origin = node;
        Number = number;
    }

    /// <summary>Makes a reference that may serve as an alias of a process.</summary>
    public Reference(AliasOrigin origin, ulong number)
    {
        _origin = origin;
        Number = number;
    }

    private Reference(Wide wide, ulong hash)
    {
        _origin = wide;
        Number = hash;
    }

    /// <summary>The number of a reference in the layout of three or five words; a hash of the words for any other.</summary>
    public ulong Number { get; }

    /// <summary>The node that made the reference; null only in <c>default</c>.</summary>
    public NodeIdentity Node => _origin as NodeIdentity ?? (_origin as AliasOrigin)?.Node ?? (_origin as Wide)?.Node!;

    /// <summary>True for <c>default</c>, which is no reference.</summary>
    public bool IsNone => _origin is null;

    /// <summary>Whether it is of three words, as all but aliases are: they are the bits of the number, 18, 32 and 14.</summary>
    internal bool TryGetPlain([NotNullWhen(true)] out NodeIdentity? node)
    {
        node = _origin as NodeIdentity;
        return node is not null;
    }

    /// <summary>How many words the wire form has.</summary>
    public int WordCount =>
        _origin is null or NodeIdentity ? 3
        : _origin is Wide wide ? wide.Words.Length
        : 5;

    /// <summary>The process whose alias this may be: only its node knows whether it is one, and still active. False for a reference of another layout.</summary>
    public bool TryGetAliasOwner(out Pid owner)
    {
        owner = _origin is AliasOrigin origin ? new Pid(origin.Node, origin.Process) : default;
        return !owner.IsNone;
    }

    /// <summary>Makes a reference from the words of its wire form.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no words, or more than <see cref="MaxWords"/>.</exception>
    public static Reference FromWords(NodeIdentity node, ReadOnlySpan<uint> words)
    {
        ArgumentOutOfRangeException.ThrowIfZero(words.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(words.Length, MaxWords);
        if (HasOurLayout(words))
        {
            ulong number = words[0] | ((ulong)words[1] << 18) | ((ulong)words[2] << 50);
            return words.Length == 3
                ? new Reference(node, number)
                : new Reference(new AliasOrigin(node, words[3] | ((ulong)words[4] << 32)), number);
        }

        ulong hash = 14695981039346656037;
        foreach (uint word in words)
            hash = (hash ^ word) * 1099511628211;
        return new Reference(new Wide(node, words.ToArray()), hash);
    }

    /// <summary>Whether a reference of these words holds its number itself.</summary>
    internal static bool HasOurLayout(ReadOnlySpan<uint> words) =>
        words.Length is 3 or MaxWords && words[0] < 1u << 18 && words[2] < 1u << 14;

    /// <summary>Writes the words of the wire form, least significant first, and returns how many there are.</summary>
    public int CopyWords(Span<uint> destination)
    {
        if (_origin is Wide wide)
        {
            wide.Words.CopyTo(destination);
            return wide.Words.Length;
        }

        destination[0] = (uint)Number & FirstWord;
        destination[1] = (uint)(Number >> 18);
        destination[2] = (uint)(Number >> 50);
        if (_origin is not AliasOrigin origin)
            return 3;
        destination[3] = (uint)origin.Process;
        destination[4] = (uint)(origin.Process >> 32);
        return 5;
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
