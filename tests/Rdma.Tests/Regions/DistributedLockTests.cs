using CloudScale.Interop.Rdma;

namespace CloudScale.Rdma.Tests.Regions;

/// <summary>The lock over memory whose every step a seed chooses, clients that die and clients that are slow among them.</summary>
public sealed class DistributedLockTests
{
    private const int Histories = 1_500;
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(5);

    [Test]
    public void Lock_RandomHistories_HasOneHolderAtATimeAndServesAll()
    {
        foreach (World world in Worlds(Histories))
            world.Run();
    }

    [Test]
    public void Lock_ClientsDie_GoesToTheNext([Values] bool isKnown)
    {
        long passes = 0;
        foreach (World world in Worlds(Histories))
        {
            world.Deaths = 2;
            world.KnowsDeaths = isKnown;
            world.Run();
            passes += world.Died;
        }

        Assert.That(passes, Is.GreaterThan(Histories), "enough have died");
    }

    /// <summary>A holder that hears nothing for longer than its lease is passed over without being dead. What it does then is refused by what the lock guards.</summary>
    [Test]
    public void Lock_HolderIsSlow_IsPassedOverAndRefused()
    {
        long refused = 0;
        foreach (World world in Worlds(Histories))
        {
            world.IsSlow = true;
            world.Run();
            refused += world.Refused;
        }

        Assert.That(refused, Is.GreaterThan(20), "it did happen");
    }

    /// <summary>The check finds a lock that is none: tickets drawn in two steps are drawn twice.</summary>
    [Test]
    public void Check_TicketsDrawnInTwoSteps_AreFound()
    {
        int found = 0;
        foreach (World world in Worlds(300, countsInTwoSteps: true))
        {
            world.IsExpectedToHold = false;
            world.Run();
            found += LockModel.Holds(world.Locks.Calls) ? 0 : 1;
        }

        Assert.That(found, Is.GreaterThan(30));
    }

    [Test]
    public void Guard_LetsNobodyPassAfterALaterOne()
    {
        FencingGuard guard = new();
        Assert.That(guard.TryPass(0), Is.True);
        Assert.That(guard.TryPass(5), Is.True);
        Assert.That(guard.TryPass(5), Is.True);
        Assert.That(guard.TryPass(4), Is.False);
        Assert.That(guard.TryPass(6), Is.True);
    }

    [Test]
    public void Lock_WhereItDoesNotFit_IsRefused()
    {
        IRemoteMemory memory = new SimulatedMemory(new Random(1), DistributedLock.LengthBytes).For(0);
        Assert.That(() => new DistributedLock(memory, 8), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new DistributedLock(memory, -8), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new DistributedLock(memory, 0, new DistributedLockOptions { Owner = 1L << 40 }), Throws.ArgumentException);
        Assert.That(() => new DistributedLock(memory, 0, new DistributedLockOptions { Lease = TimeSpan.Zero }), Throws.ArgumentException);
    }

