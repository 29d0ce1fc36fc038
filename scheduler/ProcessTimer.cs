using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>A message on its way through time. Threads: any.</summary>
/// <remarks>It outlives the process that set it. One for a process of this node is over when that process exits, as on BEAM.</remarks>
public readonly struct ProcessTimer : IEquatable<ProcessTimer>
{
    private readonly SendTimer? _timer;

    internal ProcessTimer(SendTimer timer) => _timer = timer;

    /// <summary>The reference in the <c>{timeout, Reference, Message}</c> of <see cref="Self.StartTimer(TimeSpan, Pid, object)"/>; none for a plain message.</summary>
    public Reference Reference => _timer?.Reference ?? default;

    /// <summary>What is left until it fires; null if it has fired, was cancelled, or its receiver has exited. Erlang's <c>read_timer</c>.</summary>
    public TimeSpan? Left => _timer?.Left;

    /// <summary>Takes the message back: after true it is not sent.</summary>
    /// <returns>False if it has been sent already, was cancelled before, or its receiver has exited.</returns>
    public bool Cancel() => _timer?.Cancel() ?? false;

    /// <summary>Takes the message back, and says what was left; Erlang's <c>cancel_timer</c>.</summary>
    /// <inheritdoc cref="Cancel()" path="/returns"/>
    public bool Cancel(out TimeSpan left)
    {
        left = default;
        return _timer?.Cancel(out left) ?? false;
    }

    /// <inheritdoc/>
    public bool Equals(ProcessTimer other) => ReferenceEquals(_timer, other._timer);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ProcessTimer other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _timer?.GetHashCode() ?? 0;

    /// <summary>Whether both are one timer.</summary>
    public static bool operator ==(ProcessTimer left, ProcessTimer right) => left.Equals(right);

    /// <summary>Whether they are two.</summary>
    public static bool operator !=(ProcessTimer left, ProcessTimer right) => !left.Equals(right);
}
