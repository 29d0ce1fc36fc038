using System.Diagnostics.CodeAnalysis;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Contracts;

/// <summary>Contracts and dynamic terms, one made from the other.</summary>
/// <remarks>
/// Threads: any. Cost: an encoding and a decoding through a pooled buffer, so a contract has one generated reader and writer, not two. The identities in it (of pids,
/// references and ports) stay the objects they are.
/// </remarks>
public static class Contract
{
    /// <summary>The dynamic form of the term that a contract stands for.</summary>
    /// <exception cref="ArgumentException">A member holds what is no term.</exception>
    public static object ToTerm(ITermContract contract)
    {
        ArgumentNullException.ThrowIfNull(contract);
        using ContractConversion conversion = ContractConversion.Take();
        EtfWriter writer = conversion.Writer;
        contract.WriteTerm(ref writer);
        writer.Flush();
        EtfReader reader = conversion.Reader;
        if (reader.TryReadTerm(out object? term) != DecodeStatus.Ok)
            throw new InvalidOperationException($"{contract.GetType()} wrote what is no term: {reader.Error}.");
        return term!;
    }

    /// <summary>The contract that a term stands for; a contract of that very type is given back as it is.</summary>
    /// <param name="term">A dynamic term, or another contract.</param>
    /// <param name="value">The contract; default unless true.</param>
    /// <param name="error">What was wrong, with the path to the place; null if true.</param>
    /// <exception cref="ArgumentException">Something in it is no term.</exception>
    public static bool TryFrom<T>(object term, [MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out string? error)
        where T : ITermContract<T>
    {
        ArgumentNullException.ThrowIfNull(term);
        error = null;
        if (term is T same)
        {
            value = same;
            return true;
        }

        using ContractConversion conversion = ContractConversion.Take();
        EtfWriter writer = conversion.Writer;
        writer.WriteTerm(term);
        writer.Flush();
        EtfReader reader = conversion.Reader;
        if (T.TryReadTerm(ref reader, out value) == DecodeStatus.Ok)
            return true;
        error = reader.Error!;
        value = default;
        return false;
    }

    /// <summary>The contract that a term stands for.</summary>
    /// <exception cref="ArgumentException">Something in it is no term.</exception>
    public static bool TryFrom<T>(object term, [MaybeNullWhen(false)] out T value)
        where T : ITermContract<T> => TryFrom(term, out value, out _);

    /// <summary>The contract that a term's tag and arity name, for whoever knows no more of it. See <see cref="ContractRegistry"/>.</summary>
    /// <param name="term">A dynamic term. A contract is none, and is not looked at.</param>
    /// <param name="contract">The contract; null unless true.</param>
    /// <exception cref="ArgumentException">Something in it is no term.</exception>
    public static bool TryFind(object term, [NotNullWhen(true)] out object? contract)
    {
        contract = null;
        if (!ContractRegistry.MayKnow(term))
            return false;
        using ContractConversion conversion = ContractConversion.Take();
        EtfWriter writer = conversion.Writer;
        writer.WriteTerm(term);
        writer.Flush();
        EtfReader reader = conversion.Reader;
        if (ContractRegistry.TryReadTerm(ref reader, out object? read) != DecodeStatus.Ok || read is not ITermContract)
            return false;
        contract = read;
        return true;
    }
}
