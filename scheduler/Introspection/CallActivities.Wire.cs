using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using CloudScale.Serialization.Etf;

namespace CloudScale.Scheduling;

/// <content>Traces that come from other nodes, and go there.</content>
public static partial class CallActivities
{
    // Of calls from other nodes that nobody has handled yet. They are for peers to send, so they are apart from our own, and all go when they are too many.
    private static readonly ConcurrentDictionary<Reference, ActivityContext> s_arrived = new();

    /// <summary>The context that a request to another node carries: the activity that is current on this thread, as W3C's <c>traceparent</c>.</summary>
    /// <remarks>Null, and nothing is allocated, while nobody listens, while no activity is current, and for one whose id has another form.</remarks>
    public static Binary? Outgoing()
    {
        if (!IsOn || Activity.Current is not { IdFormat: ActivityIdFormat.W3C, Id: { } id })
            return null;
        return new Binary(Encoding.ASCII.GetBytes(id));
    }

    /// <summary>A message of a trace has come from another node and is about to be delivered: if it is a call, its handler finds the context under the call's reference.</summary>
    /// <param name="context">A <c>traceparent</c>, or anything else, which counts as none.</param>
    /// <param name="message">The message; only its head is looked at.</param>
    public static void Arrive(Binary context, EncodedTerm message)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (
            !IsOn
            || !ActivityContext.TryParse(Encoding.Latin1.GetString(context.Span), null, isRemote: true, out ActivityContext parsed)
            || !TryReadAlias(message, out Reference call)
        )
            return;
        if (s_arrived.Count >= MaxOpen)
            s_arrived.Clear();
        s_arrived[call] = parsed;
    }

    // {'$gen_call', {Pid, [alias | Reference]}, Request}
    private static bool TryReadAlias(EncodedTerm message, out Reference alias)
    {
        alias = default;
        EtfReader reader = message.HasVersion
            ? new EtfReader(message.Bytes, message.Context)
            : new EtfReader(message.Bytes, message.Context, message.HeaderAtoms ?? []);
        return (!message.HasVersion || reader.TryReadVersion() == DecodeStatus.Ok)
            && GenCall.TryOpen(ref reader)
            && reader.TryReadTupleHeader(out int parts) == DecodeStatus.Ok
            && parts == 2
            && reader.TryReadPid(out _) == DecodeStatus.Ok
            && reader.TryReadListHeader(out int count) == DecodeStatus.Ok
            && count == 1
            && reader.TrySkipTerm() == DecodeStatus.Ok
            && reader.TryReadReference(out alias) == DecodeStatus.Ok;
    }
}
