namespace CloudScale;

/// <summary>Unwinds the body of a process that exits, so that its <c>using</c> and <c>finally</c> blocks run.</summary>
/// <remarks>
/// Thrown by <see cref="Self.Exit(object)"/> and by whatever the body awaits when an exit signal has arrived. Catching it does not save a process from an exit
/// signal: the next thing it awaits ends it at once.
/// </remarks>
public sealed class ProcessExitException : Exception
{
    private const int ShownCharacters = 1_000;

    /// <summary>Makes the exception for a reason.</summary>
    /// <param name="reason">Any term.</param>
    /// <exception cref="ArgumentNullException">There is none.</exception>
    public ProcessExitException(object reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        Reason = reason;
    }

    /// <summary>Why the process exits: any term.</summary>
    public object Reason { get; }

    /// <summary>With the reason as Erlang prints it, up to 1,000 characters of it.</summary>
    public override string Message => $"The process exits: {Term.FormatUpTo(Reason, ShownCharacters)}";
}
