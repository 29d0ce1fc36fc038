namespace CloudScale;

/// <summary>Which answers to a spawn request become messages.</summary>
public enum SpawnReplyMode : byte
{
    /// <summary>Both.</summary>
    Yes,

    /// <summary>None.</summary>
    No,

    /// <summary>That it failed.</summary>
    ErrorOnly,

    /// <summary>That the process was started.</summary>
    SuccessOnly,
}

/// <summary>How a process is started on another node; the options of Erlang's <c>spawn_request/5</c>.</summary>
public readonly record struct SpawnRequestOptions
{
    /// <summary>Links the two processes, in one step.</summary>
    public bool Link { get; init; }

    /// <summary>The requesting process monitors the new one, in one step; the number of the request is the monitor's reference. Null for no monitor.</summary>
    public MonitorOptions? Monitor { get; init; }

    /// <summary>The first element of the answer, any term; <c>spawn_reply</c> by default.</summary>
    public object? ReplyTag { get; init; }

    /// <summary>Which answers become messages.</summary>
    public SpawnReplyMode Reply { get; init; }

    /// <summary>Options for the other node, such as <c>{priority, high}</c>; one it does not know is answered with <c>badopt</c>.</summary>
    public List? Others { get; init; }

    /// <summary>The options as the other node is told them.</summary>
    internal List ToTerm()
    {
        if (!Link && Monitor is null)
            return Others ?? List.Empty;
        List<object> options = [];
        if (Link)
            options.Add(Scheduling.Process.LinkOption);
        if (Monitor is not null)
            options.Add(Scheduling.Process.MonitorOption);
        options.AddRange(Others ?? List.Empty);
        return List.Create(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(options));
    }
}
