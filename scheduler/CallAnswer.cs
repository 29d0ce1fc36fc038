using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>What a request ends with: the answer, or the reason why there is none.</summary>
/// <param name="Value">Which of them, as <paramref name="IsReason"/> says.</param>
/// <param name="IsReason">Whether it is the reason of a <see cref="Down"/>.</param>
public readonly record struct CallAnswer(object Value, bool IsReason)
{
    /// <summary>From a message that a <see cref="ReplyMatcher"/> took.</summary>
    internal static bool TryRead(object? payload, out CallAnswer answer)
    {
        answer = ReplyMatcher.Seen(payload) switch
        {
            AnswerSignal signal => new(signal.Reply, false),
            Tuple { Count: 2 } reply => new(reply[1], false),
            DownSignal down => new(down.Reason, true),
            _ => default,
        };
        return answer.Value is not null;
    }
}