    private static IEnumerable<World> Worlds(int count, bool countsInTwoSteps = false)
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        for (int i = 0; i < count; i++)
            yield return new World(seed + i, countsInTwoSteps);
    }

    /// <summary>Some clients, one lock, what it guards, and a clock.</summary>
    private sealed class World
    {
        private const int Clients = 4;
        private const int Turns = 3;

        private readonly Random _random;
        private readonly SimulatedMemory _memory;
        private readonly ManualTimeProvider _time = new();
        private readonly bool[] _isDead = new bool[Clients];
        private readonly long[] _sleepsUntil = new long[Clients];
        private readonly long?[] _holding = new long?[Clients]; // tokens
        private readonly long?[] _releasing = new long?[Clients]; // since when
        private readonly FencingGuard _guard = new();
        private readonly string _seed;
        private long _guarded;
        private long _successes;

        internal World(int seed, bool countsInTwoSteps)
        {
            _seed = $"seed {seed}";
            _random = new Random(seed);
            _memory = new SimulatedMemory(_random, DistributedLock.LengthBytes) { CountsInTwoSteps = countsInTwoSteps };
        }

        internal int Deaths { get; set; }

        internal bool KnowsDeaths { get; set; }

        internal bool IsSlow { get; set; }

        internal bool IsExpectedToHold { get; set; } = true;

        internal History<LockCall, bool> Locks { get; } = new();

        internal int Died { get; private set; }

        internal int Refused { get; private set; }

        internal void Run()
        {
            SynchronizationContext? context = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(null); // continuations run where they are brought about
            try
            {
                Task[] clients = [.. Enumerable.Range(0, Clients).Select(RunAsync)];
                for (int step = 0; !Enumerable.Range(0, Clients).All(client => clients[client].IsCompleted || _isDead[client]); step++)
                {
                    Assert.That(step, Is.LessThan(200_000), $"{_seed}: it comes to an end");
                    if (Deaths > 0 && _random.Next(60) == 0)
                        KillOne();
                    if (IsSlow && _random.Next(100) == 0)
                        _sleepsUntil[_random.Next(Clients)] = _time.GetTimestamp() + (s_lease * 2).Ticks;
                    if (_random.Next(20) == 0 || !_memory.Step(client => _sleepsUntil[client] <= _time.GetTimestamp()))
                        _time.Advance(TimeSpan.FromMilliseconds(_random.Next(1, 200)));
                }

                foreach (Task client in clients.Where(client => client.IsFaulted))
                    Assert.Fail($"{_seed}: {client.Exception}");
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(context);
            }

            if (!IsExpectedToHold)
                return;
            if (!IsSlow)
                Assert.That(LockModel.Holds(Locks.Calls), Is.True, _seed);
            Assert.That(_guarded, Is.EqualTo(_successes), $"{_seed}: nothing that was guarded is lost");
        }

        private void KillOne()
        {
            int client = _random.Next(Clients);
            if (_isDead[client])
                return;
            Deaths--;
            Died++;
            _isDead[client] = true;
            _memory.Kill(client);
            if (_holding[client] is { } token)
                Locks.AddUnanswered(client, _releasing[client] ?? Locks.Now(), new LockCall(LockAct.Lost, token)); // he may have given it back before, and not been told
        }

        private async Task RunAsync(int client)
        {
            DistributedLock mutex = new(
                _memory.For(client),
                0,
                new DistributedLockOptions
                {
                    Owner = client + 1,
                    IsAlive = owner => !KnowsDeaths || !_isDead[owner - 1],
                    Lease = s_lease,
                    LookEvery = TimeSpan.FromMilliseconds(10),
                    TimeProvider = _time,
                }
            );
            for (int turn = 0; turn < Turns; turn++)
            {
                long begin = Locks.Now();
                DistributedLockHold hold = await mutex.AcquireAsync();
                _holding[client] = hold.Token;
                Locks.Add(client, begin, new LockCall(LockAct.Acquire, hold.Token), true);
                bool isMine = await UseAsync(client, hold);
                begin = Locks.Now();
                _releasing[client] = begin;
                bool wasMine = await hold.ReleaseAsync();
                _holding[client] = _releasing[client] = null;
                Locks.Add(client, begin, new LockCall(LockAct.Release, hold.Token), wasMine);
                if (!IsSlow && IsExpectedToHold)
                    Assert.That(isMine && wasMine, Is.True, $"{_seed}: nobody takes a lock from the living");
                Assert.That(await hold.ReleaseAsync(), Is.False);
            }
        }

        /// <summary>Counts by reading and writing, which only works for one at a time.</summary>
        private async Task<bool> UseAsync(int client, DistributedLockHold hold)
        {
            if (!Pass(hold))
                return false;
            long before = _guarded;
            for (int i = _random.Next(3); i >= 0; i--)
                if (!await hold.RenewAsync())
                    return Pass(hold); // told by the lock; and the guard may have nobody later yet
            if (!Pass(hold))
                return false;
            _guarded = before + 1;
            _successes++;
            return !_isDead[client];
        }

        private bool Pass(DistributedLockHold hold)
        {
            if (_guard.TryPass(hold.Token))
                return true;
            Refused++;
            return false;
        }
    }
}
