using CloudScale.Scheduling;

namespace CloudScale.Scheduler.Tests;

/// <summary>Spawn requests: both sides of them, beside a node that exists only here.</summary>
public sealed class RemoteSpawnTests
{
    private static readonly NodeIdentity s_far = new(Atom.Of("far@away"), 7);
    private static readonly Pid s_child = new(s_far, 42);
    private static readonly Atom s_spawnReply = "spawn_reply";

    [Test]
    public void Request_Answered_BringsTheReplyLinkAndMonitor()
    {
        SteppedSystem system = WithRemote(out FarNode far);
        List<object> got = [];
        Reference request = default;
        Pid parent = system.Run(
            async self =>
            {
                request = self.SpawnRequest(s_far.Name, "m", "f", List.Of(1L), new() { Link = true, Monitor = default(MonitorOptions) });
                while (true)
                    got.Add(await self.Receive());
            },
            new SpawnOptions { TrapExit = true }
        );
        Assert.That(far.Sent, Is.EqualTo(new[] { $"spawn m:f([1]) [link,monitor]" }));
        system.Processes.DeliverSpawnReply(request, parent, s_child, isLinked: true, isMonitored: true);
        system.Settle();
        Assert.That(got, Is.EqualTo(new object[] { Tuple.Of(s_spawnReply, request, Atoms.Ok, s_child) }));
        ProcessInfo info = system.Info(parent)!;
        Assert.That(info.Links, Is.EqualTo(new[] { s_child }));

        system.Processes.DeliverConnectionLost(s_far.Name);
        system.Settle();
        Assert.That(
            got[1..],
            Is.EquivalentTo(new object[] { new Down(request, s_child, Atoms.NoConnection), new Exit(s_child, Atoms.NoConnection) })
        );
    }

    [TestCase(SpawnReplyMode.Yes, true, true)]
    [TestCase(SpawnReplyMode.No, false, false)]
    [TestCase(SpawnReplyMode.ErrorOnly, false, true)]
    [TestCase(SpawnReplyMode.SuccessOnly, true, false)]
    public void Request_ReplyMode_DecidesWhichAnswersAreMessages(SpawnReplyMode mode, bool success, bool error)
    {
        SteppedSystem system = WithRemote(out _);
        Reference first = default;
        Reference second = default;
        Pid parent = system.Run(async self =>
        {
            first = self.SpawnRequest(s_far.Name, "m", "f", List.Empty, new() { Reply = mode, ReplyTag = "tag" });
            second = self.SpawnRequest(s_far.Name, "m", "f", List.Empty, new() { Reply = mode, ReplyTag = "tag" });
            await self.Sleep(Timeout.InfiniteTimeSpan);
        });
        system.Processes.DeliverSpawnReply(first, parent, s_child, isLinked: false, isMonitored: false);
        system.Processes.DeliverSpawnReply(second, parent, (Atom)"badopt", isLinked: false, isMonitored: false);
        system.Settle();
        List<object> expected = [];
        if (success)
            expected.Add(Tuple.Of("tag", first, Atoms.Ok, s_child));
        if (error)
            expected.Add(Tuple.Of("tag", second, Atoms.Error, (Atom)"badopt"));
        Assert.That(system.Info(parent, ProcessDetails.Messages)!.Messages, Is.EqualTo(expected));
    }

    [Test]
    public void Request_NodeIsLost_IsNoConnection_Once()
    {
        SteppedSystem system = WithRemote(out _);
        Reference request = default;
        Pid parent = system.Run(async self =>
        {
            request = self.SpawnRequest(s_far.Name, "m", "f", List.Empty, new() { Monitor = new() { Alias = AliasMode.ReplyDemonitor } });
            await self.Sleep(Timeout.InfiniteTimeSpan);
        });
        Assert.That(system.Info(parent)!.Aliases, Is.EqualTo(new[] { request }));
        system.Processes.DeliverConnectionLost(s_far.Name);
        system.Processes.DeliverConnectionLost(s_far.Name);
        system.Settle();
        ProcessInfo info = system.Info(parent, ProcessDetails.Messages)!;
        Assert.That(info.Messages, Is.EqualTo(new object[] { Tuple.Of(s_spawnReply, request, Atoms.Error, Atoms.NoConnection) }));
        Assert.That(info.Aliases, Is.Empty, "a failed request's alias goes with it");
    }

    [Test]
    public void Request_Abandoned_ItsProcessIsTold_AndNothingComes()
    {
        SteppedSystem system = WithRemote(out FarNode far);
        Reference request = default;
        List<bool> abandoned = [];
        Pid parent = system.Run(async self =>
        {
            request = self.SpawnRequest(s_far.Name, "m", "f", List.Empty, new() { Link = true, Monitor = default(MonitorOptions) });
            abandoned.Add(self.AbandonSpawn(request));
            abandoned.Add(self.AbandonSpawn(request));
            await self.Sleep(Timeout.InfiniteTimeSpan);
        });
        far.Sent.Clear();
        system.Processes.DeliverSpawnReply(request, parent, s_child, isLinked: true, isMonitored: true);
        system.Settle();
        Assert.That(abandoned, Is.EqualTo(new[] { true, false }));
        Assert.That(system.Info(parent, ProcessDetails.Messages)!.Messages, Is.Empty);
        Assert.That(far.Sent, Is.EqualTo(new[] { "demonitor", "link exit abandoned" }));
    }

