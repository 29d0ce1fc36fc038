namespace CloudScale.Registry.Tests;

public sealed class PoolTests : RegistryFixture
{
    private (ProcessPool Pool, Pid[] Workers) Made(PoolKind kind, int workers = 3)
    {
        ProcessPool pool = Registry.CreatePool("pool", kind, new PoolOptions { Seed = 5 });
        Pid[] pids = new Pid[workers];
        for (int i = 0; i < workers; i++)
        {
            pool.AddWorker((long)i);
            pool.ConnectWorker((long)i, pids[i] = Idle());
        }

        return (pool, pids);
    }

    [Test]
    public void RoundRobin_GoesRound_AndPassesOverTheDead()
    {
        (ProcessPool pool, Pid[] workers) = Made(PoolKind.RoundRobin);
        Assert.That(Picks(4), Is.EqualTo([workers[0], workers[1], workers[2], workers[0]]));
        KillUnheard(workers[2]);
        Assert.That(Picks(3), Is.EqualTo([workers[1], workers[0], workers[0]]));
        Pid next = Idle();
        Assert.That(pool.ConnectWorker(2L, next), "the place of a dead one is free");
        Assert.That(Picks(3), Does.Contain(next));
        pool.Randomize();
        Assert.That(Picks(3), Is.EquivalentTo([workers[0], workers[1], next]));

        Pid[] Picks(int count) => [.. Enumerable.Range(0, count).Select(_ => pool.Pick())];
    }

    [Test]
    public void Random_PicksEveryWorker()
    {
        (ProcessPool pool, Pid[] workers) = Made(PoolKind.Random);
        int[] counts = [.. workers.Select(worker => Enumerable.Range(0, 900).Count(_ => pool.Pick() == worker))];
        Assert.That(counts, Has.All.GreaterThan(200));
    }

    [Test]
    public void Hash_SameTerm_SameWorker_AndAllAreUsed()
    {
        (ProcessPool pool, Pid[] workers) = Made(PoolKind.Hash);
        Pid first = pool.Pick("key");
        Assert.That(pool.Pick("key"), Is.EqualTo(first));
        Assert.That(Enumerable.Range(0, 100).Select(i => pool.Pick(Tuple.Of((long)i))).Distinct(), Is.EquivalentTo(workers));
        Assert.That(() => pool.Pick(), Throws.InvalidOperationException);
    }

    [Test]
    public void Direct_PicksAPlace_OrNobody()
    {
        (ProcessPool pool, Pid[] workers) = Made(PoolKind.Direct);
        Assert.That(pool.Pick(2), Is.EqualTo(workers[1]));
        Assert.That(pool.Pick(4L), Is.EqualTo(workers[0]), "beyond the last it goes round");
        pool.DisconnectWorker(1L);
        Assert.That(pool.Pick(2L).IsNone);
        Assert.That(() => pool.Pick(0L), Throws.ArgumentException);
    }

    [Test]
    public void Workers_AreAddedConnectedCountedAndRemoved()
    {
        ProcessPool pool = Registry.CreatePool("p", PoolKind.RoundRobin, new PoolOptions { Size = 2 });
        Assert.That(pool.Pick().IsNone);
        Assert.That(pool.AddWorker("a"), Is.EqualTo(1));
        Assert.That(() => pool.AddWorker("a"), Throws.ArgumentException);
        Assert.That(() => pool.AddWorker("b", 1), Throws.ArgumentException);
        pool.AddWorker("b", 2);
        Assert.That(() => pool.AddWorker("c"), Throws.InvalidOperationException, "it has two places");
        Pid one = Idle();
        Assert.That(pool.ConnectWorker("a", one));
        Assert.That(pool.ConnectWorker("a", Idle()), Is.False);
        Assert.That(() => pool.ConnectWorker("z", one), Throws.ArgumentException);
        pool.Log("a");
        Assert.That(pool.Log("a"), Is.EqualTo(2));

        Assert.Multiple(() =>
        {
            Assert.That(pool.WhereIsWorker("a"), Is.EqualTo(one));
            Assert.That(Text(pool.WorkerKey("a")), Is.EqualTo("{n,l,[gproc_pool,<<\"p\">>,1,<<\"a\">>]}"));
            Assert.That(pool.ActiveWorkers, Is.EqualTo([new PoolWorker("a", 1, one, 2)]));
            Assert.That(pool.Workers, Has.Count.EqualTo(2));
            Assert.That(() => Registry.CreatePool("p", PoolKind.Hash), Throws.ArgumentException);
            Assert.That(() => Registry.DeletePool("p"), Throws.InvalidOperationException);
        });
        Assert.That(pool.RemoveWorker("a"));
        Assert.That(pool.RemoveWorker("a"), Is.False);
        Assert.That(pool.WhereIsWorker("a").IsNone);
        Assert.That(Registry.EntriesOf(one), Is.Empty);
        Assert.That(Registry.DeletePool("p", force: true));
        Assert.That(Registry.FindPool("p"), Is.Null);
    }

    [Test]
    public void Claim_IsExclusive_AndIsGivenBack()
    {
        (ProcessPool pool, Pid[] workers) = Made(PoolKind.Claim, 1);
        string told = Run(async self =>
        {
            using PoolClaim? first = await pool.TryClaim(self);
            PoolClaim? second = await pool.TryClaim(self);
            first!.Dispose();
            using PoolClaim? third = await pool.TryClaim(self);
            return $"{first.Worker.Pid == workers[0]} {second is null} {third is not null}";
        });
        Assert.That(told, Is.EqualTo("True True True"));
        Assert.That(Run(async self => await pool.TryClaim(self) is not null), "the claim before ended with its process");
        Assert.That(() => pool.Pick(), Throws.InvalidOperationException);
    }

    [Test]
    public void Claim_Waits_ForWhoeverGivesBack_DiesOrConnects_InTheOrderOfComing()
    {
        (ProcessPool pool, _) = Made(PoolKind.Claim, 1);
        List<string> told = [];
        Pid holder = Stay(async self => await pool.TryClaim(self));
        Claimer("first", TimeSpan.FromSeconds(10));
        Claimer("impatient", TimeSpan.FromSeconds(1));
        Pid second = Claimer("second", TimeSpan.FromSeconds(10));
        Claimer("third", TimeSpan.FromSeconds(10));
        Test.Advance(TimeSpan.FromSeconds(2));
        Assert.That(told, Is.EqualTo(["impatient: none"]));
        Kill(holder);
        Test.Advance(TimeSpan.FromSeconds(1));
        Assert.That(told, Is.EqualTo(["impatient: none", "first: 0"]));
        Kill(second);
        pool.AddWorker(1L);
        pool.ConnectWorker(1L, Idle());
        Test.Settle();
        Assert.That(told, Is.EqualTo(["impatient: none", "first: 0", "third: 1"]));

        Pid Claimer(string name, TimeSpan patience) =>
            Stay(async self =>
            {
                PoolClaim? claim = await pool.TryClaim(self, patience);
                told.Add($"{name}: {(claim is null ? "none" : Text(claim.Worker.Name))}");
            });
    }
}
