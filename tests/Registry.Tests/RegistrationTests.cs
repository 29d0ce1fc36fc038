namespace CloudScale.Registry.Tests;

public sealed class RegistrationTests : RegistryFixture
{
    private static readonly RegistryKey s_colour = RegistryKey.OfProperty("colour");

    [Test]
    public void Register_Name_IsFoundWithItsValue_AndTakenForOthers()
    {
        Pid one = Idle();
        Pid other = Idle();
        Registry.Register(Shop, one, value: "open");

        Assert.Multiple(() =>
        {
            Assert.That(Registry.WhereIs((Atom)"shop"), Is.EqualTo(one));
            Assert.That(Text(Registry.GetValue(Shop)), Is.EqualTo("<<\"open\">>"));
            Assert.That(() => Registry.Register(Shop, other), Throws.ArgumentException);
            Assert.That(() => Registry.Register(Shop, one), Throws.ArgumentException, "a second time by itself");
            Assert.That(Registry.WhereIs("shop"), Is.EqualTo(default(Pid)), "a binary is no atom");
        });
    }

    [Test]
    public void Register_DeadOrForeignProcess_IsRefused()
    {
        Pid dead = Idle();
        Kill(dead);
        Pid foreign = new(new NodeIdentity("other@host", 1), 5);

        Assert.Multiple(() =>
        {
            Assert.That(() => Registry.Register(Shop, dead), Throws.ArgumentException);
            Assert.That(Registry.TryRegister(Shop, foreign), Is.False);
        });
    }

    [Test]
    public void Register_Property_ManyHaveIt_EachWithItsValue()
    {
        Pid one = Idle();
        Pid other = Idle();
        Registry.Register(s_colour, one, "red");
        Registry.Register(s_colour, other, "blue");

        Assert.Multiple(() =>
        {
            Assert.That(Registry.Pids(s_colour), Is.EquivalentTo([one, other]));
            Assert.That(Text(Registry.GetValue(s_colour, other)), Is.EqualTo("<<\"blue\">>"));
            Assert.That(Registry.TryRegister(s_colour, one), Is.False, "once each");
            Assert.That(() => Registry.WhereIs(s_colour), Throws.ArgumentException);
        });
    }

    [Test]
    public void RegisterMany_OneTaken_RegistersNone()
    {
        Pid one = Idle();
        Pid other = Idle();
        Registry.Register(RegistryKey.OfName("b"), other);

        Assert.That(Registry.TryRegisterMany(RegistryKind.Name, one, ("a", 1L), ("b", 2L)), Is.False);
        Assert.That(Registry.WhereIs("a").IsNone);
        Assert.That(Registry.TryRegisterMany(RegistryKind.Name, one, ("a", 1L), ("a", 2L)), Is.False, "one name twice");
        Assert.That(Registry.TryRegisterMany(RegistryKind.Name, one, ("a", 1L), ("c", 2L)));
        Assert.That(
            Texts(Registry.EntriesOf(one).Select(entry => entry.ToTerm())),
            Does.Contain("{n,l,<<\"a\">>}").And.Contain("{n,l,<<\"c\">>}")
        );
        Registry.UnregisterMany(RegistryKind.Name, one, "a", "c", "never");
        Assert.That(Registry.EntriesOf(one), Is.Empty);
    }

    [Test]
    public void RegisterOrLocate_GivesWhoeverBearsIt()
    {
        Pid one = Idle();
        Pid other = Idle();

        Assert.That(Registry.RegisterOrLocate(Shop, one, 1L), Is.EqualTo(new RegistryEntry(Shop, one, 1L)));
        Assert.That(Registry.RegisterOrLocate(Shop, other, 2L), Is.EqualTo(new RegistryEntry(Shop, one, 1L)));
        Kill(one);
        Assert.That(Registry.RegisterOrLocate(Shop, other, 2L).Pid, Is.EqualTo(other));
    }

    [Test]
    public void EnsureRegistered_IsNewOrChanged_AndRefusedToOthers()
    {
        Pid one = Idle();

        Assert.That(Registry.EnsureRegistered(Shop, one, 1L));
        Assert.That(Registry.EnsureRegistered(Shop, one, 2L, Map.Of(("a", 1L))), Is.False);
        Assert.That(Registry.GetValue(Shop), Is.EqualTo(2L));
        Assert.That(Registry.GetAttributes(Shop, one)["a"], Is.EqualTo(1L));
        Assert.That(() => Registry.EnsureRegistered(Shop, Idle()), Throws.ArgumentException);
    }

