using System.Diagnostics;

namespace CloudScale.Supervision.Tests;

/// <summary>What only the real clock shows, on a node with several schedulers.</summary>
public sealed class RealTimeTests : NodeFixture
{
    private const int Children = 20_000;

    [Test]
    public async Task Dynamic_TwentyThousandChildren_StopWithinThreeSeconds()
    {
        Pid supervisor = await Start(new Many());
        await Run(async self =>
        {
            for (int i = 0; i < Children; i++)
                await self.StartChild(supervisor);
            return true;
        });
        Assert.That(await Run(async self => (await self.CountChildren(supervisor)).Active), Is.EqualTo(Children));
        long began = Stopwatch.GetTimestamp();
        await Node.StopAsync(supervisor);
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        TestContext.Out.WriteLine($"{Children} children stopped in {took.TotalMilliseconds:F0} ms");
        Assert.That(took.TotalSeconds, Is.LessThan(3));
    }

    private sealed class Many : Supervisor
    {
        protected override ProcessTask<SupervisorInit> Init() => SimpleOneForOne(new ChildSpec((Atom)"idle", () => new Idle()));
    }

    private sealed class Idle : GenServer;
}
