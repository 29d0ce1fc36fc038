using CloudScale.Perf.Macro.Child;
using Microsoft.Extensions.Logging;

namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>Children of a dynamic supervisor that are started and terminated. Twin: <c>supervised_start.erl</c>.</summary>
internal sealed class SupervisedStart : Scenario
{
    // An operation is one child: started by the supervisor, which was asked, and terminated by it, which was asked. Count of them for each of width clients of one supervisor.
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        Pid driver = self.Pid;
        Pid supervisor = (await self.StartLink(new Dynamic())).Pid;
        for (int client = 0; client < width; client++)
            self.Spawn(member => Client(member, driver, supervisor, count));
        for (int left = width; left > 0; left--)
            await self.Receive<Atom>();
        self.Unlink(supervisor);
        await self.Stop(supervisor);
        return (long)width * count;
    }

    private static async ProcessTask Client(Self self, Pid driver, Pid supervisor, int count)
    {
        for (int left = count; left > 0; left--)
        {
            Pid child = (await self.StartChild(supervisor)).Pid;
            if (await self.TerminateChild(supervisor, child) != ChildOutcome.Ok)
                throw new InvalidOperationException("a child that was started is terminated");
        }

        self.Send(driver, Done);
    }

    private sealed class Dynamic : Supervisor
    {
        protected override ProcessTask<SupervisorInit> Init() =>
            SimpleOneForOne(new ChildSpec("child", () => new CountingServer()) { Restart = ChildRestart.Temporary });
    }
}

/// <summary>Children that fail and are restarted. Twin: <c>supervised_restart.erl</c>.</summary>
internal sealed class SupervisedRestart : Scenario
{
    // An operation is one restart: the child is killed, and tells the driver when it has been started again. Count of them in a row for each of width children of one supervisor.
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        CrashPrinter.Level = LogLevel.Critical;
        Pid supervisor = (await self.StartLink(new Static(self.Pid, width))).Pid;
        Dictionary<long, int> left = [];
        long restarts = 0;
        while (restarts < (long)width * count)
        {
            if (await self.Receive() is not (Tuple and [long number, Pid child]))
                continue;
            int done = left.GetValueOrDefault(number);
            left[number] = done + 1;
            if (done > 0)
                restarts++;
            if (done < count)
                self.Exit(child, Atoms.Kill);
        }

        self.Unlink(supervisor);
        await self.Stop(supervisor);
        return restarts;
    }

    private sealed class Static(Pid driver, int children) : Supervisor
    {
        protected override ProcessTask<SupervisorInit> Init() =>
            OneForOne([.. Enumerable.Range(0, children).Select(number => new ChildSpec((long)number, () => new Child(driver, number)))])
                .WithIntensity(int.MaxValue, TimeSpan.FromSeconds(1));
    }

    private sealed class Child(Pid driver, long number) : GenServer
    {
        protected override ProcessTask<InitResult> Init()
        {
            Self.Send(driver, Tuple.Of(number, Self.Pid));
            return InitResult.Ok;
        }
    }
}
