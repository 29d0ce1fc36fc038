namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>Pairs of processes; in each, one sends a number and the other returns it. Twin: <c>ping_pong.erl</c>.</summary>
internal sealed class PingPong : Scenario
{
    // An operation is one round trip; each pair makes count of them.
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        Pid driver = self.Pid;
        for (int pair = 0; pair < width; pair++)
            self.Spawn(pinger => Ping(pinger, driver, count));
        for (int left = width; left > 0; left--)
            await self.Receive<Atom>();
        return (long)width * count;
    }

    private static async ProcessTask Ping(Self self, Pid driver, int count)
    {
        Pid pinger = self.Pid;
        Pid ponger = self.Spawn(other => Pong(other, pinger, count));
        for (long left = count; left > 0; left--)
        {
            self.Send(ponger, left);
            await self.Receive<long>();
        }

        self.Send(driver, Done);
    }

    private static async ProcessTask Pong(Self self, Pid pinger, int count)
    {
        for (int left = count; left > 0; left--)
            self.Send(pinger, await self.Receive<long>());
    }
}