    [Test]
    public void Values_AreSetByTheOwnersEntry_AndNobodyElses()
    {
        Pid one = Idle();
        Registry.Register(Shop, one);
        Registry.SetValue(Shop, one, 7L);
        Registry.SetAttributes(Shop, one, Map.Of(("k", "v")));

        Assert.Multiple(() =>
        {
            Assert.That(Registry.GetValue(Shop, one), Is.EqualTo(7L));
            Assert.That(Registry.GetAttributes(Shop, one).Count, Is.EqualTo(1));
            Assert.That(() => Registry.SetValue(Shop, Idle(), 8L), Throws.ArgumentException);
            Assert.That(() => Registry.GetValue(s_colour, one), Throws.ArgumentException);
        });
    }

    [Test]
    public void Unregister_IsForTheOwner_AndFreesTheKey()
    {
        Pid one = Idle();
        Pid other = Idle();
        Registry.Register(Shop, one);
        Registry.Register(s_colour, one);

        Assert.That(Registry.Unregister(Shop, other), Is.False);
        Assert.That(Registry.Unregister(Shop, one));
        Assert.That(Registry.TryRegister(Shop, other));
        Registry.UnregisterAll(one);
        Assert.That(Registry.Pids(s_colour), Is.Empty);
        Assert.That(Registry.WhereIs(Shop), Is.EqualTo(other));
    }

    [Test]
    public void Exit_OfTheOwner_TakesAllItHas()
    {
        Pid one = Idle();
        Registry.Register(Shop, one);
        Registry.Register(s_colour, one);
        Registry.Register(RegistryKey.OfCounter("c"), one);
        Kill(one);

        Assert.That(Registry.All(), Is.Empty);
        Assert.That(Registry.TryRegister(Shop, Idle()));
    }

    /// <summary>The server that buries the dead has not heard of it yet; nobody else sees anything of them.</summary>
    [Test]
    public void Exit_NotYetHeardOf_IsSeenByNobody()
    {
        Pid one = Idle();
        Pid other = Idle();
        RegistryKey counter = RegistryKey.OfCounter("c");
        RegistryKey sum = RegistryKey.OfAggregatedCounter("c");
        Registry.Register(Shop, one);
        Registry.Register(s_colour, one);
        Registry.Register(counter, one, 5L);
        Registry.Register(counter, other, 2L);
        Registry.Register(sum, other);
        KillUnheard(one);

        Assert.Multiple(() =>
        {
            Assert.That(Registry.GetValue(sum), Is.EqualTo(2L));
            Assert.That(Registry.Pids(s_colour), Is.Empty);
            Assert.That(Registry.EntriesOf(one), Is.Empty);
            Assert.That(Registry.TryGet(Shop, out _), Is.False);
            Assert.That(Registry.TryRegister(Shop, other));
        });
    }

    [Test]
    public void GiveAway_MovesTheEntryWithItsValue_OrFreesItIfNobodyTakesIt()
    {
        Pid one = Idle();
        Pid other = Idle();
        RegistryKey counter = RegistryKey.OfCounter("c");
        Registry.Register(Shop, one, 3L, Map.Of(("k", "v")));
        Registry.Register(counter, one, 3L);
        Registry.UpdateCounter(counter, one, 4);

        Assert.That(Registry.GiveAway(Shop, one, other), Is.EqualTo(other));
        Assert.That(Registry.GiveAway(counter, one, Shop), Is.EqualTo(other), "to whoever bears the name");
        Assert.Multiple(() =>
        {
            Assert.That(Registry.GetValue(Shop, other), Is.EqualTo(3L));
            Assert.That(Registry.GetAttributes(Shop, other).Count, Is.EqualTo(1));
            Assert.That(Registry.GetValue(counter, other), Is.EqualTo(7L));
            Assert.That(Registry.EntriesOf(one), Is.Empty);
            Assert.That(() => Registry.GiveAway(Shop, one, other), Throws.ArgumentException, "it is not his any more");
        });

        Registry.Register(counter, one, 1L);
        Assert.That(() => Registry.GiveAway(counter, one, other), Throws.ArgumentException, "the other has one");
        Assert.That(Registry.GiveAway(Shop, other, RegistryKey.OfName("nobody")).IsNone);
        Assert.That(Registry.WhereIs(Shop).IsNone);
    }

