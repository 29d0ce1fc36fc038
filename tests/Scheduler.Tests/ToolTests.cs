using CloudScale.Scheduling;

namespace CloudScale.Scheduler.Tests;

/// <summary>Suspension by tools, hibernation, levels.</summary>
public sealed class ToolTests
{
    private static async ProcessTask Count(Self self, List<long> got)
    {
        while (true)
            got.Add(await self.Receive<long>());
    }

    private static async ProcessTask Idle(Self self) => await self.Sleep(Timeout.InfiniteTimeSpan);

    // ---- suspend, resume ----

    [Test]
    public void Suspend_HoldsTheBody_NotTheSignals()
    {
        SteppedSystem system = new();
        List<long> got = [];
        Pid pid = system.Run(self => Count(self, got));
        Task<bool> suspended = system.Processes.SuspendAsync(pid);
        system.Settle();
        Assert.That(suspended.Result);
        system.Processes.Send(pid, 1L);
        system.Settle();
        Assert.That(got, Is.Empty);
        Assert.That(system.Info(pid)!.Status, Is.EqualTo(ProcessStatus.Suspended));
        Assert.That(system.Info(pid)!.MessageQueueLength, Is.EqualTo(1));

        system.Processes.Resume(pid);
        system.Settle();
        Assert.That(got, Is.EqualTo(new[] { 1L }));
        Assert.That(system.Info(pid)!.Status, Is.EqualTo(ProcessStatus.Waiting));
    }

    [Test]
    public void Suspend_Twice_NeedsTwoResumes_AndEachSuspenderCountsForItself()
    {
        SteppedSystem system = new();
        List<long> got = [];
        Pid pid = system.Run(self => Count(self, got));
        Pid tool = system.Run(async self =>
        {
            Assert.That(await self.Suspend(pid));
            Assert.That(await self.Suspend(pid));
            await self.Receive<Atom>();
            self.Resume(pid);
            await self.Sleep(Timeout.InfiniteTimeSpan);
        });
        SettleUntil(
            system,
            () => system.Info(tool)!.Suspending.Count == 2 && system.Info(tool)!.CurrentFunction!.Contains("Suspend_Twice")
        );
        Assert.That(system.Info(tool)!.Suspending, Is.EqualTo(new[] { pid, pid }));
        system.Processes.Send(pid, 1L);
        system.Processes.Resume(pid); // not its own: nothing
        system.Processes.Send(tool, Atoms.Ok);
        system.Settle();
        Assert.That(got, Is.Empty);
        Assert.That(system.Info(tool)!.Suspending, Is.EqualTo(new[] { pid }));

        system.Processes.Exit(tool, Atoms.Kill);
        system.Settle();
        Assert.That(got, Is.EqualTo(new[] { 1L }), "what a tool holds is free when it exits");
    }

    [Test]
    public void Suspend_OfATimedReceive_TimesOutWhenResumed()
    {
        SteppedSystem system = new();
        bool timedOut = false;
        Pid pid = system.Run(async self => timedOut = !(await self.TryReceive<long>(TimeSpan.FromMilliseconds(10))).HasValue);
        system.Processes.SuspendAsync(pid);
        system.Settle();
        system.Advance(20);
        Assert.That(timedOut, Is.False);
        system.Processes.Resume(pid);
        system.Settle();
        Assert.That(timedOut);
    }

    [Test]
    public void Suspend_OfAProcessThatAwaitsATask_KeepsItsResult()
    {
        SteppedSystem system = new();
        TaskCompletionSource<int> task = new();
        int result = 0;
        Pid pid = system.Run(async self => result = await task.Task);
        system.Processes.SuspendAsync(pid);
        system.Settle();
        task.SetResult(7); // its continuation posts the signal here and now
        system.Settle();
        Assert.That(result, Is.Zero);
        system.Processes.Resume(pid);
        system.Settle();
        Assert.That(result, Is.EqualTo(7));
    }

