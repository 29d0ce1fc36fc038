using System.Diagnostics.CodeAnalysis;
using CloudScale.Runtime.HotCode;

namespace CloudScale;

/// <summary>One step of an upgrade: OTP's release handling instructions.</summary>
/// <remarks>
/// An upgrade is a list of them; see <see cref="CodeServer.Upgrade"/>. Each can be undone until <see cref="PointOfNoReturn"/>, or the first <see cref="Resume"/>, unless it says otherwise. Source: OTP sasl, appup.
/// </remarks>
public abstract class UpgradeInstruction
{
    private protected UpgradeInstruction() { }

    /// <summary>From here on a failure ends the upgrade, and nothing is undone.</summary>
    public static UpgradeInstruction PointOfNoReturn { get; } = new ReturnStep();

    internal abstract ProcessTask Run(UpgradeRun run);

    /// <summary>Loads a version of a library: what is made from here on is of it. <c>load_module</c>, <c>add_module</c>.</summary>
    [RequiresUnreferencedCode("Loads code that trimming does not know of.")]
    public static UpgradeInstruction LoadLibrary(CodeImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new LoadStep(image);
    }

    /// <summary>Holds all processes of a library that run an older version; what they are sent waits, in order: <c>suspend</c>.</summary>
    public static UpgradeInstruction Suspend(string library)
    {
        ArgumentNullException.ThrowIfNull(library);
        return new SuspendStep(library);
    }

    /// <summary>Moves those processes to the version that is loaded now, each with its state: <c>code_change</c>. Holds those that are not held yet.</summary>
    /// <param name="library">The library.</param>
    /// <param name="extra">Given to the migration of each; the empty list by default.</param>
    [RequiresUnreferencedCode("Makes objects of classes that trimming does not know of.")]
    public static UpgradeInstruction CodeChange(string library, object? extra = null)
    {
        ArgumentNullException.ThrowIfNull(library);
        return new ChangeStep(library, extra ?? List.Empty);
    }

    /// <summary>Lets all processes of a library that this upgrade holds go on: <c>resume</c>. From here on nothing can be undone: they go on with their new state. At the end of an upgrade all go on by themselves.</summary>
    public static UpgradeInstruction Resume(string library)
    {
        ArgumentNullException.ThrowIfNull(library);
        return new ResumeStep(library);
    }

    /// <summary>Loads a version and moves all processes to it: <c>update</c>. They go on when the whole upgrade is done.</summary>
    [RequiresUnreferencedCode("Loads code that trimming does not know of.")]
    public static IReadOnlyList<UpgradeInstruction> Update(string library, CodeImage image, object? extra = null) =>
        [LoadLibrary(image), CodeChange(library, extra)];

    /// <summary>Has a supervisor of the host call its <c>Init</c> again, and take its flags and children from that: <c>{update, Module, supervisor}</c>. It is not undone.</summary>
    public static UpgradeInstruction UpdateSupervisor(ServerRef supervisor, object? extra = null) =>
        new SupervisorStep(supervisor, extra ?? List.Empty);

    /// <summary>Starts an application that is loaded, with what it needs: <c>add_application</c>.</summary>
    public static UpgradeInstruction StartApplication(Atom name, ApplicationRestart restart = ApplicationRestart.Permanent) =>
        new StartApplicationStep(name, restart);

    /// <summary>Stops an application: <c>remove_application</c>.</summary>
    public static UpgradeInstruction StopApplication(Atom name) => new StopApplicationStep(name);

    /// <summary>Runs something: <c>apply</c>.</summary>
    /// <param name="run">An exception fails the upgrade.</param>
    /// <param name="undo">Takes it back; nothing by default.</param>
    public static UpgradeInstruction Apply(Func<Self, ProcessTask> run, Func<Self, ProcessTask>? undo = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new ApplyStep(run, undo);
    }
}

/// <summary>How an upgrade is made.</summary>
public sealed record UpgradeOptions
{
    /// <summary>How long a process may take until it is held; 5 s by default, as <c>suspend_timeout</c>.</summary>
    public TimeSpan SuspendTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a process may take to migrate its state; 5 s by default, as <c>code_change_timeout</c>.</summary>
    public TimeSpan CodeChangeTimeout { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>What an upgrade came to.</summary>
/// <param name="Reason">Why it failed; null if it did not.</param>
/// <param name="Replaced">The versions that count no more, and are unloaded when nobody uses them: none after a failure.</param>
/// <param name="Processes">How many processes were moved to new code.</param>
public sealed record UpgradeResult(object? Reason, IReadOnlyList<CodeVersion> Replaced, int Processes)
{
    /// <summary>Whether all instructions were carried out. If not, everything is as it was before, unless the point of no return had been passed.</summary>
    public bool IsOk => Reason is null;

    /// <inheritdoc/>
    public override string ToString() => IsOk ? $"ok, {Processes} processes" : Term.Format(Reason!);
}
