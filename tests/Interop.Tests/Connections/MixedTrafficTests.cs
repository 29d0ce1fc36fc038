using CloudScale.Interop.Connections;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>When the kernel's queues are kept short: while short messages come beside long ones, and a moment longer.</summary>
public sealed class MixedTrafficTests
{
    [Test]
    public void OnShort_AgainAndAgain_IsNewsOnce()
    {
        MixedTraffic traffic = default;
        Assert.That(traffic.OnShort(0));
        Assert.That(traffic.OnShort(10), Is.False);
        Assert.That(traffic.OnShort(1_000), Is.False);
    }

    [Test]
    public void OnLong_WhenTheLastShortOneIsLongAgo_IsNewsOnce()
    {
        MixedTraffic traffic = default;
        Assert.That(traffic.OnLong(0), Is.False, "there was none");
        traffic.OnShort(0);
        Assert.That(traffic.OnLong(99), Is.False);
        traffic.OnShort(90);
        Assert.That(traffic.OnLong(189), Is.False);
        Assert.That(traffic.OnLong(190));
        Assert.That(traffic.OnLong(500), Is.False);
        Assert.That(traffic.OnShort(501), "begins anew");
    }
}