    [Test]
    public void Shared_OutlivesProcesses_UntilItIsUnregistered()
    {
        RegistryKey counter = RegistryKey.OfCounter("hits");
        Assert.That(Registry.TryRegisterShared(counter, 10L));
        Assert.That(Registry.TryRegisterShared(counter), Is.False);
        Pid one = Idle();
        Registry.Register(counter, one, 1L);
        Registry.UpdateSharedCounter(counter, 5);
        Kill(one);

        Assert.Multiple(() =>
        {
            Assert.That(Registry.GetSharedValue(counter), Is.EqualTo(15L));
            Assert.That(Registry.Pids(counter), Is.Empty);
            Assert.That(Registry.Entries(counter).Single().IsShared);
            Assert.That(() => Registry.TryRegisterShared(Shop), Throws.ArgumentException, "a name belongs to a process");
        });
        Registry.TryRegisterShared(s_colour);
        Registry.SetSharedValue(s_colour, "red");
        Assert.That(Text(Registry.GetSharedValue(s_colour)), Is.EqualTo("<<\"red\">>"));
        Assert.That(Registry.UnregisterShared(counter));
        Assert.That(Registry.UnregisterShared(counter), Is.False);
    }

    [Test]
    public void Server_StartsAnew_AndHearsOfThoseItsPredecessorKnew()
    {
        Pid one = Idle();
        Registry.Register(Shop, one);
        Test.Settle();
        Kill(Test.Processes.WhereIs(ProcessRegistry.ServerName));
        Registry.Register(s_colour, Idle());
        Registry.Start();
        Test.Settle();
        TestProbe probe = Probe();
        probe.Do(self => Registry.Monitor(self, Shop));
        Kill(one);

        Assert.That(probe.ExpectMessage<RegistryChange>().Event, Is.EqualTo(RegistryEvent.Unregistered));
    }

    [Test]
    public void Via_NamesAServer_ForStartAndCall()
    {
        ServerName name = ServerName.Via(Registry, Tuple.Of((Atom)"cart", 7L));
        Pid server = Run(async self => (await self.Start(new Echo(), new StartOptions { Name = name })).Pid);

        Assert.Multiple(() =>
        {
            Assert.That(Registry.WhereIs(Tuple.Of((Atom)"cart", 7L)), Is.EqualTo(server));
            Assert.That(Run(async self => await self.Call(name, "hello")), Is.EqualTo("hello"));
            Assert.That(name.ToString(), Is.EqualTo("{via,gproc,{n,l,{cart,7}}}"));
            Assert.That(
                Run(async self => Text((await self.Start(new Echo(), new StartOptions { Name = name })).ToTerm())),
                Does.StartWith("{error,{already_started,")
            );
        });
        Kill(server);
        Assert.That(Run(async self => (await self.Start(new Echo(), new StartOptions { Name = name })).IsOk));
    }

    [TestCase("{n,l,a}")]
    [TestCase("{rc,l,{a,1}}")]
    public void Key_FromAndToTerm_IsGprocs(string text)
    {
        object name = text.Contains('1') ? Tuple.Of((Atom)"a", 1L) : (Atom)"a";
        object term = Tuple.Of((Atom)text[1..text.IndexOf(',')], (Atom)"l", name);
        Assert.That(RegistryKey.TryFrom(term, out RegistryKey key));
        Assert.That(key.ToString(), Is.EqualTo(text));
        Assert.That(RegistryKey.TryFrom(Tuple.Of((Atom)"x", (Atom)"l", name), out _), Is.False);
        Assert.That(RegistryKey.TryFrom(Tuple.Of((Atom)"n", (Atom)"g", name), out _), Is.False, "there is no cluster scope yet");
    }

    private sealed class Echo : GenServer
    {
        protected override ProcessTask<Next> HandleCall(object request, From from) => Reply(request);
    }
}
