namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>Calls to a GenServer. Twin: <c>gen_call.erl</c>.</summary>
internal sealed class GenServerCall : Scenario
{
    private static readonly Atom s_next = Atom.Of("next");

    // An operation is one call; count of them by each of width callers, all to one server.
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        Pid driver = self.Pid;
        Pid server = (await self.Start(new CountingServer())).Pid;
        for (int caller = 0; caller < width; caller++)
            self.Spawn(member => Caller(member, driver, server, count));
        for (int left = width; left > 0; left--)
            await self.Receive<Atom>();
        self.Cast(server, CountingServer.StopRequest);
        return (long)width * count;
    }

    private static async ProcessTask Caller(Self self, Pid driver, Pid server, int count)
    {
        for (int left = count; left > 0; left--)
            if (await self.Call(server, s_next) is not long)
                throw new InvalidOperationException("a reply is a number");
        self.Send(driver, Done);
    }
}

/// <summary>Casts to a GenServer. Twin: <c>gen_cast.erl</c>.</summary>
internal sealed class GenServerCast : Scenario
{
    private static readonly Atom s_next = Atom.Of("next");
    private static readonly Atom s_get = Atom.Of("get");

    // An operation is one cast; count of them by each of width callers, all to one server. A call after every thousand keeps the mailbox short.
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        Pid driver = self.Pid;
        Pid server = (await self.Start(new CountingServer())).Pid;
        for (int caller = 0; caller < width; caller++)
            self.Spawn(member => Caster(member, driver, server, count));
        for (int left = width; left > 0; left--)
            await self.Receive<Atom>();
        self.Cast(server, CountingServer.StopRequest);
        return (long)width * count;
    }

    private static async ProcessTask Caster(Self self, Pid driver, Pid server, int count)
    {
        for (int left = count; left > 0; left--)
        {
            self.Cast(server, s_next);
            if (left % 1_000 == 0)
                await self.Call(server, s_get);
        }

        await self.Call(server, s_get);
        self.Send(driver, Done);
    }
}

/// <summary>Servers that are started and stopped. Twin: <c>gen_start_stop.erl</c>.</summary>
internal sealed class GenServerStartStop : Scenario
{
    // An operation is one server: started, its start acknowledged, stopped, its end awaited. Count of them by each of width processes.
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        Pid driver = self.Pid;
        for (int member = 0; member < width; member++)
            self.Spawn(starter => Starter(starter, driver, count));
        for (int left = width; left > 0; left--)
            await self.Receive<Atom>();
        return (long)width * count;
    }

    private static async ProcessTask Starter(Self self, Pid driver, int count)
    {
        for (int left = count; left > 0; left--)
            await self.Stop((await self.Start(new CountingServer())).Pid);
        self.Send(driver, Done);
    }
}

/// <summary>Calls to a state machine that changes its state each time. Twin: <c>statem_call.erl</c>.</summary>
internal sealed class StateMachineCall : Scenario
{
    private static readonly Atom s_toggle = Atom.Of("toggle");

    // An operation is one call; count of them by each of width callers, all to one machine.
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        Pid driver = self.Pid;
        Pid machine = (await self.Start(new Toggle())).Pid;
        for (int caller = 0; caller < width; caller++)
            self.Spawn(member => Caller(member, driver, machine, count));
        for (int left = width; left > 0; left--)
            await self.Receive<Atom>();
        await self.Stop(machine);
        return (long)width * count;
    }

    private static async ProcessTask Caller(Self self, Pid driver, Pid machine, int count)
    {
        for (int left = count; left > 0; left--)
            if (await self.Call(machine, s_toggle) is not Atom)
                throw new InvalidOperationException("a reply is a state");
        self.Send(driver, Done);
    }

    private sealed class Toggle : GenStateMachine<bool>
    {
        private static readonly Atom s_on = Atom.Of("on");
        private static readonly Atom s_off = Atom.Of("off");
        private long _count;

        public Toggle()
        {
            In(false, Off);
            In(true, On);
        }

        protected override ProcessTask<Transition<bool>> Init() => NextState(false);

        private ProcessTask<Transition<bool>> Off(StateEvent stateEvent) => Change(stateEvent, true, s_on);

        private ProcessTask<Transition<bool>> On(StateEvent stateEvent) => Change(stateEvent, false, s_off);

        private ProcessTask<Transition<bool>> Change(StateEvent stateEvent, bool next, Atom reply)
        {
            _count++;
            return NextState(next).Reply(stateEvent.From, reply);
        }

        protected override object GetData() => _count;
    }
}

/// <summary>The server of these scenarios.</summary>
internal sealed class CountingServer : GenServer
{
    internal static readonly Atom StopRequest = Atom.Of("stop");
    private long _count;

    protected override ProcessTask<Next> HandleCall(object request, From from) => Reply(++_count);

    protected override ProcessTask<Next> HandleCast(object request)
    {
        if (ReferenceEquals(request, StopRequest))
            return Stop(Atoms.Normal);
        _count++;
        return NoReply;
    }
}
