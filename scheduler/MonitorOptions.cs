namespace CloudScale;

/// <summary>When an alias stops being one.</summary>
public enum AliasMode : byte
{
    /// <summary>No alias.</summary>
    None,

    /// <summary>Only by <see cref="Self.Unalias"/>.</summary>
    ExplicitUnalias,

    /// <summary>When the first message has come by it.</summary>
    Reply,

    /// <summary>When its monitor ends: taken back, or reported.</summary>
    Demonitor,

    /// <summary>When its monitor ends, or the first message has come by it, which then also takes the monitor back: the form of a call.</summary>
    ReplyDemonitor,
}

/// <summary>How a monitor reports, and whether its reference is an alias too; Erlang's <c>monitor/3</c>.</summary>
public readonly record struct MonitorOptions
{
    /// <summary>The monitor's reference also is an alias of this process, for as long as this says.</summary>
    public AliasMode Alias { get; init; }

    /// <summary>If set, the report is the tuple <c>{Tag, Reference, process, Object, Reason}</c> instead of a <see cref="Down"/>.</summary>
    public object? Tag { get; init; }

    /// <summary>The report is a priority message: it goes before all ordinary messages in the mailbox.</summary>
    public bool Priority { get; init; }
}
