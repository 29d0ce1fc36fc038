namespace CloudScale;

/// <summary>The callbacks of an application: OTP's <c>application</c> behaviour. Where it would say no more than its top supervisor, <see cref="ApplicationDefinition.OfSupervisor"/> makes one.</summary>
/// <remarks>
/// Threads: the callbacks run one at a time, in a process of the application that is the parent of its top supervisor. They, and every process under them, have the application's master as group leader: by that a process is
/// known to be of the application. The object belongs to one start. Source: OTP kernel, application.
/// </remarks>
public abstract class Application
{
    /// <summary>Starts the top supervisor, with <c>self.StartLink</c>.</summary>
    /// <param name="self">The process that stands for the application.</param>
    /// <param name="type">Why it is started.</param>
    /// <returns>The supervisor's process; <c>ignore</c> and errors fail the start.</returns>
    protected internal abstract ProcessTask<StartResult> Start(Self self, ApplicationStartType type);

    /// <summary>Called for each start phase, when the top supervisor runs. An exception fails the start.</summary>
    /// <param name="self">The process that stands for the application.</param>
    /// <param name="phase">The phase.</param>
    /// <param name="type">Why it is started.</param>
    /// <param name="argument">What the definition says for the phase.</param>
    protected internal virtual ProcessTask StartPhase(Self self, Atom phase, ApplicationStartType type, object argument) => default;

    /// <summary>Called when the application is to be stopped, before its processes are.</summary>
    protected internal virtual ProcessTask PrepareStop(Self self) => default;

    /// <summary>Called last, when its processes are gone, however they ended.</summary>
    protected internal virtual ProcessTask Stop(Self self) => default;

    /// <summary>Called when the environment has changed.</summary>
    /// <param name="self">The process that stands for the application.</param>
    /// <param name="change">What has changed.</param>
    protected internal virtual ProcessTask ConfigChange(Self self, EnvironmentChange change) => default;
}

/// <summary>What has changed in the environment of an application.</summary>
/// <param name="Changed">Keys that have another value now.</param>
/// <param name="Added">Keys that are new.</param>
/// <param name="Removed">Keys that are gone.</param>
public sealed record EnvironmentChange(
    IReadOnlyDictionary<Atom, object> Changed,
    IReadOnlyDictionary<Atom, object> Added,
    IReadOnlyCollection<Atom> Removed
)
{
    internal bool IsEmpty => Changed.Count + Added.Count + Removed.Count == 0;
}
