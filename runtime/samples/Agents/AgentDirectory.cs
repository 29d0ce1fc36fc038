namespace CloudScale.Samples.Agents;

/// <summary>Starts the agents, knows where each one is, and starts those that die again. Registered as <c>agents</c>.</summary>
/// <remarks>
/// Answers <c>{where, From, Ref, Id}</c> with <c>{Ref, Pid}</c>. The first <see cref="NamedAgents"/> agents also bear the registered name
/// <c>agent_Id</c>. Linked to every session: an exit signal is how it learns of a death.
/// </remarks>
internal sealed class AgentDirectory(int agents, TaskCompletionSource started)
{
    internal const int NamedAgents = 1_000;
    internal static readonly Atom Name = Atom.Of("agents");
    private const int StartsPerTurn = 500;
    private static readonly Atom s_where = Atom.Of("where");

    private readonly Pid[] _sessions = new Pid[agents];
    private readonly Dictionary<Pid, int> _ids = new(agents);
    private long _restarts;

    /// <summary>Agents started again so far. Any thread.</summary>
    internal long Restarts => Volatile.Read(ref _restarts);

    internal async ProcessTask Run(Self self)
    {
        for (int id = 0; id < agents; id++)
        {
            Start(self, id);
            if (id % StartsPerTurn == 0)
                await self.Yield(); // lets those just started run, and keeps the queues short
        }

        started.TrySetResult();
        while (true)
        {
            switch (await self.Receive())
            {
                case Tuple and [Atom kind, Pid from, var reference, long id] when ReferenceEquals(kind, s_where) && id >= 0 && id < agents:
                    self.Send(from, Tuple.Of(reference, _sessions[id]));
                    break;
                case Exit exit when _ids.Remove(exit.From, out int id):
                    Start(self, id);
                    Volatile.Write(ref _restarts, _restarts + 1);
                    break;
                case Exit exit when exit.From.Id == 0:
                    return; // the node stops
            }
        }
    }

    private void Start(Self self, int id)
    {
        SpawnOptions options = id < NamedAgents ? new SpawnOptions { Name = $"agent_{id}" } : default;
        Pid session = self.SpawnLink(new Session(id), options);
        _sessions[id] = session;
        _ids.Add(session, id);
    }
}
