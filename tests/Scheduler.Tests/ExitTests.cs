namespace CloudScale.Scheduler.Tests;

/// <summary>Links, monitors, exit signals: Erlang's propagation rules, each on schedules that a seed decides.</summary>
public sealed class ExitTests
{
    private static async ProcessTask Forever(Self self)
    {
        while (true)
            await self.Receive();
    }

    [Test]
    public void LinkedPeer_ExitsAbnormally_TakesTheOtherDown()
    {
        SteppedSystem system = new();
        Pid a = system.Run(Forever);
        Pid b = system.Run(async self =>
        {
            self.Link(a);
            await self.Receive<string>();
            self.Exit("boom");
        });
        object? reason = null;
        system.Run(async self =>
        {
            self.Monitor(a);
            reason = (await self.Receive<Down>()).Reason;
        });
        system.Processes.Send(b, "go");
        system.Settle();

        Assert.That(reason, Is.EqualTo("boom"));
        Assert.That(system.Processes.ProcessCount, Is.Zero);
    }

    [Test]
    public void LinkedPeer_ExitsNormally_LeavesTheOtherAlive()
    {
        SteppedSystem system = new();
        Pid a = system.Run(Forever);
        system.Run(async self =>
        {
            self.Link(a);
            await self.Yield();
        });
        Assert.That(system.Processes.IsAlive(a));
        Assert.That(system.Info(a)!.Links, Is.Empty);
    }

    [Test]
    public void TrapExit_SignalsBecomeMessages_ExceptExplicitKill()
    {
        SteppedSystem system = new();
        List<object> got = [];
        Pid trapper = system.Run(
            async self =>
            {
                while (true)
                    got.Add(await self.Receive());
            },
            new SpawnOptions { TrapExit = true }
        );
        Pid linked = system.Run(async self =>
        {
            self.Link(trapper);
            await self.Receive();
            self.Exit(Atoms.Kill); // as a link's reason, kill is a reason like any other
        });
        Pid stranger = system.Run(self =>
        {
            self.Exit(trapper, Atoms.Normal);
            self.Exit(trapper, "please");
            return default;
        });
        system.Processes.Send(linked, "go");
        system.Settle();
        Assert.That(
            got,
            Is.EquivalentTo(new object[] { new Exit(stranger, Atoms.Normal), new Exit(stranger, "please"), new Exit(linked, Atoms.Kill) })
        );

        object? reason = null;
        system.Run(async self =>
        {
            self.Monitor(trapper);
            self.Exit(trapper, Atoms.Kill);
            reason = (await self.Receive<Down>()).Reason;
        });
        Assert.That(reason, Is.EqualTo(Atoms.Killed));
    }

    [Test]
    public void Exit_NormalFromOthers_IsIgnored_FromSelf_Counts()
    {
        SteppedSystem system = new();
        Pid a = system.Run(Forever);
        system.Processes.Exit(a, Atoms.Normal);
        system.Settle();
        Assert.That(system.Processes.IsAlive(a));

        Pid b = system.Run(async self =>
        {
            self.Exit(self.Pid, Atoms.Normal);
            await self.Receive();
        });
        Assert.That(system.Processes.IsAlive(b), Is.False);
    }

    [Test]
    public void Kill_ThroughALink_ArrivesAsKilled()
    {
        SteppedSystem system = new();
        object? got = null;
        Pid middle = system.Run(Forever);
        system.Run(
            async self =>
            {
                self.Link(middle);
                got = await self.Receive();
            },
            new SpawnOptions { TrapExit = true }
        );
        system.Processes.Exit(middle, Atoms.Kill);
        system.Settle();
        Assert.That(got, Is.EqualTo(new Exit(middle, Atoms.Killed)));
    }

    [Test]
    public void MonitorAndLink_OfNobody_AreRefused_AndOfOurOwnPidFromTheWire_AreLocal()
    {
        SteppedSystem system = new();
        Pid other = system.Run(Forever);
        Pid fromTheWire = new(new NodeIdentity(other.Node.Name, other.Node.Creation), other.Number);
        List<object> got = [];
        Pid pid = system.Run(
            async self =>
            {
                Assert.That(() => self.Monitor(default(Pid)), Throws.ArgumentException);
                Assert.That(() => self.Link(default), Throws.ArgumentException);
                Assert.That(self.Demonitor(self.Monitor(fromTheWire)));
                self.Monitor(fromTheWire);
                self.Link(fromTheWire);
                while (true)
                    got.Add(await self.Receive());
            },
            new SpawnOptions { TrapExit = true }
        );
        Assert.That(system.Info(other)!.MonitoredBy, Is.EqualTo(new[] { pid }));
        system.Processes.Exit(other, "boom");
        system.Settle();
        Assert.That(got.OfType<Down>().Single().Reason, Is.EqualTo("boom"));
        Assert.That(got.OfType<Exit>().Single().Reason, Is.EqualTo("boom"));
    }

