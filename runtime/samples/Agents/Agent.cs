namespace CloudScale.Samples.Agents;

/// <summary>An agent's session: what the outside talks to. It is linked to the agent's two other processes, so the three live and die together.</summary>
/// <remarks>
/// Answers <c>{work, From, Ref, N}</c> with <c>{Ref, done, Id, Count}</c>, where the state process has added N to the agent's count;
/// <c>{later, From, Ref, Ms}</c> with <c>{Ref, late, Id}</c> after a time; anything else is dropped.
/// </remarks>
internal sealed class Session(int id) : ProcessHandler
{
    internal static readonly Atom Work = Atom.Of("work");
    internal static readonly Atom Later = Atom.Of("later");

    private Pid _state;
    private Pid _timer;

    protected override ProcessTask OnStart(Self self)
    {
        _state = self.SpawnLink(new State(id));
        _timer = self.SpawnLink(new Timer(id));
        return default;
    }

    protected override ProcessTask OnMessage(Self self, Message message)
    {
        if (message.TryGet(out Tuple request) && request is [Atom kind, Pid, _, long])
        {
            if (ReferenceEquals(kind, Work))
                self.Send(_state, request);
            else if (ReferenceEquals(kind, Later))
                self.Send(_timer, request);
        }

        return default;
    }
}

/// <summary>An agent's state: a count.</summary>
internal sealed class State(int id) : ProcessHandler
{
    private static readonly Atom s_done = Atom.Of("done");

    private long _count;

    protected override ProcessTask OnMessage(Self self, Message message)
    {
        if (message.TryGet(out Tuple request) && request is [_, Pid from, var reference, long number])
        {
            _count += number;
            self.Send(from, Tuple.Of(reference, s_done, id, _count));
        }

        return default;
    }
}

/// <summary>An agent's timer: answers later.</summary>
internal sealed class Timer(int id) : ProcessHandler
{
    private static readonly Atom s_late = Atom.Of("late");

    protected override ProcessTask OnMessage(Self self, Message message)
    {
        if (message.TryGet(out Tuple request) && request is [_, Pid from, var reference, long milliseconds])
            self.SendAfter(TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 0, 60_000)), from, Tuple.Of(reference, s_late, id));
        return default;
    }
}
