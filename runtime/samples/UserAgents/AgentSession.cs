namespace CloudScale.Samples.UserAgents;

/// <summary>The first process of an agent: who talks to the agent talks to it. With it live and end the other two, its state and its timer.</summary>
/// <remarks>
/// Calls: <c>{push, Text}</c> keeps a message, answered with how many wait; <c>fetch</c> takes those that wait; <c>count</c> how many ever came. An agent that nobody has talked to for a while saves its state and ends; whoever
/// needs it next starts it again.
/// </remarks>
internal sealed class AgentSession(string user, AgentHome home) : GenServer
{
    private Pid _state;
    private bool _isTouched = true;

    protected override ProcessTask<InitResult> Init()
    {
        if (!home.TryEnter(user, Self.Pid, out Pid other))
            return InitResult.Error(Tuple.Of((Atom)"already_started", other));
        // Linked: one fault ends the three, and the next message begins anew from what was saved.
        _state = Self.SpawnLink(new AgentState(user, home.Store));
        Self.SpawnLink(new AgentTimer(Self.Pid, home.IdleTime));
        return InitResult.Ok;
    }

    protected override ProcessTask<Next> HandleCall(object request, From from)
    {
        _isTouched = true;
        Self.Send(_state, new StateRequest(from, request)); // the state answers by itself: nobody waits twice
        return NoReply;
    }

    protected override async ProcessTask<Next> HandleInfo(object message)
    {
        if (message is not AgentTimer.Tick)
            return NoReply;
        if (_isTouched)
        {
            _isTouched = false;
            return NoReply;
        }

        await Self.Call(_state, (Atom)"save", Timeout.InfiniteTimeSpan);
        home.Leave(user, Self.Pid);
        return Stop(Atoms.Shutdown);
    }
}

/// <summary>A request on its way from the session to the state.</summary>
internal sealed record StateRequest(From From, object Request);
