namespace CloudScale.Scheduler.Tests;

/// <summary>An exit signal and a monitor in one: every exit is told, and once.</summary>
public sealed class ExitMonitorTests
{
    private static readonly SpawnOptions s_trapping = new() { TrapExit = true };

    [Test]
    public void ExitMonitor_OfALinkedProcess_IsToldByTheMonitorAlone([Range(1, 20)] int seed)
    {
        SteppedSystem system = new((ulong)seed);
        Down? down = null;
        object? more = null;
        Reference monitor = default;
        system.Run(
            async self =>
            {
                Pid child = self.SpawnLink(async other => await other.Receive<string>());
                await self.Yield();
                monitor = self.ExitMonitor(child, Atoms.Shutdown);
                down = await self.Receive<Down>();
                more = await self.TryReceive<object>(TimeSpan.FromMilliseconds(5));
            },
            s_trapping
        );
        system.Advance(10);
        Assert.That(down!.Reference, Is.EqualTo(monitor));
        Assert.That(down.Reason, Is.EqualTo(Atoms.Shutdown));
        Assert.That(more, Is.EqualTo(default(Received<object>)));
        Assert.That(system.Processes.ProcessCount, Is.Zero);
    }

    /// <summary>The process exits for a reason of its own before, while, or after it is asked: whichever of link and monitor tells it, it is told once.</summary>
    [Test]
    public void ExitMonitor_ProcessExitsByItself_IsToldWhyOnce([Range(1, 200)] int seed)
    {
        SteppedSystem system = new((ulong)seed);
        List<object> reasons = [];
        system.Run(
            async self =>
            {
                Pid child = self.SpawnLink(async other => other.Exit(await other.Receive<string>()));
                self.Send(child, "own");
                for (int i = 0; i < seed % 4; i++)
                    await self.Yield();
                Reference monitor = self.ExitMonitor(child, Atoms.Shutdown);
                Down down = await self.Receive<Down>(report => report.Reference == monitor);
                if (!ReferenceEquals(down.Reason, Atoms.NoProc))
                    reasons.Add(down.Reason);
                while (await self.TryReceive<Exit>(TimeSpan.FromMilliseconds(5)) is { HasValue: true } exit)
                    reasons.Add(exit.Value.Reason);
            },
            s_trapping
        );
        system.Advance(10);
        Assert.That(reasons, Has.Count.EqualTo(1));
        Assert.That(reasons[0], Is.EqualTo("own").Or.EqualTo(Atoms.Shutdown));
    }

    /// <summary>Whoever asked is told nothing by the link any more, but the link still tells of its own exit.</summary>
    [Test]
    public void ExitMonitor_OfOneThatDoesNotObey_WhoAskedExits_TheOtherIsTold()
    {
        SteppedSystem system = new();
        List<object> got = [];
        Pid stubborn = system.Run(
            async self =>
            {
                while (got.Count < 2)
                    got.Add(await self.Receive());
            },
            s_trapping
        );
        Pid asker = system.Run(async self =>
        {
            self.Link(stubborn);
            await self.Yield();
            self.ExitMonitor(stubborn, "please");
            await self.Yield();
            self.Exit("tired");
        });
        system.Settle();
        Assert.That(got, Is.EqualTo(new object[] { new Exit(asker, "please"), new Exit(asker, "tired") }));
    }

    [Test]
    public void ExitMonitor_ThenLinkAgain_TheLinkTells()
    {
        SteppedSystem system = new();
        List<object> got = [];
        system.Run(
            async self =>
            {
                Pid other = self.Spawn(
                    async stubborn =>
                    {
                        await stubborn.Receive<Exit>();
                        stubborn.Exit(await stubborn.Receive<string>());
                    },
                    s_trapping
                );
                self.Link(other);
                self.ExitMonitor(other, "please");
                self.Link(other);
                self.Send(other, "own");
                for (int i = 0; i < 2; i++)
                    got.Add(
                        await self.Receive() switch
                        {
                            Down down => down.Reason,
                            Exit exit => exit.Reason,
                            var term => term,
                        }
                    );
            },
            s_trapping
        );
        system.Settle();
        Assert.That(got, Is.EqualTo(new object[] { "own", "own" }));
    }

    [Test]
    public void ExitMonitor_OfADeadProcess_IsNoProc()
    {
        SteppedSystem system = new();
        Pid dead = system.Run(_ => default);
        Down? down = null;
        system.Run(async self =>
        {
            self.ExitMonitor(dead, Atoms.Kill);
            down = await self.Receive<Down>();
        });
        system.Settle();
        Assert.That(down!.Object, Is.EqualTo(dead));
        Assert.That(down.Reason, Is.EqualTo(Atoms.NoProc));
    }

    [Test]
    public void ExitMonitor_Kill_IsReportedAsKilled()
    {
        SteppedSystem system = new();
        object? reason = null;
        system.Run(async self =>
        {
            Pid child = self.Spawn(async other => await other.Receive<string>(), s_trapping);
            self.ExitMonitor(child, Atoms.Kill);
            reason = (await self.Receive<Down>()).Reason;
        });
        system.Settle();
        Assert.That(reason, Is.EqualTo(Atoms.Killed));
    }
}
