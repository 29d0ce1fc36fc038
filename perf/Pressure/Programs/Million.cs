using CloudScale.Scheduling;

namespace CloudScale.Perf.Pressure.Programs;

/// <summary>Many live processes that pass numbers on to random others: what does the collector make of it?</summary>
internal sealed class Million(int processes, int inFlight, TimeSpan duration) : PressureProgram
{
    private const double P99LimitMs = 20;
    private const double PartLimit = 0.05;

    /// <summary>Whether the pauses have to keep their limits.</summary>
    public bool PausesCount { get; init; }

    /// <summary>More is on its way than the cores need to be busy: pauses grow with what waits in run queues, and this says how.</summary>
    public bool IsBacklog { get; init; }

    public override string Name => IsBacklog ? "million-backlog" : "million";

    public override string What =>
        $"{processes:#,0} live processes, {inFlight:#,0} numbers passed on at random for {duration.TotalSeconds} s";

    public override bool IsAboutTheCollector => true;

    public override async Task Run(Findings findings)
    {
        ProcessSystem system = findings.NewSystem();
        var crowd = new Crowd(new Pid[processes]);
        double seconds = await system.Time(self => crowd.Gather(self));
        findings.Add("processes started", processes / seconds, "a second");

        for (int number = 1; number <= inFlight; number++)
            system.Send(crowd.Members[number % processes], (long)number << 20);
        // The code is at its last tier, and the processes have left the young generations, before anything counts.
        await Task.Delay(duration / 5);
        long before = system.Statistics.MessagesSent;
        using (var pauses = new PauseRecorder())
        {
            await Task.Delay(duration);
            findings.Add("messages", (system.Statistics.MessagesSent - before) / duration.TotalSeconds, "a second");
            (double p99, double part) = await pauses.Report(findings);
            if (PausesCount && Environment.GetEnvironmentVariable(GcSettings.MayPause) is null)
            {
                findings.Check(p99 <= P99LimitMs, $"99 of 100 pauses are at most {P99LimitMs} ms long; this one was {p99:0.0}");
                findings.Check(part <= PartLimit, $"pauses take at most {PartLimit:P0} of the time; they took {part:P1}");
            }
        }

        findings.Add("resident a process", (double)MemoryUse.Now().Resident / processes, "bytes");
        crowd.Stop();
        SpinWait.SpinUntil(() => crowd.Dropped == inFlight, TimeSpan.FromSeconds(30));
        findings.Check(crowd.Dropped == inFlight, $"{inFlight} numbers went round and {crowd.Dropped} came back");
        await findings.Stop(system);
    }

    private sealed class Crowd(Pid[] members)
    {
        private volatile bool _stopping;
        private int _dropped;

        public Pid[] Members => members;

        public int Dropped => Volatile.Read(ref _dropped);

        public void Stop() => _stopping = true;

        public async ProcessTask Gather(Self self)
        {
            for (int index = 0; index < members.Length; index++)
            {
                members[index] = self.Spawn(Member);
                if (index % 100 == 99)
                    await self.Yield(); // let them run as far as their first receive
            }
        }

        private async ProcessTask Member(Self self)
        {
            while (true)
            {
                long number = await self.Receive<long>();
                if (_stopping)
                {
                    Interlocked.Increment(ref _dropped);
                    continue;
                }

                number ^= number << 13; // xorshift: the number is its own source of chance
                number ^= (long)((ulong)number >> 7);
                number ^= number << 17;
                self.Send(members[(int)((ulong)number % (ulong)members.Length)], number);
            }
        }
    }
}
