namespace CloudScale.Scheduler.Tests;

/// <summary>What time-outs of receives leave in the wheels: nothing that nobody waits for.</summary>
public sealed class ReceiveTimerTests
{
    [Test]
    public void Timeouts_LongAndShortInTurn_LeaveOneTimer()
    {
        SteppedSystem system = new();
        Pid pid = system.Run(async self =>
        {
            while (true)
            {
                await self.TryReceive<long>(TimeSpan.FromHours(1));
                await self.TryReceive<Atom>(TimeSpan.FromMilliseconds(1));
            }
        });
        for (long turn = 0; turn < 100; turn++)
        {
            system.Processes.Send(pid, turn);
            system.Settle();
            system.Advance(5);
        }

        Assert.That(system.Processes.Statistics.Timers, Is.LessThanOrEqualTo(1), "the wheel holds what may still be waited for");
    }

    [Test]
    public void Timeout_OfAProcessThatExits_LeavesItsWheel()
    {
        SteppedSystem system = new();
        Pid[] pids = [.. Enumerable.Range(0, 10).Select(_ => system.Run(async self => await self.TryReceive<long>(TimeSpan.FromHours(1))))];
        Assert.That(system.Processes.Statistics.Timers, Is.EqualTo(10));
        foreach (Pid pid in pids)
            system.Processes.Exit(pid, Atoms.Kill);
        system.Settle();
        system.Advance(5);
        Assert.That(system.Processes.Statistics.Timers, Is.Zero, "a dead process is garbage, so nothing may lead to it");
    }
}
