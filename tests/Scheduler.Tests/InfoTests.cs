using CloudScale.Scheduling;

namespace CloudScale.Scheduler.Tests;

/// <summary>What processes and tools see and set: info, attributes, dictionary, names, unique integers.</summary>
public sealed class InfoTests
{
    private static async ProcessTask Count(Self self, List<long> got)
    {
        while (true)
            got.Add(await self.Receive<long>());
    }

    private static async ProcessTask Idle(Self self) => await self.Sleep(Timeout.InfiniteTimeSpan);

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

    [Test]
    public void Send_ToANameNobodyBears_ThrowsInAProcess_AndIsFalseForAHost()
    {
        SteppedSystem system = new();
        Exception? thrown = null;
        system.Run(self =>
        {
            thrown = Assert.Throws<ArgumentException>(() => self.Send("nobody_here", "x"));
            self.Send("nobody_here", system.Processes.Identity.Name, "to a name on a node, which is silent");
            self.Send(default(Pid), "to nobody");
            return default;
        });
        Assert.That(thrown!.Message, Does.Contain("nobody_here"));
        Assert.That(system.Processes.Send("nobody_here", "x"), Is.False);
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

    [Test]
    public void References_FromManyThreads_AreUnique()
    {
        using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 2 });
        System.Collections.Concurrent.ConcurrentDictionary<Reference, byte> seen = new();
        using CountdownEvent done = new(4);
        for (int i = 0; i < 2; i++)
        {
            system.Spawn(self =>
            {
                for (int n = 0; n < 5_000; n++)
                    Assert.That(seen.TryAdd(n % 2 == 0 ? self.MakeReference() : self.Alias(), 0));
                done.Signal();
                return default;
            });
            new Thread(() =>
            {
                for (int n = 0; n < 5_000; n++)
                    Assert.That(seen.TryAdd(system.MakeReference(), 0));
                done.Signal();
            }).Start();
        }

        Assert.That(done.Wait(TimeSpan.FromSeconds(20)));
        Assert.That(seen, Has.Count.EqualTo(20_000));
    }

    [Test]
    public void Processes_ListsTheLiving()
    {
        SteppedSystem system = new();
        Pid[] alive = [.. Enumerable.Range(0, 20).Select(_ => system.Run(Idle))];
        Pid dead = system.Run(_ => default);
        Assert.That(system.Processes.Processes(), Is.EquivalentTo(alive));
        Assert.That(system.Processes.IsAlive(alive[0]));
        Assert.That(system.Processes.IsAlive(dead), Is.False);
    }
}