    [Test]
    public void Link_ToADeadProcess_BringsNoProc()
    {
        SteppedSystem system = new();
        Pid dead = system.Run(_ => default);
        object? got = null;
        Pid trapper = system.Run(
            async self =>
            {
                self.Link(dead);
                got = await self.Receive();
            },
            new SpawnOptions { TrapExit = true }
        );
        Assert.That(got, Is.EqualTo(new Exit(dead, Atoms.NoProc)));
        Assert.That(system.Processes.IsAlive(trapper), Is.False, "its body is done");

        Pid plain = system.Run(async self =>
        {
            self.Link(dead);
            await self.Receive();
        });
        Assert.That(system.Processes.IsAlive(plain), Is.False);
    }

    [Test]
    public void Unlink_ThenPeerExits_BringsNothing([Range(1, 40)] int seed)
    {
        SteppedSystem system = new((ulong)seed);
        Pid peer = system.Run(async self => self.Exit(await self.Receive()));
        List<object> got = [];
        system.Run(
            async self =>
            {
                self.Link(peer);
                await self.Yield();
                self.Send(peer, "exit now");
                self.Unlink(peer); // races with the exit: whatever happens, no signal after this
                await self.Yield();
                got.Add(await self.TryReceive<Exit>(TimeSpan.FromMilliseconds(5)));
            },
            new SpawnOptions { TrapExit = true }
        );
        system.Advance(10);
        Assert.That(got, Is.EqualTo(new object[] { default(Received<Exit>) }));
    }

    [Test]
    public void Unlink_ThenLinkAgain_TheNewLinkHolds([Range(1, 40)] int seed)
    {
        SteppedSystem system = new((ulong)seed);
        Pid peer = system.Run(async self => self.Exit(await self.Receive()));
        object? got = null;
        system.Run(
            async self =>
            {
                for (int i = 0; i < 5; i++)
                {
                    self.Link(peer);
                    if (i % 2 == 0)
                        await self.Yield();
                    self.Unlink(peer);
                }

                self.Link(peer);
                await self.Yield();
                self.Send(peer, "exit now");
                got = await self.Receive<Exit>();
            },
            new SpawnOptions { TrapExit = true }
        );
        Assert.That(got, Is.EqualTo(new Exit(peer, "exit now")));
    }

    [Test]
    public void Monitor_EachFiresOnce_DemonitoredNever()
    {
        SteppedSystem system = new();
        Pid target = system.Run(async self => self.Exit(await self.Receive()));
        List<Reference> fired = [];
        Reference first = default,
            second = default,
            third = default;
        bool stood = false;
        system.Run(async self =>
        {
            first = self.Monitor(target);
            second = self.Monitor(target);
            third = self.Monitor(target);
            stood = self.Demonitor(second);
            self.Send(target, "reason");
            for (int i = 0; i < 2; i++)
                fired.Add((await self.Receive<Down>()).Reference);
            fired.AddRange((await self.TryReceive<Down>(TimeSpan.Zero)).HasValue ? [default] : []);
        });
        Assert.That(stood);
        Assert.That(fired, Is.EquivalentTo(new[] { first, third }));
    }

    [Test]
    public void Monitor_DeadProcess_IsNoProc_AndFlushRemovesIt()
    {
        SteppedSystem system = new();
        Pid dead = system.Run(_ => default);
        Down? down = null;
        bool flushed = false;
        system.Run(async self =>
        {
            Reference reference = self.Monitor(dead);
            down = await self.Receive<Down>(message => message.Reference == reference);
            Reference again = self.Monitor(dead);
            await self.Sleep(TimeSpan.FromMilliseconds(1));
            Assert.That(self.Demonitor(again, flush: true), Is.False);
            flushed = !(await self.TryReceive<Down>(TimeSpan.Zero)).HasValue;
        });
        system.Advance(4);
        Assert.That(down!.Object, Is.EqualTo(dead));
        Assert.That(down.Reason, Is.EqualTo(Atoms.NoProc));
        Assert.That(flushed);
    }

    [Test]
    public void Monitor_ByName_ReportsNameAndNode()
    {
        SteppedSystem system = new();
        Pid server = system.Run(async self => await self.Receive(), new SpawnOptions { Name = "server" });
        List<object> got = [];
        system.Run(async self =>
        {
            self.Monitor("server");
            self.Send("server", "stop");
            Down down = await self.Receive<Down>();
            got.Add(down.Object);
            got.Add(down.Reason);
            self.Monitor("nobody");
            down = await self.Receive<Down>();
            got.Add(down.Object);
            got.Add(down.Reason);
        });
        Atom node = system.Processes.Identity.Name;
        Assert.That(
            got,
            Is.EqualTo(new object[] { Tuple.Of((Atom)"server", node), Atoms.Normal, Tuple.Of((Atom)"nobody", node), Atoms.NoProc })
        );
        Assert.That(system.Processes.WhereIs("server").IsNone);
        Assert.That(system.Processes.IsAlive(server), Is.False);
    }

