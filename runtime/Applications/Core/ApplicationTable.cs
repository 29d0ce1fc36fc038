using System.Collections.Concurrent;

namespace CloudScale.Runtime.Applications;

/// <summary>What is known of the applications of a node. It outlives the controller.</summary>
/// <remarks>Threads: read by any; written by the controller alone, but for the environment, which anybody writes.</remarks>
internal sealed class ApplicationTable
{
    /// <summary>Loaded applications by name.</summary>
    internal ConcurrentDictionary<Atom, ApplicationDefinition> Loaded { get; } = [];

    /// <summary>Included applications, and in which.</summary>
    internal ConcurrentDictionary<Atom, Atom> IncludedIn { get; } = [];

    /// <summary>Applications that run, in the order of their starts; replaced as a whole.</summary>
    internal RunningApplication[] Running
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    } = [];

    internal ConcurrentDictionary<Atom, ApplicationEnvironment> Environments { get; } = [];

    internal RunningApplication? Find(Atom name) => Array.Find(Running, one => ReferenceEquals(one.Name, name));

    internal bool IsRunning(Atom name) => Find(name) is not null;
}

/// <summary>An application that runs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Restart">What its end means for the node.</param>
/// <param name="Master">Its master; none for a library.</param>
/// <param name="Top">Its top supervisor; none for a library.</param>
internal sealed record RunningApplication(Atom Name, ApplicationRestart Restart, Pid Master, Pid Top);
