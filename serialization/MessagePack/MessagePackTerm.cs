using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.MessagePack;

/// <summary>Whole terms to MessagePack and back. What was encoded decodes to an equal term.</summary>
/// <remarks>Threads: any.</remarks>
public static class MessagePackTerm
{
    /// <summary>The atom that MessagePack's nil stands for.</summary>
    internal static readonly Atom NilAtom = Atom.Of("nil");

    /// <summary>The tag of an extension that is not ours, as a tuple.</summary>
    internal static readonly Atom ExtensionAtom = Atom.Of("ext");

    /// <summary>Encodes a term.</summary>
    /// <exception cref="ArgumentException">Something in it is no term, or a float that is no number.</exception>
    public static byte[] Encode(object term)
    {
        using PooledBuffer buffer = new(256);
        MessagePackWriter writer = new(buffer);
        writer.WriteTerm(term);
        writer.Flush();
        return buffer.Written.ToArray();
    }

    /// <summary>Decodes a term.</summary>
    /// <param name="bytes">What the peer sent; more may follow the term.</param>
    /// <param name="context">Limits and identities, the same as for the External Term Format.</param>
    /// <param name="term">The term, null unless Ok.</param>
    /// <param name="used">How many bytes it took; 0 unless Ok.</param>
    public static DecodeStatus TryDecode(ReadOnlySpan<byte> bytes, EtfDecodeContext context, out object? term, out int used)
    {
        MessagePackReader reader = new(bytes, context);
        DecodeStatus status = reader.TryReadTerm(out term);
        used = reader.Position;
        return status;
    }
}
