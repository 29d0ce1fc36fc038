namespace CloudScale.HotCode.Tests;

/// <summary>Each instruction, in stepped systems, where time passes when nothing else does.</summary>
public sealed class UpgradeTests
{
    private TestSystem _test = null!;
    private NodeApplications _applications = null!;
    private CodeServer _code = null!;

    [SetUp]
    public void StartSystem()
    {
        _test = new TestSystem();
        _applications = new NodeApplications(_test.Processes, (_, _) => { });
        _applications.Start();
        _code = new CodeServer(_test.Processes, _applications);
        _code.Load(Library.First);
    }

    [TearDown]
    public void StopSystem() => _test.Dispose();

    private T Run<T>(Func<Self, ProcessTask<T>> body)
    {
        T result = default!;
        _test.Run(async self => result = await body(self));
        return result;
    }

    private Pid Start(string type) => Run(async self => (await self.Start(_code.Create(Library.Name, type))).Pid);

    private string Call(Pid server, string request) => Term.Format(Run(self => self.Call(server, (Atom)request)));

    private string State(Pid server) => Term.Format(Run(self => self.GetState(server)));

    private UpgradeResult Upgrade(params IReadOnlyList<UpgradeInstruction> instructions) => Run(self => _code.Upgrade(self, instructions));

    [Test]
    public void Update_MovesEachProcess_WithItsState()
    {
        Pid one = Start(Library.Counter);
        Pid other = Start(Library.Counter);
        Call(one, "next");
        Call(one, "next");
        UpgradeResult result = Upgrade(UpgradeInstruction.Update(Library.Name, Library.Second, "more"));
        Assert.Multiple(() =>
        {
            Assert.That(result.ToString(), Is.EqualTo("ok, 2 processes"));
            Assert.That(Call(one, "version"), Is.EqualTo("<<\"two\">>"));
            Assert.That(Call(one, "next"), Is.EqualTo("3"));
            Assert.That(Call(other, "from"), Is.EqualTo("<<\"1.0.0.0 more\">>"));
            Assert.That(_code.Find(Library.Name)!.Version, Is.EqualTo("2.0.0.0"));
            Assert.That(_code.ProcessesOf(Library.Name), Is.EquivalentTo([one, other]));
            Assert.That(Call(Start(Library.Counter), "version"), Is.EqualTo("<<\"two\">>"), "what is made from now on");
            Assert.That(result.Replaced.Single().Version, Is.EqualTo("1.0.0.0"));
        });
    }

    [Test]
    public void Update_OneMigrationFails_EverythingIsAsBefore()
    {
        Pid[] counters = [Start(Library.Counter), Start(Library.Counter), Start(Library.Counter)];
        foreach (Pid counter in counters)
            Call(counter, "next");
        Call(counters[1], "next");
        Call(counters[1], "next");
        UpgradeResult result = Upgrade(UpgradeInstruction.Update(Library.Name, Library.Failing));
        Assert.Multiple(() =>
        {
            Assert.That(result.ToString(), Does.StartWith("{code_change_failed,<").And.Contain("no_multiples_of_three"));
            Assert.That(result.Replaced, Is.Empty);
            Assert.That(counters.Select(counter => Call(counter, "version")), Has.All.EqualTo("<<\"one\">>"));
            Assert.That(counters.Select(counter => Call(counter, "next")), Is.EqualTo(["2", "4", "2"]));
            Assert.That(_code.Find(Library.Name)!.Version, Is.EqualTo("1.0.0.0"));
        });
        Assert.That(Upgrade(UpgradeInstruction.Update(Library.Name, Library.Second)).IsOk, "and the next one may succeed");
        Assert.That(Call(counters[1], "next"), Is.EqualTo("5"));
    }

    [Test]
    public void Update_ToCodeThatCannotTakeOver_IsRefused()
    {
        Pid counter = Start(Library.Counter);
        Assert.That(
            Upgrade(UpgradeInstruction.Update(Library.Name, Library.Without)).ToString(),
            Does.Contain("has no behaviour Shop.Counter")
        );
        Assert.That(
            Upgrade(UpgradeInstruction.Update(Library.Name, Library.Stateless)).ToString(),
            Does.Contain("it overrides no SetState")
        );
        Assert.That(Call(counter, "version"), Is.EqualTo("<<\"one\">>"));
    }

    [Test]
    public void Load_WithoutMovingProcesses_IsRefused_AndWithoutProcessesDone()
    {
        Pid counter = Start(Library.Counter);
        Assert.That(Upgrade(UpgradeInstruction.LoadLibrary(Library.Second)).ToString(), Does.Contain("runs older code of Shop"));
        Assert.That(_code.Find(Library.Name)!.Version, Is.EqualTo("1.0.0.0"));
        _test.Processes.Exit(counter, Atoms.Kill);
        _test.Settle();
        Assert.That(Upgrade(UpgradeInstruction.LoadLibrary(Library.Second)).IsOk);
        Assert.That(_code.Find(Library.Name)!.Version, Is.EqualTo("2.0.0.0"));
        Assert.That(() => _code.Load(Library.First), Throws.InvalidOperationException);
    }

