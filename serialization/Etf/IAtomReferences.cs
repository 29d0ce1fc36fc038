namespace CloudScale.Serialization.Etf;

/// <summary>The atoms of a distribution header that is made while the terms behind it are written.</summary>
/// <remarks>Threads: one. Atoms in the heads of contracts, which are bytes ready made, are not asked for.</remarks>
public interface IAtomReferences
{
    /// <summary>The atom's number in the header; false if it has to be written in full.</summary>
    bool TryReference(Atom atom, out byte index);
}
