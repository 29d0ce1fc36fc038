namespace CloudScale;

/// <summary>How a supervisor stops a child: by <c>shutdown</c> and, after a while, by <c>kill</c>; or by <c>kill</c> at once.</summary>
/// <remarks>The default value leaves it to the kind of child: five seconds for a worker, without limit for a supervisor. Wire: <c>brutal_kill | infinity | Milliseconds</c>.</remarks>
public readonly struct ChildShutdown : IEquatable<ChildShutdown>, ITermConvertible
{
    private const long DefaultWorkerMs = 5_000;
    private static readonly Atom s_infinity = Atom.Of("infinity");
    private static readonly Atom s_brutalKill = Atom.Of("brutal_kill");

    private readonly long _value; // 0 default, -1 for ever, -2 kill, else milliseconds + 1

    private ChildShutdown(long value) => _value = value;

    /// <summary>The child is killed at once.</summary>
    public static ChildShutdown BrutalKill => new(-2);

    /// <summary>The child is given all the time it takes: for supervisors, whose children need theirs.</summary>
    public static ChildShutdown Infinity => new(-1);

    /// <summary>The child is killed if it has not exited by then.</summary>
    public static ChildShutdown After(TimeSpan patience)
    {
        if (patience == Timeout.InfiniteTimeSpan)
            return Infinity;
        ArgumentOutOfRangeException.ThrowIfLessThan(patience, TimeSpan.Zero);
        return new((long)Math.Ceiling(patience.TotalMilliseconds) + 1);
    }

    /// <summary>As <see cref="After"/>.</summary>
    public static implicit operator ChildShutdown(TimeSpan patience) => After(patience);

    internal bool IsDefault => _value == 0;

    internal bool IsBrutal => _value == -2;

    /// <summary>How long to wait; for ever if infinite. Not for a brutal one.</summary>
    internal TimeSpan Patience => _value < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(_value - 1);

    internal ChildShutdown For(bool isSupervisor) =>
        !IsDefault ? this
        : isSupervisor ? Infinity
        : new(DefaultWorkerMs + 1);

    internal static bool TryFrom(object term, out ChildShutdown shutdown)
    {
        shutdown = term switch
        {
            Atom atom when ReferenceEquals(atom, s_infinity) => Infinity,
            Atom atom when ReferenceEquals(atom, s_brutalKill) => BrutalKill,
            long and >= 0 and < long.MaxValue => new((long)term + 1),
            int and >= 0 => new((int)term + 1L),
            _ => default,
        };
        return !shutdown.IsDefault;
    }

    /// <summary>As Erlang writes it; the default as that of a worker.</summary>
    public object ToTerm() =>
        _value switch
        {
            0 => DefaultWorkerMs,
            -1 => s_infinity,
            -2 => s_brutalKill,
            _ => _value - 1,
        };

    /// <inheritdoc/>
    public bool Equals(ChildShutdown other) => _value == other._value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ChildShutdown other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.GetHashCode();

    /// <summary>Whether both are the same.</summary>
    public static bool operator ==(ChildShutdown left, ChildShutdown right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(ChildShutdown left, ChildShutdown right) => !left.Equals(right);

    /// <summary>As Erlang prints it.</summary>
    public override string ToString() => IsDefault ? "default" : Term.Format(ToTerm());
}
