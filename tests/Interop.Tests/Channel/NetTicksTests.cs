using CloudScale.Interop.Channel;

namespace CloudScale.Interop.Tests.Channel;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class NetTicksTests
{
    private static readonly TimeSpan s_quarter = TimeSpan.FromSeconds(15);

    private readonly NetTicks _ticks = new(TimeSpan.FromSeconds(60), intensity: 4, now: TimeSpan.Zero);

    [Test]
    public void Poll_BeforeTheInterval_DoesNothing() =>
        Assert.That(_ticks.Poll(s_quarter - TimeSpan.FromTicks(1), 0, 0), Is.EqualTo(NetTickDecision.None));

    [Test]
    public void Poll_NothingSentInAnInterval_SendsATick()
    {
        Assert.That(_ticks.Poll(s_quarter, received: 1, sent: 0), Is.EqualTo(NetTickDecision.SendTick));
        Assert.That(
            _ticks.Poll(s_quarter * 2, received: 2, sent: 1),
            Is.EqualTo(NetTickDecision.SendTick),
            "the tick itself is not traffic"
        );
        Assert.That(_ticks.Poll(s_quarter * 3, received: 3, sent: 5), Is.EqualTo(NetTickDecision.None), "there was traffic");
    }

    [Test]
    public void Poll_PeerSilentForTheTickTime_IsDown()
    {
        _ticks.Poll(s_quarter, received: 7, sent: 0);
        for (int interval = 2; interval <= 4; interval++)
            Assert.That(_ticks.Poll(s_quarter * interval, 7, 0), Is.Not.EqualTo(NetTickDecision.PeerDown), $"interval {interval}");
        Assert.That(_ticks.Poll(s_quarter * 5, 7, 0), Is.EqualTo(NetTickDecision.PeerDown));
    }

    [Test]
    public void Poll_OnePacketInTime_StartsTheCountAgain()
    {
        for (int interval = 1; interval <= 20; interval++)
            Assert.That(
                _ticks.Poll(s_quarter * interval, received: interval / 3, sent: 0),
                Is.Not.EqualTo(NetTickDecision.PeerDown),
                $"interval {interval}"
            );
    }

    [Test]
    public void Poll_AfterALongPause_CountsItOnce()
    {
        Assert.That(_ticks.Poll(TimeSpan.FromHours(1), 0, 0), Is.EqualTo(NetTickDecision.SendTick));
        Assert.That(_ticks.Poll(TimeSpan.FromHours(1) + s_quarter / 2, 0, 1), Is.EqualTo(NetTickDecision.None));
    }

    [Test]
    public void Change_ToALongerTime_TicksAtTheOldPaceAndBearsTheNewSilence()
    {
        TickPace pace = TickPace.Between(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(100), intensity: 4);
        Assert.That(pace, Is.EqualTo(new TickPace(s_quarter, 7)), "seven of 15 s are the first that cover 100 s");
        _ticks.Poll(s_quarter, received: 7, sent: 0);
        _ticks.Change(pace, s_quarter);
        for (int interval = 1; interval <= 6; interval++)
            Assert.That(
                _ticks.Poll(s_quarter * (1 + interval), received: 7, sent: 0),
                Is.EqualTo(NetTickDecision.SendTick).Or.EqualTo(NetTickDecision.None)
            );
        Assert.That(_ticks.Poll(s_quarter * 8, received: 7, sent: 0), Is.EqualTo(NetTickDecision.PeerDown));
    }
}
