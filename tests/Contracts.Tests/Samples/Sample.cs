using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;
using CloudScale.Serialization.MessagePack;

namespace CloudScale.Contracts.Samples;

/// <summary>A value of a contract, and the term it stands for as Erlang source.</summary>
public abstract class Sample(string name, string erlang)
{
    /// <summary>Limits of a stranger: samples are small.</summary>
    public static readonly EtfDecodeContext Context = new(EtfLimits.Untrusted);

    public string Name { get; } = name;

    public string Erlang { get; } = erlang;

    public static Sample Of<T>(T value, string erlang, string? name = null)
        where T : ITermContract<T> => new Sample<T>(value, erlang, name ?? typeof(T).Name);

    /// <summary>The term, version byte first.</summary>
    public abstract byte[] Encode();

    /// <summary>Writes the term, without version byte.</summary>
    public abstract void Write(ref EtfWriter writer);

    /// <summary>The value as a dynamic term.</summary>
    public abstract object ToTerm();

    /// <summary>Reads a term as this contract and writes it again; null with what was wrong.</summary>
    public abstract byte[]? Again(ReadOnlySpan<byte> bytes, out string? error);

    /// <summary>Reads a dynamic term as this contract and writes it.</summary>
    public abstract byte[]? AgainFrom(object term, out string? error);

    /// <summary>The contract in MessagePack.</summary>
    public abstract byte[] Pack();

    /// <summary>Writes MessagePack.</summary>
    public abstract void Write(ref MessagePackWriter writer);

    /// <summary>Reads MessagePack as this contract and gives its term; null with what was wrong.</summary>
    public abstract byte[]? Unpack(ReadOnlySpan<byte> bytes, out string? error);

    /// <summary>Reads MessagePack as this contract.</summary>
    public abstract DecodeStatus ReadPacked(ReadOnlySpan<byte> bytes, EtfDecodeContext context, out object? value, out string? error);

    /// <summary>Reads a term as this contract.</summary>
    public abstract DecodeStatus Read(ReadOnlySpan<byte> bytes, out object? value, out string? error);

    public override string ToString() => Name;
}

/// <inheritdoc/>
internal sealed class Sample<T>(T value, string erlang, string name) : Sample(name, erlang)
    where T : ITermContract<T>
{
    public override byte[] Encode() => ExternalTerm.Encode(value);

    public override void Write(ref EtfWriter writer) => T.WriteTerm(ref writer, value);

    public override object ToTerm() => value.ToTerm();

    public override byte[]? Again(ReadOnlySpan<byte> bytes, out string? error) =>
        ExternalTerm.TryDecode<T>(bytes, Context, out T? read, out int used, out error) == DecodeStatus.Ok && used == bytes.Length
            ? ExternalTerm.Encode(read!)
            : null;

    public override byte[]? AgainFrom(object term, out string? error) =>
        Contract.TryFrom<T>(term, out T? read, out error) ? ExternalTerm.Encode(read) : null;

    public override byte[] Pack() => MessagePackContract.Encode(value);

    public override void Write(ref MessagePackWriter writer) => T.WriteMessagePack(ref writer, value);

    public override byte[]? Unpack(ReadOnlySpan<byte> bytes, out string? error) =>
        MessagePackContract.TryDecode<T>(bytes, Context, out T? read, out int used, out error) == DecodeStatus.Ok && used == bytes.Length
            ? ExternalTerm.Encode(read!)
            : null;

    public override DecodeStatus ReadPacked(ReadOnlySpan<byte> bytes, EtfDecodeContext context, out object? read, out string? error)
    {
        DecodeStatus status = MessagePackContract.TryDecode<T>(bytes, context, out T? contract, out _, out error);
        read = contract;
        return status;
    }

    public override DecodeStatus Read(ReadOnlySpan<byte> bytes, out object? read, out string? error)
    {
        DecodeStatus status = ExternalTerm.TryDecode<T>(bytes, Context, out T? contract, out _, out error);
        read = contract;
        return status;
    }
}
