namespace CloudScale.Samples.Chat;

/// <summary>What somebody said; <c>{chat, User, Text}</c> to Erlang.</summary>
/// <param name="User">Who.</param>
/// <param name="Text">What.</param>
internal sealed record ChatLine(string User, string Text) : ITermConvertible
{
    private static readonly Atom s_tag = "chat";

    public object ToTerm() => Tuple.Of(s_tag, User, Text);

    /// <summary>Reads either form; null for anything else.</summary>
    public static ChatLine? Read(object message) =>
        message switch
        {
            ChatLine line => line,
            Tuple and [Atom { Name: "chat" }, var user, var text] when TextOf(user) is { } who && TextOf(text) is { } what => new(
                who,
                what
            ),
            _ => null,
        };

    private static string? TextOf(object term) =>
        term switch
        {
            string text => text,
            Binary binary when binary.TryGetString(out string? text) => text,
            List list when list.TryGetString(out string? text) => text,
            _ => null,
        };
}
