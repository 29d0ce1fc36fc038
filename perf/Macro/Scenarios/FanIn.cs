namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>Many processes send to one. Twin: <c>fan_in.erl</c>.</summary>
internal sealed class FanIn : Scenario
{
    // An operation is one message; count of them in all, equally from each of width senders.
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        Pid driver = self.Pid;
        int each = count / width;
        long all = (long)each * width;
        Pid receiver = self.Spawn(collector => Collect(collector, driver, all));
        for (int sender = 0; sender < width; sender++)
            self.Spawn(member => Send(member, receiver, each));
        await self.Receive<Atom>();
        return all;
    }

    private static ProcessTask Send(Self self, Pid receiver, int each)
    {
        for (long left = each; left > 0; left--)
            self.Send(receiver, left);
        return ProcessTask.Completed;
    }

    private static async ProcessTask Collect(Self self, Pid driver, long all)
    {
        for (long left = all; left > 0; left--)
            await self.Receive<long>();
        self.Send(driver, Done);
    }
}
