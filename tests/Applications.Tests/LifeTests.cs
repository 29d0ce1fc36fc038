namespace CloudScale.Applications.Tests;

public sealed class LifeTests : ApplicationFixture
{
    private static readonly Atom s_shop = "shop";
    private static readonly Atom s_worker = "shop_worker";

    [Test]
    public void StartStop_CallbacksRunInOrder()
    {
        Assert.That(Load(Told("shop")), Is.EqualTo("ok"));
        Assert.That(Start(s_shop), Is.EqualTo("ok"));
        Assert.That(Take(), Is.EqualTo("start:shop:normal"));
        Assert.That(Applications.IsRunning(s_shop));
        Assert.That(Test.Processes.IsAlive(Applications.GetSupervisor(s_shop)));
        Assert.That(Stop(s_shop), Is.EqualTo("ok"));
        Assert.That(Take(), Is.EqualTo("prep_stop:shop worker_ends:shop stop:shop"));
        Assert.That(Running, Is.Empty);
        Assert.That(Applications.GetSupervisor(s_shop).IsNone);
        Assert.That(Test.Processes.Processes(), Has.Count.EqualTo(1), "only the controller is left");
        Assert.That(Start(s_shop), Is.EqualTo("ok"), "again");
    }

    [Test]
    public void Errors_AreOtps()
    {
        Assert.That(Start(s_shop), Is.EqualTo("{error,{'no such file or directory',<<\"shop.app\">>}}"));
        Load(Told("shop", "store"));
        Assert.That(Load(Told("shop")), Is.EqualTo("{error,{already_loaded,shop}}"));
        Assert.That(Start(s_shop), Is.EqualTo("{error,{not_started,store}}"));
        Assert.That(Stop(s_shop), Is.EqualTo("{error,{not_started,shop}}"));
        Load(new ApplicationDefinition("store"));
        Assert.That(Start("store"), Is.EqualTo("ok"), "a library");
        Assert.That(Start("store"), Is.EqualTo("{error,{already_started,store}}"));
        Assert.That(Start(s_shop), Is.EqualTo("ok"));
        Assert.That(Text(Run(self => Applications.EnsureStarted(self, s_shop))), Is.EqualTo("ok"));
        Assert.That(Text(Run(self => Applications.Unload(self, s_shop))), Is.EqualTo("{error,{running,shop}}"));
        Assert.That(Running, Is.EqualTo("shop store"));
        Stop(s_shop);
        Assert.That(Text(Run(self => Applications.Unload(self, s_shop))), Is.EqualTo("ok"));
        Assert.That(Text(Run(self => Applications.Unload(self, s_shop))), Is.EqualTo("{error,{not_loaded,shop}}"));
    }

    [Test]
    public void Start_ThatFails_SaysWhy_AndLeavesNothing()
    {
        Load(Failing("refuses", _ => new ProcessTask<StartResult>(StartResult.Failed((Atom)"no_room"))));
        Load(Failing("ignores", _ => new ProcessTask<StartResult>(StartResult.Ignore)));
        Load(
            Failing(
                "crashes",
                async self =>
                {
                    await self.StartLink(new Teller.Tree("crashes", Journal));
                    throw ErlangException.Error((Atom)"oops");
                }
            )
        );
        Assert.Multiple(() =>
        {
            Assert.That(Start("refuses"), Does.StartWith("{error,{no_room,{").And.Contain(",start,[normal,[]]}"));
            Assert.That(Start("ignores"), Does.StartWith("{error,{bad_return,{{").And.EndWith(",ignore}}}"));
            Assert.That(Start("crashes"), Does.StartWith("{error,{bad_return,{{").And.Contain("{'EXIT',{oops,"));
            Assert.That(Running, Is.Empty);
            Assert.That(Ends, Is.Empty, "they are temporary");
        });
        Test.Settle();
        Assert.That(Test.Processes.Processes(), Has.Count.EqualTo(1));
    }

    private ApplicationDefinition Failing(Atom name, Func<Self, ProcessTask<StartResult>> start) =>
        new(name) { Callbacks = () => new Teller(name.Name, Journal) { Starting = start } };

