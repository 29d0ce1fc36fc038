using CloudScale.Serialization.Etf;
using CloudScale.Serialization.MessagePack;

namespace CloudScale.Serialization.Contracts;

/// <summary>Maps that are told apart by the value under one of their keys. For generated code.</summary>
/// <remarks>Makes no atoms. What is no map is told by its tag and arity, what has no such key by its <c>__struct__</c>.</remarks>
public static class ContractTags
{
    private const int MapArity = -2;

    /// <summary>The tag of the next term; does not move the reader.</summary>
    /// <param name="reader">Stands before the term.</param>
    /// <param name="keys">What the keys of the maps are, and the tags.</param>
    /// <param name="key">The key.</param>
    /// <param name="wanted">What an error says it should be.</param>
    /// <param name="tag">The tag; nothing where it is of another kind.</param>
    /// <param name="arity">-2 for a map with the key; else as <see cref="EtfReader.TryPeekHead(string, out ReadOnlySpan{byte}, out int)"/>.</param>
    public static DecodeStatus TryPeek(
        ref EtfReader reader,
        TermKeys keys,
        scoped ReadOnlySpan<byte> key,
        string wanted,
        out ReadOnlySpan<byte> tag,
        out int arity
    ) => TryPeekTag(ref reader, keys, key, wanted, out tag, out arity);

    /// <summary>Reads the tag of a map, which it must be.</summary>
    public static DecodeStatus TryRead(ref EtfReader reader, TermKeys keys, scoped ReadOnlySpan<byte> tag, string wanted) =>
        TryReadTag(ref reader, keys, tag, wanted);

    /// <summary>The tag of the next value; does not move the reader.</summary>
    /// <param name="reader">Stands before the value.</param>
    /// <param name="keys">What the keys of the maps are in the term, and the tags.</param>
    /// <param name="key">The key.</param>
    /// <param name="wanted">What an error says it should be.</param>
    /// <param name="tag">The tag; nothing where it is of another kind.</param>
    /// <param name="arity">-2 for a map with the key; else as <see cref="MessagePackReader.TryPeekHead"/>.</param>
    public static DecodeStatus TryPeek(
        ref MessagePackReader reader,
        TermKeys keys,
        scoped ReadOnlySpan<byte> key,
        string wanted,
        out ReadOnlySpan<byte> tag,
        out int arity
    ) => TryPeekTag(ref reader, keys, key, wanted, out tag, out arity);

    /// <summary>Reads the tag of a map, which it must be.</summary>
    public static DecodeStatus TryRead(ref MessagePackReader reader, TermKeys keys, scoped ReadOnlySpan<byte> tag, string wanted) =>
        TryReadTag(ref reader, keys, tag, wanted);

    private static DecodeStatus TryPeekTag<TReader>(
        ref TReader reader,
        TermKeys keys,
        scoped ReadOnlySpan<byte> key,
        string wanted,
        out ReadOnlySpan<byte> tag,
        out int arity
    )
        where TReader : struct, ITermReader, allows ref struct
    {
        int start = reader.Position;
        if (!reader.IsAtMap)
            return reader.TryPeekHead(wanted, out tag, out arity);
        arity = MapArity;
        tag = default;
        DecodeStatus status = reader.TryReadMapHeader(out int count);
        for (int i = 0; i < count && status == DecodeStatus.Ok; i++)
        {
            status = reader.TryReadKey(keys, out ReadOnlySpan<byte> found);
            if (status == DecodeStatus.Ok && found.SequenceEqual(key))
            {
                status = reader.TryReadKey(keys, out tag);
                if (status == DecodeStatus.Ok)
                    reader.Back(start, DecodeStatus.Malformed); // it only looked
                return status;
            }

            if (status == DecodeStatus.Ok)
                status = reader.TrySkipTerm();
        }

        reader.Back(start, DecodeStatus.Malformed);
        return status == DecodeStatus.Ok ? reader.TryPeekHead(wanted, out tag, out arity) : status;
    }

    private static DecodeStatus TryReadTag<TReader>(ref TReader reader, TermKeys keys, scoped ReadOnlySpan<byte> tag, string wanted)
        where TReader : struct, ITermReader, allows ref struct
    {
        int start = reader.Position;
        DecodeStatus status = reader.TryReadKey(keys, out ReadOnlySpan<byte> found);
        return status != DecodeStatus.Ok || found.SequenceEqual(tag) ? status : reader.BackExpected(start, wanted);
    }
}
