using System.Globalization;
using CloudScale.Scheduling;

namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>What a process costs that waits for a message. Twin: <c>idle.erl</c>.</summary>
/// <remarks>
/// Heap is what the collector counts after a full collection, resident what the operating system counts; both as growth over the processes, each of which has
/// already taken one message and answered it.
/// </remarks>
internal abstract class IdleScenario
{
    // The first thousands pay for the code and for tables that grow in steps.
    private const int Settling = 10_000;

    protected static Atom Here { get; } = Atom.Of("here");

    public static IdleScenario? Find(string name) =>
        name switch
        {
            "idle" => new Async(),
            "idle_handler" => new Handler(),
            _ => null,
        };

    public (long Heap, long Resident) Measure(ProcessSystem system, int count)
    {
        Start(system, Settling, stop: true);
        (long heapBefore, long residentBefore) = Memory();
        Start(system, count, stop: false);
        (long heapAfter, long residentAfter) = Memory();
        return (heapAfter - heapBefore, residentAfter - residentBefore);
    }

    protected abstract Pid Spawn(Self self);

    // The driver ends, and its list of pids with it: that is no cost of the processes.
    private void Start(ProcessSystem system, int count, bool stop)
    {
        using var done = new ManualResetEventSlim();
        system.Spawn(self => Drive(self, count, stop, done));
        done.Wait();
        // Whoever was stopped is gone, and so is the driver, before memory is counted.
        int left = stop ? 0 : count;
        SpinWait.SpinUntil(() => system.ProcessCount <= left);
    }

    private async ProcessTask Drive(Self self, int count, bool stop, ManualResetEventSlim done)
    {
        var pids = new Pid[count];
        for (int index = 0; index < count; index++)
            pids[index] = Spawn(self);
        foreach (Pid pid in pids)
            self.Send(pid, self.Pid);
        for (int left = count; left > 0; left--)
            await self.Receive<Atom>();
        if (stop)
            foreach (Pid pid in pids)
                self.System.Exit(pid, Atoms.Kill);
        done.Set();
    }

    private static (long Heap, long Resident) Memory()
    {
        // Twice, so that what the first made unreachable goes as well; aggressive gives unused pages back.
        for (int round = 0; round < 2; round++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        string pages = File.ReadAllText("/proc/self/statm").Split(' ')[1];
        return (
            GC.GetTotalMemory(forceFullCollection: false),
            long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize
        );
    }

    private sealed class Async : IdleScenario
    {
        protected override Pid Spawn(Self self) => self.Spawn(Wait);

        private static async ProcessTask Wait(Self self)
        {
            while (true)
            {
                Pid driver = await self.Receive<Pid>();
                self.Send(driver, Here);
            }
        }
    }

    private sealed class Handler : IdleScenario
    {
        protected override Pid Spawn(Self self) => self.Spawn(new Waiter());

        private sealed class Waiter : ProcessHandler
        {
            protected override ProcessTask OnMessage(Self self, Message message)
            {
                if (message.TryGet(out Pid driver))
                    self.Send(driver, Here);
                return default;
            }
        }
    }
}
