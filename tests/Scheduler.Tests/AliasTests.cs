using CloudScale.Serialization.Etf;

namespace CloudScale.Scheduler.Tests;

/// <summary>Aliases, tags of monitors, priority messages: erlang:alias/1, monitor/3 and, of OTP 28, the option priority.</summary>
public sealed class AliasTests
{
    private static async ProcessTask Forever(Self self)
    {
        while (true)
            await self.Receive();
    }

    [Test]
    public void Alias_ExplicitUnalias_TakesMessagesUntilItIsEnded()
    {
        SteppedSystem system = new();
        List<object> got = [];
        Reference alias = default;
        Pid pid = system.Run(async self =>
        {
            alias = self.Alias();
            while (true)
            {
                object message = await self.Receive();
                got.Add(message);
                if (message is "end")
                    Assert.That(self.Unalias(alias));
            }
        });
        foreach (string message in (string[])["a", "b"])
            system.Run(self => Done(() => self.Send(alias, message)));
        system.Processes.Send(alias, 7L);
        system.Settle();
        system.Processes.Send(pid, "end");
        system.Settle();
        system.Run(self => Done(() => self.Send(alias, "late")));

        Assert.That(got, Is.EqualTo(new object[] { "a", "b", 7L, "end" }));
        Assert.That(system.Info(pid)!.Aliases, Is.Empty);
        Assert.That(system.Processes.MessageQueueLength(pid), Is.Zero, "a late message leaves nothing behind");
    }

    [Test]
    public void Alias_Reply_TakesOneMessage()
    {
        SteppedSystem system = new();
        Reference alias = default;
        Pid pid = system.Run(async self =>
        {
            alias = self.Alias(AliasMode.Reply);
            await self.Sleep(Timeout.InfiniteTimeSpan);
        });
        system.Processes.Send(alias, "first");
        system.Processes.Send(alias, "second");
        system.Settle();

        Assert.That(system.Info(pid, ProcessDetails.Messages)!.Messages, Is.EqualTo(new object[] { "first" }));
        Assert.That(system.Info(pid)!.Aliases, Is.Empty);
    }

    [Test]
    public void Alias_OfAnExitedProcess_SwallowsMessages()
    {
        SteppedSystem system = new();
        Reference alias = default;
        system.Run(self => Done(() => alias = self.Alias()));
        system.Run(self => Done(() => self.Send(alias, "nobody")));
        Assert.That(system.Log.Lines, Is.Empty);
    }

    [Test]
    public void Alias_ModesOfMonitors_AreRefusedWithAReason()
    {
        SteppedSystem system = new();
        Exception? thrown = null;
        system.Run(self => Done(() => thrown = Assert.Throws<ArgumentException>(() => self.Alias(AliasMode.ReplyDemonitor))));
        Assert.That(thrown!.Message, Does.Contain(nameof(MonitorOptions)));
    }

    [Test]
    public void Alias_FromTheWire_ReachesItsProcess()
    {
        SteppedSystem system = new();
        Reference alias = default;
        Pid pid = system.Run(async self =>
        {
            alias = self.Alias();
            await self.Sleep(Timeout.InfiniteTimeSpan);
        });
        Span<uint> words = stackalloc uint[Reference.MaxWords];
        int count = alias.CopyWords(words);
        Reference back = Reference.FromWords(new NodeIdentity(alias.Node.Name, alias.Node.Creation), words[..count]);

        Assert.That(count, Is.EqualTo(5));
        Assert.That(back, Is.EqualTo(alias));
        system.Processes.DeliverMessage(back, new EncodedTerm(ExternalTerm.Encode("from afar"), new EtfDecodeContext(EtfLimits.Trusted)));
        system.Settle();
        Assert.That(system.Info(pid)!.MessageQueueLength, Is.EqualTo(1));
    }

    [Test]
    public void MonitorAlias_Reply_EndsAliasAndMonitor([Values] bool answeredByTheMonitored)
    {
        SteppedSystem system = new();
        Pid server = system.Run(async self =>
        {
            while (true)
            {
                Reference from = await self.Receive<Reference>();
                if (answeredByTheMonitored)
                    self.Send(from, "answer");
                else
                    self.Spawn(helper => Done(() => helper.Send(from, "answer")));
            }
        });
        object? answer = null;
        Pid asker = system.Run(async self =>
        {
            Reference call = self.Monitor(server, new MonitorOptions { Alias = AliasMode.ReplyDemonitor });
            self.Send(server, call);
            answer = await self.Receive();
            await self.Sleep(Timeout.InfiniteTimeSpan);
        });

        Assert.That(answer, Is.EqualTo("answer"));
        Assert.That(system.Info(asker)!.Monitors, Is.Empty);
        Assert.That(system.Info(asker)!.Aliases, Is.Empty);
        Assert.That(system.Info(server)!.MonitoredBy, Is.Empty);
        system.Processes.Exit(server, "later");
        system.Settle();
        Assert.That(system.Info(asker)!.MessageQueueLength, Is.Zero, "the monitor is gone");
    }

