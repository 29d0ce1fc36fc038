using System.Buffers;
using System.Runtime.CompilerServices;
using CloudScale.Serialization.Etf;
using CloudScale.Serialization.MessagePack;

namespace CloudScale.Serialization.Contracts;

/// <summary>An object that writes the term it stands for straight into a buffer.</summary>
/// <remarks>Implemented by the generator for types marked with <see cref="TermAttribute"/>. Threads: any that may read the object.</remarks>
public interface ITermContract : ITermConvertible
{
    /// <summary>Writes this object's term, without version byte.</summary>
    /// <exception cref="ArgumentException">A member holds what is no term: null where none may be, a float that is no number.</exception>
    void WriteTerm(ref EtfWriter writer);

    /// <inheritdoc/>
    object ITermConvertible.ToTerm() => Contract.ToTerm(this);
}

/// <summary>A type whose term can be read and written without reflection.</summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
public interface ITermContract<TSelf> : ITermContract
    where TSelf : ITermContract<TSelf>
{
    /// <summary>Writes a value's term, without version byte.</summary>
    /// <exception cref="ArgumentException">A member holds what is no term.</exception>
    static abstract void WriteTerm(ref EtfWriter writer, TSelf value);

    /// <summary>Writes a value's term into a buffer, version byte first. Generated code of what is short does so without a writer.</summary>
    /// <exception cref="ArgumentException">A member holds what is no term; then the buffer holds a torn term.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)] // a call more, and the contract has for itself what the JIT inlines at most
    static virtual void EncodeTo(IBufferWriter<byte> output, TSelf value)
    {
        EtfWriter writer = EtfWriter.Begin(output);
        TSelf.WriteTerm(ref writer, value);
        writer.End();
    }

    /// <summary>Reads a value. Anything but Ok leaves the reader where it was, with <see cref="EtfReader.Error"/>.</summary>
    /// <param name="reader">Stands before the term.</param>
    /// <param name="value">The value; default unless Ok.</param>
    static abstract DecodeStatus TryReadTerm(ref EtfReader reader, out TSelf value);

    /// <summary>Whether <see cref="TryDecodeUsual"/> knows a form.</summary>
    static virtual bool HasUsualForm => false;

    /// <summary>Reads a value that stands alone, version byte first, if it has the form that it mostly has; else a reader is to say what it is. Generated code of what is short does so without one.</summary>
    /// <param name="bytes">The term; more may follow it.</param>
    /// <param name="context">Limits and identities.</param>
    /// <param name="value">The value; default if false.</param>
    /// <param name="took">How many bytes of the input it took; if false, how many bytes of memory were allocated in vain.</param>
    static virtual bool TryDecodeUsual(ReadOnlySpan<byte> bytes, EtfDecodeContext context, out TSelf value, out int took)
    {
        value = default!;
        took = 0;
        return false;
    }

    /// <summary>Reads so many values, one behind the other: the elements of a list. Generated code reads them in one loop; unless overridden each is read by itself.</summary>
    /// <param name="reader">Stands before the first term; behind the last that was read.</param>
    /// <param name="values">Where they go.</param>
    /// <param name="read">How many were read: which of them was wrong.</param>
    static virtual DecodeStatus TryReadTerms(ref EtfReader reader, Span<TSelf> values, out int read)
    {
        for (read = 0; read < values.Length; read++)
        {
            DecodeStatus status = TSelf.TryReadTerm(ref reader, out values[read]);
            if (status != DecodeStatus.Ok)
                return status;
        }

        return DecodeStatus.Ok;
    }

    /// <summary>Writes a value as MessagePack. Generated code writes it straight; unless overridden it is the dynamic form of the term.</summary>
    /// <exception cref="ArgumentException">A member holds what is no term.</exception>
    static virtual void WriteMessagePack(ref MessagePackWriter writer, TSelf value) => writer.WriteTerm(value);

    /// <summary>Reads a value from MessagePack. Anything but Ok leaves the reader where it was, with <see cref="MessagePackReader.Error"/>.</summary>
    /// <param name="reader">Stands before the value.</param>
    /// <param name="value">The value; default unless Ok.</param>
    static virtual DecodeStatus TryReadMessagePack(ref MessagePackReader reader, out TSelf value)
    {
        int start = reader.Position;
        value = default!;
        DecodeStatus status = reader.TryReadTerm(out object? term);
        if (status != DecodeStatus.Ok || Contract.TryFrom(term!, out value!, out string? error))
            return status;
        return reader.FailText(start, error);
    }
}