    [Test]
    public void Suspend_ExitSignal_EndsTheProcessAllTheSame()
    {
        SteppedSystem system = new();
        bool unwound = false;
        Pid pid = system.Run(async self =>
        {
            try
            {
                await self.Receive();
            }
            finally
            {
                unwound = true;
            }
        });
        system.Processes.SuspendAsync(pid);
        system.Settle();
        system.Processes.Exit(pid, "stop");
        system.Settle();
        Assert.That(system.Processes.IsAlive(pid), Is.False);
        Assert.That(unwound);
    }

    [Test]
    public void Suspend_OfADeadProcess_IsFalse()
    {
        SteppedSystem system = new();
        Pid dead = system.Run(_ => default);
        Task<bool> answer = system.Processes.SuspendAsync(dead);
        Assert.That(answer.Result, Is.False);
        system.Processes.Resume(dead);
    }

    // ---- hibernate ----

    [Test]
    public void Hibernate_NextMessage_BeginsTheNewBody_AndNothingOfTheOldOneRuns()
    {
        SteppedSystem system = new();
        List<object> got = [];
        bool old = false;
        Pid pid = system.Run(self => Outer(self));

        async ProcessTask Outer(Self self)
        {
            try
            {
                await Inner(self);
            }
            finally
            {
                old = true;
            }
        }

        async ProcessTask Inner(Self self)
        {
            got.Add(await self.Receive());
            await self.Hibernate(Awake);
            old = true;
        }

        async ProcessTask Awake(Self self)
        {
            while (true)
                got.Add(await self.Receive());
        }

        system.Processes.Send(pid, "a");
        system.Settle();
        Assert.That(system.Info(pid, ProcessDetails.Stack)!.Stack, Has.Count.EqualTo(1).And.Some.Contains("Awake"));
        system.Processes.Send(pid, "b");
        system.Processes.Send(pid, "c");
        system.Settle();
        Assert.That(got, Is.EqualTo(new object[] { "a", "b", "c" }));
        Assert.That(old, Is.False);
    }

    [Test]
    public void Hibernate_WithAMessageThere_GoesOnAtOnce_AndExitsStillEndIt()
    {
        SteppedSystem system = new();
        int awake = 0;
        Pid pid = system.Run(async self =>
        {
            self.Send(self.Pid, 1L);
            await self.Hibernate(async again =>
            {
                awake++;
                await again.Receive();
                await again.Hibernate(Idle);
            });
        });
        Assert.That(awake, Is.EqualTo(1));
        system.Processes.Exit(pid, "stop");
        system.Settle();
        Assert.That(system.Processes.IsAlive(pid), Is.False);
    }

    [Test]
    public void Hibernate_WithoutABody_WaitsForAMessageAndLeavesItThere()
    {
        SteppedSystem system = new();
        bool awake = false;
        object? got = null;
        Pid pid = system.Run(async self =>
        {
            await self.Hibernate();
            awake = true;
            got = await self.Receive();
        });
        Assert.That(awake, Is.False);
        system.Processes.Send(pid, "x");
        system.Settle();
        Assert.That(got, Is.EqualTo("x"));
    }

    [Test]
    public void Hibernate_WokenByAProcess_LeavesTheMessageInOrder([Values] bool withBody)
    {
        SteppedSystem system = new();
        List<long> got = [];
        async ProcessTask Awake(Self self)
        {
            while (true)
                got.Add(await self.Receive<long>());
        }

        Pid pid = system.Run(async self =>
        {
            if (withBody)
                await self.Hibernate(Awake);
            await self.Hibernate();
            await Awake(self);
        });
        for (long round = 0; round < 3; round++)
        {
            system.Run(self =>
            {
                self.Send(pid, 10 * round);
                self.Send(pid, (10 * round) + 1);
                return default;
            });
        }

        Assert.That(got, Is.EqualTo(new[] { 0L, 1, 10, 11, 20, 21 }));
        Assert.That(system.Info(pid)!.MessagesReceived, Is.EqualTo(6));
    }