    [Test]
    public void Start_ByTwo_StartsOnce_AndBothHear()
    {
        Load(
            new ApplicationDefinition(s_shop)
            {
                Callbacks = () =>
                    new Teller("shop", Journal)
                    {
                        Starting = async self =>
                        {
                            await self.Sleep(TimeSpan.FromSeconds(1));
                            return await self.StartLink(new Teller.Tree("shop", Journal));
                        },
                    },
            }
        );
        List<string> heard = [];
        for (int i = 0; i < 2; i++)
            Test.Spawn(async self => heard.Add(Text(await Applications.Start(self, s_shop))));
        Test.Advance(TimeSpan.FromMilliseconds(10));
        Assert.That(Run(self => Applications.Load(self, Told("other"))), Is.EqualTo(Atoms.Ok), "the controller waits for nobody");
        Test.Advance(TimeSpan.FromSeconds(2));
        Assert.That(heard, Is.EqualTo(["ok", "ok"]));
        Assert.That(Take(), Is.EqualTo("start:shop:normal"));
    }

    [TestCase(ApplicationRestart.Temporary, "boom", false)]
    [TestCase(ApplicationRestart.Transient, "boom", true)]
    [TestCase(ApplicationRestart.Permanent, "boom", true)]
    public void End_OfTheTopSupervisor_IsReported_AndMayEndTheNode(ApplicationRestart restart, string reason, bool endsNode)
    {
        Load(Told("shop"));
        Start(s_shop, restart);
        Take();
        Test.Run(self =>
        {
            self.Cast(self.WhereIs(s_worker), (Atom)reason);
            return default;
        });
        Test.Settle();
        Assert.That(Take(), Is.EqualTo("worker_ends:shop stop:shop"), "no prep_stop");
        Assert.That(Ends, Is.EqualTo(endsNode ? new[] { "{application_terminated,shop,shutdown}" } : []));
        Assert.That(Running, Is.Empty);
        Assert.That(Log.Lines.Select(line => line.Text), Has.Some.Contains("Application: shop. Exited: shutdown."));
    }

    [TestCase(ApplicationRestart.Temporary, false)]
    [TestCase(ApplicationRestart.Transient, false)]
    [TestCase(ApplicationRestart.Permanent, true)]
    public void End_WithNormal_EndsTheNodeIfPermanent(ApplicationRestart restart, bool endsNode)
    {
        Load(Told("shop"));
        Start(s_shop, restart);
        Test.Run(async self => await self.Stop(Applications.GetSupervisor(s_shop)));
        Test.Settle();
        Assert.That(Ends, Is.EqualTo(endsNode ? new[] { "{application_terminated,shop,normal}" } : []));
    }

    [TestCase(ApplicationRestart.Temporary, false)]
    [TestCase(ApplicationRestart.Transient, true)]
    [TestCase(ApplicationRestart.Permanent, true)]
    public void Start_ThatFails_EndsTheNodeUnlessTemporary(ApplicationRestart restart, bool endsNode)
    {
        Load(Failing("refuses", _ => new ProcessTask<StartResult>(StartResult.Failed((Atom)"no_room"))));
        Start("refuses", restart);
        Assert.That(Ends, endsNode ? Has.One.StartsWith("{application_start_failure,refuses,{no_room,") : Is.Empty);
    }

    [Test]
    public void Stop_ByRequest_EndsNoNode_WhateverTheType()
    {
        Load(Told("shop"));
        Start(s_shop, ApplicationRestart.Permanent);
        Stop(s_shop);
        Assert.That(Ends, Is.Empty);
    }

    [Test]
    public void Kill_OfMasterOrRunner_TakesTheWholeApplication()
    {
        Load(Told("shop"));
        foreach (bool isMaster in (bool[])[true, false])
        {
            Start(s_shop, ApplicationRestart.Permanent);
            Pid top = Applications.GetSupervisor(s_shop);
            Pid master = Run(async self => (Pid)await self.Call(s_worker, (Func<Self, object>)(worker => worker.GroupLeader)));
            Pid runner = Run(async self =>
                (Pid)await self.Call(s_worker, (Func<Self, object>)(worker => ((List)worker.Dictionary[(Atom)"$ancestors"])[1]))
            );
            Test.Processes.Exit(isMaster ? master : runner, Atoms.Kill);
            Test.Settle();
            Assert.That(Test.Processes.IsAlive(top), Is.False);
            Assert.That(Test.Processes.Processes(), Has.Count.EqualTo(1));
            Assert.That(Ends, Has.Count.EqualTo(1));
            Ends.Clear();
        }
    }

