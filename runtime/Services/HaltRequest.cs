namespace CloudScale;

/// <summary>Another node, or a function of this one, asks that the program end; only where <see cref="StandardFunctions.Halt"/> is allowed.</summary>
/// <param name="Status">The exit status.</param>
/// <param name="IsOrderly">By <c>init:stop</c>: processes are to be ended in order first. Else, by <c>erlang:halt</c>, at once.</param>
public sealed record HaltRequest(int Status, bool IsOrderly);
