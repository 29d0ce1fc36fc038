namespace CloudScale.Samples.InteropNode.Servers;

/// <summary><c>sm</c>: a machine with two states that counts how often it was toggled.</summary>
internal sealed class Sm : GenStateMachine<SmState>
{
    private object _count = 0L;

    protected override ProcessTask<Transition<SmState>> Init() => NextState(SmState.Off);

    protected override ProcessTask<Transition<SmState>> HandleEvent(StateEvent stateEvent)
    {
        From from = stateEvent.From;
        switch (stateEvent.Type, stateEvent.Content)
        {
            case (StateEventType.Call, Atom { Name: "toggle" }):
                SmState next = State == SmState.Off ? SmState.On : SmState.Off;
                _count = Arithmetic.Add(_count, 1L);
                return NextState(next).Reply(from, NameOf(next));
            case (StateEventType.Call, Atom { Name: "get" }):
                return KeepState.Reply(from, Tuple.Of(NameOf(State), _count));
            case (StateEventType.Call, Tuple and [Atom { Name: "delay" }, var ms, var term])
                when Milliseconds.TryFrom(ms, out TimeSpan time):
                return KeepState.WithTimeout(from.ToTerm(), time, new LateReply(from, term));
            case (StateEventType.Timeout, LateReply late):
                return KeepState.Reply(late.To, late.Reply);
            case (StateEventType.Call, _):
                return KeepState.Reply(from, Tuple.Of(Atoms.Error, (Atom)"unknown"));
            case (StateEventType.Cast, Atom { Name: "reset" }):
                _count = 0L;
                return NextState(SmState.Off);
            default:
                return KeepState;
        }
    }

    protected override object GetData() => _count;

    protected override void SetData(object data) => _count = data;

    private static Atom NameOf(SmState state) => state == SmState.On ? "on" : "off";

    /// <summary>What a named time-out brings: an answer that is due.</summary>
    private sealed record LateReply(From To, object Reply);
}

/// <summary>The states; to Erlang <c>off</c> and <c>on</c>.</summary>
internal enum SmState
{
    Off,
    On,
}
