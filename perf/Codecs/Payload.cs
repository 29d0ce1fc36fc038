using System.Buffers;
using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;
using CloudScale.Serialization.MessagePack;

namespace CloudScale.Perf.Codecs;

/// <summary>A value that is written and read in several ways.</summary>
internal abstract class Payload(string name)
{
    public static readonly EtfDecodeContext Context = new(EtfLimits.Trusted, Values.Node);

    public string Name { get; } = name;

    public abstract byte[] Bytes { get; }

    /// <summary>The same value in MessagePack.</summary>
    public abstract byte[] Packed { get; }

    public abstract object Term { get; }

    /// <summary>Whether its encoding in pieces refers to bytes instead of copying them; then that way is measured as well.</summary>
    public abstract bool Refers { get; }

    /// <summary>The ways, with their names; each call writes, or reads the bytes, once.</summary>
    /// <param name="buffer">Emptied before each write.</param>
    /// <param name="output">The same, as all ways of writing have it: code beneath a node is given a buffer that may be any, also if it is written by hand.</param>
    public abstract IEnumerable<(string Name, Action Run)> Ways(ArrayBufferWriter<byte> buffer, IBufferWriter<byte> output);
}

/// <summary>Writes a contract: in terms, or in MessagePack.</summary>
internal delegate void ContractWrite<in T>(IBufferWriter<byte> output, T value);

/// <summary>Reads what <see cref="ContractWrite{T}"/> wrote.</summary>
internal delegate DecodeStatus ContractRead<T>(byte[] bytes, out T? value);

/// <summary>The calls of a contract; all come as delegates of known types, as <see cref="HandWrite{T}"/> and <see cref="HandRead{T}"/> do.</summary>
internal sealed record ContractCalls<T>(ContractWrite<T> Write, ContractRead<T> Read, ContractWrite<T> Pack, ContractRead<T> Unpack);

/// <summary>How a program would write and read it that knows the bytes: with spans, for this very term and nothing else.</summary>
internal delegate int HandWrite<in T>(Span<byte> span, T value);

/// <summary>Reads what <see cref="HandWrite{T}"/> wrote; throws on anything else.</summary>
internal delegate T HandRead<out T>(ReadOnlySpan<byte> span);

/// <inheritdoc/>
internal sealed class Payload<T>(string name, T value, ContractCalls<T> contract, HandWrite<T> write, HandRead<T> read) : Payload(name)
    where T : class, ITermContract<T>
{
    public override byte[] Bytes { get; } = ExternalTerm.Encode(value);

    public override byte[] Packed { get; } = MessagePackContract.Encode(value);

    public override object Term { get; } = Contract.ToTerm(value);

    public override bool Refers { get; } = InPieces(new Pieces(), value).Refers;

    public override IEnumerable<(string Name, Action Run)> Ways(ArrayBufferWriter<byte> buffer, IBufferWriter<byte> output)
    {
        byte[] bytes = Bytes;
        byte[] packed = Packed;
        object term = Term;
        byte[] span = new byte[(3 * bytes.Length) + 1024];
        (ContractWrite<T> writeTerm, ContractRead<T> readTerm, ContractWrite<T> pack, ContractRead<T> unpack) = contract;
        (HandWrite<T> writeByHand, HandRead<T> readByHand) = (write, read);
        Check(span);
        if (Refers)
        {
            Pieces pieces = new();
            yield return ("encode/pieces", () => InPieces(pieces, value));
        }

        yield return (
            "encode/contract",
            () =>
            {
                buffer.ResetWrittenCount();
                writeTerm(output, value);
            }
        );
        yield return (
            "encode/dynamic",
            () =>
            {
                buffer.ResetWrittenCount();
                EtfWriter writer = new(output);
                writer.WriteVersion();
                writer.WriteTerm(term);
                writer.Flush();
            }
        );
        yield return (
            "encode/messagepack",
            () =>
            {
                buffer.ResetWrittenCount();
                pack(output, value);
            }
        );
        yield return (
            "encode/by hand",
            () =>
            {
                buffer.ResetWrittenCount();
                output.Advance(writeByHand(output.GetSpan(span.Length), value));
            }
        );
        yield return (
            "decode/contract",
            () =>
            {
                if (readTerm(bytes, out T? made) != DecodeStatus.Ok)
                    throw new InvalidOperationException(Name);
                GC.KeepAlive(made);
            }
        );
        yield return (
            "decode/dynamic",
            () =>
            {
                if (ExternalTerm.TryDecodeShared(bytes, Context, out object? dynamic, out _) != DecodeStatus.Ok)
                    throw new InvalidOperationException(Name);
                GC.KeepAlive(dynamic);
            }
        );
        yield return (
            "decode/messagepack",
            () =>
            {
                if (unpack(packed, out T? made) != DecodeStatus.Ok)
                    throw new InvalidOperationException(Name);
                GC.KeepAlive(made);
            }
        );
        yield return ("decode/by hand", () => GC.KeepAlive(readByHand(bytes)));
    }

    private static Pieces InPieces(Pieces pieces, T value)
    {
        pieces.Reset();
        ExternalTerm.EncodeTo(pieces, value);
        pieces.Finish();
        return pieces;
    }

    // A rival that does less work is none.
    private void Check(byte[] span)
    {
        if (!InPieces(new Pieces(), value).Finish().SelectMany(piece => piece.ToArray()).SequenceEqual(Bytes))
            throw new InvalidOperationException($"{Name}: the pieces are something else.");
        int length = write(span, value);
        if (!span.AsSpan(0, length).SequenceEqual(Bytes) || !ExternalTerm.Encode(read(Bytes)).AsSpan().SequenceEqual(Bytes))
            throw new InvalidOperationException($"{Name}: what is written by hand is something else.");
    }
}