    [Test]
    public void MonitorAlias_Down_EndsTheAlias([Values(AliasMode.Demonitor, AliasMode.ReplyDemonitor)] AliasMode mode)
    {
        SteppedSystem system = new();
        Pid server = system.Run(Forever);
        Reference call = default;
        Pid asker = system.Run(async self =>
        {
            call = self.Monitor(server, new MonitorOptions { Alias = mode });
            await self.Sleep(Timeout.InfiniteTimeSpan);
        });
        system.Processes.Exit(server, "boom");
        system.Settle();
        system.Processes.Send(call, "late");
        system.Settle();

        Assert.That(system.Info(asker, ProcessDetails.Messages)!.Messages, Is.EqualTo(new object[] { new Down(call, server, "boom") }));
    }

    [Test]
    public void MonitorAlias_Demonitor_EndsTheAliasUnlessItIsExplicit(
        [Values(AliasMode.ExplicitUnalias, AliasMode.Demonitor, AliasMode.ReplyDemonitor)] AliasMode mode
    )
    {
        SteppedSystem system = new();
        Pid server = system.Run(Forever);
        Reference call = default;
        Pid asker = system.Run(async self =>
        {
            call = self.Monitor(server, new MonitorOptions { Alias = mode });
            Assert.That(self.Demonitor(call));
            await self.Sleep(Timeout.InfiniteTimeSpan);
        });
        system.Processes.Send(call, "late");
        system.Settle();
        Assert.That(system.Info(asker)!.MessageQueueLength, Is.EqualTo(mode == AliasMode.ExplicitUnalias ? 1 : 0));
    }

