namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>Ping-pong with handlers in place of async bodies. Twin: <c>ping_pong.erl</c>, which has one form for both.</summary>
internal sealed class PingPongHandler : Scenario
{
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        for (int pair = 0; pair < width; pair++)
            self.Spawn(new Pinger(self.Pid, count));
        for (int left = width; left > 0; left--)
            await self.Receive<Atom>();
        return (long)width * count;
    }

    private sealed class Pinger(Pid driver, long left) : ProcessHandler
    {
        private Pid _ponger;

        protected override ProcessTask OnStart(Self self)
        {
            _ponger = self.Spawn(new Ponger(self.Pid, left));
            self.Send(_ponger, left);
            return default;
        }

        protected override ProcessTask OnMessage(Self self, Message message)
        {
            if (--left > 0)
            {
                self.Send(_ponger, left);
                return default;
            }

            self.Send(driver, Done);
            self.Exit(Atoms.Normal);
            return default;
        }
    }

    private sealed class Ponger(Pid pinger, long left) : ProcessHandler
    {
        protected override ProcessTask OnMessage(Self self, Message message)
        {
            if (message.TryGet(out long number))
                self.Send(pinger, number);
            if (--left == 0)
                self.Exit(Atoms.Normal);
            return default;
        }
    }
}