    [Test]
    public void Request_ParentExitsFirst_TheChildIsToldWhy()
    {
        SteppedSystem system = WithRemote(out FarNode far);
        Reference request = default;
        Pid parent = system.Run(async self =>
        {
            request = self.SpawnRequest(s_far.Name, "m", "f", List.Empty, new() { Link = true, Monitor = default(MonitorOptions) });
            await self.Yield();
            self.Exit((Atom)"because");
        });
        far.Sent.Clear();
        system.Processes.DeliverSpawnReply(request, parent, s_child, isLinked: true, isMonitored: true);
        system.Settle();
        Assert.That(far.Sent, Is.EqualTo(new[] { "demonitor", "link exit because" }));
    }

    [Test]
    public void Deliver_ForAParentElsewhere_LinkAndMonitorStandBeforeTheFirstStep_AndTheParentIsToldFirst()
    {
        SteppedSystem system = WithRemote(out FarNode far);
        Pid parent = new(s_far, 9);
        Pid child = system.Processes.DeliverSpawn(
            parent,
            new Reference(s_far, 5),
            self =>
            {
                self.Exit((Atom)"at once");
                return default;
            },
            new SpawnOptions { Link = true },
            pid => far.Sent.Add($"announced {pid.Number != 0}")
        );
        system.Settle();
        Assert.That(system.Processes.IsAlive(child), Is.False);
        Assert.That(far.Sent, Is.EqualTo(new[] { "announced True", "link exit 'at once'", "down 'at once'" }));
    }

    [Test]
    public void HeldSender_WaitsAtItsNextAwait_AndGoesOnInOrder_AsOftenAsItIsReleased()
    {
        SteppedSystem system = WithRemote(out FarNode far);
        int steps = 0;
        Pid sender = system.Run(async self =>
        {
            while (await self.Receive<long>() != 0)
            {
                self.Send(s_child, (Atom)"x");
                steps++;
            }
        });
        far.OnSend = from => system.Processes.HoldSender(from, s_far.Name);
        system.Processes.Send(sender, 1L);
        system.Processes.Send(sender, 2L);
        system.Settle();
        Assert.That(steps, Is.EqualTo(1));
        Assert.That(system.Info(sender)!.Status, Is.EqualTo(ProcessStatus.Suspended));
        system.Processes.ReleaseSender(sender);
        system.Settle();
        Assert.That(steps, Is.EqualTo(2));

        // Held twice: once for each node. And what is held can be ended.
        system.Processes.HoldSender(sender, "other@away");
        system.Processes.ReleaseSender(sender);
        system.Processes.Send(sender, 3L);
        system.Settle();
        Assert.That(steps, Is.EqualTo(2));
        system.Processes.Exit(sender, Atoms.Shutdown);
        system.Settle();
        Assert.That(system.Processes.IsAlive(sender), Is.False);
    }

    [Test]
    public void Send_WithOptions_SaysWhatItDidNotDo()
    {
        SteppedSystem system = WithRemote(out FarNode far);
        List<SendOutcome> outcomes = [];
        system.Run(async self =>
        {
            outcomes.Add(self.Send(s_child, 1L, SendOptions.NoSuspend | SendOptions.NoConnect));
            far.Busy = true;
            outcomes.Add(self.Send(s_child, 2L, SendOptions.NoConnect));
            outcomes.Add(self.Send(s_child, 3L, SendOptions.NoSuspend));
            outcomes.Add(self.Send("name", s_far.Name, 4L, SendOptions.NoSuspend));
            far.Connected = false;
            outcomes.Add(self.Send(s_child, 5L, SendOptions.NoConnect | SendOptions.NoSuspend));
            outcomes.Add(self.Send(self.Pid, 6L, SendOptions.NoConnect | SendOptions.NoSuspend));
            Assert.That(await self.Receive<long>(), Is.EqualTo(6));
        });
        Assert.That(
            outcomes,
            Is.EqualTo(
                new[]
                {
                    SendOutcome.Ok,
                    SendOutcome.Ok,
                    SendOutcome.NoSuspend,
                    SendOutcome.NoSuspend,
                    SendOutcome.NoConnect,
                    SendOutcome.Ok,
                }
            )
        );
        Assert.That(far.Sent, Is.EqualTo(new[] { "1", "2" }));
    }

    private static SteppedSystem WithRemote(out FarNode far)
    {
        SteppedSystem system = new();
        far = new FarNode();
        system.Processes.Remote = far;
        return system;
    }
}
