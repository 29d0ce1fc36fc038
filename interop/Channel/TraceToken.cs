using CloudScale.Serialization.Etf;

namespace CloudScale.Interop.Channel;

/// <summary>The context of a distributed trace as the token of Erlang's sequential tracing, which the <c>_TT</c> forms of messages carry.</summary>
/// <remarks>
/// Wire: <c>{Flags, Label, Serial, From, Last}</c>. The label, which is any term to nodes with BIG_SEQTRACE_LABELS, is the <c>traceparent</c> of W3C's Trace Context, a binary of 55 bytes; the flags are 0, so that nothing is traced there. A node of
/// Erlang makes the token of a message that of the process which receives it, and gives it along with all that this process then sends: so a trace goes through it, and <c>seq_trace:get_token(label)</c> shows where it comes from. Tokens
/// with other labels are read over. Source: OTP kernel, <c>seq_trace</c>; ERTS User's Guide, Distribution Protocol; W3C Trace Context.
/// </remarks>
internal static class TraceToken
{
    /// <summary>The length of a <c>traceparent</c> of version 00.</summary>
    public const int ContextBytes = 55;

    private const int Arity = 5;

    public static void Write(ref EtfWriter writer, Binary context, Pid from)
    {
        writer.WriteTupleHeader(Arity);
        writer.WriteLong(0);
        writer.WriteBinary(context.Span);
        writer.WriteLong(1);
        writer.WritePid(from);
        writer.WriteLong(0);
    }

    /// <summary>Reads a token; the context is null where its label is none.</summary>
    /// <returns>False for bytes that are no term.</returns>
    public static bool TryRead(ref EtfReader reader, out Binary? context)
    {
        context = null;
        if (reader.PeekTag() != EtfTag.SmallTuple)
            return reader.TrySkipTerm() == DecodeStatus.Ok;
        if (reader.TryReadTupleHeader(out int arity) != DecodeStatus.Ok)
            return false;
        for (int element = 0; element < arity; element++)
        {
            if (element == 1 && arity == Arity && reader.PeekTag() == EtfTag.Binary)
            {
                if (reader.TryReadBinary(out ReadOnlySpan<byte> label) != DecodeStatus.Ok)
                    return false;
                if (label.Length == ContextBytes)
                    context = new Binary(label.ToArray());
            }
            else if (reader.TrySkipTerm() != DecodeStatus.Ok)
            {
                return false;
            }
        }

        return true;
    }
}
