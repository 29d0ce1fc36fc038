namespace CloudScale.Scheduler.Tests;

/// <summary>A request to end in order and a monitor in one signal.</summary>
public sealed class StopMonitorTests
{
    private static readonly Atom s_system = Atom.Of("system");
    private static readonly Atom s_terminate = Atom.Of("terminate");

    [Test]
    public void StopMonitor_OfAHandler_WhichTakesItByType_IsToldItsReasonAlone([Range(1, 20)] int seed)
    {
        List<object> got = [];
        Reference monitor = default;
        Pid stopped = default;
        SteppedSystem system = new((ulong)seed);
        system.Run(async self =>
        {
            stopped = self.Spawn(new Obedient());
            for (int i = 0; i < seed % 3; i++)
                await self.Yield();
            monitor = self.StopMonitor(stopped, "enough");
            while (await self.TryReceive<object>(TimeSpan.FromMilliseconds(5)) is { HasValue: true } message)
                got.Add(message.Value);
        });
        system.Advance(10);
        Assert.That(got, Is.EqualTo(new object[] { new Down(monitor, stopped, "enough") }));
        Assert.That(system.Processes.ProcessCount, Is.Zero);
    }

    /// <summary>Whoever receives objects is asked as <c>sys:terminate</c> asks, and may answer first.</summary>
    [TestCase(false)]
    [TestCase(true)]
    public void StopMonitor_OfABody_IsTheTupleOfSys(bool isBounded)
    {
        List<object> got = [];
        object? request = null;
        Reference monitor = default;
        Pid asker = default;
        Pid stopped = default;
        SteppedSystem system = new();
        asker = system.Run(async self =>
        {
            stopped = self.Spawn(
                async other =>
                {
                    request = await other.Receive();
                    other.Reply(((Tuple)request)[1], Atoms.Ok);
                    other.Exit(((Tuple)((Tuple)request)[2])[1]);
                },
                new SpawnOptions { MailboxLimit = isBounded ? new MailboxLimit(10, MailboxOverflow.DropNewest) : null }
            );
            monitor = self.StopMonitor(stopped, "enough");
            while (await self.TryReceive<object>(TimeSpan.FromMilliseconds(5)) is { HasValue: true } message)
                got.Add(message.Value);
        });
        system.Advance(10);
        Assert.That(request, Is.EqualTo(Tuple.Of(s_system, Tuple.Of(asker, monitor), Tuple.Of(s_terminate, "enough"))));
        Assert.That(got, Is.EqualTo(new object[] { Tuple.Of(monitor, Atoms.Ok), new Down(monitor, stopped, "enough") }));
    }

    /// <summary>It ends by itself before, while or after it is asked: there is one report, of its own reason or that there was nobody.</summary>
    [Test]
    public void StopMonitor_ProcessExitsByItself_IsToldOnce([Range(1, 100)] int seed)
    {
        List<object> reasons = [];
        SteppedSystem system = new((ulong)seed);
        system.Run(async self =>
        {
            Pid other = self.Spawn(async body => body.Exit(await body.Receive<string>()));
            self.Send(other, "own");
            for (int i = 0; i < seed % 4; i++)
                await self.Yield();
            self.StopMonitor(other, "enough");
            while (await self.TryReceive<Down>(TimeSpan.FromMilliseconds(5)) is { HasValue: true } down)
                reasons.Add(down.Value.Reason);
        });
        system.Advance(10);
        Assert.That(reasons, Has.Count.EqualTo(1));
        Assert.That(reasons[0], Is.EqualTo("own").Or.EqualTo(Atoms.NoProc));
    }

    [Test]
    public void StopMonitor_TakenBack_IsNotTold()
    {
        List<object> got = [];
        SteppedSystem system = new();
        system.Run(async self =>
        {
            Reference monitor = self.StopMonitor(self.Spawn(new Obedient()), "enough");
            Assert.That(self.Demonitor(monitor, flush: true), Is.True);
            while (await self.TryReceive<object>(TimeSpan.FromMilliseconds(5)) is { HasValue: true } message)
                got.Add(message.Value);
        });
        system.Advance(10);
        Assert.That(got, Is.Empty);
        Assert.That(system.Processes.ProcessCount, Is.Zero, "it has stopped even so");
    }

    private sealed class Obedient : ProcessHandler
    {
        protected internal override ProcessTask OnMessage(Self self, Message message)
        {
            if (message.TryGet(out StopRequest request))
                End(self, request.Reason);
            return default;
        }
    }
}
