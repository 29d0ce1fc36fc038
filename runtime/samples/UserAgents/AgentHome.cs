using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace CloudScale.Samples.UserAgents;

/// <summary>Which users have an agent now, and how one comes to life.</summary>
/// <remarks>Threads: any. A user has one agent at most: whoever enters first holds the name until he leaves or is dead.</remarks>
internal sealed class AgentHome(NodeHandle node, IAgentStore store, IOptions<AgentOptions> options)
{
    private readonly ConcurrentDictionary<string, Pid> _agents = new();

    public IAgentStore Store => store;

    public TimeSpan IdleTime => options.Value.IdleTime;

    /// <summary>Agents that live, and some that have just died.</summary>
    public int Count => _agents.Count;

    /// <summary>A session, about itself.</summary>
    internal bool TryEnter(string user, Pid session, out Pid other)
    {
        while (!_agents.TryAdd(user, session))
        {
            if (!_agents.TryGetValue(user, out other))
                continue;
            if (node.Node.Processes.IsAlive(other))
                return false;
            _agents.TryRemove(new KeyValuePair<string, Pid>(user, other));
        }

        other = default;
        return true;
    }

    internal void Leave(string user, Pid session) => _agents.TryRemove(new KeyValuePair<string, Pid>(user, session));

    /// <summary>Calls the agent of a user, which comes to life if it does not live.</summary>
    /// <remarks>An agent that goes to sleep takes requests with it that it has not looked at: those are asked again.</remarks>
    public async ProcessTask<object> Call(Self self, string user, object request)
    {
        for (int attempt = 1; ; attempt++)
        {
            Pid agent = await Find(self, user);
            try
            {
                return await self.Call(agent, request);
            }
            catch (ProcessExitException exception) when (attempt < 10 && IsGone(exception.Reason))
            {
                // asleep since: once more
            }
        }
    }

    /// <summary>Calls it from host code.</summary>
    public Task<object> CallAsync(string user, object request) => node.Node.RunAsync(self => Call(self, user, request));

    /// <summary>The agent of a user.</summary>
    public async ProcessTask<Pid> Find(Self self, string user)
    {
        if (_agents.TryGetValue(user, out Pid known) && self.System.IsAlive(known))
            return known;
        StartResult result = await self.StartChild(AgentSupervisor.Name, user);
        if (result.IsOk)
            return result.Pid;
        return result.Error is Tuple and [Atom { Name: "already_started" }, Pid other]
            ? other
            : throw new InvalidOperationException($"The agent of '{user}' does not start: {Term.Format(result.ToTerm())}.");
    }

    private static bool IsGone(object reason) => reason is Tuple and [Atom { Name: "noproc" or "shutdown" }, _];
}

/// <summary>The supervisor of all agents. They are temporary: who is needed again is started by whoever needs him.</summary>
internal sealed class AgentSupervisor(AgentHome home) : Supervisor
{
    internal static readonly Atom Name = "agents";

    protected override ProcessTask<SupervisorInit> Init() =>
        SimpleOneForOne(
            new ChildSpec("agent", arguments => new AgentSession((string)arguments[0], home))
            {
                Restart = ChildRestart.Temporary,
                Shutdown = TimeSpan.FromSeconds(5),
            }
        );
}

/// <summary>How agents live.</summary>
internal sealed class AgentOptions
{
    /// <summary>An agent that nobody has talked to for this long, and for at most twice as long, saves its state and ends.</summary>
    public TimeSpan IdleTime { get; set; } = TimeSpan.FromMinutes(10);
}
