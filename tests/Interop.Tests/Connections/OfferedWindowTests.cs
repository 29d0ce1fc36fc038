using CloudScale.Interop.Connections;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>What a window says of what was not read.</summary>
public sealed class OfferedWindowTests
{
    private const int Wide = 8 << 20;
    private const int Full = Wide - OfferedWindow.MaxUnreadBytes - 1;

    [Test]
    public void IsFull_WindowOfAKernelThatDoesNotAdapt_Never()
    {
        OfferedWindow window = default;
        for (long now = 0; now < 100; now++)
            Assert.That(window.IsFull(now % 2 == 0 ? 400_000 : 0, now), Is.False);
    }

    [Test]
    public void IsFull_FromWhatTheWidestTellsOnIsUnread()
    {
        OfferedWindow window = default;
        Assert.That(window.IsFull(Full, 0), Is.False, "all that is known");
        Assert.That(window.IsFull(Wide, 1), Is.False);
        Assert.That(window.IsFull(Full + 1, 2), Is.False);
        Assert.That(window.IsFull(Full, 3));
        Assert.That(window.IsFull(Full + 1, 4), Is.False);
    }

    [Test]
    public void IsFull_WhileItGrows_ForAsLongAsItTakes()
    {
        OfferedWindow window = default;
        window.IsFull(Wide, 0);
        for (int i = 0; i < 100; i++)
            Assert.That(window.IsFull(i, i * (OfferedWindow.PatienceMs - 1)));
    }

    [Test]
    public void IsFull_DoesNotGrow_IsTheNewMeasureOnce()
    {
        OfferedWindow window = default;
        window.IsFull(Wide, 0);
        Assert.That(window.IsFull(1_000, 10));
        Assert.That(window.IsFull(900, 9 + OfferedWindow.PatienceMs));
        Assert.That(window.IsFull(900, 10 + OfferedWindow.PatienceMs), Is.False);
        Assert.That(window.IsFull(0, 11 + OfferedWindow.PatienceMs), Is.False, "900 is the widest");
        window.IsFull(Wide, 100);
        Assert.That(window.IsFull(Full, 101), "and it is again what it was");
    }
}
