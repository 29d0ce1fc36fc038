namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>Calls as OTP's <c>gen:call</c> makes them: a monitor that is an alias too, a request that carries it, the reply by the alias, which takes the monitor back. Twin: <c>gen_call.erl</c>, a plain gen_server.</summary>
internal sealed class GenCall : Scenario
{
    private static readonly Atom s_call = Atom.Of("$gen_call");
    private static readonly Atom s_alias = Atom.Of("alias");
    private static readonly Atom s_next = Atom.Of("next");
    private static readonly Atom s_stop = Atom.Of("stop");

    // An operation is one call; count of them by each of width callers, all to one server.
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        Pid driver = self.Pid;
        Pid server = self.Spawn(Server);
        for (int caller = 0; caller < width; caller++)
            self.Spawn(member => Caller(member, driver, server, count));
        for (int left = width; left > 0; left--)
            await self.Receive<Atom>();
        self.Send(server, s_stop);
        return (long)width * count;
    }

    private static async ProcessTask Caller(Self self, Pid driver, Pid server, int count)
    {
        for (int left = count; left > 0; left--)
            if (await Call(self, server, s_next) is not long)
                throw new InvalidOperationException("a reply is a number");
        self.Send(driver, Done);
    }

    private static async ProcessTask<object> Call(Self self, Pid server, object request)
    {
        ReceiveMark mark = self.Mark();
        Reference monitor = self.Monitor(server, new MonitorOptions { Alias = AliasMode.ReplyDemonitor });
        self.Send(server, Tuple.Of(s_call, Tuple.Of(self.Pid, List.WithTail([s_alias], monitor)), request));
        object answer = await self.Receive<object>(
            message =>
                message switch
                {
                    Tuple and [List { Tail: Reference reference }, _] => reference == monitor,
                    Down down => down.Reference == monitor,
                    _ => false,
                },
            TimeSpan.FromSeconds(5),
            mark
        );
        // The reply has taken the monitor back, and a late one would be dropped on its way.
        return answer is Tuple reply ? reply[1] : throw new ProcessExitException(((Down)answer).Reason);
    }

    private static async ProcessTask Server(Self self)
    {
        long state = 0;
        while (await self.Receive() is Tuple and [Atom, Tuple and [Pid, List { Tail: Reference alias } tag], var request])
        {
            if (ReferenceEquals(request, s_next))
                self.Send(alias, Tuple.Of(tag, ++state));
        }
    }
}
