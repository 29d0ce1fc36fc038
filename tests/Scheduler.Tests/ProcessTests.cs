namespace CloudScale.Scheduler.Tests;

/// <summary>What is known of a process, the names it may bear, and handlers.</summary>
public sealed class ProcessTests
{
    private static async ProcessTask Forever(Self self)
    {
        while (true)
            await self.Receive();
    }

    [Test]
    public void Info_DescribesLinksMonitorsAndQueue()
    {
        SteppedSystem system = new();
        Pid other = system.Run(Forever);
        Pid pid = system.Run(
            async self =>
            {
                self.Link(other);
                self.Monitor(other);
                await self.Receive<string>(text => text == "never");
            },
            new SpawnOptions { Name = "described", TrapExit = true }
        );
        system.Processes.Send(pid, 1L);
        system.Processes.Send(pid, 2L);
        system.Settle();
        ProcessInfo info = system.Info(pid)!;
        Assert.Multiple(() =>
        {
            Assert.That(info.RegisteredName, Is.EqualTo((Atom)"described"));
            Assert.That(info.MessageQueueLength, Is.EqualTo(2));
            Assert.That(info.Links, Is.EqualTo(new[] { other }));
            Assert.That(info.Monitors, Is.EqualTo(new object[] { other }));
            Assert.That(info.TrapExit);
            Assert.That(info.Status, Is.EqualTo(ProcessStatus.Waiting));
            Assert.That(info.CurrentFunction, Does.Contain(nameof(ProcessTests)));
            Assert.That(info.Reductions, Is.Positive);
        });
        Assert.That(system.Info(other)!.MonitoredBy, Is.EqualTo(new[] { pid }));
        Assert.That(system.Info(new Pid(system.Processes.Identity, 12345)), Is.Null);
    }

    [Test]
    public void Register_Twice_OrDead_IsRefused_AndANameIsFreeAfterExit()
    {
        SteppedSystem system = new();
        Pid a = system.Run(Forever);
        Pid b = system.Run(Forever);
        system.Processes.Register("name", a);
        Assert.That(() => system.Processes.Register("name", b), Throws.ArgumentException);
        Assert.That(() => system.Processes.Register("other", a), Throws.ArgumentException, "one name a process");
        system.Processes.Exit(a, Atoms.Kill);
        system.Settle();
        Assert.That(() => system.Processes.Register("name", a), Throws.ArgumentException);
        system.Processes.Register("name", b);
        Assert.That(system.Processes.WhereIs("name"), Is.EqualTo(b));
        Assert.That(system.Processes.Unregister("name"));
        Assert.That(system.Processes.Unregister("name"), Is.False);
    }

    [Test]
    public void SpawnLink_NameIsTaken_ThrowsAndLeavesNeitherLinkNorProcess()
    {
        SteppedSystem system = new();
        system.Processes.Register("taken", system.Run(Forever));
        string? caught = null;
        Pid parent = system.Run(async self =>
        {
            try
            {
                self.SpawnLink(Forever, new SpawnOptions { Name = "taken" });
            }
            catch (ArgumentException exception)
            {
                caught = exception.Message;
            }

            await self.Receive();
        });
        Assert.That(caught, Does.Contain("taken"));
        Assert.That(system.Info(parent)!.Links, Is.Empty);
        Assert.That(system.Processes.Processes(), Has.Count.EqualTo(2));
        Assert.That(system.Processes.ProcessCount, Is.EqualTo(2));
    }

    [Test]
    public void Handler_ReceivesInOrder_AndMayWaitInACall()
    {
        SteppedSystem system = new();
        Recorder recorder = new();
        Pid pid = system.Processes.Spawn(recorder);
        for (int i = 0; i < 10; i++)
            system.Processes.Send(pid, i);
        system.Processes.Send(pid, "ask");
        system.Processes.Send(pid, 10);
        system.Processes.Send(pid, "answer");
        system.Processes.Send(pid, 11);
        system.Settle();
        Assert.That(
            recorder.Got,
            Is.EqualTo(new object[] { "start", 0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, "ask", "answer", 10L, 11L }),
            "while a call waits, it receives selectively; the rest comes after"
        );
        system.Processes.Send(pid, "crash");
        system.Settle();
        Assert.That(system.Processes.IsAlive(pid), Is.False);
    }

    private sealed class Recorder : ProcessHandler
    {
        internal List<object> Got { get; } = [];

        protected internal override ProcessTask OnStart(Self self)
        {
            Got.Add("start");
            return default;
        }

        protected internal override ProcessTask OnMessage(Self self, Message message)
        {
            Got.Add(message.Value);
            if (message.TryGet(out string text) && text == "crash")
                throw new InvalidOperationException("crash");
            return text == "ask" ? Ask(self) : default;
        }

        private async ProcessTask Ask(Self self) => Got.Add(await self.Receive<string>());
    }
}