    [Test]
    public void Suspend_ProcessTooSlow_Fails_AndItGoesOnLater()
    {
        Pid counter = Start(Library.Counter);
        Pid other = Start(Library.Counter);
        string? answer = null;
        _test.Spawn(async self => answer = Term.Format(await self.Call(counter, (Atom)"slow", TimeSpan.FromMinutes(1))));
        _test.Settle();
        Assert.That(Upgrade(UpgradeInstruction.Update(Library.Name, Library.Second)).ToString(), Does.StartWith("{timeout,<"));
        Assert.That(Call(other, "next"), Is.EqualTo("1"));
        _test.Advance(TimeSpan.FromMinutes(1));
        Assert.That(answer, Is.EqualTo("0"));
        Assert.That(Call(counter, "next"), Is.EqualTo("1"), "it is not held");
    }

    [Test]
    public void Suspend_BeforeANewVersionIsLoaded_HoldsNobody()
    {
        Pid counter = Start(Library.Counter);
        string? answer = null;
        UpgradeResult result = Upgrade(
            UpgradeInstruction.Suspend(Library.Name),
            UpgradeInstruction.Apply(async self => answer = Term.Format(await self.Call(counter, (Atom)"version")))
        );
        Assert.That(result.IsOk);
        Assert.That(answer, Is.EqualTo("<<\"one\">>"));
    }

    [Test]
    public void Loaded_ThenHeld_MessagesWaitForTheNewCode()
    {
        Pid counter = Start(Library.Counter);
        List<string> answers = [];
        UpgradeResult result = Upgrade(
            UpgradeInstruction.LoadLibrary(Library.Second),
            UpgradeInstruction.Suspend(Library.Name),
            UpgradeInstruction.Apply(async self =>
            {
                self.Spawn(async caller => answers.Add(Term.Format(await caller.Call(counter, (Atom)"version"))));
                await self.Sleep(TimeSpan.FromSeconds(1));
                answers.Add("held");
            }),
            UpgradeInstruction.CodeChange(Library.Name),
            UpgradeInstruction.Resume(Library.Name)
        );
        _test.Settle();
        Assert.That(result.ToString(), Is.EqualTo("ok, 1 processes"));
        Assert.That(answers, Is.EqualTo(["held", "<<\"two\">>"]));
    }

    [Test]
    public void StateMachine_KeepsStateTimeoutsAndPostponedEvents()
    {
        Pid door = Start(Library.Door);
        _test.Run(self =>
        {
            self.Cast(door, "later");
            return default;
        });
        _test.Settle();
        Assert.That(Call(door, "look"), Is.EqualTo("{<<\"one\">>,locked}"));
        Assert.That(Upgrade(UpgradeInstruction.Update(Library.Name, Library.Second)).IsOk);
        Assert.That(Call(door, "look"), Is.EqualTo("{<<\"two\">>,locked,5}"));
        _test.Advance(TimeSpan.FromMinutes(2));
        Assert.That(Call(door, "look"), Is.EqualTo("{<<\"two\">>,open,<<\"later\">>}"));
    }

    [Test]
    public void Supervisor_TakesItsChildrenOver_AndStartsThoseOfTheNewInit()
    {
        Pid tree = Start(Library.Tree);
        Assert.That(_code.ProcessesOf(Library.Name), Has.Count.EqualTo(3));
        Assert.That(Upgrade(UpgradeInstruction.Update(Library.Name, Library.Second)).ToString(), Is.EqualTo("ok, 3 processes"));
        Assert.That(Shown(), Is.EqualTo("c- b a"));
        Assert.That(Run(self => self.RestartChild(tree, "c")).IsOk);
        Pid first = Run(self => self.WhichChildren(tree)).Single(child => Term.AreEqual(child.Id, "a")).Pid;
        _test.Processes.Exit(first, Atoms.Kill);
        _test.Settle();
        Assert.That(Shown(), Is.EqualTo("c b a"), "all are restarted, as the new Init has it");
        Pid restarted = Run(self => self.WhichChildren(tree)).Single(child => Term.AreEqual(child.Id, "b")).Pid;
        Assert.That(Call(restarted, "version"), Is.EqualTo("<<\"two\">>"));

        string Shown() =>
            string.Join(' ', Run(self => self.WhichChildren(tree)).Select(child => $"{child.Id}{(child.Pid.IsNone ? "-" : "")}"));
    }

    [Test]
    public void Supervisor_UpgradeFails_HasItsOldChildrenAndFlags()
    {
        Pid tree = Start(Library.Tree);
        UpgradeResult result = Upgrade([
            .. UpgradeInstruction.Update(Library.Name, Library.Second),
            UpgradeInstruction.Apply(_ => throw ErlangException.Error((Atom)"no")),
        ]);
        Assert.That(result.IsOk, Is.False);
        Assert.That(Run(self => self.WhichChildren(tree)), Has.Count.EqualTo(2));
        Pid victim = Run(self => self.WhichChildren(tree))[0].Pid;
        Pid other = Run(self => self.WhichChildren(tree))[1].Pid;
        _test.Processes.Exit(victim, Atoms.Kill);
        _test.Settle();
        Assert.That(_test.Processes.IsAlive(other), "one for one, as before");
        Assert.That(Call(Run(self => self.WhichChildren(tree))[0].Pid, "version"), Is.EqualTo("<<\"one\">>"));
    }

