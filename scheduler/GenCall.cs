using CloudScale.Scheduling;
using CloudScale.Serialization.Etf;

namespace CloudScale;

/// <summary>A call as a server receives it: <c>{'$gen_call', From, Request}</c> to Erlang, whose <c>gen_server:call</c> sends the same.</summary>
/// <remarks>
/// Servers ask for it by type, <c>await self.Receive&lt;GenCall&gt;()</c> or <see cref="Message.TryGet{T}"/>, and answer with <see cref="Self.Reply(From, object)"/>. A call from
/// this node then costs two allocations there and back. Received as an object it is the tuple.
/// </remarks>
/// <param name="From">Whom to answer.</param>
/// <param name="Request">Any term.</param>
public readonly record struct GenCall(From From, object Request) : ITermConvertible
{
    private static readonly Atom s_tag = Atom.Of("$gen_call");

    /// <inheritdoc/>
    public object ToTerm() => ToTerm(From.ToTerm(), Request);

    internal static Tuple ToTerm(object from, object request) => Tuple.Of(s_tag, from, request);

    /// <summary>Reads the head of a call; from and request are the next reads.</summary>
    internal static bool TryOpen(ref EtfReader reader) => reader.TryReadTupleHead(3, "$gen_call"u8, "a call") == DecodeStatus.Ok;

    /// <summary>A message, if it is a call.</summary>
    internal static bool TryRead(object? payload, out GenCall call)
    {
        if (payload is CallSignal signal)
        {
            call = signal.Call;
            return true;
        }

        if (payload is EncodedMessage encoded)
            return encoded.TryGetCall(out call);
        if (payload is Tuple { Count: 3 } term && ReferenceEquals(term[0], s_tag) && From.TryFrom(term[1], out From from))
        {
            call = new GenCall(from, term[2]);
            return true;
        }

        call = payload is GenCall forwarded ? forwarded : default;
        return call.Request is not null;
    }
}
