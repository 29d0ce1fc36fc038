using System.Diagnostics;
using CloudScale.Scheduling;

namespace CloudScale.Perf.Pressure.Programs;

/// <summary>Very many threads of the host send to processes: nothing is lost, and each thread's messages come in its order.</summary>
internal sealed class HostThreads(int threads, int receivers, int each) : PressureProgram
{
    private const int StackBytes = 256 << 10;

    public override string Name => "threads";

    public override string What => $"{threads:#,0} threads send {each:#,0} messages each to {receivers:#,0} processes";

    public override async Task Run(Findings findings)
    {
        ProcessSystem system = findings.NewSystem();
        // Every thread sends to every receiver in turn, so each receiver knows how many it gets of each.
        int rounds = Math.Max(each / receivers, 1);
        using var done = new CountdownEvent(receivers);
        Pid[] targets =
        [
            .. Enumerable.Range(0, receivers).Select(_ => system.Spawn(self => Receiver(self, threads, rounds, done, findings))),
        ];
        using var start = new ManualResetEventSlim();
        Thread[] senders =
        [
            .. Enumerable
                .Range(0, threads)
                .Select(number => new Thread(() => Sender(system, targets, number, rounds, start), StackBytes) { IsBackground = true }),
        ];
        foreach (Thread sender in senders)
            sender.Start();
        long began = Stopwatch.GetTimestamp();
        start.Set();
        foreach (Thread sender in senders)
            sender.Join();
        bool complete = await Task.Run(() => done.Wait(TimeSpan.FromSeconds(60)));
        findings.Check(complete, $"{done.CurrentCount} of {receivers} receivers still wait for messages");
        findings.Add("messages", (double)threads * rounds * receivers / Stopwatch.GetElapsedTime(began).TotalSeconds, "a second");
        await findings.Stop(system);
    }

    private static void Sender(ProcessSystem system, Pid[] targets, int number, int rounds, ManualResetEventSlim start)
    {
        start.Wait();
        for (long round = 1; round <= rounds; round++)
            foreach (Pid target in targets)
                system.Send(target, ((long)number << 32) | round);
    }

    private static async ProcessTask Receiver(Self self, int threads, int rounds, CountdownEvent done, Findings findings)
    {
        var last = new long[threads];
        for (long left = (long)threads * rounds; left > 0; left--)
        {
            long message = await self.Receive<long>();
            (int sender, long number) = ((int)(message >> 32), (uint)message);
            findings.Check(number == ++last[sender], $"{number} of thread {sender} came after {last[sender] - 1}");
            last[sender] = number;
        }

        done.Signal();
    }
}
