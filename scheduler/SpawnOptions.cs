namespace CloudScale;

/// <summary>What holds for a process from its first instant; Erlang's <c>spawn_opt</c>.</summary>
public readonly record struct SpawnOptions
{
    // Few spawns set these: behind one pointer they cost the others nothing.
    internal readonly SpawnAttributes? Attributes { get; init; }

    /// <summary>Exit signals become <see cref="CloudScale.Exit"/> messages.</summary>
    public bool TrapExit { get; init; }

    /// <summary>Registers the process; spawning fails if the name is taken.</summary>
    public Atom? Name { get; init; }

    /// <summary>Links to the parent, in one step. Ignored when the parent is no process.</summary>
    public bool Link { get; init; }

    /// <summary>The level it runs at; normal by default, whatever the parent's.</summary>
    public ProcessPriority Priority { get; init; }

    /// <summary>What it says it is, for people and tools: any term.</summary>
    public object? Label
    {
        get => Attributes?.Label;
        init => Attributes = (Attributes ?? new()) with { Label = value };
    }

    /// <summary>The process that serves its input and output; the parent's by default.</summary>
    public Pid GroupLeader
    {
        get => Attributes?.GroupLeader ?? default;
        init => Attributes = (Attributes ?? new()) with { GroupLeader = value };
    }

    /// <summary>The most messages its mailbox holds; without limit by default.</summary>
    public MailboxLimit? MailboxLimit
    {
        get => Attributes?.MailboxLimit;
        init => Attributes = (Attributes ?? new()) with { MailboxLimit = value };
    }

    /// <summary>The parent monitors the process under this reference.</summary>
    internal Reference Monitor { get; init; }

    /// <summary>How that monitor reports.</summary>
    internal MonitorOptions MonitorOptions
    {
        get => Attributes?.MonitorOptions ?? default;
        init
        {
            if (Attributes is null && value == SpawnAttributes.UntilAnswered.MonitorOptions)
                Attributes = SpawnAttributes.UntilAnswered; // as every start of a behaviour has them
            else if (value != MonitorOptions)
                Attributes = (Attributes ?? new()) with { MonitorOptions = value };
        }
    }
}

/// <summary>The options that few spawns set.</summary>
internal sealed record SpawnAttributes
{
    internal static readonly SpawnAttributes UntilAnswered = new() { MonitorOptions = new() { Alias = AliasMode.ReplyDemonitor } };

    internal object? Label { get; init; }

    internal Pid GroupLeader { get; init; }

    internal MailboxLimit? MailboxLimit { get; init; }

    internal MonitorOptions MonitorOptions { get; init; }
}
