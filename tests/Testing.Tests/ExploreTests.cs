namespace CloudScale.Testing.Tests;

public sealed class ExploreTests
{
    private static void Increments(TestSystem test, Func<Pid, Func<Self, ProcessTask>> how)
    {
        Pid cell = test.Spawn(Bank.Cell);
        test.Join(test.Spawn(how(cell)), test.Spawn(how(cell)));
        TestProbe probe = test.Probe();
        probe.Send(cell, new Bank.Read(probe.Pid));
        long value = probe.ExpectMessage<long>();
        if (value != 2)
            throw new InvalidOperationException($"two increments made {value}");
    }

    [TestCase("random")]
    [TestCase("pct:2:20")]
    [TestCase("pct:3:40")]
    public void LostUpdate_InFewSchedules_IsFound(string strategy)
    {
        ExploreOptions options = new() { Seed = 7, Strategy = ExplorationStrategy.Parse(strategy) };
        TestFailureException? failure = Assert.Throws<TestFailureException>(() =>
            Explore.Run(test => Increments(test, Bank.Careless), options)
        );

        Assert.That(failure!.Message, Does.Contain("two increments made 1").And.Contain("the last steps:").And.Contain(failure.Schedule));
        Assert.That(failure.InnerException, Is.TypeOf<InvalidOperationException>());
        TestContext.Out.WriteLine(failure.Message);
    }

    [Test]
    public void LostUpdate_Replayed_FailsTheSameWay()
    {
        TestFailureException? failure = Assert.Throws<TestFailureException>(() =>
            Explore.Run(test => Increments(test, Bank.Careless), new ExploreOptions { Seed = 7 })
        );
        TestFailureException? again = Assert.Throws<TestFailureException>(() =>
            Explore.Replay(failure!.Schedule!, test => Increments(test, Bank.Careless))
        );
        Assert.That(again!.Message, Does.Contain("two increments made 1"));
        Assert.That(failure!.Message, Does.Contain(again.Message), "the replay is the same to the last step");
    }

    [Test]
    public void CorrectCode_ManySchedules_AllPass()
    {
        ExploreResult result = Explore.Run(test => Increments(test, Bank.Careful), new ExploreOptions { Schedules = 2_000 });
        Assert.That(result.Schedules, Is.EqualTo(2_000));
    }

    [Test]
    public void Deadlock_Found_SaysWhatEachWaitsFor()
    {
        static void Scenario(TestSystem test)
        {
            Pid first = default;
            Pid second = default;
            first = test.Spawn(Bank.Stubborn(() => second));
            second = test.Spawn(Bank.Stubborn(() => first));
            test.Join(first, second);
        }

        TestFailureException? failure = Assert.Throws<TestFailureException>(() => Explore.Run(Scenario));
        Assert.That(failure!.Message, Does.Contain("did not exit").And.Contain("waits for a message of type String"));
    }

    [Test]
    public void TwoSendsOfOneSlice_OthersActInBetween_IsExplored()
    {
        // On a node with several schedulers the receiver of the first may act before the second is sent.
        HashSet<string> orders = [];
        Explore.Run(
            test =>
            {
                TestProbe probe = test.Probe();
                Pid relay = test.Spawn(async self => self.Send(probe.Pid, await self.Receive<string>()));
                test.Spawn(self =>
                {
                    self.Send(relay, "by way of the relay");
                    self.Send(probe.Pid, "at once");
                    return default;
                });
                orders.Add(probe.ExpectMessage<string>() + ", " + probe.ExpectMessage<string>());
            },
            new ExploreOptions { Schedules = 200, Seed = 3 }
        );
        Assert.That(orders, Is.EquivalentTo(new[] { "by way of the relay, at once", "at once, by way of the relay" }));
    }

    [Test]
    public void Messages_OfOneSender_StayInOrder()
    {
        Explore.Run(
            test =>
            {
                TestProbe probe = test.Probe();
                for (int i = 0; i < 2; i++)
                {
                    long from = 100 * i;
                    test.Spawn(async self =>
                    {
                        for (int n = 0; n < 4; n++)
                        {
                            self.Send(probe.Pid, from + n);
                            if (n == 1)
                                await self.Yield();
                        }
                    });
                }

                long[] next = [0, 0];
                for (int i = 0; i < 8; i++)
                {
                    long message = probe.ExpectMessage<long>();
                    Assert.That(message % 100, Is.EqualTo(next[message / 100]++));
                }
            },
            new ExploreOptions { Schedules = 500 }
        );
    }

