using System.Diagnostics;

namespace CloudScale.Soak.Roles;

/// <summary>Receives with a time-out beside messages that come about then: never early, and a message that missed its receive is there for the next.</summary>
internal sealed class Timeouts : Role
{
    protected override async ProcessTask Episode(Self self, World world, Random random)
    {
        Pid me = self.Pid;
        int delayMs = random.Next(15);
        self.Spawn(other => SendLater(other, me, delayMs));
        int timeoutMs = random.Next(15);
        long start = Stopwatch.GetTimestamp();
        Received<long> received = await self.TryReceive<long>(TimeSpan.FromMilliseconds(timeoutMs));
        double waitedMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        world.Check(received.HasValue || waitedMs >= timeoutMs, $"{Name}: a receive gave up after {waitedMs} of {timeoutMs} ms");
        if (!received.HasValue)
            received = await self.TryReceive<long>(value => value == delayMs, Patience);
        world.Check(received.HasValue && received.Value == delayMs, $"{Name}: a message that came late never came");

        start = Stopwatch.GetTimestamp();
        await self.Sleep(TimeSpan.FromMilliseconds(timeoutMs));
        waitedMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        world.Check(waitedMs >= timeoutMs, $"{Name}: a sleep of {timeoutMs} ms was over after {waitedMs}");
    }

    private static async ProcessTask SendLater(Self self, Pid to, int delayMs)
    {
        await self.Sleep(TimeSpan.FromMilliseconds(delayMs));
        self.Send(to, (long)delayMs);
    }
}
