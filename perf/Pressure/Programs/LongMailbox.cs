using System.Diagnostics;
using CloudScale.Scheduling;

namespace CloudScale.Perf.Pressure.Programs;

/// <summary>One mailbox with very many messages: what a message costs may not depend on how many there are.</summary>
internal sealed class LongMailbox(int few, int many) : PressureProgram
{
    // A quadratic mailbox would show the factor between few and many, ten and more; the collector and caches may cost some.
    private const double Tolerance = 5;
    private const int Calls = 20_000;

    public override string Name => "mailbox";

    public override string What => $"{few:#,0} and {many:#,0} messages in one mailbox: fill, call past them, drain, the memory";

    public override async Task Run(Findings findings)
    {
        ProcessSystem system = findings.NewSystem();
        await Measure(system, few / 10, null);
        MemoryUse before = await MemoryUse.AfterCollection();
        Costs small = await Measure(system, few, findings);
        Costs large = await Measure(system, many, findings);
        MemoryUse after = await MemoryUse.AfterCollection();
        findings.Add("heap before", before.Heap / 1e6, "MB");
        findings.Add("heap after", after.Heap / 1e6, "MB");
        findings.Add("resident before", before.Resident / 1e6, "MB");
        findings.Add("resident after", after.Resident / 1e6, "MB");
        findings.Check(large.Fill <= Tolerance * small.Fill, $"filling costs the same at any length: {small.Fill:0} and {large.Fill:0} ns");
        findings.Check(large.Call <= Tolerance * small.Call, $"a call past a backlog costs the same: {small.Call:0} and {large.Call:0} ns");
        findings.Check(
            large.Drain <= Tolerance * small.Drain,
            $"draining costs the same at any length: {small.Drain:0} and {large.Drain:0} ns"
        );
        findings.Check(
            after.Heap <= before.Heap + (4 << 20),
            $"a drained mailbox gives its memory back: {before.Heap / 1e6:0} MB before, {after.Heap / 1e6:0} MB after"
        );
        await findings.Stop(system);
    }

    private static async Task<Costs> Measure(ProcessSystem system, int messages, Findings? findings)
    {
        Pid echo = system.Spawn(Echo);
        Costs costs = await system.Run(self => Owner(self, echo, messages));
        system.Exit(echo, Atoms.Kill);
        findings?.Add($"fill, {messages:#,0}", costs.Fill, "ns a message");
        findings?.Add($"call past {messages:#,0}", costs.Call, "ns a call");
        findings?.Add($"drain, {messages:#,0}", costs.Drain, "ns a message");
        return costs;
    }

    private static async ProcessTask<Costs> Owner(Self self, Pid echo, int messages)
    {
        Pid me = self.Pid;
        long start = Stopwatch.GetTimestamp();
        Reference filled = self.MakeReference();
        self.Spawn(filler => Fill(filler, me, messages, filled));
        await self.Receive<Reference>(reference => reference == filled, mark: self.Mark());
        double fill = PerItem(start, messages);

        start = Stopwatch.GetTimestamp();
        for (int left = Calls; left > 0; left--)
        {
            ReceiveMark mark = self.Mark();
            Reference reference = self.MakeReference();
            self.Send(echo, new Question(me, reference));
            await self.Receive<Reference>(answer => answer == reference, mark: mark);
        }

        double call = PerItem(start, Calls);
        start = Stopwatch.GetTimestamp();
        for (long expected = 0; expected < messages; expected++)
            if (await self.Receive<long>() != expected)
                throw new InvalidOperationException($"message {expected} is out of order");
        return new(fill, call, PerItem(start, messages));
    }

    private static async ProcessTask Fill(Self self, Pid owner, int messages, Reference filled)
    {
        for (long number = 0; number < messages; number++)
        {
            self.Send(owner, number);
            if (number % 10_000 == 9_999)
                await self.Yield();
        }

        self.Send(owner, filled);
    }

    private static async ProcessTask Echo(Self self)
    {
        while (await self.Receive() is Question question)
            self.Send(question.From, question.Reference);
    }

    private static double PerItem(long start, int items) => Stopwatch.GetElapsedTime(start).TotalNanoseconds / items;

    private sealed record Question(Pid From, Reference Reference);

    private readonly record struct Costs(double Fill, double Call, double Drain);
}
