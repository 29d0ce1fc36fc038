using System.Globalization;

namespace CloudScale.Registry.Tests;

/// <summary>Registering, waiting, giving away and dying at the same time, in every order that many seeds bring about.</summary>
[Category("Simulation")]
public sealed class ExplorationTests
{
    private static readonly RegistryKey s_name = RegistryKey.OfName("name");
    private static readonly RegistryKey s_counter = RegistryKey.OfCounter("c");

    private static readonly RegistryKey s_sum = RegistryKey.OfAggregatedCounter("c");

    private static int Schedules =>
        int.TryParse(Environment.GetEnvironmentVariable("CLOUDSCALE_EXPLORE_SCHEDULES"), CultureInfo.InvariantCulture, out int wished)
            ? wished
            : 300;

    private static void Explored(Action<TestSystem, ProcessRegistry, Random> scenario)
    {
        ExploreResult result = Explore.Run(
            test =>
            {
                ProcessRegistry registry = new(test.Processes);
                Pid server = registry.Start();
                test.Settle();
                scenario(test, registry, new Random(SeedOf(test.Schedule)));
                test.Settle();
                foreach (Pid pid in test.Processes.Processes())
                    if (pid != server)
                        test.Processes.Exit(pid, Atoms.Kill);
                test.Settle();
                test.Run(async self => Check(Term.Format(await self.GetState(server)), "{clients,0}", "the registry remembers the dead"));
                Check(registry.All().Count(), 0, "entries of the dead");
            },
            new ExploreOptions { Schedules = Schedules }
        );
        TestContext.Out.WriteLine($"{result.Schedules} schedules from seed {result.Seed}, {result.Steps} steps");
    }

    private static int SeedOf(string schedule)
    {
        uint hash = 2_166_136_261;
        foreach (char c in schedule)
            hash = (hash ^ c) * 16_777_619;
        return (int)hash;
    }

    private static void Check<T>(T actual, T expected, string what)
    {
        if (!Equals(actual, expected))
            throw new InvalidOperationException($"{what}: {actual}, and not {expected}.");
    }

    private static void KillSome(TestSystem test, Random random, IReadOnlyList<Pid> pids)
    {
        foreach (Pid victim in pids)
        {
            if (random.Next(2) == 0)
                continue;
            int waits = random.Next(5);
            test.Spawn(async self =>
            {
                for (int wait = waits; wait > 0; wait--)
                    await self.Yield();
                self.Exit(victim, Atoms.Kill);
            });
        }
    }

    private static async ProcessTask Forever(Self self) => await self.Sleep(Timeout.InfiniteTimeSpan);

    [Test]
    public void Name_ManyRegisterAndDie_OneBearsIt_AndWhoWaitsHearsOfABearer() =>
        Explored(
            (test, registry, random) =>
            {
                HashSet<Pid> bearers = [];
                List<Pid> found = [];
                List<Pid> rivals = [];
                for (int i = 0; i < 4; i++)
                {
                    rivals.Add(
                        test.Spawn(async self =>
                        {
                            while (!registry.TryRegister(s_name, self.Pid))
                                await self.Yield();
                            bearers.Add(self.Pid);
                            Check(registry.WhereIs(s_name), self.Pid, "who bears it");
                            await self.Yield();
                            if (random.Next(2) == 0)
                                Check(registry.Unregister(s_name, self.Pid), true, "it was his");
                        })
                    );
                }

                for (int i = 0; i < 3; i++)
                    test.Spawn(async self => found.Add((await registry.Await(self, s_name)).Pid));
                KillSome(test, random, rivals);
                test.Settle();
                Pid last = test.Spawn(Forever);
                bearers.Add(registry.RegisterOrLocate(s_name, last).Pid);
                test.Settle();
                Check(found.Count, 3, "who waited and heard");
                foreach (Pid pid in found)
                    Check(bearers.Contains(pid), true, $"{pid} was never registered, and was found");
            }
        );

    [Test]
    public void GiveAway_WhileBothMayDie_WhoFollowsKnowsTheTruth() =>
        Explored(
            (test, registry, random) =>
            {
                Pid known = default;
                test.Spawn(async self =>
                {
                    registry.Monitor(self, s_name, RegistryMonitor.Follow);
                    known = registry.WhereIs(s_name); // nothing comes between the two
                    while (true)
                        known = (await self.Receive<RegistryChange>()).To;
                });
                Pid[] players = [.. Enumerable.Range(0, 4).Select(_ => test.Spawn(Forever))];
                registry.Register(s_name, players[0], 7L);
                for (int i = 0; i < 3; i++)
                {
                    test.Spawn(async self =>
                    {
                        for (int turn = 0; turn < 3; turn++)
                        {
                            Pid bearer = registry.WhereIs(s_name);
                            Pid to = players[random.Next(players.Length)];
                            await self.Yield();
                            try
                            {
                                if (bearer.IsNone)
                                    registry.TryRegister(s_name, to, 7L);
                                else
                                    registry.GiveAway(s_name, bearer, to);
                            }
                            catch (ArgumentException) { } // it is another's meanwhile
                        }
                    });
                }

                KillSome(test, random, players);
                test.Settle();
                Check(known, registry.WhereIs(s_name), "what the follower believes");
                if (registry.TryGet(s_name, out RegistryEntry entry))
                    Check(Term.AreEqual(entry.Value, 7L), true, "the value went along");
            }
        );

