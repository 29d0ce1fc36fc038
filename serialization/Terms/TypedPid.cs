namespace CloudScale;

/// <summary>The identity of a process that takes messages of one type, so that the compiler refuses others.</summary>
/// <remarks>
/// The type is known here and nowhere else: on the wire, in dynamic terms and for whoever receives it, it is the pid. Nothing checks that the process really takes such messages; who makes a typed pid says so. A member of a contract may
/// be one. Two words, as a pid.
/// </remarks>
/// <typeparam name="TMessage">What the process takes: a contract, mostly a union.</typeparam>
/// <param name="pid">The pid.</param>
public readonly struct Pid<TMessage>(Pid pid) : IEquatable<Pid<TMessage>>, ITermConvertible
    where TMessage : notnull
{
    /// <summary>The pid, which takes any message.</summary>
    public Pid Untyped { get; } = pid;

    /// <summary>True for <c>default</c>, which names no process.</summary>
    public bool IsNone => Untyped.IsNone;

    /// <summary>Says that a process takes messages of this type.</summary>
    public static explicit operator Pid<TMessage>(Pid pid) => new(pid);

    /// <summary>Whether both name one process.</summary>
    public static bool operator ==(Pid<TMessage> left, Pid<TMessage> right) => left.Equals(right);

    /// <summary>Whether they name two processes.</summary>
    public static bool operator !=(Pid<TMessage> left, Pid<TMessage> right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(Pid<TMessage> other) => Untyped.Equals(other.Untyped);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Pid<TMessage> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Untyped.GetHashCode();

    /// <summary>The pid, as <see cref="Pid.ToString"/>.</summary>
    public override string ToString() => Untyped.ToString();

    object ITermConvertible.ToTerm() => Untyped;
}
