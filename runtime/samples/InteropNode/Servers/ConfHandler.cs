namespace CloudScale.Samples.InteropNode.Servers;

/// <summary>The handler of <c>ge</c>, which peers install as <c>conf_handler</c> or <c>{conf_handler, Id}</c>: keeps the events it sees.</summary>
internal sealed class ConfHandler : GenEventHandler
{
    internal static readonly Atom Kind = "conf_handler";
    private readonly List<object> _events = [];
    private object _argument = List.Empty;

    protected override ProcessTask<HandlerNext> Init(object argument)
    {
        _argument = argument;
        return argument is Tuple and [Atom { Name: "refuse" }, var reason] ? HandlerNext.Refuse(reason) : HandlerNext.Ok;
    }

    protected override ProcessTask<HandlerNext> HandleEvent(object happened)
    {
        switch (happened)
        {
            case Tuple and [Atom { Name: "tell" }, Pid to, var message]:
                Self.Send(to, Tuple.Of(Kind, message));
                return HandlerNext.Ok;
            case Tuple and [Atom { Name: "crash" }, var reason]:
                throw new ProcessExitException(reason);
            case Atom { Name: "remove" }:
                return HandlerNext.Remove;
            default:
                _events.Add(happened);
                return HandlerNext.Ok;
        }
    }

    protected override ProcessTask<HandlerNext> HandleCall(object request)
    {
        switch (request)
        {
            case Atom { Name: "get" }:
                return HandlerNext.Reply(List.Create([.. _events]));
            case Atom { Name: "clear" }:
                _events.Clear();
                return HandlerNext.Reply(Atoms.Ok);
            case Atom { Name: "arg" }:
                return HandlerNext.Reply(_argument);
            case Tuple and [Atom { Name: "echo" }, var term]:
                return HandlerNext.Reply(term);
            default:
                return base.HandleCall(request); // {error, bad_query}
        }
    }

    protected override ProcessTask<object> Terminate(object argument) => new(Tuple.Of((Atom)"terminated", argument));

    protected override object GetState() => List.Create([.. _events]);

    protected override void SetState(object state)
    {
        if (state is not List { IsProper: true } events)
            throw ErlangException.BadArgument();
        _events.Clear();
        _events.AddRange(events);
    }
}
