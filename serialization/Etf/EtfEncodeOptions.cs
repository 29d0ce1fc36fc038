namespace CloudScale.Serialization.Etf;

/// <summary>How to encode, as the options of <c>term_to_binary/2</c>.</summary>
/// <remarks>Threads: any; immutable.</remarks>
public sealed class EtfEncodeOptions
{
    /// <summary>Minor version 2, not compressed, maps in their own order.</summary>
    public static readonly EtfEncodeOptions Default = new();

    /// <summary>
    /// 2, the default of OTP 26 and later: atoms in UTF-8. 1: atoms in Latin-1 where they can be. 0: like 1, and floats as text. Others count as the nearest.
    /// </summary>
    public int MinorVersion { get; init; } = 2;

    /// <summary>
    /// zlib's level, 1 to 9; 0 does not compress. The compressed form is kept only if it is shorter. Used by <see cref="ExternalTerm.Encode"/>; a writer ignores it.
    /// </summary>
    public int CompressionLevel { get; init; }

    /// <summary>
    /// Sorts the entries of maps in exact term order, so that equal maps give equal bytes. Stable within a release of this library; as with OTP's option, no promise
    /// beyond that, nor that OTP chooses the same order for maps of more than 32 entries.
    /// </summary>
    public bool Deterministic { get; init; }

    /// <summary>Atoms that are written as numbers, because a header in front of the term holds them; null for none.</summary>
    public IAtomReferences? AtomReferences { get; init; }

    /// <summary>Whether a contract's own writer gives these bytes; else its dynamic form is encoded.</summary>
    internal bool TakesContracts => MinorVersion >= 2 && !Deterministic;

    /// <summary>Whether each atom is its name in UTF-8.</summary>
    internal bool WritesAtomsPlainly => MinorVersion >= 2 && AtomReferences is null;

    /// <summary>Where the identities that are written are remembered, so that reading the bytes again finds the very objects.</summary>
    internal EtfDecodeContext? Identities { get; init; }
}
