using CloudScale.Serialization.Etf;

namespace CloudScale.Samples.InteropNode.Services;

/// <summary><c>etf</c>: the codec of the external term format for others to try.</summary>
internal static class EtfService
{
    private static readonly Tuple s_failure = Tuple.Of(Atoms.Error, (Atom)"badarg");

    internal static async ProcessTask Run(Self self)
    {
        while (true)
        {
            if (await self.Receive() is Tuple and [var from, var reference, var request])
                Destination.TrySend(self, from, Tuple.Of(reference, Answer(request, self.Pid.Node)));
        }
    }

    private static object Answer(object request, NodeIdentity here) =>
        request switch
        {
            Tuple and [Atom { Name: "decode" }, Binary bytes] => TryDecode(bytes, here, out object term, out _)
                ? Tuple.Of(Atoms.Ok, term)
                : s_failure,
            Tuple and [Atom { Name: "decode_used" }, Binary bytes] => TryDecode(bytes, here, out object term, out int used)
                ? Tuple.Of(Atoms.Ok, term, (long)used)
                : s_failure,
            Tuple and [Atom { Name: "validate" }, Binary bytes] => TryDecode(bytes, here, out _, out _) ? Atoms.Ok : s_failure,
            Tuple and [Atom { Name: "encode" }, var term, List { IsProper: true } options] => EncodingOptions.TryFrom(options)
                is { } encoding
                ? Tuple.Of(Atoms.Ok, new Binary(ExternalTerm.Encode(term, encoding)))
                : s_failure,
            _ => s_failure,
        };

    // Whoever has shown the cookie is trusted with what it sends; strangers would get EtfLimits.Untrusted.
    private static bool TryDecode(Binary bytes, NodeIdentity here, out object term, out int used)
    {
        DecodeStatus status = ExternalTerm.TryDecode(
            bytes.Span,
            new EtfDecodeContext(EtfLimits.Trusted, here),
            out object? decoded,
            out used
        );
        term = decoded!;
        return status == DecodeStatus.Ok;
    }
}
