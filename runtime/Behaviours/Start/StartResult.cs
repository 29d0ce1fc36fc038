namespace CloudScale;

/// <summary>How a start ended: <c>{ok, Pid}</c>, <c>{ok, {Pid, Monitor}}</c>, <c>ignore</c> or <c>{error, Reason}</c>.</summary>
public readonly struct StartResult : ITermConvertible, IEquatable<StartResult>
{
    private static readonly Atom s_ignore = Atom.Of("ignore");
    private static readonly Atom s_alreadyStarted = Atom.Of("already_started");
    private readonly Pid _pid;
    private static readonly object s_notRun = new(); // not the atom, which is a reason like any other
    private readonly object? _more; // why not; of a process that runs what its start adds, or Monitored

    private StartResult(Pid pid, object? more)
    {
        _pid = pid;
        _more = more;
    }

    /// <summary>Whether the process runs.</summary>
    public bool IsOk => !_pid.IsNone;

    /// <summary>Whether its <c>Init</c> said that it need not run.</summary>
    public bool IsIgnore => ReferenceEquals(_more, s_notRun);

    /// <summary>The process.</summary>
    /// <exception cref="StartException">There is none.</exception>
    public Pid Pid => IsOk ? _pid : throw new StartException(this);

    /// <summary>The monitor of a start that sets one.</summary>
    public Reference Monitor => _more is Monitored monitored ? monitored.Monitor : default;

    /// <summary>Why it does not run; null if it does, or need not.</summary>
    public object? Error => IsIgnore || IsOk ? null : _more;

    /// <summary>What a start function says besides the process; null for nothing.</summary>
    public object? Info =>
        !IsOk ? null
        : _more is Monitored monitored ? monitored.Info
        : _more;

    /// <summary>The process that bears the name already, where that is the error: <c>{already_started, Pid}</c>; else none.</summary>
    public Pid AlreadyStarted => _more is Tuple and [Atom tag, Pid other] && ReferenceEquals(tag, s_alreadyStarted) ? other : default;

    /// <summary>The process runs: what a start function returns for a process that it has started and linked in its own way.</summary>
    public static StartResult Ok(Pid pid) => new(pid, null);

    /// <summary>The process need not run.</summary>
    public static StartResult Ignore => new(default, s_notRun);

    /// <summary>The start has failed.</summary>
    public static StartResult Failed(object reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return new(default, reason);
    }

    /// <summary>The same with something that whoever asked for the start is told besides: <c>{ok, Pid, Info}</c>.</summary>
    /// <exception cref="StartException">There is no process.</exception>
    public StartResult WithInfo(object info)
    {
        ArgumentNullException.ThrowIfNull(info);
        return new(Pid, _more is Monitored monitored ? monitored with { Info = info } : info);
    }

    /// <summary>What a start function of Erlang returns, or what a supervisor answers; any other term is an error, as in OTP.</summary>
    internal static StartResult FromTerm(object term) =>
        term switch
        {
            StartResult result => result,
            Tuple and [Atom tag, Pid pid] when ReferenceEquals(tag, Atoms.Ok) => Ok(pid),
            Tuple and [Atom tag, Pid pid, var info] when ReferenceEquals(tag, Atoms.Ok) => Ok(pid).WithInfo(info),
            Tuple and [Atom tag, Atom none] when ReferenceEquals(tag, Atoms.Ok) && ReferenceEquals(none, Atoms.Undefined) => Ignore,
            Tuple and [Atom tag, var reason] when ReferenceEquals(tag, Atoms.Error) => Failed(reason),
            Atom ignore when ReferenceEquals(ignore, s_ignore) => Ignore,
            _ => Failed(term),
        };

    internal static StartResult NameTaken(Pid by) => Failed(Tuple.Of(s_alreadyStarted, by));

    internal StartResult WithMonitor(Reference monitor) => new(_pid, new Monitored(monitor, Info));

    /// <inheritdoc/>
    public object ToTerm() =>
        IsIgnore ? s_ignore
        : !IsOk ? Tuple.Of(Atoms.Error, _more ?? Atoms.Undefined)
        : Info is { } info ? Tuple.Of(Atoms.Ok, _pid, info)
        : Monitor.IsNone ? Tuple.Of(Atoms.Ok, _pid)
        : Tuple.Of(Atoms.Ok, Tuple.Of(_pid, Monitor));

    /// <inheritdoc/>
    public bool Equals(StartResult other) => Term.AreEqual(ToTerm(), other.ToTerm());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is StartResult other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Term.Hash(ToTerm());

    /// <summary>Whether both are one term.</summary>
    public static bool operator ==(StartResult left, StartResult right) => left.Equals(right);

    /// <summary>Whether they are two.</summary>
    public static bool operator !=(StartResult left, StartResult right) => !left.Equals(right);

    /// <summary>As Erlang prints it.</summary>
    public override string ToString() => Term.Format(ToTerm());

    private sealed record Monitored(Reference Monitor, object? Info);
}

/// <summary>The process of a start that failed was asked for.</summary>
public sealed class StartException : InvalidOperationException
{
    internal StartException(StartResult result)
        : base($"The process was not started: {result}.") => Result = result;

    /// <summary>How the start ended.</summary>
    public StartResult Result { get; }
}
