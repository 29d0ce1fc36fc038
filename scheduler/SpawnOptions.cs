namespace CloudScale;

/// <summary>What holds for a process from its first instant.</summary>
public readonly record struct SpawnOptions
{
    /// <summary>Exit signals become <see cref="CloudScale.Exit"/> messages.</summary>
    public bool TrapExit { get; init; }

    /// <summary>Registers the process; spawning fails if the name is taken.</summary>
    public Atom? Name { get; init; }

    /// <summary>Links to the parent. Ignored when the parent is no process.</summary>
    internal bool Link { get; init; }

    /// <summary>The parent monitors the process under this reference.</summary>
    internal Reference Monitor { get; init; }
}
