using CloudScale.Scheduling;

namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>A pair whose members never share a scheduler: each message wakes another thread. Twin: <c>ping_pong_apart.erl</c>.</summary>
/// <remarks>
/// Our schedulers wake a process where its sender runs, so inside one system a pair that waits for each other comes together at once. Two systems of one scheduler each keep them
/// apart, with the dearer way of a message that a stranger's thread brings. The twin pins each process to a scheduler of one node.
/// </remarks>
internal sealed class PingPongApart : Scenario
{
    // An operation is one round trip; each pair makes count of them.
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        await using ProcessSystem left = new(new ProcessSystemOptions { Schedulers = 1 });
        await using ProcessSystem right = new(new ProcessSystemOptions { Schedulers = 1 });
        using var done = new CountdownEvent(width);
        for (int pair = 0; pair < width; pair++)
            left.Spawn(pinger => Ping(pinger, right, count, done));
        await Task.Run(done.Wait);
        return (long)width * count;
    }

    private static async ProcessTask Ping(Self self, ProcessSystem right, int count, CountdownEvent done)
    {
        (ProcessSystem left, Pid pinger) = (self.System, self.Pid);
        Pid ponger = right.Spawn(other => Pong(other, left, pinger, count));
        for (long number = count; number > 0; number--)
        {
            right.Send(ponger, number);
            await self.Receive<long>();
        }

        done.Signal();
    }

    private static async ProcessTask Pong(Self self, ProcessSystem left, Pid pinger, int count)
    {
        for (int number = count; number > 0; number--)
            left.Send(pinger, await self.Receive<long>());
    }
}
