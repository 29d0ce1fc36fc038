using CloudScale.Runtime.Applications;
using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <summary>What an application is: its name, what it needs, how it starts. OTP's application resource file, in code.</summary>
/// <remarks>Immutable; <see cref="ApplicationBuilder"/> makes one, too. Source: OTP kernel, app.</remarks>
public sealed record ApplicationDefinition
{
    /// <summary>An application without processes of its own: a library.</summary>
    public ApplicationDefinition(Atom name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
    }

    /// <summary>Its name.</summary>
    public Atom Name { get; init; }

    /// <summary>One line for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>Its version.</summary>
    public string Version { get; init; } = "0";

    /// <summary>Makes the callbacks, anew for each start; null for a library.</summary>
    public Func<Application>? Callbacks { get; init; }

    /// <summary>What is to run before it starts.</summary>
    public IReadOnlyList<Atom> Applications { get; init; } = [];

    /// <summary>Which of <see cref="Applications"/> may be missing: they count only if they are loaded.</summary>
    public IReadOnlyList<Atom> OptionalApplications { get; init; } = [];

    /// <summary>Applications that are loaded with this one, and whose top supervisors this one starts itself, as a part of its tree.</summary>
    public IReadOnlyList<ApplicationDefinition> IncludedApplications { get; init; } = [];

    /// <summary>The names that its processes register, for tools.</summary>
    public IReadOnlyList<Atom> Registered { get; init; } = [];

    /// <summary>Its modules, for tools.</summary>
    public IReadOnlyList<Atom> Modules { get; init; } = [];

    /// <summary>The environment by default; configuration and <see cref="NodeApplications.SetEnv"/> go before it. A value that is no text says what text in a configuration is read as.</summary>
    public IReadOnlyDictionary<Atom, object> Environment { get; init; } = new Dictionary<Atom, object>();

    /// <summary>
    /// Called in this order when the top supervisor runs. Of an application that includes others each phase is called for itself and then, if they have it, for those it includes.
    /// </summary>
    public IReadOnlyList<(Atom Phase, object Argument)> StartPhases { get; init; } = [];

    /// <summary>After this time it is stopped, and ends with <c>normal</c>; never by default: <c>maxT</c>.</summary>
    public TimeSpan MaxTime { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>An application whose only callback starts its top supervisor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="supervisor">Makes the supervisor, anew for each start.</param>
    /// <param name="options">How that is started, its name for example.</param>
    public static ApplicationDefinition OfSupervisor(Atom name, Func<Supervisor> supervisor, StartOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(supervisor);
        return new ApplicationDefinition(name) { Callbacks = () => new SupervisorApplication(supervisor, options) };
    }

    /// <summary>This one and all it includes, directly or not; each before those it includes.</summary>
    internal IEnumerable<ApplicationDefinition> WithIncluded() =>
        IncludedApplications.SelectMany(static included => included.WithIncluded()).Prepend(this);

    internal static Atom ModuleOf(Application callbacks) => ModuleName.Of(callbacks.GetType());
}

/// <summary>Builds an <see cref="ApplicationDefinition"/> step by step.</summary>
/// <example>
/// <code>
/// ApplicationDefinition shop = new ApplicationBuilder("shop", () => new ShopSupervisor())
///     .DependsOn("store", "mail")
///     .WithEnvironment("max_carts", 1000L)
///     .WithStartPhase("warm_up")
///     .Build();
/// </code>
/// </example>
/// <remarks>Threads: one.</remarks>
public sealed class ApplicationBuilder
{
    private readonly Dictionary<Atom, object> _environment = [];
    private ApplicationDefinition _definition;

    /// <summary>Begins a library.</summary>
    public ApplicationBuilder(Atom name) => _definition = new ApplicationDefinition(name);

    /// <summary>Begins an application whose only callback starts its top supervisor.</summary>
    public ApplicationBuilder(Atom name, Func<Supervisor> supervisor, StartOptions? options = null) =>
        _definition = ApplicationDefinition.OfSupervisor(name, supervisor, options);

    /// <summary>Begins an application with callbacks.</summary>
    public ApplicationBuilder(Atom name, Func<Application> callbacks)
    {
        ArgumentNullException.ThrowIfNull(callbacks);
        _definition = new ApplicationDefinition(name) { Callbacks = callbacks };
    }

    /// <summary>What it is.</summary>
    public ApplicationBuilder Described(string description, string version)
    {
        _definition = _definition with { Description = description, Version = version };
        return this;
    }

    /// <summary>What is to run before it starts.</summary>
    public ApplicationBuilder DependsOn(params ReadOnlySpan<Atom> applications)
    {
        _definition = _definition with { Applications = [.. _definition.Applications, .. applications] };
        return this;
    }

    /// <summary>What is to run before it starts, where it is loaded.</summary>
    public ApplicationBuilder DependsOnOptional(params ReadOnlySpan<Atom> applications)
    {
        DependsOn(applications);
        _definition = _definition with { OptionalApplications = [.. _definition.OptionalApplications, .. applications] };
        return this;
    }

    /// <summary>What it starts as a part of its own tree.</summary>
    public ApplicationBuilder Includes(params ReadOnlySpan<ApplicationDefinition> applications)
    {
        _definition = _definition with { IncludedApplications = [.. _definition.IncludedApplications, .. applications] };
        return this;
    }

    /// <summary>A value of the environment by default.</summary>
    public ApplicationBuilder WithEnvironment(Atom key, object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _environment[key] = value;
        return this;
    }

    /// <summary>One more start phase.</summary>
    public ApplicationBuilder WithStartPhase(Atom phase, object? argument = null)
    {
        _definition = _definition with { StartPhases = [.. _definition.StartPhases, (phase, argument ?? List.Empty)] };
        return this;
    }

    /// <summary>After this time it is stopped.</summary>
    public ApplicationBuilder WithMaxTime(TimeSpan maxTime)
    {
        _definition = _definition with { MaxTime = maxTime };
        return this;
    }

    /// <summary>The definition.</summary>
    public ApplicationDefinition Build() => _definition with { Environment = new Dictionary<Atom, object>(_environment) };
}
