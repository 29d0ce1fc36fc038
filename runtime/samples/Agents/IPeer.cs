namespace CloudScale.Samples.Agents;

/// <summary>The other node: a real Erlang node, or a second one of ours.</summary>
internal interface IPeer : IAsyncDisposable
{
    /// <summary>What the view calls it.</summary>
    string Description { get; }

    /// <summary>What went wrong, if the peer has ended by itself.</summary>
    string? Fault { get; }
}
