namespace CloudScale;

/// <summary>What a supervisor's <c>Init</c> returns: its flags and its first children, or that it need not run.</summary>
/// <remarks>It converts to a completed <c>ProcessTask</c>, so an <c>Init</c> that waits for nothing is no async method.</remarks>
/// <param name="Flags">How it behaves.</param>
/// <param name="Children">What it starts, in this order. With <see cref="RestartStrategy.SimpleOneForOne"/> the one kind of child that it can start later.</param>
public sealed record SupervisorInit(SupervisorFlags Flags, IReadOnlyList<ChildSpec> Children)
{
    /// <summary>The supervisor need not run: <c>ignore</c>.</summary>
    public static SupervisorInit Ignore { get; } = new(new SupervisorFlags(), []);

    /// <summary>The same with another bound for restarts.</summary>
    /// <param name="restarts">How many are borne.</param>
    /// <param name="period">Within what time.</param>
    public SupervisorInit WithIntensity(int restarts, TimeSpan period) =>
        this with
        {
            Flags = Flags with { Intensity = restarts, Period = period },
        };

    /// <summary>The same, ending with its significant children.</summary>
    public SupervisorInit WithAutoShutdown(AutoShutdown autoShutdown) => this with { Flags = Flags with { AutoShutdown = autoShutdown } };

    /// <summary>As what <c>Init</c> returns.</summary>
    public static implicit operator ProcessTask<SupervisorInit>(SupervisorInit init) => new(init);
}
