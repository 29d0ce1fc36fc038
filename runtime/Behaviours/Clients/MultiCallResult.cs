namespace CloudScale;

/// <summary>The answers of several nodes: <c>{Replies, BadNodes}</c>.</summary>
/// <param name="Replies">What each node answered.</param>
/// <param name="BadNodes">Nodes that are not there, have no such server, or did not answer in time.</param>
public sealed record MultiCallResult(IReadOnlyList<(Atom Node, object Reply)> Replies, IReadOnlyList<Atom> BadNodes);
