using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Contracts;

/// <summary>Contracts and dynamic terms, one made from the other.</summary>
/// <remarks>Threads: any. Cost: one encoding and one decoding through a pooled buffer.</remarks>
public static class Contract
{
    /// <summary>The dynamic form of the term that a contract stands for.</summary>
    /// <exception cref="ArgumentException">A member holds what is no term.</exception>
    public static object ToTerm(ITermContract contract)
    {
        ArgumentNullException.ThrowIfNull(contract);
        using PooledBuffer buffer = new(256);
        EtfWriter writer = new(buffer);
        contract.WriteTerm(ref writer);
        writer.Flush();
        EtfReader reader = new(buffer.Written, new EtfDecodeContext(EtfLimits.Trusted));
        if (reader.TryReadTerm(out object? term) != DecodeStatus.Ok)
            throw new InvalidOperationException($"{contract.GetType()} wrote what is no term: {reader.Error}.");
        return term!;
    }
}
