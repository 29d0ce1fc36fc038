namespace CloudScale;

/// <summary>What became of a request: <c>{reply, Reply}</c>, <c>{error, {Reason, Server}}</c>, or nothing yet.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Value">The reply, or the reason; null for nothing yet.</param>
/// <param name="Request">Which request.</param>
/// <param name="Label">Its label, if it is of a collection.</param>
public readonly record struct Response(ResponseKind Kind, object? Value, RequestId Request, object? Label = null)
{
    /// <summary>Whether an answer came.</summary>
    public bool IsReply => Kind == ResponseKind.Reply;

    /// <summary>The answer.</summary>
    /// <exception cref="ProcessExitException">There is none: <c>{Reason, {gen_server, receive_response, [Server]}}</c>.</exception>
    public object Reply =>
        Kind == ResponseKind.Reply
            ? Value!
            : throw new ProcessExitException(
                Tuple.Of(Value ?? Atoms.Timeout, Tuple.Of(Request.Kind, Atom.Of("receive_response"), List.Of(Request.Server.ToTerm())))
            );

    /// <summary>As Erlang writes it.</summary>
    public object ToTerm() =>
        Kind switch
        {
            ResponseKind.Reply => Tuple.Of(Atom.Of("reply"), Value!),
            ResponseKind.Error => Tuple.Of(Atoms.Error, Tuple.Of(Value!, Request.Server.ToTerm())),
            ResponseKind.Timeout => Atoms.Timeout,
            _ => Atom.Of("no_reply"),
        };
}

/// <summary>The kinds of <see cref="Response"/>.</summary>
public enum ResponseKind
{
    /// <summary>A message that is not the answer was checked, or a collection is empty.</summary>
    NoReply,

    /// <summary>The answer.</summary>
    Reply,

    /// <summary>The server is gone, or was not there.</summary>
    Error,

    /// <summary>Nothing came in time.</summary>
    Timeout,
}