    [Test]
    public void MonitorAlias_UnaliasAlone_LeavesTheMonitor_AlsoWhereTheAnswerHasTakenItsHalf()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            SteppedSystem system = new((ulong)seed);
            Pid server = system.Processes.Spawn(async self =>
            {
                Reference from = await self.Receive<Reference>();
                self.Send(from, "answer");
                await self.Receive();
                self.Exit("after");
            });
            List<object> got = [];
            system.Processes.Spawn(async self =>
            {
                Reference call = self.Monitor(server, new MonitorOptions { Alias = AliasMode.ReplyDemonitor });
                self.Send(server, call);
                self.Unalias(call);
                while (true)
                    got.Add(await self.Receive());
            });
            system.Settle();
            Assert.That(got, Is.Empty, $"seed {seed}");
            system.Processes.Send(server, "go");
            system.Settle();
            Assert.That(got.OfType<Down>().Single().Reason, Is.EqualTo("after"), $"seed {seed}");
        }
    }

    [Test]
    public void Monitor_WithATag_ReportsAsATuple_AndFlushFindsIt()
    {
        SteppedSystem system = new();
        Atom tag = Atom.Of("my_tag");
        Pid server = system.Run(Forever);
        Reference monitor = default;
        object? got = null;
        Pid watcher = system.Run(async self =>
        {
            monitor = self.Monitor(server, new MonitorOptions { Tag = tag });
            got = await self.Receive();
            Reference second = self.Monitor(server, new MonitorOptions { Tag = tag });
            await self.Receive<string>();
            Assert.That(self.Demonitor(second, flush: true), Is.False);
            await self.Sleep(Timeout.InfiniteTimeSpan);
        });
        system.Processes.Exit(server, "boom");
        system.Settle();
        Assert.That(Term.AreEqual(got, Tuple.Of(tag, monitor, Atoms.Process, server, "boom")), $"{got}");
        system.Processes.Send(watcher, "go on");
        system.Settle();
        Assert.That(system.Info(watcher)!.MessageQueueLength, Is.Zero, "the tagged report was flushed");
    }

    [Test]
    public void SpawnMonitor_WithAnAlias_IsAnsweredByTheChild()
    {
        SteppedSystem system = new();
        object? answer = null;
        system.Run(async self =>
        {
            Pid child = self.SpawnMonitor(
                async child => child.Send(await child.Receive<Reference>(), "from the child"),
                new MonitorOptions { Alias = AliasMode.ReplyDemonitor },
                out Reference call
            );
            self.Send(child, call);
            answer = await self.Receive();
        });
        Assert.That(answer, Is.EqualTo("from the child"));
    }

    [Test]
    public void PriorityMessage_ByAPriorityAlias_GoesBeforeOrdinaryOnes_InItsOwnOrder()
    {
        SteppedSystem system = new();
        Reference alias = default;
        Reference plain = default;
        Pid pid = system.Run(async self =>
        {
            alias = self.Alias(AliasMode.ExplicitUnalias, priority: true);
            plain = self.Alias();
            await self.Sleep(Timeout.InfiniteTimeSpan);
        });
        system.Run(self =>
        {
            self.Send(pid, "one");
            self.Send(alias, "first", priority: true);
            self.Send(alias, "two"); // not asked for
            self.Send(plain, "three", priority: true); // not allowed
            self.Send(alias, "second", priority: true);
            return default;
        });
        Assert.That(
            system.Info(pid, ProcessDetails.Messages)!.Messages,
            Is.EqualTo(new object[] { "first", "second", "one", "two", "three" })
        );
    }

    [Test]
    public void PriorityMessage_AfterEarlierOnesWereTaken_StaysBehindThoseThatAreLeft()
    {
        SteppedSystem system = new();
        Reference alias = default;
        List<object> got = [];
        Pid pid = system.Run(async self =>
        {
            alias = self.Alias(AliasMode.ExplicitUnalias, priority: true);
            await self.Receive<Atom>();
            got.Add(await self.Receive<string>(text => text == "p2")); // leaves p1, takes the newest
            await self.Receive<Atom>();
            for (int i = 0; i < 4; i++)
                got.Add(await self.Receive<string>());
        });
        void Send(string message) => system.Run(self => Done(() => self.Send(alias, message, priority: true)));
        system.Processes.Send(pid, "ordinary");
        Send("p1");
        Send("p2");
        system.Processes.Send(pid, Atoms.Ok);
        system.Settle();
        Send("p3");
        system.Processes.Send(pid, "last");
        system.Processes.Send(pid, Atoms.Ok);
        system.Settle();
        Assert.That(got, Is.EqualTo(new object[] { "p2", "p1", "p3", "ordinary", "last" }));
    }

    [Test]
    public void PriorityMessage_ToASelectiveReceiveThatLookedFurther_IsSeen()
    {
        SteppedSystem system = new();
        Reference alias = default;
        object? got = null;
        Pid pid = system.Run(async self =>
        {
            alias = self.Alias(AliasMode.ExplicitUnalias, priority: true);
            ReceiveMark mark = self.Mark();
            got = await self.Receive<string>(text => text == "wanted", mark: mark);
        });
        for (long i = 0; i < 10; i++)
            system.Processes.Send(pid, i);
        system.Settle();
        system.Run(self => Done(() => self.Send(alias, "wanted", priority: true)));
        Assert.That(got, Is.EqualTo("wanted"));
    }

    [Test]
    public void PriorityReports_OfMonitorAndLink_GoFirst()
    {
        SteppedSystem system = new();
        Pid first = system.Run(Forever);
        Pid second = system.Run(Forever);
        Pid watcher = system.Run(
            async self =>
            {
                self.Monitor(first, new MonitorOptions { Priority = true });
                self.Link(second, priority: true);
                await self.Sleep(Timeout.InfiniteTimeSpan);
            },
            new SpawnOptions { TrapExit = true }
        );
        system.Processes.Send(watcher, "ordinary");
        system.Settle();
        system.Processes.Exit(first, "a");
        system.Settle();
        system.Processes.Exit(second, "b");
        system.Settle();
        IReadOnlyList<object> messages = system.Info(watcher, ProcessDetails.Messages)!.Messages;
        Assert.That(messages[0], Is.TypeOf<Down>());
        Assert.That(messages[1], Is.EqualTo(new Exit(second, "b")));
        Assert.That(messages[2], Is.EqualTo("ordinary"));
    }

    [Test]
    public void Exit_ByAlias_CountsWhileItIsActive()
    {
        SteppedSystem system = new();
        Reference alias = default;
        Pid pid = system.Run(async self =>
        {
            alias = self.Alias(AliasMode.ExplicitUnalias, priority: true);
            await self.Receive<string>();
            self.Unalias(alias);
            await self.Sleep(Timeout.InfiniteTimeSpan);
        });
        Pid trapper = default;
        Reference trapping = default;
        trapper = system.Run(
            async self =>
            {
                trapping = self.Alias(AliasMode.ExplicitUnalias, priority: true);
                await self.Sleep(Timeout.InfiniteTimeSpan);
            },
            new SpawnOptions { TrapExit = true }
        );
        system.Processes.Send(trapper, "ordinary");
        system.Settle();
        Pid sender = system.Run(self => Done(() => self.Exit(trapping, "urgent", priority: true)));
        Assert.That(
            system.Info(trapper, ProcessDetails.Messages)!.Messages,
            Is.EqualTo(new object[] { new Exit(sender, "urgent"), "ordinary" })
        );

        system.Processes.Send(pid, "unalias");
        system.Settle();
        system.Run(self => Done(() => self.Exit(alias, "too late")));
        Assert.That(system.Processes.IsAlive(pid));
    }

    private static ProcessTask Done(Action action)
    {
        action();
        return default;
    }
}
