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
            Down down => down.Reference == Call,
            _ => false,
        };

    internal override string Describe() => $"the answer to {Call}";

    /// <summary>An answer from another node as the tuple that it is.</summary>
    internal static object? Seen(object? payload) => payload is EncodedMessage encoded ? encoded.Message : payload;
}

/// <summary>What a call ends with: the answer, or the reason why there is none.</summary>
/// <param name="Value">Which of them, as <paramref name="IsReason"/> says.</param>
/// <param name="IsReason">Whether the server is gone.</param>
internal readonly record struct CallAnswer(object Value, bool IsReason)
{
    /// <summary>From a message that a <see cref="ReplyMatcher"/> took.</summary>
    internal static bool TryRead(object? payload, out CallAnswer answer)
    {
        answer = ReplyMatcher.Seen(payload) switch
        {
            AnswerSignal signal => new(signal.Reply, false),
            Tuple { Count: 2 } reply => new(reply[1], false),
            Down down => new(down.Reason, true),
            _ => default,
        };
        return answer.Value is not null;
    }
}
