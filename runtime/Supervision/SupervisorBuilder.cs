namespace CloudScale;

/// <summary>Builds a supervisor where a class of its own would say no more than its children.</summary>
/// <example>
/// <code>
/// Supervisor tree = new SupervisorBuilder(RestartStrategy.RestForOne)
///     .Add("store", () => new Store())
///     .Add("workers", workers => workers.Add("one", () => new Worker(1)).Add("two", () => new Worker(2)))
///     .Build();
/// </code>
/// </example>
/// <remarks>Threads: one. A supervisor that is built is good for one start; a builder may build many.</remarks>
/// <param name="strategy">Whom a failure concerns.</param>
public sealed class SupervisorBuilder(RestartStrategy strategy = RestartStrategy.OneForOne)
{
    private readonly List<ChildSpec> _children = [];
    private SupervisorFlags _flags = new() { Strategy = strategy };

    /// <summary>How many restarts are borne within what time; one in five seconds by default.</summary>
    public SupervisorBuilder WithIntensity(int restarts, TimeSpan period)
    {
        _flags = _flags with { Intensity = restarts, Period = period };
        return this;
    }

    /// <summary>Whether the supervisor ends with its significant children.</summary>
    public SupervisorBuilder WithAutoShutdown(AutoShutdown autoShutdown)
    {
        _flags = _flags with { AutoShutdown = autoShutdown };
        return this;
    }

    /// <summary>One more child, started after those before.</summary>
    public SupervisorBuilder Add(ChildSpec child)
    {
        ArgumentNullException.ThrowIfNull(child);
        _children.Add(child);
        return this;
    }

    /// <summary>A behaviour as a child, made anew for each start.</summary>
    public SupervisorBuilder Add(object id, Func<Behaviour> factory, ChildRestart restart = ChildRestart.Permanent) =>
        Add(new ChildSpec(id, factory) { Restart = restart });

    /// <summary>A supervisor as a child.</summary>
    /// <param name="id">Any term.</param>
    /// <param name="children">Says what it supervises. Called once, now.</param>
    /// <param name="strategy">Whom a failure concerns.</param>
    public SupervisorBuilder Add(object id, Action<SupervisorBuilder> children, RestartStrategy strategy = RestartStrategy.OneForOne)
    {
        ArgumentNullException.ThrowIfNull(children);
        SupervisorBuilder inner = new(strategy);
        children(inner);
        return Add(new ChildSpec(id, inner.Build) { Type = ChildType.Supervisor });
    }

    /// <summary>The supervisor, to be started once.</summary>
    public Supervisor Build() => new BuiltSupervisor(new SupervisorInit(_flags, [.. _children]));

    private sealed class BuiltSupervisor(SupervisorInit init) : Supervisor
    {
        protected override ProcessTask<SupervisorInit> Init() => init;
    }
}
