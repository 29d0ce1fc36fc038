using System.Diagnostics;
using CloudScale.Scheduling;

namespace CloudScale.Perf.Pressure.Programs;

/// <summary>Very many linked processes die at once: one is told of all, or all of one.</summary>
internal sealed class Deaths(int few, int many) : PressureProgram
{
    private const double Tolerance = 8; // a quadratic exit would show the factor between few and many
    private static readonly Atom s_ready = Atom.Of("ready");
    private static readonly Atom s_boom = Atom.Of("boom");

    public override string Name => "deaths";

    public override string What => $"{few:#,0} and {many:#,0} children of one process die at once; then as many die because one did";

    public override async Task Run(Findings findings)
    {
        ProcessSystem system = findings.NewSystem();
        await Both(system, few / 10, null);
        MemoryUse before = await MemoryUse.AfterCollection();
        (double Reported, double Followed) small = await Both(system, few, findings);
        (double Reported, double Followed) large = await Both(system, many, findings);
        MemoryUse after = await MemoryUse.AfterCollection();
        findings.Add("heap before", before.Heap / 1e6, "MB");
        findings.Add("heap after", after.Heap / 1e6, "MB");
        findings.Check(
            large.Reported <= Tolerance * small.Reported,
            $"a report costs the same at any number: {small.Reported:0} and {large.Reported:0} ns"
        );
        findings.Check(
            large.Followed <= Tolerance * small.Followed,
            $"a death by link costs the same at any number: {small.Followed:0} and {large.Followed:0} ns"
        );
        findings.Check(
            after.Heap <= before.Heap + (4 << 20),
            $"the dead give their memory back: {before.Heap / 1e6:0} MB before, {after.Heap / 1e6:0} MB after"
        );
        await findings.Stop(system);
    }

    private static async Task<(double Reported, double Followed)> Both(ProcessSystem system, int count, Findings? findings)
    {
        double reported = await system.Run(self => ChildrenDie(self, count));
        double followed = await system.Run(self => ParentDies(self, count));
        findings?.Add($"{count:#,0} reported to one", reported, "ns each");
        findings?.Add($"{count:#,0} follow one", followed, "ns each");
        return (reported, followed);
    }

    private static async ProcessTask<double> ChildrenDie(Self self, int count)
    {
        self.TrapExit = true;
        var left = new HashSet<Pid>(count);
        for (int index = 0; index < count; index++)
            left.Add(self.SpawnLink(Child));
        await self.Yield();

        long start = Stopwatch.GetTimestamp();
        foreach (Pid child in left)
            self.Exit(child, s_boom);
        for (int index = 0; index < count; index++)
        {
            Exit exit = await self.Receive<Exit>();
            if (!left.Remove(exit.From) || !ReferenceEquals(exit.Reason, s_boom))
                throw new InvalidOperationException($"an exit came that is not due: {exit}");
        }

        double each = Stopwatch.GetElapsedTime(start).TotalNanoseconds / count;
        if (left.Count > 0)
            throw new InvalidOperationException($"{left.Count} exits were never told");
        return each;
    }

    private static async ProcessTask<double> ParentDies(Self self, int count)
    {
        long alive = self.System.ProcessCount;
        Pid driver = self.Pid;
        Pid parent = self.Spawn(other => Parent(other, driver, count));
        await self.Receive<Atom>();
        long start = Stopwatch.GetTimestamp();
        self.Exit(parent, s_boom);
        await self.UntilLeft(alive);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / count;
    }

    private static async ProcessTask Parent(Self self, Pid driver, int count)
    {
        for (int left = count; left > 0; left--)
            self.SpawnLink(Child);
        await self.Yield();
        self.Send(driver, s_ready);
        await self.Receive<Down>(); // which never comes
    }

    private static async ProcessTask Child(Self self) => await self.Receive<Down>();
}