    [Test]
    public void Invariant_Broken_FailsAtTheStep()
    {
        int inside = 0;
        TestFailureException? failure = Assert.Throws<TestFailureException>(() =>
            Explore.Run(test =>
            {
                inside = 0;
                test.Invariant("at most one is inside", () => inside <= 1);
                for (int i = 0; i < 2; i++)
                {
                    test.Spawn(async self =>
                    {
                        inside++;
                        await self.Yield();
                        inside--;
                    });
                }

                test.Settle();
            })
        );
        Assert.That(failure!.Message, Does.Contain("no longer holds that at most one is inside"));
    }

    [Test]
    public void Crash_NotAnnounced_FailsWithItsException()
    {
        TestFailureException? failure = Assert.Throws<TestFailureException>(() =>
            Explore.Run(test =>
            {
                test.Spawn(_ => throw new NotSupportedException("not this one"));
                test.Settle();
            })
        );
        Assert.That(failure!.InnerException, Is.TypeOf<NotSupportedException>());
        Assert.That(failure.Message, Does.Contain("crashed: not this one"));
    }

    [Test]
    public void Nondeterminism_InTheTest_IsNamed()
    {
        int calls = 0;
        TestFailureException? failure = Assert.Throws<TestFailureException>(() =>
            Explore.Run(test =>
            {
                if (++calls == 3)
                    throw new InvalidOperationException("only once");
            })
        );
        Assert.That(failure!.Message, Does.Contain("did not fail a second time"));
    }

    [Test]
    public void AsyncScenario_AwaitsTheNode_IsDriven()
    {
        ExploreResult result = Explore.Run(
            async test =>
            {
                Pid cell = test.Spawn(Bank.Cell);
                ProcessInfo? info = await test.Processes.GetInfoAsync(cell);
                Assert.That(info!.Status, Is.Not.EqualTo(ProcessStatus.Exiting));
                await Task.Delay(TimeSpan.FromHours(1), test.Time);
                Assert.That(test.Time.Elapsed, Is.GreaterThanOrEqualTo(TimeSpan.FromHours(1)));
            },
            new ExploreOptions { Schedules = 50 }
        );
        Assert.That(result.Schedules, Is.EqualTo(50));
    }

    [Test]
    public void TimeOut_WhileOthersAreBusy_IsExploredOnRequest()
    {
        static void Scenario(TestSystem test)
        {
            Pid server = test.Spawn(async self => self.Send(await self.Receive<Pid>(), "answer"));
            test.Join(
                test.Spawn(async self =>
                {
                    self.Send(server, self.Pid);
                    await self.Receive<string>(TimeSpan.FromSeconds(1));
                })
            );
        }

        Explore.Run(Scenario, new ExploreOptions { Schedules = 300 });
        TestFailureException? failure = Assert.Throws<TestFailureException>(() =>
            Explore.Run(Scenario, new ExploreOptions { System = new TestOptions { Time = TimePassing.Always } })
        );
        Assert.That(failure!.InnerException, Is.TypeOf<TimeoutException>());
    }

    [Test]
    public void Schedules_OfASmallScenario_AreManyASecond()
    {
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        ExploreResult result = Explore.Run(test => Increments(test, Bank.Careful), new ExploreOptions { Schedules = 5_000 });
        TimeSpan took = System.Diagnostics.Stopwatch.GetElapsedTime(began);
        TestContext.Out.WriteLine($"{result.Schedules} schedules, {result.Steps} steps in {took.TotalMilliseconds:F0} ms");
        Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(15)), "20,000 in a minute, on a machine that does other things too");
    }

    [TestCase("pct:3:120/1f4")]
    [TestCase("random/0")]
    [TestCase("in-order/ff")]
    public void ScheduleName_WellFormed_RunsThatSchedule(string name)
    {
        string? ran = null;
        Explore.Replay(name, test => ran = test.Schedule);
        Assert.That(ran, Is.EqualTo(name));
    }

    [TestCase("")]
    [TestCase("random")]
    [TestCase("pct:0:5/1")]
    [TestCase("pct:3/1")]
    [TestCase("random/xyz")]
    public void ScheduleName_Malformed_IsRefused(string name) =>
        Assert.That(() => Explore.Replay(name, _ => { }), Throws.TypeOf<FormatException>());
}
