namespace CloudScale.Scheduling;

/// <summary>Takes the answer to a call, or the report that there will be none.</summary>
/// <remarks>Kept by its process and used again: one call at a time, as a process waits for one thing at a time.</remarks>
internal sealed class ReplyMatcher : Matcher
{
    internal Reference Call;

    /// <summary>The answer comes as <c>{[alias | Call], Reply}</c>, or as <c>{Call, Reply}</c> from those who take the tag for what it was before aliases.</summary>
    internal override bool Matches(Envelope envelope) =>
        Seen(envelope.Payload) switch
        {
            AnswerSignal answer => answer.Alias == Call,
            Tuple { Count: 2 } reply => reply[0] switch
            {
                List { Count: 1 } tag => tag.Tail is Reference reference && reference == Call,
                Reference reference => reference == Call,
                _ => false,
            },
            DownSignal down => down.Reference == Call,
            _ => false,
        };

    internal override string Describe() => $"the answer to {Call}";

    /// <summary>An answer from another node as the tuple that it is.</summary>
    internal static object? Seen(object? payload) => payload is EncodedMessage encoded ? encoded.Message : payload;
}
