namespace CloudScale.Registry.Tests;

public sealed class CounterTests : RegistryFixture
{
    private static readonly RegistryKey s_jobs = RegistryKey.OfCounter("jobs");
    private static readonly RegistryKey s_sum = RegistryKey.OfAggregatedCounter("jobs");
    private static readonly RegistryKey s_lease = RegistryKey.OfResource("lease");

    [Test]
    public void Counter_Changes_AsEtsUpdatesCounters()
    {
        Pid one = Idle();
        Registry.Register(s_jobs, one, 5L);
        CounterChange wrapping = new(3) { Threshold = 9, SetValue = 1 };

        Assert.Multiple(() =>
        {
            Assert.That(Registry.UpdateCounter(s_jobs, one, 2), Is.EqualTo(7));
            Assert.That(Registry.UpdateCounter(s_jobs, one, wrapping), Is.EqualTo(1), "10 is beyond 9");
            Assert.That(
                Registry.UpdateCounter(s_jobs, one, wrapping, -2, new(-9) { Threshold = 0, SetValue = 4 }),
                Is.EqualTo([4L, 2L, 4L])
            );
            Assert.That(Registry.ResetCounter(s_jobs, one), Is.EqualTo((4L, 5L)));
            Assert.That(Registry.GetValue(s_jobs, one), Is.EqualTo(5L));
            Assert.That(() => Registry.UpdateCounter(s_jobs, one, long.MaxValue), Throws.TypeOf<OverflowException>());
            Assert.That(Registry.GetValue(s_jobs, one), Is.EqualTo(5L), "an overflow changes nothing");
            Assert.That(() => Registry.UpdateCounter(s_jobs, Idle(), 1), Throws.ArgumentException);
            Assert.That(() => Registry.Register(RegistryKey.OfCounter("x"), one, "text"), Throws.ArgumentException);
        });
    }

    [Test]
    public void Counters_OfMany_ChangeTogether_OrNone()
    {
        Pid one = Idle();
        Pid other = Idle();
        Registry.Register(s_jobs, one);
        Assert.That(() => Registry.UpdateCounters((s_jobs, one, 1), (s_jobs, other, 1)), Throws.ArgumentException);
        Registry.Register(s_jobs, other);
        Assert.That(Registry.UpdateCounters((s_jobs, one, 1), (s_jobs, other, 2)).Select(entry => entry.Value), Is.EqualTo([1L, 2L]));
    }

    [Test]
    public void Aggregated_IsTheSum_ThroughDeathResetAndHandOver()
    {
        Pid bearer = Idle();
        Pid one = Idle();
        Pid other = Idle();
        Pid heir = Idle();
        Registry.Register(s_jobs, one, 5L);
        Registry.Register(s_sum, bearer);
        Assert.That(Registry.GetValue(s_sum), Is.EqualTo(5L), "what was there before");
        Registry.Register(s_jobs, other, 2L);
        Registry.UpdateCounter(s_jobs, other, 10);
        Assert.That(Registry.GetValue(s_sum), Is.EqualTo(17L));
        Registry.ResetCounter(s_jobs, other);
        Assert.That(Registry.GetValue(s_sum), Is.EqualTo(7L));
        Registry.GiveAway(s_jobs, one, heir);
        Assert.That(Registry.GetValue(s_sum), Is.EqualTo(7L));
        Kill(other);
        Assert.That(Registry.GetValue(s_sum), Is.EqualTo(5L));
        Registry.TryRegisterShared(s_jobs, 100L);
        Assert.That(Registry.GetValue(s_sum), Is.EqualTo(105L));
        Assert.That(() => Registry.SetValue(s_sum, bearer, 1L), Throws.ArgumentException, "it is counted");
    }

    [Test]
    public void ResourceCounter_CountsHolders_AndTellsOfTheLast()
    {
        TestProbe bearer = Probe();
        Pid one = Idle();
        Pid other = Idle();
        RegistryKey count = RegistryKey.OfResourceCounter("lease");
        Registry.TryRegisterResourceCounter("lease", bearer.Pid, ZeroAction.Send(count));
        Registry.Register(s_lease, one);
        Registry.Register(s_lease, other);
        Assert.That(Registry.GetValue(count), Is.EqualTo(2L));
        Registry.Unregister(s_lease, one);
        bearer.ExpectNoMessage();
        Kill(other);
        Assert.That(
            Text(bearer.ExpectMessage<ResourceOnZero>()),
            Is.EqualTo($"{{gproc,resource_on_zero,l,<<\"lease\">>,{Text(bearer.Pid)}}}")
        );
        Assert.That(Registry.GetValue(count), Is.Zero);
        Registry.Register(s_lease, Idle());
        bearer.ExpectNoMessage();
    }

    [Test]
    public void ResourceCounter_AtZero_PublishesBroadcastsAndRemovesShared()
    {
        TestProbe subscriber = Probe();
        TestProbe holder = Probe();
        RegistryKey fans = RegistryKey.OfProperty("fans");
        RegistryKey shared = RegistryKey.OfProperty("shared");
        Registry.TryRegisterShared(shared);
        Registry.Events.Subscribe((Atom)"gproc_resource_on_zero", subscriber.Pid);
        Registry.Register(fans, holder.Pid);
        Registry.TryRegisterResourceCounter(
            "lease",
            default,
            ZeroAction.Publish,
            ZeroAction.Send(fans),
            ZeroAction.UnregisterShared(shared),
            ZeroAction.UnregisterShared(RegistryKey.OfResourceCounter("lease"))
        );
        Pid one = Idle();
        Registry.Register(s_lease, one);
        Kill(one);
        Assert.Multiple(() =>
        {
            Assert.That(subscriber.ExpectMessage<RegistryPublication>().Message, Is.TypeOf<ResourceOnZero>());
            Assert.That(Text(holder.ExpectMessage<ResourceOnZero>()), Does.EndWith(",shared}"));
            Assert.That(Registry.TryGet(shared, out _), Is.False);
            Assert.That(Registry.TryGet(RegistryKey.OfResourceCounter("lease"), out _), Is.False);
        });
    }

    [Test]
    public void GiveAway_OfTheLastResource_IsNoZero()
    {
        TestProbe bearer = Probe();
        Registry.TryRegisterResourceCounter("lease", bearer.Pid, ZeroAction.Send(RegistryKey.OfResourceCounter("lease")));
        Pid one = Idle();
        Registry.Register(s_lease, one);
        Registry.GiveAway(s_lease, one, Idle());
        Kill(one);
        bearer.ExpectNoMessage();
    }
}
