namespace CloudScale.Samples.InteropNode.Servers;

/// <summary><c>gs</c>: a server that can be asked for everything a server does, and for everything that goes wrong with one.</summary>
/// <param name="mode">How it starts: <c>ok</c>, <c>{stop, R}</c>, <c>ignore</c>, <c>{crash, R}</c>.</param>
internal sealed class Gs(object mode) : GenServer
{
    private object _state = (Atom)"init";

    protected override ProcessTask<InitResult> Init() =>
        mode switch
        {
            Atom { Name: "ok" } => InitResult.Ok,
            Atom { Name: "ignore" } => InitResult.Ignore,
            Tuple and [Atom { Name: "stop" }, var reason] => InitResult.Stop(reason),
            Tuple and [Atom { Name: "crash" }, var reason] => throw new ProcessExitException(reason),
            _ => throw ErlangException.BadArgument(),
        };

    protected override ProcessTask<Next> HandleCall(object request, From from)
    {
        switch (request)
        {
            case Tuple and [Atom { Name: "echo" }, var term]:
                return Reply(term);
            case Tuple and [Atom { Name: "sleep" }, var ms] when Milliseconds.TryFrom(ms, out TimeSpan time):
                return SleepAsync(time);
            case Tuple and [Atom { Name: "reply_later" }, var ms, var term] when Milliseconds.TryFrom(ms, out TimeSpan time):
                Self.SendAfter(time, Self.Pid, new LateReply(from, term));
                return NoReply;
            case Atom { Name: "get_state" }:
                return Reply(_state);
            case Tuple and [Atom { Name: "set_state" }, var state]:
                _state = state;
                return Reply(Atoms.Ok);
            case Tuple and [Atom { Name: "crash" }, var reason]:
                throw new ProcessExitException(reason);
            case Tuple and [Atom { Name: "stop" }, var reason, var reply]:
                return Stop(reason, reply);
            case Atom { Name: "no_reply" }:
                return NoReply;
            case Atom { Name: "caller" }:
                return Reply(Tuple.Of((Atom)"from", from.Caller));
            default:
                return Reply(Tuple.Of(Atoms.Error, (Atom)"unknown_call"));
        }
    }

    protected override ProcessTask<Next> HandleCast(object request)
    {
        switch (request)
        {
            case Tuple and [Atom { Name: "set_state" }, var state]:
                _state = state;
                break;
            case Tuple and [Atom { Name: "tell" }, var to, var message]:
                Destination.TrySend(Self, to, message);
                break;
            case Tuple and [Atom { Name: "crash" }, var reason]:
                throw new ProcessExitException(reason);
        }

        return NoReply;
    }

    protected override ProcessTask<Next> HandleInfo(object message)
    {
        switch (message)
        {
            case LateReply late:
                Self.Reply(late.To, late.Reply);
                break;
            case Tuple and [Atom { Name: "ping" }, Pid from]:
                Self.Send(from, Tuple.Of((Atom)"pong", Self.Pid));
                break;
        }

        return NoReply;
    }

    protected override object GetState() => _state;

    protected override void SetState(object state) => _state = state;

    private async ProcessTask<Next> SleepAsync(TimeSpan time)
    {
        await Self.Sleep(time);
        return Reply((Atom)"slept");
    }

    /// <summary>An answer that is due: a message of the server to itself.</summary>
    private sealed record LateReply(From To, object Reply);
}
