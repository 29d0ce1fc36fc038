namespace CloudScale.Registry.Tests;

public sealed class WatchingTests : RegistryFixture
{
    private Reference Monitor(TestProbe probe, RegistryMonitor kind)
    {
        Reference reference = default;
        probe.Do(self => reference = Registry.Monitor(self, Shop, kind));
        return reference;
    }

    private static string Expect(TestProbe probe) => probe.ExpectMessage<RegistryChange>().Event.ToString();

    [Test]
    public void Await_RegisteredAlready_ReturnsAtOnce()
    {
        Pid one = Idle();
        Registry.Register(Shop, one, 5L);
        Assert.That(Run(self => Registry.Await(self, Shop, TimeSpan.Zero)), Is.EqualTo(new RegistryEntry(Shop, one, 5L)));
    }

    [Test]
    public void Await_RegisteredLater_Returns()
    {
        RegistryEntry found = default;
        Stay(async self => found = await Registry.Await(self, Shop));
        Assert.That(found, Is.EqualTo(default(RegistryEntry)));
        Pid one = Idle();
        Registry.Register(Shop, one, 5L);
        Test.Settle();
        Assert.That(found, Is.EqualTo(new RegistryEntry(Shop, one, 5L)));
    }

    [Test]
    public void Await_NobodyComes_ExitsWithTimeout_AndNothingComesLater()
    {
        object? reason = null;
        int left = -1;
        Stay(async self =>
        {
            try
            {
                await Registry.Await(self, Shop, TimeSpan.FromSeconds(1));
            }
            catch (ProcessExitException exit)
            {
                reason = exit.Reason;
            }

            await self.Sleep(TimeSpan.FromSeconds(1));
            left = self.MessageQueueLength;
        });
        Test.Advance(TimeSpan.FromSeconds(1.5));
        Registry.Register(Shop, Idle());
        Test.Advance(TimeSpan.FromSeconds(5));
        Assert.That(Text(reason), Is.EqualTo("{timeout,{gproc,await,[{n,l,shop},1000]}}"));
        Assert.That(left, Is.Zero);
    }

    [Test]
    public void BeginAwait_TellsOnce_UnlessItIsCancelled()
    {
        TestProbe probe = Probe();
        Reference first = default;
        Reference second = default;
        probe.Do(self =>
        {
            first = Registry.BeginAwait(self, Shop);
            second = Registry.BeginAwait(self, Shop);
            Assert.That(Registry.CancelAwait(self, first));
            Assert.That(Registry.CancelAwait(self, first), Is.False);
        });
        Pid one = Idle();
        Registry.Register(Shop, one, 1L);
        RegistryAwaited news = probe.ExpectMessage<RegistryAwaited>();
        Assert.That(news.Reference, Is.EqualTo(second));
        Assert.That(Text(news), Does.EndWith($",registered,{{{{n,l,shop}},{Text(one)},1}}}}"));
        Registry.Unregister(Shop, one);
        Registry.Register(Shop, one);
        probe.ExpectNoMessage();
    }

    [Test]
    public void Monitor_Info_TellsOfTheEnd_Once()
    {
        Pid one = Idle();
        Registry.Register(Shop, one);
        TestProbe probe = Probe();
        Reference reference = Monitor(probe, RegistryMonitor.Info);
        Kill(one);
        RegistryChange news = probe.ExpectMessage<RegistryChange>();
        Assert.That(Text(news), Is.EqualTo($"{{gproc,unreg,{Text(reference)},{{n,l,shop}}}}"));
        Pid next = Idle();
        Registry.Register(Shop, next);
        Kill(next);
        probe.ExpectNoMessage();
    }

    [Test]
    public void Monitor_OfAFreeKey_DependsOnItsKind()
    {
        TestProbe info = Probe();
        Monitor(info, RegistryMonitor.Info);
        Assert.That(Expect(info), Is.EqualTo("Unregistered"));
        TestProbe follower = Probe();
        Monitor(follower, RegistryMonitor.Follow);
        Assert.That(Expect(follower), Is.EqualTo("Unregistered"));
        TestProbe standby = Probe();
        Monitor(standby, RegistryMonitor.Standby);
        Assert.That(standby.ExpectMessage<RegistryChange>().To, Is.EqualTo(standby.Pid));
        Assert.That(Registry.WhereIs(Shop), Is.EqualTo(standby.Pid));
        Assert.That(Expect(follower), Is.EqualTo("Registered"));
        info.ExpectNoMessage();
    }

