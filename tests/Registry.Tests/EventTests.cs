namespace CloudScale.Registry.Tests;

public sealed class EventTests : RegistryFixture
{
    private static readonly Atom s_price = "price";
    private static readonly List s_above100 = List.Of(
        Tuple.Of(Tuple.Of((Atom)"_", (Atom)"$1"), List.Of(Tuple.Of((Atom)">", (Atom)"$1", 100L)), List.Of(Atoms.True))
    );

    private static Tuple Price(long amount) => Tuple.Of((Atom)"gold", amount);

    [Test]
    public void Publish_ReachesSubscribers_UntilTheyUnsubscribe()
    {
        TestProbe one = Probe();
        TestProbe other = Probe();
        Assert.That(Registry.Events.Subscribe(s_price, one.Pid));
        Assert.That(Registry.Events.Subscribe(s_price, one.Pid), Is.False);
        Registry.Events.Subscribe(s_price, other.Pid);
        Registry.Events.Publish(s_price, Price(1));
        Assert.That(Text(one.ExpectMessage<RegistryPublication>()), Is.EqualTo("{gproc_ps_event,price,{gold,1}}"));
        other.ExpectMessage<RegistryPublication>();
        Assert.That(Registry.Events.Unsubscribe(s_price, one.Pid));
        Kill(other.Pid);
        Test.Run(self =>
        {
            Registry.Events.Publish(self, s_price, Price(2));
            return default;
        });
        one.ExpectNoMessage();
        Assert.That(Registry.Events.Subscribers(s_price), Is.Empty);
    }

    [Test]
    public void Publish_Conditional_ReachesThoseWhoseConditionIsMet()
    {
        TestProbe one = Probe();
        TestProbe all = Probe();
        Registry.Events.Subscribe(s_price, one.Pid, s_above100);
        Registry.Events.Subscribe(s_price, all.Pid);
        Registry.Events.Publish(s_price, Price(50));
        Registry.Events.Publish(s_price, Price(150));
        Assert.That(Text(one.ExpectMessage<RegistryPublication>().Message), Is.EqualTo("{gold,150}"));
        all.ExpectMessage<RegistryPublication>();
        all.ExpectMessage<RegistryPublication>();
        Registry.Events.ChangeCondition(s_price, one.Pid, null);
        Registry.Events.Publish(s_price, Price(60));
        Assert.That(Text(one.ExpectMessage<RegistryPublication>().Message), Is.EqualTo("{gold,60}"));
        Assert.That(() => Registry.Events.ChangeCondition("other", one.Pid, null), Throws.ArgumentException);
        Assert.That(() => Registry.Events.Subscribe("other", one.Pid, List.Of(1L)), Throws.TypeOf<CloudScale.Scheduling.EtsException>());
    }

    [Test]
    public void Single_IsToldOnce_ThenAgainWhenEnabled()
    {
        TestProbe one = Probe();
        Registry.Events.CreateSingle(s_price, one.Pid);
        Assert.That(Registry.Events.TellSingles(s_price, "now"), Is.EqualTo([one.Pid]));
        Assert.That(Registry.Events.TellSingles(s_price, "again"), Is.Empty);
        one.ExpectMessage<RegistryPublication>();
        one.ExpectNoMessage();
        Assert.That(Registry.Events.Singles(s_price), Is.EqualTo([(one.Pid, false)]));
        Assert.That(Registry.Events.EnableSingle(s_price, one.Pid));
        Assert.That(Registry.Events.DisableSingle(s_price, one.Pid));
        Assert.That(Registry.Events.TellSingles(s_price, "third"), Is.Empty);
        Assert.That(Registry.Events.NotifySingleIfTrue(s_price, one.Pid, () => true, "so"));
        one.ExpectMessage<RegistryPublication>();
        Assert.That(Registry.Events.NotifySingleIfTrue(s_price, one.Pid, () => false, "not"), Is.False);
        Assert.That(Registry.Events.TellSingles(s_price, "later"), Has.Count.EqualTo(1));
        Assert.That(Registry.Events.DeleteSingle(s_price, one.Pid));
        Assert.That(() => Registry.Events.EnableSingle(s_price, one.Pid), Throws.ArgumentException);
    }
}
