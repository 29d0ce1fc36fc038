namespace CloudScale.Behaviours.Tests;

/// <summary>A server that does whatever a test asks of it.</summary>
internal class Counter(InitResult init = default) : GenServer
{
    protected long Value;

    public List<string> Seen { get; } = [];

    protected override ProcessTask<InitResult> Init()
    {
        Seen.Add("init");
        return init;
    }

    protected override ProcessTask<Next> HandleCall(object request, From from) =>
        request switch
        {
            Atom { Name: "next" } => Reply(++Value),
            Atom { Name: "no_reply" } => NoReply,
            Atom { Name: "trap" } => Trap(),
            Atom { Name: "seen" } => Reply(List.Create([.. Seen.Select(seen => (object)(Atom)seen)])),
            Tuple and [Atom { Name: "add" }, long n] => Reply(Value += n),
            Tuple and [Atom { Name: "timeout" }, long ms] => Reply(Atoms.Ok).WithTimeout(TimeSpan.FromMilliseconds(ms)),
            Tuple and [Atom { Name: "continue" }, var argument] => Reply(Atoms.Ok).WithContinue(argument),
            Tuple and [Atom { Name: "stop" }, var reason, var reply] => Stop(reason, reply),
            Tuple and [Atom { Name: "stop" }, var reason] => Stop(reason),
            Tuple and [Atom { Name: "exit" }, var reason] => throw new ProcessExitException(reason),
            Tuple and [Atom { Name: "throw" }, Atom text] => throw new InvalidOperationException(text.Name),
            Tuple and [Atom { Name: "slow" }, long ms, var reply] => Slow(ms, reply),
            Atom { Name: "hibernate" } => Reply(Atoms.Ok).WithHibernate(),
            Tuple and [Atom { Name: "later" }, long ms, var reply] => Later(from, ms, reply),
            Get get => Reply(get, (int)Value),
            _ => base.HandleCall(request, from),
        };

    private ProcessTask<Next> Trap()
    {
        Self.TrapExit = true;
        return Reply(Atoms.Ok);
    }

    private async ProcessTask<Next> Slow(long ms, object reply)
    {
        await Self.Sleep(TimeSpan.FromMilliseconds(ms));
        return Reply(reply);
    }

    private ProcessTask<Next> Later(From from, long ms, object reply)
    {
        Self.Spawn(async other =>
        {
            await other.Sleep(TimeSpan.FromMilliseconds(ms));
            other.Reply(from, reply);
        });
        return NoReply;
    }

    protected override ProcessTask<Next> HandleCast(object request)
    {
        Seen.Add($"cast {Term.Format(request)}");
        switch (request)
        {
            case Atom { Name: "next" }:
                Value++;
                return NoReply;
            case Tuple and [Atom { Name: "stop" }, var reason]:
                return Stop(reason);
            case Atom { Name: "bad" }:
                return Reply(Atoms.Ok);
            default:
                return base.HandleCast(request);
        }
    }

    protected override ProcessTask<Next> HandleInfo(object message)
    {
        Seen.Add($"info {Term.Format(message)}");
        return message is Tuple and [Atom { Name: "unknown" }] ? base.HandleInfo(message) : NoReply;
    }

    protected override ProcessTask<Next> HandleContinue(object argument)
    {
        Seen.Add($"continue {Term.Format(argument)}");
        return argument is Tuple and [Atom { Name: "again" }, var next] ? NoReply.WithContinue(next) : NoReply;
    }

    protected override ProcessTask Terminate(object reason)
    {
        Seen.Add($"terminate {Term.Format(reason)}");
        return default;
    }

    protected override object GetState() => Value;

    protected override void SetState(object state) => Value = (long)state;
}

[Term("get")]
public sealed partial record Get(string Key) : ICall<int>;
