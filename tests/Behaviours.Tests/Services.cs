namespace CloudScale.Behaviours.Tests;

/// <summary>A machine with two states, an enum, handled by one function each.</summary>
internal sealed class Switch : GenStateMachine<SwitchState>
{
    private long _count;

    public Switch()
    {
        In(SwitchState.Off, Handle);
        In(SwitchState.On, Handle);
    }

    protected override ProcessTask<Transition<SwitchState>> Init() => NextState(SwitchState.Off);

    private ProcessTask<Transition<SwitchState>> Handle(StateEvent stateEvent)
    {
        switch (stateEvent)
        {
            case { Type: StateEventType.Call, Content: Atom { Name: "toggle" }, From: var from }:
                _count++;
                SwitchState next = State == SwitchState.Off ? SwitchState.On : SwitchState.Off;
                return NextState(next).Reply(from, (Atom)(next == SwitchState.On ? "on" : "off"));
            case { Type: StateEventType.Call, Content: Atom { Name: "get" }, From: var from }:
                return KeepState.Reply(from, Tuple.Of((Atom)(State == SwitchState.On ? "on" : "off"), _count));
            case { Type: StateEventType.Call, Content: Tuple and [Atom { Name: "delay" }, long ms, var reply], From: var from }:
                return KeepState.WithTimeout(from.ToTerm(), TimeSpan.FromMilliseconds(ms), Tuple.Of(from.ToTerm(), reply));
            case { Type: StateEventType.Timeout, Content: Tuple and [var caller, var reply] }:
                Self.Reply(caller, reply);
                return KeepState;
            case { Type: StateEventType.Call, From: var from }:
                return KeepState.Reply(from, Tuple.Of(Atoms.Error, (Atom)"unknown"));
            case { Type: StateEventType.Cast, Content: Atom { Name: "reset" } }:
                _count = 0;
                return NextState(SwitchState.Off);
            default:
                return KeepState;
        }
    }

    protected override object GetData() => _count;

    protected override void SetData(object data) => _count = (long)data;
}

internal enum SwitchState
{
    Off,
    On,
}

/// <summary>A handler that keeps the events it sees.</summary>
internal sealed class Recorder : GenEventHandler
{
    private readonly List<object> _events = [];
    private object _argument = List.Empty;

    protected override ProcessTask<HandlerNext> Init(object argument)
    {
        _argument = argument;
        return argument is Tuple and [Atom { Name: "refuse" }, var reason] ? HandlerNext.Refuse(reason)
            : argument is Tuple and [Atom { Name: "crash" }, var why] ? throw new ProcessExitException(why)
            : HandlerNext.Ok;
    }

    protected override ProcessTask<HandlerNext> HandleEvent(object happened)
    {
        switch (happened)
        {
            case Tuple and [Atom { Name: "tell" }, Pid to, var message]:
                Self.Send(to, Tuple.Of((Atom)"recorder", message));
                return HandlerNext.Ok;
            case Tuple and [Atom { Name: "crash" }, var reason]:
                throw new ProcessExitException(reason);
            case Atom { Name: "remove" }:
                return HandlerNext.Remove;
            case Tuple and [Atom { Name: "swap" }, var arguments, var to, var next] when HandlerId.TryFrom(to, out HandlerId successor):
                return HandlerNext.SwapTo(arguments, successor, next);
            case Atom { Name: "hibernate" }:
                return HandlerNext.Hibernate;
            default:
                _events.Add(happened);
                return HandlerNext.Ok;
        }
    }

    protected override ProcessTask<HandlerNext> HandleCall(object request) =>
        request switch
        {
            Atom { Name: "get" } => HandlerNext.Reply(List.Create([.. _events])),
            Atom { Name: "arg" } => HandlerNext.Reply(_argument),
            Atom { Name: "leave" } => HandlerNext.Remove.WithReply((Atom)"left"),
            Tuple and [Atom { Name: "crash" }, var reason] => throw new ProcessExitException(reason),
            _ => base.HandleCall(request),
        };

    protected override ProcessTask<HandlerNext> HandleInfo(object message) => HandleEvent(Tuple.Of((Atom)"info", message));

    protected override ProcessTask<object> Terminate(object argument) => new(Tuple.Of((Atom)"terminated", argument));

    protected override object GetState() => List.Create([.. _events]);

    protected override void SetState(object state)
    {
        _events.Clear();
        _events.AddRange((List)state);
    }
}
