using System.Numerics;
using CloudScale.Serialization.Etf;
using CloudScale.Serialization.MessagePack;

namespace CloudScale.Serialization.Contracts;

/// <summary>What <see cref="EtfReader"/> and <see cref="MessagePackReader"/> have in common, for what reads from either.</summary>
/// <remarks>Only ever a constraint of generic methods: the compiler makes one of each for each reader, and nothing is called through an interface.</remarks>
internal interface ITermReader
{
    int Position { get; }

    /// <summary>Whether a map comes next.</summary>
    bool IsAtMap { get; }

    DecodeStatus TryReadTupleHead(int arity, string wanted);

    DecodeStatus TryReadInteger<T>(out T value)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>;

    DecodeStatus TryReadMapHeader(out int count);

    DecodeStatus TryReadKey(TermKeys kind, out ReadOnlySpan<byte> text);

    DecodeStatus TryPeekHead(string wanted, out ReadOnlySpan<byte> tag, out int arity);

    DecodeStatus TrySkipTerm();

    /// <summary>The status; unless that is Ok, the reader stands where it started.</summary>
    DecodeStatus Back(int start, DecodeStatus status);

    /// <summary>Malformed, and the reader stands where it started.</summary>
    DecodeStatus BackExpected(int start, string wanted);
}
