namespace CloudScale;

/// <summary>How a start ended: <c>{ok, Pid}</c>, <c>{ok, {Pid, Monitor}}</c>, <c>ignore</c> or <c>{error, Reason}</c>.</summary>
public readonly struct StartResult : ITermConvertible, IEquatable<StartResult>
{
    private static readonly Atom s_ignore = Atom.Of("ignore");
    private static readonly Atom s_alreadyStarted = Atom.Of("already_started");
    private readonly Pid _pid;
    private readonly object? _failure; // the reason, or the atom ignore with _isIgnore

    private StartResult(Pid pid, Reference monitor, object? failure, bool isIgnore)
    {
        _pid = pid;
        Monitor = monitor;
        _failure = failure;
        IsIgnore = isIgnore;
    }

    /// <summary>Whether the process runs.</summary>
    public bool IsOk => !_pid.IsNone;

    /// <summary>Whether its <c>Init</c> said that it need not run.</summary>
    public bool IsIgnore { get; }

    /// <summary>The process.</summary>
    /// <exception cref="StartException">There is none.</exception>
    public Pid Pid => IsOk ? _pid : throw new StartException(this);

    /// <summary>The monitor of a start that sets one.</summary>
    public Reference Monitor { get; }

    /// <summary>Why it does not run; null if it does, or need not.</summary>
    public object? Error => IsIgnore ? null : _failure;

    /// <summary>The process that bears the name already, where that is the error: <c>{already_started, Pid}</c>; else none.</summary>
    public Pid AlreadyStarted => _failure is Tuple and [Atom tag, Pid other] && ReferenceEquals(tag, s_alreadyStarted) ? other : default;

    internal static StartResult Ok(Pid pid, Reference monitor = default) => new(pid, monitor, null, isIgnore: false);

    internal static StartResult Ignore => new(default, default, s_ignore, isIgnore: true);

    internal static StartResult Failed(object reason) => new(default, default, reason, isIgnore: false);

    internal static StartResult NameTaken(Pid by) => Failed(Tuple.Of(s_alreadyStarted, by));

    internal StartResult WithMonitor(Reference monitor) => new(_pid, monitor, _failure, IsIgnore);

    /// <inheritdoc/>
    public object ToTerm() =>
        IsIgnore ? s_ignore
        : !IsOk ? Tuple.Of(Atoms.Error, _failure ?? Atoms.Undefined)
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
}

/// <summary>The process of a start that failed was asked for.</summary>
public sealed class StartException : InvalidOperationException
{
    internal StartException(StartResult result)
        : base($"The process was not started: {result}.") => Result = result;

    /// <summary>How the start ended.</summary>
    public StartResult Result { get; }
}