    [Test]
    public void Crash_BecomesAReasonTerm_LoggedOnce()
    {
        SteppedSystem system = new();
        object? reason = null;
        system.Run(async self =>
        {
            self.SpawnMonitor(child => throw new InvalidOperationException("broken"), out _);
            reason = (await self.Receive<Down>()).Reason;
        });
        Assert.That(
            reason is Tuple and [Atom { Name: "exception" }, Atom { Name: "System.InvalidOperationException" }, "broken", string],
            $"got {reason}"
        );
        Assert.That(system.Log.Lines, Has.Count.EqualTo(1));
        Assert.That(system.Log.Lines.Single(), Does.Contain("broken"));
    }

    [Test]
    public void ExitSignal_RunsFinallyBlocks_ButEndsAProcessThatWaitsAgain()
    {
        SteppedSystem system = new();
        List<string> trace = [];
        Pid pid = system.Run(async self =>
        {
            while (true)
            {
                try
                {
                    await Inner(self, trace);
                }
                catch (ProcessExitException exception)
                {
                    trace.Add($"caught {exception.Reason}");
                }
                finally
                {
                    trace.Add("outer");
                }
            }
        });
        system.Processes.Exit(pid, "stop");
        system.Settle();
        Assert.That(trace, Is.EqualTo(new[] { "inner", "caught stop", "outer" }));
        Assert.That(system.Processes.IsAlive(pid), Is.False);

        static async ProcessTask Inner(Self self, List<string> trace)
        {
            try
            {
                await self.Receive<string>();
            }
            finally
            {
                trace.Add("inner");
            }
        }
    }

    [Test]
    public void Kill_AbandonsTheBody_ButFreesWhatItOwns()
    {
        SteppedSystem system = new();
        List<string> trace = [];
        CancellationToken token = default;
        Pid pid = system.Run(async self =>
        {
            self.Own(new OnDispose(() => trace.Add("first")));
            self.Own(new OnDispose(() => trace.Add("second")));
            token = self.ExitToken;
            try
            {
                await self.Receive();
            }
            finally
            {
                trace.Add("finally");
            }
        });
        system.Processes.Exit(pid, Atoms.Kill);
        system.Settle();
        Assert.That(trace, Is.EqualTo(new[] { "second", "first" }), "in reverse order, and no finally");
        Assert.That(token.IsCancellationRequested);
    }

    [Test]
    public void Exit_WhileAwaitingATask_EndsAtOnce_AndTheTasksEndIsIgnored()
    {
        SteppedSystem system = new();
        TaskCompletionSource source = new();
        bool resumed = false;
        Pid pid = system.Run(async self =>
        {
            await source.Task;
            resumed = true;
        });
        Assert.That(system.Info(pid)!.Status, Is.EqualTo(ProcessStatus.Waiting));
        system.Processes.Exit(pid, "enough");
        system.Settle();
        Assert.That(system.Processes.IsAlive(pid), Is.False);
        source.SetResult();
        system.Settle();
        Assert.That(resumed, Is.False);
    }

    [Test]
    public void SpawnLink_ChildCrashes_BeforeItRan_StillTakesTheParent([Range(1, 10)] int seed)
    {
        SteppedSystem system = new((ulong)seed);
        Pid parent = system.Run(async self =>
        {
            self.SpawnLink(child => throw new InvalidOperationException("at once"));
            await self.Receive();
        });
        Assert.That(system.Processes.IsAlive(parent), Is.False);
        Assert.That(system.Log.Lines, Has.Count.EqualTo(1), "the crash is logged where it happened, not where it spread");
    }

    [Test]
    public void ExitThenMonitor_FromOneSender_IsNoProc()
    {
        SteppedSystem system = new();
        Pid target = system.Run(Forever);
        object? reason = null;
        system.Run(async self =>
        {
            self.Exit(target, "first");
            self.Monitor(target);
            reason = (await self.Receive<Down>()).Reason;
        });
        Assert.That(reason, Is.EqualTo(Atoms.NoProc), "signals of one sender act in order");
    }

    private sealed class OnDispose(Action action) : IDisposable
    {
        public void Dispose() => action();
    }

    [Test]
    public void ProcessExitException_Message_SaysTheReasonUpToABound()
    {
        Assert.That(new ProcessExitException(Tuple.Of(Atom.Of("timeout"), 5L)).Message, Is.EqualTo("The process exits: {timeout,5}"));
        string text = new ProcessExitException(new string('x', 5_000)).Message;
        Assert.That(text, Does.EndWith("x …").And.Length.LessThan(1_100));
        Assert.That(() => new ProcessExitException(null!), Throws.ArgumentNullException);
    }
}
