namespace CloudScale.Tool.Terms;

/// <summary>A call as somebody types it.</summary>
/// <param name="Variable">What the result is called from then on; null for nothing.</param>
/// <param name="Module">The module.</param>
/// <param name="Function">The function.</param>
/// <param name="Arguments">The arguments.</param>
internal sealed record TermCall(string? Variable, Atom Module, Atom Function, List Arguments);
