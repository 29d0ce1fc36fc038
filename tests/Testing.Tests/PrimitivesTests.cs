using CloudScale.Scheduling;

namespace CloudScale.Testing.Tests;

/// <summary>What a process can do on a node it can do under test, on every schedule.</summary>
public sealed class PrimitivesTests
{
    private static readonly ExploreOptions s_options = new() { Schedules = 400 };

    [Test]
    public void Call_ByAliasOfAMonitor_AnswerOrReportOnce()
    {
        HashSet<string> ends = [];
        Explore.Run(
            test =>
            {
                List<object> got = [];
                Pid server = test.Spawn(async self => self.Send(await self.Receive<Reference>(), "answer"));
                test.Spawn(async self =>
                {
                    Reference call = self.Monitor(server, new MonitorOptions { Alias = AliasMode.ReplyDemonitor });
                    self.Send(server, call);
                    while (true)
                        got.Add(await self.Receive());
                });
                test.Processes.Exit(server, "enough");
                test.Settle();
                Assert.That(got, Has.Count.EqualTo(1));
                ends.Add(got[0] is Down ? "down" : "answer");
            },
            s_options
        );
        Assert.That(ends, Is.EquivalentTo(new[] { "down", "answer" }), "both ends are explored");
    }

    [Test]
    public void Link_PeerCrashes_ExitSignalFollowsWhatWasSentBefore()
    {
        Explore.Run(
            test =>
            {
                List<object> got = [];
                Pid crasher = default;
                crasher = test.Spawn(async self =>
                {
                    Pid to = await self.Receive<Pid>();
                    self.Send(to, 1L);
                    self.Send(to, 2L);
                    self.Exit("bad");
                });
                Pid watcher = test.Spawn(
                    async self =>
                    {
                        self.Link(crasher);
                        self.Send(crasher, self.Pid);
                        while (got.Count < 3)
                            got.Add(await self.Receive());
                    },
                    new SpawnOptions { TrapExit = true }
                );
                test.Join(watcher);
                Assert.That(got, Is.EqualTo(new object[] { 1L, 2L, new Exit(crasher, "bad") }));
            },
            s_options
        );
    }

    [Test]
    public void BoundedMailbox_SendersWait_AllArrives()
    {
        Explore.Run(
            test =>
            {
                int received = 0;
                Pid receiver = test.Spawn(
                    async self =>
                    {
                        for (; received < 6; received++)
                            await self.Receive<long>();
                    },
                    new SpawnOptions { MailboxLimit = new MailboxLimit(1, MailboxOverflow.Wait) }
                );
                for (int sender = 0; sender < 2; sender++)
                {
                    test.Spawn(async self =>
                    {
                        for (long i = 0; i < 3; i++)
                            await self.SendAsync(receiver, i);
                    });
                }

                test.Join(receiver);
                Assert.That(received, Is.EqualTo(6));
            },
            s_options
        );
    }

    [Test]
    public void Suspended_BodyStands_UntilItIsResumed()
    {
        Explore.Run(
            test =>
            {
                bool suspended = false;
                bool ran = false;
                Pid target = test.Spawn(async self =>
                {
                    await self.Receive<string>();
                    ran = true;
                });
                test.Invariant("a suspended body does not run", () => !(suspended && ran));
                test.Run(async self =>
                {
                    Assert.That(await self.Suspend(target));
                    suspended = true;
                    self.Send(target, "go");
                    await self.Yield();
                    suspended = false;
                    self.Resume(target);
                });
                test.Join(target);
            },
            s_options
        );
    }

    [Test]
    public void Levels_AllRun_WhateverTheSchedule()
    {
        Explore.Run(
            test =>
            {
                TestProbe probe = test.Probe();
                foreach (ProcessPriority level in Enum.GetValues<ProcessPriority>())
                {
                    test.Spawn(
                        self =>
                        {
                            self.Send(probe.Pid, 1L);
                            return default;
                        },
                        new SpawnOptions { Priority = level }
                    );
                }

                foreach (ProcessPriority _ in Enum.GetValues<ProcessPriority>())
                    probe.ExpectMessage<long>();
            },
            s_options
        );
    }

    [Test]
    public void Table_OwnerExits_HeirIsTold()
    {
        Explore.Run(
            test =>
            {
                TestProbe heir = test.Probe();
                Pid owner = test.Spawn(async self =>
                {
                    self.System.Ets.New(Atom.Of("inherited"), new EtsOptions { Heir = heir.Pid, HeirData = "yours" });
                    await self.Yield();
                });
                EtsTransfer transfer = heir.ExpectMessage<EtsTransfer>();
                Assert.That(transfer.Table.Owner, Is.EqualTo(heir.Pid));
                Assert.That(test.Processes.IsAlive(owner), Is.False);
            },
            s_options
        );
    }

    [Test]
    public void Finally_RunsWhenTheExitSignalIsTaken()
    {
        Explore.Run(
            test =>
            {
                bool cleaned = false;
                Pid target = test.Spawn(async self =>
                {
                    try
                    {
                        await self.Receive();
                    }
                    finally
                    {
                        cleaned = true;
                    }
                });
                test.Settle();
                test.Processes.Exit(target, Atoms.Shutdown);
                test.Join(target);
                Assert.That(cleaned);
            },
            s_options
        );
    }

    [Test]
    public void Handler_ReceivesItsMessages_InOrder()
    {
        Explore.Run(
            test =>
            {
                Summing handler = new();
                Pid pid = test.Spawn(handler);
                for (long i = 1; i <= 4; i++)
                    test.Send(pid, i);
                test.Settle();
                Assert.That(handler.Digits, Is.EqualTo(1234));
            },
            s_options
        );
    }

    private sealed class Summing : ProcessHandler
    {
        internal long Digits { get; private set; }

        protected override ProcessTask OnMessage(Self self, Message message)
        {
            if (message.TryGet(out long digit))
                Digits = (Digits * 10) + digit;
            return default;
        }
    }
}
