using System.Diagnostics;
using CloudScale.Scheduling;

namespace CloudScale.Scheduler.Tests;

/// <summary>Timers and time-outs on the real clock: never early, whatever the clock's granularity.</summary>
[NonParallelizable]
public sealed class LatenessTests
{
    /// <summary>A scheduler that is never idle looks at its wheel all the time, so a timer fires as soon as the clock lets it: nothing hides a deadline that is too early.</summary>
    [Test]
    public async Task SendAfter_OnABusyScheduler_IsNeverEarly()
    {
        const int count = 3_000;
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 1 });
        TaskCompletionSource<List<double>> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool stop = false;
        system.Spawn(async self =>
        {
            while (!Volatile.Read(ref stop))
                await self.Yield();
        });
        Pid receiver = system.Spawn(async self =>
        {
            List<double> lateMs = [];
            for (int left = count; left > 0; left--)
            {
                long due = await self.Receive<long>();
                lateMs.Add((Stopwatch.GetTimestamp() - due) * 1_000.0 / Stopwatch.Frequency);
            }

            done.SetResult(lateMs);
        });
        system.Spawn(async self =>
        {
            Random random = new(seed);
            for (int left = count; left > 0; left--)
            {
                int delayMs = random.Next(1, 100);
                long set = Stopwatch.GetTimestamp();
                self.SendAfter(TimeSpan.FromMilliseconds(delayMs), receiver, set + (delayMs * (Stopwatch.Frequency / 1_000)));
                while (Stopwatch.GetTimestamp() - set < Stopwatch.Frequency / 5_000) // over all phases of the clock's tick
                    await self.Yield();
            }
        });
        List<double> late = await done.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Volatile.Write(ref stop, true);
        TestContext.Out.WriteLine($"late by {late.Min():0.000} to {late.Max():0.000} ms");
        Assert.That(late.Where(each => each < 0), Is.Empty, $"timers that came early, in ms; seed {seed}");
    }
}
