namespace CloudScale.Serialization.Etf;

/// <summary>A term in its bytes, version byte first, as it lies in a buffer that belongs to somebody else.</summary>
/// <remarks>Threads: one. Whoever wants to keep it copies the bytes.</remarks>
/// <param name="bytes">The bytes; nobody has looked at them yet.</param>
/// <param name="context">Limits and identities for whoever decodes it.</param>
public readonly ref struct EncodedTerm(ReadOnlySpan<byte> bytes, EtfDecodeContext context)
{
    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>Limits and identities for whoever decodes it.</summary>
    public EtfDecodeContext Context { get; } = context;

    /// <summary>Decodes it. What is no term is refused: the context is told, and the result is null.</summary>
    public object? Decode()
    {
        EtfReader reader = new(Bytes, Context);
        if (reader.TryReadVersion() == DecodeStatus.Ok && reader.TryReadTerm(out object? term) == DecodeStatus.Ok && reader.Remaining == 0)
            return term;
        Context.Refuse(reader.Error ?? $"{reader.Remaining} bytes after a term");
        return null;
    }
}
