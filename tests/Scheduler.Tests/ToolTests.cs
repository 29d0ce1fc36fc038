using CloudScale.Scheduling;

namespace CloudScale.Scheduler.Tests;

/// <summary>What tools and processes see and set: suspension, hibernation, levels, info, dictionary, labels, group leaders, names, unique integers.</summary>
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
        SettleTasks(system);
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
        task.SetResult(7);
        SettleTasks(system);
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

    // ---- info and attributes ----

    [Test]
    public void Info_SaysWhatSpawnOptionsSet_AndWhoSpawned()
    {
        SteppedSystem system = new();
        Pid leader = system.Run(Idle);
        Pid child = default;
        Pid grandchild = default;
        Pid parent = system.Run(async self =>
        {
            child = self.Spawn(
                async inner =>
                {
                    grandchild = inner.Spawn(Idle);
                    await Idle(inner);
                },
                new SpawnOptions
                {
                    Name = "worker",
                    Label = Tuple.Of("job", 7L),
                    GroupLeader = leader,
                    Priority = ProcessPriority.High,
                    TrapExit = true,
                    Link = true,
                }
            );
            await Idle(self);
        });
        ProcessInfo info = system.Info(child)!;
        Assert.That(info.Parent, Is.EqualTo(parent));
        Assert.That(info.RegisteredName, Is.EqualTo(Atom.Of("worker")));
        Assert.That(Term.AreEqual(info.Label, Tuple.Of("job", 7L)));
        Assert.That(info.GroupLeader, Is.EqualTo(leader));
        Assert.That(info.Priority, Is.EqualTo(ProcessPriority.High));
        Assert.That(info.TrapExit);
        Assert.That(info.Links, Is.EqualTo(new[] { parent }));
        Assert.That(info.MemoryBytes, Is.GreaterThan(150));
        Assert.That(system.Info(grandchild)!.GroupLeader, Is.EqualTo(leader), "inherited");
        Assert.That(system.Info(grandchild)!.Priority, Is.EqualTo(ProcessPriority.Normal), "not inherited, as in Erlang");
        Assert.That(system.Info(parent)!.Parent.IsNone, "host code spawned it");
        Assert.That(system.Info(parent)!.GroupLeader, Is.EqualTo(system.Processes.DefaultGroupLeader));
    }

    [Test]
    public void GroupLeader_SetByAnother_TakesEffect()
    {
        SteppedSystem system = new();
        Pid leader = system.Run(Idle);
        Pid pid = system.Run(Idle);
        system.Run(self =>
        {
            self.SetGroupLeader(pid, leader);
            return default;
        });
        Assert.That(system.Info(pid)!.GroupLeader, Is.EqualTo(leader));
    }

    [Test]
    public void Info_CountsMessagesAndReductions_AndNamesTheFunctions()
    {
        SteppedSystem system = new();
        List<long> got = [];
        Pid pid = system.Run(self => Outermost(self, got));
        for (long i = 0; i < 10; i++)
            system.Processes.Send(pid, i);
        system.Settle();
        ProcessInfo info = system.Info(pid, ProcessDetails.Stack)!;
        Assert.That(info.MessagesReceived, Is.EqualTo(10));
        Assert.That(info.Reductions, Is.InRange(10, 100));
        Assert.That(info.CurrentFunction, Does.EndWith(nameof(Count)));
        Assert.That(info.InitialFunction, Does.EndWith(nameof(Outermost)));
        Assert.That(info.Stack, Has.Count.EqualTo(2));
    }

    private static async ProcessTask Outermost(Self self, List<long> got) => await Count(self, got);

    [Test]
    public void Dictionary_KeepsValuesByTerm_AndShowsInInfo()
    {
        SteppedSystem system = new();
        Pid pid = system.Run(async self =>
        {
            self.Dictionary[Tuple.Of("a", 1L)] = "x";
            Assert.That(self.Dictionary[Tuple.Of("a", 1)], Is.EqualTo("x"), "keys compare as terms");
            Assert.That(self.Dictionary.Remove("none"), Is.False);
            await Idle(self);
        });
        Assert.That(system.Info(pid, ProcessDetails.Dictionary)!.Dictionary.Single().Value, Is.EqualTo("x"));
        Assert.That(system.Info(pid)!.Dictionary, Is.Empty, "only when asked for");
    }

    [Test]
    public void SelfInfo_IsThere_WithoutASignal()
    {
        SteppedSystem system = new();
        ProcessInfo? info = null;
        int length = 0;
        Pid pid = system.Run(self =>
        {
            self.Send(self.Pid, 1L);
            length = self.MessageQueueLength;
            self.Label = "me";
            info = self.GetInfo();
            return default;
        });
        Assert.That(length, Is.EqualTo(1));
        Assert.That(info!.Pid, Is.EqualTo(pid));
        Assert.That(info.Status, Is.EqualTo(ProcessStatus.Running));
        Assert.That(info.Label, Is.EqualTo("me"));
    }

    // ---- names ----

    [Test]
    public void Replace_MovesTheNameInOneStep()
    {
        SteppedSystem system = new();
        Pid first = system.Run(Idle, new SpawnOptions { Name = "service" });
        Pid second = system.Run(Idle);
        Assert.That(system.Processes.Replace("service", second), Is.EqualTo(first));
        Assert.That(system.Processes.WhereIs("service"), Is.EqualTo(second));
        Assert.That(system.Info(first)!.RegisteredName, Is.Null);
        Assert.That(system.Processes.RegisteredNames, Is.EqualTo(new[] { Atom.Of("service") }));
        Assert.That(system.Processes.Replace("service", second), Is.EqualTo(second), "it has it already");
        system.Processes.Register("other", first);
        Assert.That(() => system.Processes.Replace("service", first), Throws.ArgumentException, "one name a process");
        system.Processes.Exit(second, Atoms.Kill);
        system.Settle();
        Assert.That(system.Processes.WhereIs("service").IsNone);
        Assert.That(system.Processes.Replace("service", system.Run(Idle)).IsNone, "nobody had it");
    }

    [Test]
    public void Replace_UnderReaders_TheNameIsNeverFree()
    {
        using ProcessSystem system = new();
        Pid[] pids = [.. Enumerable.Range(0, 2).Select(_ => system.Spawn(Idle))];
        system.Register("never_free", pids[0]);
        int missed = 0;
        bool stop = false;
        Thread[] readers =
        [
            .. Enumerable
                .Range(0, 2)
                .Select(_ => new Thread(() =>
                {
                    while (!Volatile.Read(ref stop))
                    {
                        if (system.WhereIs("never_free").IsNone)
                            Interlocked.Increment(ref missed);
                    }
                })),
        ];
        foreach (Thread reader in readers)
            reader.Start();
        for (int i = 0; i < 100_000; i++)
            system.Replace("never_free", pids[(i + 1) & 1]);
        Volatile.Write(ref stop, true);
        foreach (Thread reader in readers)
            reader.Join();
        Assert.That(missed, Is.Zero);
    }

    // ---- unique integers ----

    [Test]
    public void UniqueInteger_IsUniqueAcrossThreads_AndMonotonicWhereAsked()
    {
        using ProcessSystem system = new();
        System.Collections.Concurrent.ConcurrentDictionary<long, byte> seen = new();
        using CountdownEvent done = new(8);
        for (int i = 0; i < 4; i++)
        {
            void Take()
            {
                long last = long.MinValue;
                for (int turn = 0; turn < 5_000; turn++)
                {
                    Assert.That(seen.TryAdd(system.UniqueInteger(), 0));
                    long next = system.UniqueInteger(monotonic: true);
                    Assert.That(next, Is.GreaterThan(last));
                    last = next;
                }

                done.Signal();
            }

            system.Spawn(_ =>
            {
                Take();
                return default;
            });
            new Thread(Take).Start();
        }

        Assert.That(done.Wait(TimeSpan.FromSeconds(20)));
    }

    /// <summary>Lets continuations of tasks come home: they are posted by other threads.</summary>
    private static void SettleTasks(SteppedSystem system)
    {
        for (int i = 0; i < 200; i++)
        {
            system.Settle();
            Thread.Sleep(1);
        }
    }
}
