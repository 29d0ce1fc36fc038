namespace CloudScale;

/// <summary>Atoms that calls of functions speak.</summary>
internal static class FunctionAtoms
{
    internal static readonly Atom BadArg = Atom.Of("badarg");
    internal static readonly Atom Undef = Atom.Of("undef");
    internal static readonly Atom NoCatch = Atom.Of("nocatch");
    internal static readonly Atom Error = Atoms.Error;
    internal static readonly Atom Exit = Atom.Of("exit");
    internal static readonly Atom Throw = Atom.Of("throw");
    internal static readonly Atom Return = Atom.Of("return");

    /// <summary>The atom of a class.</summary>
    internal static Atom Of(ErlangClass @class) =>
        @class switch
        {
            ErlangClass.Exit => Exit,
            ErlangClass.Throw => Throw,
            _ => Error,
        };
}
