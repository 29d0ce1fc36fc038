namespace CloudScale.Testing.Tests;

public sealed class ProbeTests
{
    [Test]
    public void Reply_GoesToWhoSent()
    {
        using TestSystem test = new();
        TestProbe probe = test.Probe();
        string? answer = null;
        Pid asker = test.Spawn(async self =>
        {
            self.Send(probe.Pid, "question");
            answer = await self.Receive<string>();
        });
        probe.ExpectMessage("question");
        Assert.That(probe.LastSender, Is.EqualTo(asker));
        probe.Reply("answer");
        test.Join(asker);
        Assert.That(answer, Is.EqualTo("answer"));
    }

    [Test]
    public void Reply_ToTheTestItself_IsRefused()
    {
        using TestSystem test = new();
        TestProbe probe = test.Probe();
        test.Send(probe.Pid, 1);
        Assert.That(probe.ExpectMessage<int>(), Is.EqualTo(1));
        Assert.That(() => probe.Reply("to whom?"), Throws.InvalidOperationException);
    }

    [Test]
    public void Monitor_TargetExits_DownIsExpected()
    {
        using TestSystem test = new();
        TestProbe probe = test.Probe();
        Pid target = test.Spawn(async self => self.Exit(await self.Receive()));
        Reference monitor = probe.Monitor(target);
        probe.ExpectNoMessage();
        probe.Send(target, "why not");
        Assert.That(probe.ExpectDown(target), Is.EqualTo(new Down(monitor, target, "why not")));
        Assert.That(probe.ExpectDown(probe.Monitor(target)).Reason, Is.EqualTo(Atoms.NoProc));
    }

    [Test]
    public void Demonitor_BeforeTheExit_NothingComes()
    {
        using TestSystem test = new();
        TestProbe probe = test.Probe();
        Pid target = test.Spawn(async self => await self.Receive());
        Reference monitor = probe.Monitor(target);
        Assert.That(probe.Demonitor(monitor, flush: true));
        probe.Send(target, "end");
        probe.ExpectNoMessage(TimeSpan.FromSeconds(1));
        Assert.That(test.Processes.IsAlive(target), Is.False);
    }

    [Test]
    public void Link_PeerExits_ExitIsExpectedAndTheProbeLives()
    {
        using TestSystem test = new();
        TestProbe probe = test.Probe();
        Pid peer = test.Spawn(async self => self.Exit(await self.Receive()));
        probe.Link(peer);
        probe.Send(peer, "bad");
        Assert.That(probe.ExpectExit(peer).Reason, Is.EqualTo("bad"));
        probe.Exit(probe.Pid, Atoms.Kill);
        test.Settle();
        Assert.That(() => probe.Send(peer, "too late"), Throws.InvalidOperationException);
    }

    [Test]
    public void ExpectMessage_AnotherComes_SaysWhich()
    {
        using TestSystem test = new();
        TestProbe probe = test.Probe(Atom.Of("probe"));
        test.Processes.Send(Atom.Of("probe"), Tuple.Of(Atom.Of("ping"), 1L));
        Assert.That(
            () => probe.ExpectMessage(Tuple.Of(Atom.Of("ping"), 2L)),
            Throws.TypeOf<TestFailureException>().With.Message.Contains("expected {ping,2}; {ping,1} came")
        );
    }

    [Test]
    public void ExpectMessage_NoneComes_SaysWhatProcessesWaitFor()
    {
        using TestSystem test = new();
        TestProbe probe = test.Probe();
        test.Spawn(async self => await self.Receive<Down>());
        Assert.That(
            () => probe.ExpectMessage<string>(),
            Throws
                .TypeOf<TestFailureException>()
                .With.Message.Contains("expected String, which did not come")
                .And.Message.Contains("waits for a message of type Down")
        );
    }

    [Test]
    public void ExpectMessage_ComesLater_TimePasses()
    {
        using TestSystem test = new();
        TestProbe probe = test.Probe();
        test.Processes.SendAfter(TimeSpan.FromSeconds(3), probe.Pid, "late");
        probe.ExpectNoMessage(TimeSpan.FromSeconds(2));
        probe.ExpectMessage("late");
        Assert.That(test.Time.Elapsed, Is.EqualTo(TimeSpan.FromSeconds(3)));
        test.Processes.SendAfter(TimeSpan.FromSeconds(3), probe.Pid, "too late");
        Assert.That(() => probe.ExpectMessage("too late", TimeSpan.FromSeconds(2)), Throws.TypeOf<TestFailureException>());
    }

    [Test]
    public void Fish_AndIgnore_LeaveAndDropOthers()
    {
        using TestSystem test = new();
        TestProbe probe = test.Probe();
        probe.Ignore(message => message is "noise");
        foreach (object message in new object[] { "noise", "first", 2, "noise", "third" })
            test.Send(probe.Pid, message);
        Assert.That(probe.FishForMessage<int>(), Is.EqualTo(2));
        probe.ExpectMessage("first");
        probe.ExpectMessage("third");
        probe.ExpectNoMessage();
        Assert.That(probe.Unread, Is.Empty);
    }

    [Test]
    public void Probe_DrivenFromInsideAProcess_IsRefused()
    {
        using TestSystem test = new();
        TestProbe probe = test.Probe();
        Pid cheat = test.Spawn(self =>
        {
            probe.Send(self.Pid, "from inside");
            return default;
        });
        test.AllowCrash(cheat);
        test.Settle();
        Assert.That(test.Crashes.Single().Exception, Is.TypeOf<InvalidOperationException>());
    }
}
