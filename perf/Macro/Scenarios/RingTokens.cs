namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>A ring in which each process starts with a number of its own, so that all of them are busy. Twin: <c>ring_tokens.erl</c>.</summary>
internal sealed class RingTokens : Scenario
{
    // An operation is one hop; count of them in all, equally by each of width numbers.
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        Pid driver = self.Pid;
        int hops = Math.Max(count / width, 1);
        Pid first = self.Spawn(member => First(member, driver, width, hops));
        for (int left = width; left > 0; left--)
            await self.Receive<Atom>();
        self.Send(first, -1L);
        return (long)width * hops;
    }

    private static async ProcessTask First(Self self, Pid driver, int size, int hops)
    {
        Pid next = self.Pid;
        for (int left = size - 1; left > 0; left--)
        {
            Pid behind = next;
            next = self.Spawn(member => Member(member, behind, driver, hops));
        }

        await Member(self, next, driver, hops);
    }

    // Whoever takes a zero tells the driver and drops the number; a negative one goes once round and ends everybody.
    private static async ProcessTask Member(Self self, Pid next, Pid driver, int hops)
    {
        self.Send(next, hops - 1);
        while (true)
        {
            long number = await self.Receive<long>();
            if (number == 0)
            {
                self.Send(driver, Done);
                continue;
            }

            self.Send(next, number - 1);
            if (number < 0)
                return;
        }
    }
}
