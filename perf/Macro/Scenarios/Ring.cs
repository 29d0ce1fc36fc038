namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>A number goes round a ring of processes and loses one at each hop. Twin: <c>ring.erl</c>.</summary>
internal sealed class Ring : Scenario
{
    // An operation is one hop; count of them round a ring of width processes.
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        Pid driver = self.Pid;
        Pid first = self.Spawn(member => First(member, driver, width));
        self.Send(first, count);
        await self.Receive<Atom>();
        return count;
    }

    // The first process builds the others behind itself, last one first, and then is one of them.
    private static async ProcessTask First(Self self, Pid driver, int size)
    {
        Pid next = self.Pid;
        for (int left = size - 1; left > 0; left--)
        {
            Pid behind = next;
            next = self.Spawn(member => Member(member, behind, driver));
        }

        await Member(self, next, driver);
    }

    // The process that takes the zero tells the driver; a negative number goes once more round and ends everybody.
    private static async ProcessTask Member(Self self, Pid next, Pid driver)
    {
        while (true)
        {
            long number = await self.Receive<long>();
            if (number == 0)
                self.Send(driver, Done);
            self.Send(next, number - 1);
            if (number <= 0)
                return;
        }
    }
}
