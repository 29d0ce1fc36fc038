using CloudScale.Scheduling;
using static CloudScale.Scheduler.Tests.Ets.EtsSystem;

namespace CloudScale.Scheduler.Tests.Ets;

/// <summary>Random operations beside a simple twin, for each type of table and for the cores with keys that collide.</summary>
public sealed class EtsModelTests
{
    private const int Steps = 5_000;
    private const int Keys = 200;

    [Test]
    public void Table_RandomOperations_BehavesAsItsTwin([Values] EtsType type)
    {
        int seed = Seed();
        Random random = new(seed);
        EtsTable table = Table(type);
        SortedDictionary<long, List<Tuple>> twin = [];
        bool isBag = type is EtsType.Bag or EtsType.DuplicateBag;
        for (int step = 0; step < Steps; step++)
        {
            long key = random.Next(Keys);
            string at = $"seed {seed}, step {step}, key {key}";
            switch (random.Next(10))
            {
                case 0 or 1 or 2:
                    Tuple row = T(key, (long)random.Next(4));
                    table.Insert(row);
                    Insert(twin, type, row);
                    break;
                case 3:
                    Tuple[] rows = [T(key, 1L), T((long)random.Next(Keys), 2L), T((long)random.Next(Keys), 3L)];
                    table.Insert(rows);
                    foreach (Tuple each in rows)
                        Insert(twin, type, each);
                    break;
                case 4:
                    Assert.That(table.InsertNew(T(key, 9L)), Is.EqualTo(!twin.ContainsKey(key)), at);
                    if (!twin.ContainsKey(key))
                        Insert(twin, type, T(key, 9L));
                    break;
                case 5:
                    table.Delete(key);
                    twin.Remove(key);
                    break;
                case 6:
                    Tuple gone = T(key, (long)random.Next(4));
                    table.DeleteObject(gone);
                    if (twin.TryGetValue(key, out List<Tuple>? all) && all.RemoveAll(gone.Equals) > 0 && all.Count == 0)
                        twin.Remove(key);
                    break;
                case 7 when !isBag:
                    if (!twin.TryGetValue(key, out List<Tuple>? counted))
                        break;
                    long sum = (long)counted[0][1] + 3;
                    Assert.That(table.UpdateCounter(key, 3), Is.EqualTo(sum), at);
                    counted[0] = T(key, sum);
                    break;
                case 8:
                    Assert.That(table.Take(key), Is.EqualTo(twin.GetValueOrDefault(key) ?? []), at);
                    twin.Remove(key);
                    break;
                default:
                    Assert.That(table.Lookup(key), Is.EqualTo(twin.GetValueOrDefault(key) ?? []), at);
                    Assert.That(table.Member(key), Is.EqualTo(twin.ContainsKey(key)), at);
                    break;
            }

            if (step % 500 != 0)
                continue;
            Assert.That(table.Size, Is.EqualTo(twin.Values.Sum(all => all.Count)), at);
            IEnumerable<Tuple> expected = twin.Values.SelectMany(all => all);
            Assert.That(table.ToList(), type == EtsType.OrderedSet ? Is.EqualTo(expected) : Is.EquivalentTo(expected), at);
        }
    }

    [Test]
    public void OrderedSet_RandomNeighbours_AreThoseOfASortedSet()
    {
        int seed = Seed();
        Random random = new(seed);
        EtsTable table = Table(EtsType.OrderedSet);
        SortedSet<long> twin = [];
        for (int step = 0; step < Steps; step++)
        {
            long key = random.Next(1000);
            if (random.Next(2) == 0)
            {
                table.Insert(T(key));
                twin.Add(key);
            }
            else
            {
                table.Delete(key);
                twin.Remove(key);
            }

            long from = random.Next(1000);
            SortedSet<long> behind = twin.GetViewBetween(from + 1, long.MaxValue);
            SortedSet<long> before = twin.GetViewBetween(long.MinValue, from - 1);
            Assert.That(table.Next(from), Is.EqualTo(behind.Count == 0 ? null : (object)behind.Min), $"seed {seed}, step {step}");
            Assert.That(table.Prev(from), Is.EqualTo(before.Count == 0 ? null : (object)before.Max), $"seed {seed}, step {step}");
        }
    }

    [Test]
    public void HashCore_KeysThatCollide_AreKeptApartAndWalkedOnce()
    {
        int seed = Seed();
        Random random = new(seed);
        HashCore<int, Colliding> core = new();
        HashSet<int> twin = [];
        for (int step = 0; step < Steps; step++)
        {
            int key = random.Next(300);
            Slot<int>? slot = core.Find(key);
            Assert.That(slot is not null, Is.EqualTo(twin.Contains(key)), $"seed {seed}, step {step}");
            if (slot is null)
            {
                core.GetOrAdd(key, "row", out bool added);
                Assert.That(added, Is.True);
                twin.Add(key);
            }
            else if (random.Next(3) == 0)
            {
                slot.TryReplace(slot.State, Slot.Dead);
                core.Remove(slot);
                core.Remove(slot); // several may help
                twin.Remove(key);
            }
        }

        Assert.That(core.Count, Is.EqualTo(twin.Count));
        Assert.That(Walked(core.WalkAll()), Is.EquivalentTo(twin));
        List<int> order = Walked(core.WalkAll());
        for (int i = 0; i < order.Count; i++)
            Assert.That(Walked(core.WalkAfter(order[i])), Is.EqualTo(order[(i + 1)..]), $"seed {seed}, behind {order[i]}");
    }

    private static List<int> Walked(Walk<int> walk)
    {
        List<int> keys = [];
        List<Slot<int>> batch = [];
        while (true)
        {
            batch.Clear();
            walk.Next(batch);
            if (batch.Count == 0)
                return keys;
            keys.AddRange(batch.Select(slot => slot.Key));
        }
    }

    private static void Insert(SortedDictionary<long, List<Tuple>> twin, EtsType type, Tuple row)
    {
        long key = (long)row[0];
        if (!twin.TryGetValue(key, out List<Tuple>? rows) || type is EtsType.Set or EtsType.OrderedSet)
            twin[key] = [row];
        else if (type == EtsType.DuplicateBag || !rows.Contains(row))
            rows.Add(row);
    }

    /// <summary>Seven hashes for all keys, spread over the range.</summary>
    private readonly struct Colliding : IKeyOperations<int>
    {
        public static uint Hash(in int key) => (uint)(key % 7) * 0x2492_4924u;

        public static bool AreEqual(in int left, in int right) => left == right;

        public static int Compare(in int left, in int right) => left.CompareTo(right);
    }
}
