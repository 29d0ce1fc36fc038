using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CloudScale.Serialization.Etf;

/// <summary>A term in its bytes, as it lies in a buffer that belongs to somebody else.</summary>
/// <remarks>Threads: one. Whoever wants to keep it copies the bytes; the atoms may be kept as they are.</remarks>
public readonly ref struct EncodedTerm
{
    /// <summary>A term that stands alone: version byte first, atoms in full.</summary>
    /// <param name="bytes">The bytes; nobody has looked at them yet.</param>
    /// <param name="context">Limits and identities for whoever decodes it.</param>
    public EncodedTerm(ReadOnlySpan<byte> bytes, EtfDecodeContext context)
    {
        Bytes = bytes;
        Context = context;
        HasVersion = true;
    }

    /// <summary>A term behind a distribution header: no version byte, and some of its atoms are in the header.</summary>
    /// <param name="bytes">The bytes; nobody has looked at them yet.</param>
    /// <param name="context">Limits and identities for whoever decodes it.</param>
    /// <param name="headerAtoms">The atoms of the header; never changed after this.</param>
    public EncodedTerm(ReadOnlySpan<byte> bytes, EtfDecodeContext context, Atom[] headerAtoms)
    {
        Bytes = bytes;
        Context = context;
        HeaderAtoms = headerAtoms;
    }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Limits and identities for whoever decodes it.</summary>
    public EtfDecodeContext Context { get; }

    /// <summary>The atoms that the bytes refer to by number; null if they refer to none.</summary>
    public Atom[]? HeaderAtoms { get; }

    /// <summary>Whether the first byte is the version, 131.</summary>
    public bool HasVersion { get; }

    /// <summary>The tag of the term, <see cref="EtfTag.None"/> if there is none.</summary>
    public EtfTag Tag
    {
        get
        {
            int at = HasVersion ? 1 : 0;
            return at < Bytes.Length ? (EtfTag)Bytes[at] : EtfTag.None;
        }
    }

    /// <summary>The array that the bytes lie in, if whoever takes the term may have it as a whole; else null.</summary>
    public byte[]? Array { get; private init; }

    /// <summary>Where the bytes begin in <see cref="Array"/>; at 1 or later. What stands before them nobody needs.</summary>
    public int ArrayOffset { get; private init; }

    /// <summary>The same term, with the array that its bytes lie in: whoever takes the term need not copy them. Owner of the array: who takes the term.</summary>
    /// <param name="array">The array.</param>
    /// <param name="offset">Where the bytes begin in it, at 1 or later.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bytes do not lie there.</exception>
    public EncodedTerm OwnedBy(byte[] array, int offset)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, 1);
        if (!Unsafe.AreSame(in MemoryMarshal.GetReference(Bytes), in MemoryMarshal.GetReference(array.AsSpan(offset, Bytes.Length))))
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "The bytes of the term do not lie there in the array.");
        return this with { Array = array, ArrayOffset = offset };
    }

    /// <summary>Whether it looks as if one binary made up half of it or more. A guess that may say no where it is so.</summary>
    public bool IsMostlyBinary => BinaryScan.HasMostly(Bytes);

    /// <summary>The same of a term of which these are the first bytes.</summary>
    /// <param name="total">How long it is about to be.</param>
    public bool BeginsMostlyBinary(long total) => BinaryScan.HasMostly(Bytes, total);

    /// <summary>Decodes it. What is no term is refused: the context is told, and the result is null.</summary>
    public object? Decode()
    {
        EtfReader reader = new(Bytes, Context, HeaderAtoms);
        if (
            (!HasVersion || reader.TryReadVersion() == DecodeStatus.Ok)
            && reader.TryReadTerm(out object? term) == DecodeStatus.Ok
            && reader.Remaining == 0
        )
            return term;
        Context.Refuse(reader.Error ?? $"{reader.Remaining} bytes after a term");
        return null;
    }
}
