namespace CloudScale.Samples.UserAgents;

/// <summary>Where the state of an agent is while the agent is not.</summary>
/// <remarks>Threads: any. Calls for one user never overlap, for a user has one agent at a time.</remarks>
public interface IAgentStore
{
    /// <summary>The state that was saved last; null if none was.</summary>
    Task<AgentData?> LoadAsync(string user, CancellationToken cancellationToken);

    /// <summary>Saves. When the task ends a crash of the machine loses nothing.</summary>
    Task SaveAsync(string user, AgentData data, CancellationToken cancellationToken);
}

/// <summary>What an agent knows of its user.</summary>
/// <param name="Messages">Messages that wait for a device.</param>
/// <param name="Delivered">How many have ever come.</param>
public sealed record AgentData(IReadOnlyList<string> Messages, long Delivered)
{
    /// <summary>Of a user nobody has heard of.</summary>
    public static AgentData Empty { get; } = new([], 0);
}
