namespace CloudScale.Runtime.Services.Io;

/// <summary>The words of Erlang's I/O protocol.</summary>
internal static class IoAtoms
{
    internal static readonly Atom Request = Atom.Of("io_request");
    internal static readonly Atom Reply = Atom.Of("io_reply");
    internal static readonly Atom PutChars = Atom.Of("put_chars");
    internal static readonly Atom Unicode = Atom.Of("unicode");
    internal static readonly Atom Latin1 = Atom.Of("latin1");
    internal static readonly Atom IoLib = Atom.Of("io_lib");
    internal static readonly Atom Format = Atom.Of("format");
    internal static readonly Atom Eof = Atom.Of("eof");
    internal static readonly Atom NotSupported = Atom.Of("enotsup");
    internal static readonly Atom BadRequest = Atom.Of("request");
    internal static readonly Atom Encoding = Atom.Of("encoding");
    internal static readonly Atom Binary = Atom.Of("binary");
    internal static readonly Atom Terminated = Atom.Of("terminated");
    internal static readonly Atom User = Atom.Of("user");

    /// <summary><c>{error, Reason}</c></summary>
    internal static Tuple Error(object reason) => Tuple.Of(Atoms.Error, reason);
}
