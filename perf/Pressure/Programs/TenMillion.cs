using CloudScale.Scheduling;

namespace CloudScale.Perf.Pressure.Programs;

/// <summary>As many idle processes as fit: how fast, how heavy, and does the memory come back?</summary>
internal sealed class TenMillion(int processes) : PressureProgram
{
    private const double StartLimitSeconds = 10;
    private const double BytesLimit = 350;
    private const double LeftLimit = 1.10;
    private const double AgainLimit = 1.03; // by which two runs differ, too
    private static readonly Atom s_here = Atom.Of("here");

    /// <summary>Whether time and memory have to keep their limits.</summary>
    public bool LimitsCount { get; init; }

    public override string Name => "ten-million";

    public override string What => $"{processes:#,0} idle processes: start, a message to each and an answer, the end, the memory";

    public override async Task Run(Findings findings)
    {
        ProcessSystem system = findings.NewSystem();
        for (int round = 0; round < 5; round++)
            await Life(system, Math.Min(processes, 100_000), new Findings()); // the code, compiled at its best, and tables that grow in steps
        findings.Add("resident when it began", MemoryUse.Now().Resident / 1e6, "MB"); // printed, so that the code that prints counts before
        MemoryUse before = await MemoryUse.AfterCollection();
        double startSeconds = await Life(system, processes, findings);
        MemoryUse after = await MemoryUse.AfterCollection();
        await Life(system, processes, new Findings());
        MemoryUse again = await MemoryUse.AfterCollection();
        findings.Add("resident at the start", before.Resident / 1e6, "MB");
        findings.Add("resident at the end", after.Resident / 1e6, "MB");
        findings.Add("heap at the start", before.Heap / 1e6, "MB");
        findings.Add("heap at the end", after.Heap / 1e6, "MB");
        findings.Add("resident after a second life", again.Resident / 1e6, "MB");
        findings.Add("heap after a second life", again.Heap / 1e6, "MB");
        if (LimitsCount)
        {
            double bytes = findings.Figures.First(figure => figure.Name == "resident a process").Value;
            findings.Check(startSeconds <= StartLimitSeconds, $"all start within {StartLimitSeconds} s; it took {startSeconds:0.0}");
            findings.Check(bytes <= BytesLimit, $"a process takes at most {BytesLimit} bytes; it takes {bytes:0}");
            findings.Check(
                after.Resident <= before.Resident * LeftLimit,
                $"the memory comes back to within 10 %: {before.Resident / 1e6:0} MB before, {after.Resident / 1e6:0} MB after"
            );
            findings.Check(
                again.Resident <= after.Resident * AgainLimit,
                $"a second life leaves no more than the first; it was {after.Resident / 1e6:0} MB, then {again.Resident / 1e6:0} MB"
            );
        }

        await findings.Stop(system);
    }

    private static async Task<double> Life(ProcessSystem system, int count, Findings findings)
    {
        var pids = new Pid[count];
        Array.Fill(pids, system.Spawn(static _ => ProcessTask.Completed)); // touched, so that it counts before
        MemoryUse before = await MemoryUse.AfterCollection();

        double start = await system.Time(self => Start(self, pids));
        findings.Add("started in", start, "s");
        MemoryUse full = await MemoryUse.AfterCollection();
        findings.Add("heap a process", (double)(full.Heap - before.Heap) / count, "bytes");
        findings.Add("resident a process", (double)(full.Resident - before.Resident) / count, "bytes");

        double answered = await system.Time(self => Ask(self, pids));
        findings.Add("all answered in", answered, "s");
        double ended = await system.Time(self => End(self, pids));
        findings.Add("all ended in", ended, "s");
        return start;
    }

    // One starter a scheduler, each with its own part of the list.
    private static async ProcessTask Start(Self self, Pid[] pids)
    {
        int starters = Environment.ProcessorCount;
        Pid driver = self.Pid;
        for (int starter = 0; starter < starters; starter++)
        {
            int first = (int)((long)pids.Length * starter / starters);
            int end = (int)((long)pids.Length * (starter + 1) / starters);
            self.Spawn(other => StartPart(other, pids, first, end, driver));
        }

        for (int left = starters; left > 0; left--)
            await self.Receive<Atom>();
    }

    private static async ProcessTask StartPart(Self self, Pid[] pids, int first, int end, Pid driver)
    {
        for (int index = first; index < end; index++)
        {
            pids[index] = self.Spawn(Idle);
            if (index % 100 == 99)
                await self.Yield(); // let them run as far as their first receive
        }

        await self.Yield();
        self.Send(driver, s_here);
    }

    // A pid asks for an answer, an atom ends.
    private static async ProcessTask Idle(Self self)
    {
        while (await self.Receive() is Pid asker)
            self.Send(asker, s_here);
    }

    private static async ProcessTask Ask(Self self, Pid[] pids)
    {
        int asked = 0;
        for (int answered = 0; answered < pids.Length; answered++)
        {
            while (asked < pids.Length && asked < answered + 1_000)
                self.Send(pids[asked++], self.Pid);
            await self.Receive<Atom>();
        }
    }

    private static async ProcessTask End(Self self, Pid[] pids)
    {
        for (int index = 0; index < pids.Length; index++)
        {
            self.Send(pids[index], s_here);
            if (index % 1_000 == 999)
                await self.Yield();
        }

        await self.UntilLeft(1);
    }
}
