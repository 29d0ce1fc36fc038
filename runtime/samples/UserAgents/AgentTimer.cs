namespace CloudScale.Samples.UserAgents;

/// <summary>The third process of an agent: reminds the session of the time.</summary>
internal sealed class AgentTimer(Pid session, TimeSpan interval) : ProcessHandler
{
    /// <summary>A reminder; one object serves all.</summary>
    internal sealed record Tick
    {
        public static Tick Instance { get; } = new();
    }

    protected override ProcessTask OnStart(Self self)
    {
        self.SendAfter(interval, self.Pid, Tick.Instance);
        return default;
    }

    protected override ProcessTask OnMessage(Self self, Message message)
    {
        self.Send(session, Tick.Instance);
        self.SendAfter(interval, self.Pid, Tick.Instance);
        return default;
    }
}
