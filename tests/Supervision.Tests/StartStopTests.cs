namespace CloudScale.Supervision.Tests;

/// <summary>How a supervisor starts, and how it stops.</summary>
public sealed class StartStopTests : SupervisorFixture
{
    private StartResult TryStart(Supervisor supervisor, StartOptions? options = null) =>
        Run(async self => await self.Start(supervisor, options));

    [Test]
    public void Start_OneChildFails_TheOthersAreStoppedInReverse()
    {
        StartResult result = TryStart(
            new Given(
                Of(RestartStrategy.OneForOne, Child("a"), Child("b"), Child("c", init: () => InitResult.Stop((Atom)"why")), Child("d"))
            )
        );
        Assert.Multiple(() =>
        {
            Assert.That(Text(result.Error), Is.EqualTo("{shutdown,{failed_to_start_child,c,why}}"));
            Assert.That(Journal.Take(), Is.EqualTo("+a, +b, +c, -b, -a"));
            Assert.That(
                Log.Lines.Select(line => line.Text),
                Has.Some.Contains("Context: start_error. Reason: why. Offender: [{pid,undefined},{id,c}")
            );
        });
    }

    [Test]
    public void Start_Ignore_IsNoChild()
    {
        Assert.That(TryStart(new Given(SupervisorInit.Ignore)).IsIgnore);
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, Child("a", init: () => InitResult.Ignore), Child("b")));
        Assert.That(Children(supervisor), Is.EqualTo("b a-"));
    }

    [Test]
    public void Start_NameTaken_SaysByWhom()
    {
        StartOptions named = new() { Name = "tree" };
        Pid first = TryStart(new SupervisorBuilder().Build(), named).Pid;
        Assert.That(TryStart(new SupervisorBuilder().Build(), named).AlreadyStarted, Is.EqualTo(first));
    }

    private static IEnumerable<TestCaseData> Faults()
    {
        ChildSpec child = new((Atom)"a", () => new SupervisorBuilder().Build());
        SupervisorFlags flags = new();
        yield return Case(new(flags, [child, child]), "{start_spec,{duplicate_child_name,a}}", "TwoOfOneId");
        yield return Case(new(flags with { Intensity = -1 }, []), "{supervisor_data,{invalid_intensity,-1}}", "NegativeIntensity");
        yield return Case(new(flags with { Period = TimeSpan.Zero }, []), "{supervisor_data,{invalid_period,0.0}}", "NoPeriod");
        yield return Case(
            new(flags, [child with { IsSignificant = true }]),
            "{start_spec,{bad_combination,[{auto_shutdown,never},{significant,true}]}}",
            "SignificantWithoutAutoShutdown"
        );
        yield return Case(
            new(flags with { AutoShutdown = AutoShutdown.AnySignificant }, [child with { IsSignificant = true }]),
            "{start_spec,{bad_combination,[{restart,permanent},{significant,true}]}}",
            "SignificantAndPermanent"
        );
        yield return Case(new(flags with { Strategy = RestartStrategy.SimpleOneForOne }, []), "{bad_start_spec,[]}", "DynamicWithoutAKind");
        yield return Case(new(flags, [child with { Modules = 1L }]), "{start_spec,{invalid_modules,1}}", "ModulesThatAreNone");
        yield return Case(
            new(flags, [child with { BackOff = new BackOff { Jitter = 2 } }]),
            "{start_spec,{invalid_back_off,<<\"Jitter is not between 0 and 1\">>}}",
            "JitterOutOfRange"
        );

        static TestCaseData Case(SupervisorInit init, string expected, string name) =>
            new TestCaseData(init, expected).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Faults))]
    public void Start_OfWhatMakesNoSense_FailsAndSaysWhat(SupervisorInit init, string expected) =>
        Assert.That(Text(TryStart(new Given(init)).Error), Is.EqualTo(expected));

    [Test]
    public void Stop_Tree_IsInReverseOrder_DepthFirst()
    {
        Supervisor tree = new SupervisorBuilder()
            .Add(Child("a"))
            .Add((Atom)"inner", inner => inner.Add(Child("b")).Add(Child("c")))
            .Add(Child("d"))
            .Build();
        Pid supervisor = Start(tree);
        Assert.That(Journal.Take(), Is.EqualTo("+a, +b, +c, +d"));
        Run(async self =>
        {
            await self.Stop(supervisor, Atoms.Shutdown);
            return true;
        });
        Assert.That(Journal.Take(), Is.EqualTo("-d, -c, -b, -a"));
    }

    [Test]
    public void Stop_ChildTooSlow_IsKilledAfterItsTime_AndReported()
    {
        ChildSpec slow = new((Atom)"slow", () => new Worker("slow", Journal) { Slow = Seconds(60) }) { Shutdown = Seconds(2) };
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, Child("a"), slow));
        TimeSpan began = Test.Processes.MonotonicTime;
        Ask(supervisor, Tuple.Of((Atom)"terminate_child", (Atom)"slow"));
        Assert.Multiple(() =>
        {
            Assert.That((Test.Processes.MonotonicTime - began).TotalSeconds, Is.InRange(2, 3));
            Assert.That(Log.Lines.Select(line => line.Text), Has.Some.Contains("Context: shutdown_error. Reason: killed."));
        });
    }

    [Test]
    public void Stop_BrutalKill_LeavesNoTimeToTerminate_AndIsNoError()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, Child("a") with { Shutdown = ChildShutdown.BrutalKill }));
        Journal.Take();
        Ask(supervisor, Tuple.Of((Atom)"terminate_child", (Atom)"a"));
        Assert.That(Journal.Take(), Is.Empty);
        Assert.That(Log.AtLeast(Microsoft.Extensions.Logging.LogLevel.Error), Is.Empty);
    }

    [Test]
    public void Stop_Infinity_WaitsAsLongAsItTakes()
    {
        ChildSpec slow = new((Atom)"slow", () => new Worker("slow", Journal) { Slow = Seconds(3_600) })
        {
            Shutdown = ChildShutdown.Infinity,
        };
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, slow));
        Ask(supervisor, Tuple.Of((Atom)"terminate_child", (Atom)"slow"));
        Assert.That(Journal.Take(), Is.EqualTo("+slow, -slow"));
    }

    [Test]
    public void Stop_ChildThatUnlinkedItself_DoesNotHoldTheSupervisor()
    {
        ChildSpec child = ChildSpec.OfBody(
            (Atom)"naughty",
            async self =>
            {
                self.Unlink(self.Parent);
                await self.Receive<Atom>();
            }
        );
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, child));
        Pid pid = PidOf(supervisor, "naughty");
        Test.Processes.Send(pid, Atoms.Ok);
        Test.Settle();
        Assert.That(IsAlive(pid), Is.False);
        Assert.That(Ask(supervisor, Tuple.Of((Atom)"terminate_child", (Atom)"naughty")), Is.EqualTo("ok"));
    }

    [Test]
    public void Parent_Exits_TheTreeStopsInOrder()
    {
        Pid supervisor = default;
        Pid parent = Test.Spawn(async self =>
        {
            supervisor = (await self.StartLink(new Given(Of(RestartStrategy.OneForOne, Child("a"), Child("b"))))).Pid;
            await self.Receive<Atom>();
            self.Exit((Atom)"gone");
        });
        Test.Settle();
        Journal.Take();
        TestProbe probe = Test.Probe();
        probe.Monitor(supervisor);
        Test.Processes.Send(parent, Atoms.Ok);
        Assert.That(Text(probe.ExpectDown(supervisor).Reason), Is.EqualTo("gone"));
        Assert.That(Journal.Take(), Is.EqualTo("-b, -a"));
    }

    [Test]
    public void Supervisor_Child_IsShownAsSuch_AndHasAllTheTimeItTakes()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, new ChildSpec((Atom)"s", () => new SupervisorBuilder().Build())));
        ChildInfo child = Run(async self => (await self.WhichChildren(supervisor)).Single());
        Map spec = Run(async self => await self.GetChildSpec(supervisor, (Atom)"s"))!;
        Assert.That((child.Type, Text(spec[(Atom)"shutdown"])), Is.EqualTo((ChildType.Supervisor, "infinity")));
    }

    [Test]
    public void Bridge_EndsWithItsSubsystem_AndIsRestarted()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, new ChildSpec((Atom)"bridge", () => new Bridge(Journal))));
        Pid before = PidOf(supervisor, "bridge");
        Pid subsystem = Test.Processes.WhereIs("subsystem");
        Test.Processes.Exit(subsystem, Crash);
        Test.Settle();
        Assert.Multiple(() =>
        {
            Assert.That(Journal.Take(), Is.EqualTo("up, down crash, up"));
            Assert.That(PidOf(supervisor, "bridge"), Is.Not.EqualTo(before));
            Assert.That(Ask(PidOf(supervisor, "bridge"), 1L), Is.EqualTo("{error,badcall}"));
        });
    }

    [Test]
    public void Partitions_EachKey_HasItsProcess_AlsoAfterARestart()
    {
        PartitionSupervisor partitions = new(4, number => new Worker($"p{number}", Journal));
        Pid supervisor = Start(partitions);
        Pid of6 = partitions.Of(6L);
        Assert.Multiple(() =>
        {
            Assert.That(partitions.IndexOf(6L), Is.EqualTo(2));
            Assert.That(Enumerable.Range(0, 4).Select(key => partitions.Of(key)).Distinct().Count(), Is.EqualTo(4));
            Assert.That(partitions.Of("any"), Is.EqualTo(partitions.Of(partitions.IndexOf("any"))));
            Assert.That(Children(supervisor), Is.EqualTo("3 2 1 0"));
        });
        End(of6, Crash);
        Assert.That(partitions.Of(6L), Is.Not.EqualTo(of6));
        Assert.That(IsAlive(partitions.Of(2L)));
    }

    [Test]
    public void CodeChange_NewFlagsAndSpecifications_HoldFromThenOn()
    {
        Given supervisor = new(Of(RestartStrategy.OneForOne, Child("a")));
        Pid pid = Start(supervisor);
        supervisor.Next = Of(RestartStrategy.OneForAll, Child("a", ChildRestart.Transient), Child("b"));
        Run(async self =>
        {
            await self.SuspendServer(pid);
            await self.ChangeCode(pid, (Atom)"module", (Atom)"v1", List.Empty);
            await self.ResumeServer(pid);
            return true;
        });
        Assert.That(Children(pid), Is.EqualTo("b- a"), "new children are known, and not started");
        Ask(pid, Tuple.Of((Atom)"restart_child", (Atom)"b"));
        Journal.Take();
        End(PidOf(pid, "a"), Crash);
        Assert.That(Journal.Take(), Is.EqualTo("-a, -b, +a, +b"));
        End(PidOf(pid, "a"), Atoms.Normal);
        Assert.That(Children(pid), Is.EqualTo("b a-"));
    }

    private sealed class Bridge(Journal journal) : SupervisorBridge
    {
        protected override ProcessTask<StartResult> StartSubsystem()
        {
            journal.Add("up");
            Pid pid = Self.SpawnLink(async self => await self.Receive<long>());
            Self.Register("subsystem", pid);
            return new(StartResult.Ok(pid));
        }

        protected override ProcessTask StopSubsystem(object reason)
        {
            journal.Add($"down {Term.Format(reason)}");
            return default;
        }
    }

    /// <summary>Observer and others know a supervisor by it.</summary>
    [Test]
    public void InitialCall_NamesTheSupervisorModule()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne));
        ProcessInfo? info = null;
        Test.Run(async () => info = await Test.Processes.GetInfoAsync(supervisor, ProcessDetails.Dictionary));
        object call = info!.Dictionary!.Single(entry => Term.AreEqual(entry.Key, (Atom)"$initial_call")).Value;
        Assert.That(Text(call), Is.EqualTo("{supervisor,'CloudScale.Supervision.Tests.Given',1}"));
    }
}
