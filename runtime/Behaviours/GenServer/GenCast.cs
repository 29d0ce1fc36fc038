namespace CloudScale;

/// <summary>A cast as it travels within a node. To Erlang: <c>{'$gen_cast', Request}</c>.</summary>
/// <param name="Request">Any term.</param>
public sealed record GenCast(object Request) : ITermConvertible
{
    internal static readonly Atom Tag = Atom.Of("$gen_cast");

    /// <inheritdoc/>
    public object ToTerm() => Tuple.Of(Tag, Request);
}
