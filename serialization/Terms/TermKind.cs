namespace CloudScale;

/// <summary>What a term is, in Erlang's order of types; the groups that share a rank are told apart by <see cref="TermKinds.Rank"/>.</summary>
internal enum TermKind : byte
{
    /// <summary>No term: a .NET object that nothing here knows.</summary>
    None,
    Integer, // long
    BigInteger,
    Float,
    Atom,
    Reference,
    Fun,
    ExternalFun,
    Port,
    Pid,
    Tuple,
    NativeRecord,
    Map,
    Nil,
    List,
    Binary,
    BitString,
}