    [Test]
    public void Processes_AreKnownByTheirGroupLeader()
    {
        Load(Told("shop"));
        Start(s_shop);
        Assert.That(
            Run(self => self.Call(s_worker, (Func<Self, object>)(worker => Applications.GetApplication(worker)!))),
            Is.EqualTo(s_shop)
        );
        Assert.That(
            Run(self => new ProcessTask<object>(Applications.GetApplication(self) ?? Atoms.Undefined)),
            Is.EqualTo(Atoms.Undefined)
        );
        Applications.SetEnv(s_shop, "k", 1L);
        Assert.That(
            Run(self =>
                self.Call(s_worker, (Func<Self, object>)(worker => Applications.TryGetEnv(worker, "k", out object? value) ? value : 0L))
            ),
            Is.EqualTo(1L)
        );
    }

    [Test]
    public void StartPhases_RunForThisOneAndThoseItIncludes()
    {
        ApplicationDefinition inner = Told("inner") with { StartPhases = [("go", 2L), ("never", 9L)] };
        Load(Told("shop") with { IncludedApplications = [inner], StartPhases = [("init", 1L), ("go", 3L)] });
        Assert.That(Applications.Loaded.Select(one => one.Name.Name), Is.EquivalentTo(["shop", "inner"]));
        Start(s_shop);
        Assert.That(Take(), Is.EqualTo("start:shop:normal phase:shop:init:1 phase:shop:go:3 phase:inner:go:2"));
        Assert.That(Running, Is.EqualTo("shop"), "the included one is a part of it");
        Stop(s_shop);
        Assert.That(Text(Run(self => Applications.Unload(self, s_shop))), Is.EqualTo("ok"));
        Assert.That(Applications.Loaded, Is.Empty);
    }

    [Test]
    public void StartPhase_ThatFails_FailsTheStart_AndStopsWhatHasStarted()
    {
        Load(
            new ApplicationDefinition(s_shop)
            {
                StartPhases = [("init", 1L)],
                Callbacks = () => new Teller("shop", Journal) { Phase = _ => throw ErlangException.Error((Atom)"oops") },
            }
        );
        Assert.That(Start(s_shop), Does.StartWith("{error,{bad_return,{{").And.Contain(",start_phase,[init,normal,1]},{'EXIT',{oops,"));
        Assert.That(Take(), Is.EqualTo("start:shop:normal phase:shop:init:1 worker_ends:shop"));
    }

    [Test]
    public void MaxTime_EndsItInOrder()
    {
        Load(Told("shop") with { MaxTime = TimeSpan.FromSeconds(60) });
        Start(s_shop, ApplicationRestart.Transient);
        Test.Advance(TimeSpan.FromSeconds(59));
        Assert.That(Running, Is.EqualTo("shop"));
        Test.Advance(TimeSpan.FromSeconds(2));
        Assert.That(Running, Is.Empty);
        Assert.That(Take(), Does.EndWith("prep_stop:shop worker_ends:shop stop:shop"));
        Assert.That(Ends, Is.Empty, "it ends with normal");
    }

    [Test]
    public void Controller_IsKilled_AndTheNextOneKnowsWhatRuns()
    {
        Load(Told("shop"));
        Start(s_shop, ApplicationRestart.Permanent);
        Test.Processes.Exit(Test.Processes.WhereIs(NodeApplications.ControllerName), Atoms.Kill);
        Test.Settle();
        Applications.Start();
        Test.Settle();
        Assert.That(Running, Is.EqualTo("shop"));
        Assert.That(Start(s_shop), Is.EqualTo("{error,{already_started,shop}}"));
        Test.Processes.Exit(Applications.GetSupervisor(s_shop), Atoms.Kill);
        Test.Settle();
        Assert.That(Ends, Is.EqualTo(["{application_terminated,shop,killed}"]));
    }
}
