namespace CloudScale.Scheduling;

/// <summary>A function of Erlang's and its arguments: <c>Module:Function(Arguments…)</c>.</summary>
/// <param name="Module">The module.</param>
/// <param name="Function">The function.</param>
/// <param name="Arguments">The arguments, a proper list.</param>
public readonly record struct FunctionCall(Atom Module, Atom Function, List Arguments);
