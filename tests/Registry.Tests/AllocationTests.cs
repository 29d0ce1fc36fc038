namespace CloudScale.Registry.Tests;

/// <summary>What is done for each message must not make garbage.</summary>
public sealed class AllocationTests : RegistryFixture
{
    private const int Times = 1_000;

    [Test]
    public void LookUp_AllocatesNothing()
    {
        Pid one = Idle();
        object name = Tuple.Of((Atom)"cart", 7L);
        Registry.Register(RegistryKey.OfName(name), one);
        Registry.Register(Shop, one);
        Assert.That(Bytes(() => Registry.WhereIs(name)), Is.Zero);
        Assert.That(Bytes(() => Registry.WhereIs(Shop)), Is.Zero);
    }

    [Test]
    public void UpdateCounter_AllocatesNothing()
    {
        Pid one = Idle();
        RegistryKey counter = RegistryKey.OfCounter((Atom)"jobs");
        Registry.Register(counter, one);
        Assert.That(Bytes(() => Registry.UpdateCounter(counter, one, 1)), Is.Zero);
    }

    [Test]
    public void Pick_AllocatesNothing()
    {
        ProcessPool pool = Registry.CreatePool("p", PoolKind.RoundRobin);
        for (long i = 0; i < 4; i++)
        {
            pool.AddWorker(i);
            pool.ConnectWorker(i, Idle());
        }

        Assert.That(Bytes(() => pool.Pick()), Is.Zero);
    }

    private static long Bytes(Action once) =>
        AllocatedBytes.Least(() =>
        {
            for (int i = 0; i < Times; i++)
                once();
        });
}