    [Test]
    public void UpdateSupervisor_OfTheHost_CallsItsInitAgain()
    {
        int children = 1;
        Pid tree = Run(async self => (await self.Start(new Grown(() => children))).Pid);
        children = 3;
        Assert.That(Upgrade(UpgradeInstruction.UpdateSupervisor(tree)).IsOk);
        Assert.That(Run(self => self.CountChildren(tree)).Specs, Is.EqualTo(3));
    }

    private sealed class Grown(Func<int> children) : Supervisor
    {
        protected override ProcessTask<SupervisorInit> Init() =>
            OneForOne([
                .. Enumerable
                    .Range(0, children())
                    .Select(i => ChildSpec.OfBody((long)i, async self => await self.Sleep(Timeout.InfiniteTimeSpan))),
            ]);
    }

    [Test]
    public void Applications_StartAndStop_AndAreAsBeforeIfSomethingFails()
    {
        Run(self => _applications.Load(self, new ApplicationDefinition("old")));
        Run(self => _applications.Load(self, new ApplicationDefinition("needed")));
        Run(self => _applications.Load(self, new ApplicationDefinition("new") { Applications = ["needed"] }));
        Run(self => _applications.Start(self, "old", ApplicationRestart.Permanent));
        UpgradeInstruction[] instructions = [UpgradeInstruction.StopApplication("old"), UpgradeInstruction.StartApplication("new")];
        Assert.That(
            Upgrade([.. instructions, UpgradeInstruction.StartApplication("never")]).ToString(),
            Does.StartWith("{never,{'no such file")
        );
        Assert.That(_applications.Running.Select(one => one.Name.Name), Is.EqualTo(["old"]));
        Assert.That(Upgrade(instructions).IsOk);
        Assert.That(_applications.Running.Select(one => one.Name.Name), Is.EqualTo(["new", "needed"]));
    }

    [Test]
    public void Failure_UndoesInReverse_UntilThePointOfNoReturn()
    {
        List<string> journal = [];
        UpgradeInstruction Step(string name) =>
            UpgradeInstruction.Apply(
                _ =>
                {
                    journal.Add(name);
                    return default;
                },
                _ =>
                {
                    journal.Add($"-{name}");
                    return default;
                }
            );
        UpgradeInstruction fail = UpgradeInstruction.Apply(_ => throw new ProcessExitException((Atom)"no"));
        Assert.That(Upgrade(Step("a"), Step("b"), fail).ToString(), Is.EqualTo("no"));
        Assert.That(journal, Is.EqualTo(["a", "b", "-b", "-a"]));
        journal.Clear();
        Assert.That(Upgrade(Step("a"), UpgradeInstruction.PointOfNoReturn, Step("b"), fail).ToString(), Is.EqualTo("no"));
        Assert.That(journal, Is.EqualTo(["a", "b"]));
    }

    [Test]
    public void Upgrade_IsKilled_NobodyStaysHeld()
    {
        Pid counter = Start(Library.Counter);
        Pid worker = default;
        _test.Spawn(async self =>
            await _code.Upgrade(
                self,
                [
                    UpgradeInstruction.LoadLibrary(Library.Second),
                    UpgradeInstruction.Suspend(Library.Name),
                    UpgradeInstruction.Apply(async one =>
                    {
                        worker = one.Pid;
                        await one.Sleep(TimeSpan.FromMinutes(1));
                    }),
                ]
            )
        );
        _test.Settle();
        bool isRefused = Run(async self =>
        {
            try
            {
                await _code.Upgrade(self, []);
                return false;
            }
            catch (InvalidOperationException)
            {
                return true;
            }
        });
        Assert.That(isRefused, "one at a time");
        _test.Processes.Exit(worker, Atoms.Kill);
        _test.Settle();
        Assert.That(Call(counter, "next"), Is.EqualTo("1"));
        Assert.That(Upgrade(UpgradeInstruction.CodeChange(Library.Name)).IsOk, "the next one ends what was begun");
        Assert.That(Call(counter, "version"), Is.EqualTo("<<\"two\">>"));
    }

    [Test]
    public void Create_OfWhatIsNotThere_SaysSo()
    {
        Assert.That(() => _code.Create("Nothing", "X"), Throws.ArgumentException);
        Assert.That(() => _code.Create(Library.Name, "Shop.Nothing"), Throws.ArgumentException);
        Assert.That(() => _code.Load(new CodeImage(new byte[] { 1, 2, 3 })), Throws.TypeOf<BadImageFormatException>());
    }
}