    [Test]
    public void BumpReductions_SpendsTheSlice()
    {
        SteppedSystem system = new(schedulers: 1);
        List<string> order = [];
        async ProcessTask Body(Self self, string name, int bump)
        {
            for (int i = 0; i < 2; i++)
            {
                self.Send(self.Pid, 1L);
                self.BumpReductions(bump);
                await self.Receive<long>();
                order.Add(name);
            }
        }

        system.Processes.Spawn(self => Body(self, "dear", 100_000));
        system.Processes.Spawn(self => Body(self, "cheap", 0));
        system.Settle();
        Assert.That(order, Is.EqualTo(new[] { "cheap", "cheap", "dear", "dear" }));
        system.Run(self =>
        {
            Assert.That(() => self.BumpReductions(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
            return default;
        });
    }

    // ---- levels ----

    [Test]
    public void Priority_HigherLevels_RunFirst()
    {
        SteppedSystem system = new(schedulers: 1);
        List<ProcessPriority> order = [];
        ProcessPriority[] levels =
        [
            ProcessPriority.Low,
            ProcessPriority.Normal,
            ProcessPriority.High,
            ProcessPriority.Max,
            ProcessPriority.High,
        ];
        foreach (ProcessPriority level in levels)
        {
            system.Processes.Spawn(
                self =>
                {
                    order.Add(self.Priority);
                    return default;
                },
                new SpawnOptions { Priority = level }
            );
        }

        system.Settle();
        Assert.That(
            order,
            Is.EqualTo(
                new[] { ProcessPriority.Max, ProcessPriority.High, ProcessPriority.High, ProcessPriority.Normal, ProcessPriority.Low }
            )
        );
    }

    [Test]
    public void Priority_Low_GetsAShareBesideNormalOnesThatNeverRest()
    {
        SteppedSystem system = new(schedulers: 1);
        int normal = 0;
        int low = 0;
        async ProcessTask Busy(Self self, bool isLow)
        {
            while (normal + low < 8_000)
            {
                if (isLow)
                    low++;
                else
                    normal++;
                await self.Yield();
            }
        }

        system.Processes.Spawn(self => Busy(self, isLow: false));
        system.Processes.Spawn(self => Busy(self, isLow: false));
        system.Processes.Spawn(self => Busy(self, isLow: true), new SpawnOptions { Priority = ProcessPriority.Low });
        system.Settle();
        Assert.That(low, Is.InRange(700, 1_300), "about one in eight");
    }

    [Test]
    public void Priority_ChangedByTheProcess_HoldsFromItsNextTurn()
    {
        SteppedSystem system = new(schedulers: 1);
        List<string> order = [];
        Pid urgent = system.Run(async self =>
        {
            self.Priority = ProcessPriority.High;
            await self.Receive();
            order.Add("urgent");
        });
        Pid plain = system.Run(async self =>
        {
            await self.Receive();
            order.Add("plain");
        });
        system.Processes.Send(plain, 1L);
        system.Processes.Send(urgent, 1L);
        Assert.That(system.Info(urgent)?.Priority ?? ProcessPriority.High, Is.EqualTo(ProcessPriority.High));
        Assert.That(order, Is.EqualTo(new[] { "urgent", "plain" }));
    }

    [Test]
    public async Task Priority_OnThreads_AllLevelsMakeProgress()
    {
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 2 });
        using CountdownEvent done = new(40);
        for (int i = 0; i < 40; i++)
        {
            system.Spawn(
                async self =>
                {
                    for (int turn = 0; turn < 200; turn++)
                    {
                        self.Send(self.Pid, turn);
                        await self.Receive<long>();
                        await self.Yield();
                    }

                    done.Signal();
                },
                new SpawnOptions { Priority = (ProcessPriority)(i % 4) }
            );
        }

        Assert.That(done.Wait(TimeSpan.FromSeconds(20)), "every process ended");
    }

    /// <summary>Runs the system until something is so that continuations on other threads have to bring about.</summary>
    private static void SettleUntil(SteppedSystem system, Func<bool> condition) =>
        Assert.That(
            SpinWait.SpinUntil(
                () =>
                {
                    system.Settle();
                    return condition();
                },
                TimeSpan.FromSeconds(10)
            )
        );
}