    [Test]
    public void Standby_BearersDie_AsLongAsOneStandsBy_TheNameIsBorne_WithItsValue() =>
        Explored(
            (test, registry, random) =>
            {
                Pid first = test.Spawn(Forever);
                registry.Register(s_name, first, 7L);
                List<Pid> standbys = [];
                Dictionary<Pid, int> takeovers = [];
                for (int i = 0; i < 4; i++)
                {
                    Pid standby = test.Spawn(async self =>
                    {
                        registry.Monitor(self, s_name, RegistryMonitor.Standby);
                        while (true)
                        {
                            RegistryChange change = await self.Receive<RegistryChange>();
                            if (change.To == self.Pid)
                                takeovers[self.Pid] = takeovers.GetValueOrDefault(self.Pid) + 1;
                        }
                    });
                    standbys.Add(standby);
                }

                test.Settle();
                KillSome(test, random, [first, .. standbys]);
                bool WillBeBorne() => test.Processes.IsAlive(first) || standbys.Exists(test.Processes.IsAlive);
                test.Invariant(
                    "a name for which somebody stands by is borne",
                    () => !WillBeBorne() || test.Processes.IsAlive(registry.WhereIs(s_name))
                );
                test.Settle();
                if (WillBeBorne())
                    Check(Term.AreEqual(registry.GetValue(s_name), 7L), true, "the value is inherited");
                Check(takeovers.Values.All(times => times == 1), true, "each takes over once");
            }
        );

    [Test]
    public void Counters_UpdatedGivenAwayAndLost_TheSumIsThatOfTheLiving() =>
        Explored(
            (test, registry, random) =>
            {
                Pid bearer = test.Spawn(Forever);
                registry.Register(s_sum, bearer);
                Pid[] owners = [.. Enumerable.Range(0, 4).Select(_ => test.Spawn(Forever))];
                Dictionary<Pid, long> model = [];
                foreach (Pid owner in owners[..3])
                {
                    registry.Register(s_counter, owner, 1L);
                    model[owner] = 1;
                }

                for (int i = 0; i < 3; i++)
                {
                    test.Spawn(async self =>
                    {
                        for (int turn = 0; turn < 4; turn++)
                        {
                            Pid one = owners[random.Next(owners.Length)];
                            Pid other = owners[random.Next(owners.Length)];
                            try
                            {
                                if (random.Next(2) == 0)
                                    model[one] = registry.UpdateCounter(s_counter, one, 3);
                                else if (registry.GiveAway(s_counter, one, other) == other && one != other)
                                    model[other] = model[one];
                            }
                            catch (ArgumentException) { } // dead, or without a counter now
                            await self.Yield();
                        }
                    });
                }

                KillSome(test, random, owners);
                test.Invariant(
                    "the sum is that of the counters of the living",
                    () =>
                        !registry.TryGet(s_sum, out RegistryEntry sum)
                        || Term.AreEqual(sum.Value, registry.Entries(s_counter).Sum(entry => (long)entry.Value))
                );
                test.Settle();
                foreach (RegistryEntry entry in registry.Entries(s_counter))
                    Check((long)entry.Value, model[entry.Pid], $"the counter of {entry.Pid}");
            }
        );

    [Test]
    public void Claims_OfSomeWhoDie_AreExclusive_AndNobodyWaitsInVain() =>
        Explored(
            (test, registry, random) =>
            {
                ProcessPool pool = registry.CreatePool("pool", PoolKind.Claim);
                for (long i = 0; i < 2; i++)
                {
                    pool.AddWorker(i);
                    pool.ConnectWorker(i, test.Spawn(Forever));
                }

                Dictionary<int, Pid> held = [];
                List<Pid> claimers = [];
                int done = 0;
                for (int i = 0; i < 5; i++)
                {
                    TimeSpan patience = random.Next(3) == 0 ? TimeSpan.FromMilliseconds(1) : Timeout.InfiniteTimeSpan;
                    claimers.Add(
                        test.Spawn(async self =>
                        {
                            using PoolClaim? claim = await pool.TryClaim(self, patience);
                            if (claim is not null)
                            {
                                int place = claim.Worker.Position;
                                if (held.TryGetValue(place, out Pid other) && test.Processes.IsAlive(other))
                                    throw new InvalidOperationException($"{other} and {self.Pid} have the same worker.");
                                held[place] = self.Pid;
                                await self.Yield();
                                await self.Yield();
                                held.Remove(place);
                            }

                            done++;
                        })
                    );
                }

                KillSome(test, random, claimers);
                test.Advance(TimeSpan.FromMilliseconds(10));
                Check(claimers.Exists(test.Processes.IsAlive), false, "somebody waits in vain");
            }
        );
}
