namespace CloudScale.Supervision.Tests;

/// <summary>What a supervisor is asked, and what it answers, as terms.</summary>
public sealed class RequestTests : SupervisorFixture
{
    private static Tuple Request(string name, object argument) => Tuple.Of((Atom)name, argument);

    private string Ask(Pid supervisor, string name, object argument) => Ask(supervisor, Request(name, argument));

    [Test]
    public void StartChild_New_PresentRunning_SaysWhichOfThem()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne));
        StartResult first = Run(async self => await self.StartChild(supervisor, Child("a")));
        StartResult second = Run(async self => await self.StartChild(supervisor, Child("a")));
        Assert.That(second.AlreadyStarted, Is.EqualTo(first.Pid));
        Ask(supervisor, "terminate_child", (Atom)"a");
        Assert.That(Ask(supervisor, "start_child", Child("a")), Is.EqualTo("{error,already_present}"));
        Assert.That(Children(supervisor), Is.EqualTo("a-"));
    }

    [Test]
    public void StartChild_ThatFails_IsNotKept_AndTheErrorNamesReasonAndChild()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne));
        StartResult result = Run(async self => await self.StartChild(supervisor, Child("a", init: () => InitResult.Stop((Atom)"why"))));
        Assert.That(result.Error, Is.InstanceOf<Tuple>());
        Assert.That(Text(((Tuple)result.Error!)[0]), Is.EqualTo("why"));
        Assert.That(Text(((Tuple)((Tuple)result.Error!)[1])[2]), Is.EqualTo("a"));
        Assert.That(Children(supervisor), Is.Empty);
    }

    [TestCase(ChildRestart.Permanent, "a-")]
    [TestCase(ChildRestart.Temporary, "")]
    public void StartChild_Ignore_IsKept_UnlessTemporary(ChildRestart restart, string expected)
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne));
        Assert.That(Ask(supervisor, "start_child", Child("a", restart, () => InitResult.Ignore)), Is.EqualTo("{ok,undefined}"));
        Assert.That(Children(supervisor), Is.EqualTo(expected));
    }

    [Test]
    public void StartChild_WithInfo_TellsIt()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne));
        ChildSpec child = new(1L, async self => (await self.StartLink(new Worker("a", Journal))).WithInfo("more"));
        StartResult result = Run(async self => await self.StartChild(supervisor, child));
        Assert.That((result.IsOk, result.Info), Is.EqualTo((true, (object)"more")));
    }

    [Test]
    public void StartChild_FunctionThatThrows_IsAnError_AndTheSupervisorGoesOn()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne));
        ChildSpec child = new(1L, (Func<Behaviour>)(() => throw new InvalidOperationException("no")));
        StartResult result = Run(async self => await self.StartChild(supervisor, child));
        Assert.That(Text(result.Error), Does.StartWith("{{'EXIT',{exception,"));
        Assert.That(IsAlive(supervisor));
    }

    [Test]
    public void StartChild_ExportedFunctionThatIsNotThere_IsUndef()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne));
        Assert.That(
            Ask(supervisor, "start_child", new ChildSpec(1L, "no", "where", List.Empty)),
            Does.StartWith("{error,{{'EXIT',{undef,")
        );
    }

    [TestCase("terminate_child", "{error,not_found}")]
    [TestCase("restart_child", "{error,not_found}")]
    [TestCase("delete_child", "{error,not_found}")]
    [TestCase("get_childspec", "{error,not_found}")]
    public void Any_OfNoSuchChild_IsNotFound(string request, string expected) =>
        Assert.That(Ask(Start(Of(RestartStrategy.OneForOne)), request, (Atom)"nobody"), Is.EqualTo(expected));

    [Test]
    public void RestartDelete_Running_IsRefused_AndAfterTerminateDone()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, Child("a")));
        Assert.Multiple(() =>
        {
            Assert.That(Ask(supervisor, "restart_child", (Atom)"a"), Is.EqualTo("{error,running}"));
            Assert.That(Ask(supervisor, "delete_child", (Atom)"a"), Is.EqualTo("{error,running}"));
            Assert.That(Ask(supervisor, "terminate_child", (Atom)"a"), Is.EqualTo("ok"));
            Assert.That(Ask(supervisor, "restart_child", (Atom)"a"), Does.StartWith("{ok,<"));
            Assert.That(Ask(supervisor, "terminate_child", (Atom)"a"), Is.EqualTo("ok"));
            Assert.That(Ask(supervisor, "delete_child", (Atom)"a"), Is.EqualTo("ok"));
            Assert.That(Children(supervisor), Is.Empty);
        });
    }

    [Test]
    public void RestartDelete_Restarting_IsRefused_AndTerminateEndsIt()
    {
        ChildSpec child = Child("a") with
        {
            BackOff = new BackOff
            {
                Jitter = 0,
                First = Seconds(60),
                Cap = Seconds(60),
            },
        };
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, child));
        End(PidOf(supervisor, "a"), Crash);
        Assert.Multiple(() =>
        {
            Assert.That(Children(supervisor), Is.EqualTo("a?"));
            Assert.That(Ask(supervisor, "restart_child", (Atom)"a"), Is.EqualTo("{error,restarting}"));
            Assert.That(Ask(supervisor, "delete_child", (Atom)"a"), Is.EqualTo("{error,restarting}"));
            Assert.That(Ask(supervisor, "terminate_child", (Atom)"a"), Is.EqualTo("ok"));
        });
        Test.Advance(Seconds(100));
        Assert.That(Children(supervisor), Is.EqualTo("a-"), "a child that was terminated is not restarted when its wait is over");
    }

    [Test]
    public void Terminate_Temporary_IsForgotten()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, Child("a", ChildRestart.Temporary)));
        Assert.That(Ask(supervisor, "terminate_child", (Atom)"a"), Is.EqualTo("ok"));
        Assert.That(Children(supervisor), Is.Empty);
    }

    [Test]
    public void Count_OfEverything_HasOtpsShape()
    {
        Pid supervisor = Start(
            Of(
                RestartStrategy.OneForOne,
                Child("a"),
                Child("b", ChildRestart.Transient),
                new ChildSpec((Atom)"s", () => new SupervisorBuilder().Build())
            )
        );
        End(PidOf(supervisor, "b"), Atoms.Normal);
        Assert.That(Ask(supervisor, (Atom)"count_children"), Is.EqualTo("[{specs,3},{active,2},{supervisors,1},{workers,2}]"));
        Assert.That(
            Run(async self => await self.CountChildren(supervisor)),
            Is.EqualTo(new ChildCounts(Specs: 3, Active: 2, Supervisors: 1, Workers: 2))
        );
    }

    [Test]
    public void GetChildSpec_IsTheWholeMap()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, Child("a") with { Shutdown = ChildShutdown.BrutalKill }));
        Map spec = Run(async self => await self.GetChildSpec(supervisor, (Atom)"a"))!;
        string At(string key) => Text(spec[(Atom)key]);
        Assert.Multiple(() =>
        {
            Assert.That((At("id"), At("restart"), At("significant")), Is.EqualTo(("a", "permanent", "false")));
            Assert.That((At("shutdown"), At("type")), Is.EqualTo(("brutal_kill", "worker")));
            Assert.That(spec[(Atom)"start"], Is.InstanceOf<Tuple>());
        });
    }

    [Test]
    public void Unknown_IsAnsweredWithAnError_AndTheSupervisorGoesOn()
    {
        Pid supervisor = Start(Of(RestartStrategy.OneForOne, Child("a")));
        Assert.That(Ask(supervisor, (Atom)"nonsense"), Is.EqualTo("{error,{bad_call,nonsense}}"));
        Test.Processes.Send(supervisor, "noise");
        Test.Settle();
        Assert.That(Children(supervisor), Is.EqualTo("a"));
    }

    // ---- simple_one_for_one ----

    private Pid StartDynamic(ChildRestart restart = ChildRestart.Permanent) =>
        Start(
            new SupervisorInit(
                new SupervisorFlags { Strategy = RestartStrategy.SimpleOneForOne, Intensity = 3 },
                [new ChildSpec((Atom)"worker", arguments => new Worker((string)Term.Format(arguments[0]), Journal)) { Restart = restart }]
            )
        );

    [Test]
    public void Dynamic_Children_AreStartedFromArguments_AndRestartedWithThem()
    {
        Pid supervisor = StartDynamic();
        Pid first = Run(async self => (await self.StartChild(supervisor, 1L)).Pid);
        Run(async self => await self.StartChild(supervisor, 2L));
        End(first, Crash);
        Assert.Multiple(() =>
        {
            Assert.That(Journal.Take(), Is.EqualTo("+1, +2, -1, +1"));
            Assert.That(Children(supervisor), Is.EqualTo("undefined undefined"));
            Assert.That(Ask(supervisor, (Atom)"count_children"), Is.EqualTo("[{specs,1},{active,2},{supervisors,0},{workers,2}]"));
        });
    }

    [Test]
    public void Dynamic_Children_AreNamedByPidOnly()
    {
        Pid supervisor = StartDynamic();
        Pid child = Run(async self => (await self.StartChild(supervisor, 1L)).Pid);
        Assert.Multiple(() =>
        {
            Assert.That(Ask(supervisor, "terminate_child", (Atom)"worker"), Is.EqualTo("{error,simple_one_for_one}"));
            Assert.That(Ask(supervisor, "restart_child", child), Is.EqualTo("{error,simple_one_for_one}"));
            Assert.That(Ask(supervisor, "delete_child", child), Is.EqualTo("{error,simple_one_for_one}"));
            Assert.That(Ask(supervisor, "terminate_child", supervisor), Is.EqualTo("{error,not_found}"));
            Assert.That(Ask(supervisor, "get_childspec", child), Does.StartWith("{ok,#{"));
            Assert.That(Ask(supervisor, "get_childspec", (Atom)"worker"), Does.StartWith("{ok,#{"));
            Assert.That(Ask(supervisor, "terminate_child", child), Is.EqualTo("ok"));
            Assert.That(Children(supervisor), Is.Empty);
        });
    }

    [Test]
    public void Dynamic_SlowChildren_StopTogether()
    {
        Pid supervisor = Start(
            new SupervisorInit(
                new SupervisorFlags { Strategy = RestartStrategy.SimpleOneForOne },
                [new ChildSpec((Atom)"worker", arguments => new Worker("w", Journal) { Slow = Seconds(1) })]
            )
        );
        Run(async self =>
        {
            for (int i = 0; i < 1_000; i++)
                await self.StartChild(supervisor);
            return true;
        });
        TimeSpan began = Test.Processes.MonotonicTime;
        Run(async self =>
        {
            await self.Stop(supervisor);
            return true;
        });
        Assert.That((Test.Processes.MonotonicTime - began).TotalSeconds, Is.LessThan(3), "each takes a second of its own");
        Assert.That(Journal.Lines.Count(line => line == "-w"), Is.EqualTo(1_000));
    }
}
