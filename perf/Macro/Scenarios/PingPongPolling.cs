namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>A pair whose members look for their message and give way instead of waiting, so that both are always runnable. Twin: <c>ping_pong_polling.erl</c>.</summary>
/// <remarks>With two schedulers each has one of them to run after the first theft, and no reason to steal again: messages cross, nobody is woken.</remarks>
internal sealed class PingPongPolling : Scenario
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
            await Poll(self);
        }

        self.Send(driver, Done);
    }

    private static async ProcessTask Pong(Self self, Pid pinger, int count)
    {
        for (int left = count; left > 0; left--)
            self.Send(pinger, await Poll(self));
    }

    private static async ProcessTask<long> Poll(Self self)
    {
        while (true)
        {
            Received<long> number = await self.TryReceive<long>(TimeSpan.Zero);
            if (number.HasValue)
                return number.Value;
            await self.Yield();
        }
    }
}
