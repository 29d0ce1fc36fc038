namespace CloudScale;

/// <summary>A reference to an exported function, <c>fun Module:Function/Arity</c>.</summary>
/// <remarks>Wire: <c>113 | atom | atom | SMALL_INTEGER_EXT</c> (EXPORT_EXT).</remarks>
/// <param name="Module">The module that exports the function.</param>
/// <param name="Function">The name of the function.</param>
/// <param name="Arity">How many arguments it takes: 0 to 255.</param>
public sealed record ExternalFun(Atom Module, Atom Function, int Arity)
{
    /// <summary>The fun as Erlang prints it.</summary>
    public override string ToString() => Term.Format(this);
}
