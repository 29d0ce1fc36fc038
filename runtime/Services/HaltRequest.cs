namespace CloudScale;

/// <summary>Something asks that the program end: another node, where <see cref="StandardFunctions.Halt"/> is allowed, or an application whose end is that of the node.</summary>
/// <param name="Status">The exit status.</param>
/// <param name="IsOrderly">By <c>init:stop</c>: processes are to be ended in order first. Else, by <c>erlang:halt</c>, at once.</param>
public sealed record HaltRequest(int Status, bool IsOrderly)
{
    /// <summary>Why: <c>{application_terminated, Name, Reason}</c> for example; null where a node has asked.</summary>
    public object? Reason { get; init; }
}
