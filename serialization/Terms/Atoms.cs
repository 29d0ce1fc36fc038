namespace CloudScale;

/// <summary>The atoms that the runtime itself speaks.</summary>
public static class Atoms
{
    /// <summary><c>true</c></summary>
    public static readonly Atom True = Atom.Of("true");

    /// <summary><c>false</c></summary>
    public static readonly Atom False = Atom.Of("false");

    /// <summary><c>ok</c></summary>
    public static readonly Atom Ok = Atom.Of("ok");

    /// <summary><c>error</c></summary>
    public static readonly Atom Error = Atom.Of("error");

    /// <summary><c>undefined</c></summary>
    public static readonly Atom Undefined = Atom.Of("undefined");

    /// <summary><c>normal</c>: the exit reason of a process that has done its work.</summary>
    public static readonly Atom Normal = Atom.Of("normal");

    /// <summary><c>kill</c>: as the reason of an exit signal it cannot be trapped.</summary>
    public static readonly Atom Kill = Atom.Of("kill");

    /// <summary><c>killed</c>: the exit reason of a process that was killed.</summary>
    public static readonly Atom Killed = Atom.Of("killed");

    /// <summary><c>shutdown</c>: the exit reason of an orderly stop.</summary>
    public static readonly Atom Shutdown = Atom.Of("shutdown");

    /// <summary><c>noproc</c>: there is no such process.</summary>
    public static readonly Atom NoProc = Atom.Of("noproc");

    /// <summary><c>noconnection</c>: the node is not connected, or no longer.</summary>
    public static readonly Atom NoConnection = Atom.Of("noconnection");

    /// <summary>The tag of a timer's message, <c>{timeout, Reference, Message}</c>.</summary>
    public static readonly Atom Timeout = Atom.Of("timeout");

    /// <summary><c>process</c></summary>
    public static readonly Atom Process = Atom.Of("process");

    /// <summary><c>exception</c>: tag of the exit reason <c>{exception, Type, Message, Stack}</c>.</summary>
    public static readonly Atom Exception = Atom.Of("exception");

    /// <summary><c>'EXIT'</c></summary>
    public static readonly Atom Exit = Atom.Of("EXIT");

    /// <summary><c>'DOWN'</c></summary>
    public static readonly Atom Down = Atom.Of("DOWN");

    /// <summary><c>nodeup</c></summary>
    public static readonly Atom NodeUp = Atom.Of("nodeup");

    /// <summary><c>nodedown</c></summary>
    public static readonly Atom NodeDown = Atom.Of("nodedown");
}
