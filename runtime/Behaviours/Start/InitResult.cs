namespace CloudScale;

/// <summary>What a process's <c>Init</c> says: it runs, or why not.</summary>
/// <remarks>The default value is <see cref="Ok"/>. It converts to a completed <c>ProcessTask</c>, so an <c>Init</c> that waits for nothing is no async method.</remarks>
public readonly struct InitResult
{
    private readonly Next _next;

    private InitResult(InitOutcome outcome, object? reason, Next next)
    {
        Outcome = outcome;
        Reason = reason;
        _next = next;
    }

    internal InitOutcome Outcome { get; }

    internal object? Reason { get; }

    /// <summary>What comes after the start has been acknowledged.</summary>
    internal Next Next => _next;

    /// <summary>The process runs: <c>{ok, State}</c>.</summary>
    public static InitResult Ok => default;

    /// <summary>The process need not run: <c>ignore</c>. It exits with <c>normal</c>.</summary>
    public static InitResult Ignore => new(InitOutcome.Ignore, null, default);

    /// <summary>The start fails and the process exits with the reason, of which those linked to it hear: <c>{stop, Reason}</c>.</summary>
    public static InitResult Stop(object reason) => new(InitOutcome.Stop, Checked(reason), default);

    /// <summary>The start fails, the process exits with <c>normal</c>, and nobody but the starter hears of it: <c>{error, Reason}</c>.</summary>
    public static InitResult Error(object reason) => new(InitOutcome.Error, Checked(reason), default);

    /// <summary>Unless a message comes first, the message <c>timeout</c> is handled after this time.</summary>
    public InitResult WithTimeout(TimeSpan timeout) => new(Outcome, Reason, _next.WithTimeout(timeout));

    /// <summary>The process hibernates until a message comes.</summary>
    public InitResult WithHibernate() => new(Outcome, Reason, _next.WithHibernate());

    /// <summary>When the start has been acknowledged, and before any message, the process handles this: <c>{ok, State, {continue, Argument}}</c>.</summary>
    public InitResult WithContinue(object argument) => new(Outcome, Reason, _next.WithContinue(argument));

    /// <summary>As what <c>Init</c> returns.</summary>
    public static implicit operator ProcessTask<InitResult>(InitResult result) => new(result);

    private static object Checked(object reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return reason;
    }
}

internal enum InitOutcome : byte
{
    Ok,
    Ignore,
    Stop,
    Error,
}