    [Test]
    public void Monitor_Follow_TellsOfEachBearer()
    {
        TestProbe probe = Probe();
        Monitor(probe, RegistryMonitor.Follow);
        Expect(probe);
        for (int round = 0; round < 2; round++)
        {
            Pid one = Idle();
            Registry.Register(Shop, one);
            Assert.That(Expect(probe), Is.EqualTo("Registered"));
            Kill(one);
            Assert.That(Expect(probe), Is.EqualTo("Unregistered"));
        }
    }

    [Test]
    public void Monitor_Standby_InheritsFromTheDead_WithTheValue_InTheOrderOfComing()
    {
        Pid one = Idle();
        Registry.Register(Shop, one, 9L);
        TestProbe first = Probe();
        TestProbe second = Probe();
        Monitor(first, RegistryMonitor.Standby);
        Monitor(second, RegistryMonitor.Standby);
        Kill(one);

        RegistryChange news = first.ExpectMessage<RegistryChange>();
        Assert.That(Text(news), Does.StartWith($"{{gproc,{{failover,{Text(first.Pid)}}},"));
        Assert.That(second.ExpectMessage<RegistryChange>().To, Is.EqualTo(first.Pid));
        Assert.That(Registry.GetValue(Shop, first.Pid), Is.EqualTo(9L));
        Kill(first.Pid);
        Assert.That(second.ExpectMessage<RegistryChange>().To, Is.EqualTo(second.Pid));
        Assert.That(Registry.WhereIs(Shop), Is.EqualTo(second.Pid));
    }

    [Test]
    public void Monitor_Standby_UnregisteredByItsOwner_IsNotInherited()
    {
        Pid one = Idle();
        Registry.Register(Shop, one);
        TestProbe probe = Probe();
        Monitor(probe, RegistryMonitor.Standby);
        Registry.Unregister(Shop, one);
        Assert.That(Expect(probe), Is.EqualTo("Unregistered"));
        Assert.That(Registry.WhereIs(Shop).IsNone);
    }

    [Test]
    public void Monitor_GivenAway_TellsOfTheMove_AndStays()
    {
        Pid one = Idle();
        Pid other = Idle();
        Registry.Register(Shop, one);
        TestProbe probe = Probe();
        Monitor(probe, RegistryMonitor.Info);
        Registry.GiveAway(Shop, one, other);
        Assert.That(Text(probe.ExpectMessage<RegistryChange>()), Does.StartWith($"{{gproc,{{migrated,{Text(other)}}},"));
        Kill(one);
        probe.ExpectNoMessage();
        Kill(other);
        Assert.That(Expect(probe), Is.EqualTo("Unregistered"));
    }

    [Test]
    public void Demonitor_EndsIt_AndTakesItsMessages()
    {
        Pid one = Idle();
        Registry.Register(Shop, one);
        bool stood = false;
        int left = -1;
        Stay(async self =>
        {
            Reference reference = Registry.Monitor(self, Shop, RegistryMonitor.Follow);
            Registry.Unregister(Shop, one);
            await self.Yield();
            stood = await Registry.Demonitor(self, reference);
            Registry.Register(Shop, one);
            await self.Sleep(TimeSpan.FromSeconds(1));
            left = self.MessageQueueLength;
        });
        Test.Advance(TimeSpan.FromSeconds(2));
        Assert.That(stood);
        Assert.That(left, Is.Zero);
    }

    [Test]
    public void Watcher_Exits_AndIsForgotten()
    {
        TestProbe probe = Probe();
        Monitor(probe, RegistryMonitor.Follow);
        probe.Do(self => Registry.BeginAwait(self, Shop));
        Test.Settle();
        Kill(probe.Pid);
        Assert.That(Text(Run(self => self.GetState(ProcessRegistry.ServerName))), Is.EqualTo("{clients,0}"));
    }

    [Test]
    public void Watching_AKeyOfMany_IsRefused() =>
        Probe()
            .Do(self =>
            {
                Assert.That(() => Registry.BeginAwait(self, RegistryKey.OfProperty("p")), Throws.ArgumentException);
                Assert.That(() => Registry.Monitor(self, RegistryKey.OfCounter("c")), Throws.ArgumentException);
            });
}
