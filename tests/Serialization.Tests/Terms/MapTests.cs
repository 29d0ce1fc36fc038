namespace CloudScale.Serialization.Tests;

public sealed class MapTests
{
    [Test]
    public void With_RandomKeysAndRemovals_AgreesWithADictionary()
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        Map map = Map.Empty;
        Dictionary<long, long> model = [];
        for (int step = 0; step < 2_000; step++)
        {
            long key = random.Next(60);
            if (random.Next(3) == 0)
            {
                map = map.Without(key);
                model.Remove(key);
            }
            else
            {
                map = map.With(key, (long)step);
                model[key] = step;
            }

            Assert.That(map.Count, Is.EqualTo(model.Count), $"seed {seed}, step {step}");
            for (long probe = 0; probe < 60; probe += 7)
            {
                bool found = map.TryGetValue((int)probe, out object? value);
                Assert.That(found, Is.EqualTo(model.TryGetValue(probe, out long expected)), $"seed {seed}, step {step}");
                if (found)
                    Assert.That(value, Is.EqualTo(expected), $"seed {seed}, step {step}");
            }
        }
    }

    [TestCase(1)]
    [TestCase(8)]
    [TestCase(9)]
    [TestCase(1000)]
    public void Of_AnyNumberOfEntries_KeepsTheirOrderAndFindsEach(int count)
    {
        Map map = Map.Of([.. Enumerable.Range(0, count).Select(i => ((object)Tuple.Of(count - i), (object)i))]);
        Assert.That(map.Values, Is.EqualTo(Enumerable.Range(0, count)));
        Assert.That(map.Select(entry => entry.Key), Is.EqualTo(map.Keys));
        for (int i = 0; i < count; i++)
            Assert.That(map[Tuple.Of((long)(count - i))], Is.EqualTo(i));
        Assert.That(map.ContainsKey(Tuple.Of(0)), Is.False);
        Assert.That(() => map[Tuple.Of(0)], Throws.InstanceOf<KeyNotFoundException>().With.Message.Contains("{0}"));
    }

    [TestCase(2)]
    [TestCase(100)]
    public void Of_TwoEqualKeys_IsRefused(int count)
    {
        (object, object)[] entries = [.. Enumerable.Range(0, count).Select(i => ((object)(long)i, (object)i))];
        entries[^1] = ((byte)0, "again");
        Assert.That(() => Map.Of(entries), Throws.ArgumentException.With.Message.Contains("equal"));
        entries[^1] = (0.0, "a float is another key");
        Assert.That(Map.Of(entries).Count, Is.EqualTo(count));
    }

    [Test]
    public void Equals_OtherOrderOfEntries_IsTrue()
    {
        Map one = [new("a", 1), new(Atoms.Ok, 2), new(3, 4)];
        Map other = [new(3, 4), new(Atoms.Ok, 2), new("a", 1)];
        Assert.That(one, Is.EqualTo(other));
        Assert.That(one.GetHashCode(), Is.EqualTo(other.GetHashCode()));
        Assert.That(Term.Compare(one, other), Is.Zero);
        Assert.That(one.With("a", 2), Is.Not.EqualTo(other));
    }

    [Test]
    public void ManyKeys_ThatFallIntoOneBucket_AreFoundByOrder()
    {
        const int Count = 512;
        List<long> keys = [];
        for (long candidate = 0; keys.Count < Count; candidate++)
            if ((Term.Hash(candidate) & (Count - 1)) == 0)
                keys.Add(candidate);
        (object, object)[] entries = [.. keys.Select(key => ((object)key, (object)(key + 1)))];

        Map map = Map.Of(entries);
        foreach (long key in keys)
            Assert.That(map[key], Is.EqualTo(key + 1));
        Assert.That(map.ContainsKey(-1), Is.False);
        Map reversed = Map.Of([.. entries.Reverse()]);
        Assert.That(map, Is.EqualTo(reversed));
        Assert.That(map, Is.Not.EqualTo(reversed.With(keys[5], 0)));
        Assert.That(() => Map.Of([.. entries[..^1], entries[0]]), Throws.ArgumentException);
    }

    [Test]
    public void KeysOfOneHash_InMapsOfAnySize_AreToldApart()
    {
        (long one, long other) = Collision();
        Map small = Map.Of((one, 1), (other, 2));
        Map swapped = Map.Of((other, 2), (one, 1));
        Assert.That(small[one], Is.EqualTo(1));
        Assert.That(small[other], Is.EqualTo(2));
        Assert.That(small, Is.EqualTo(swapped));
        Assert.That(small, Is.Not.EqualTo(Map.Of((other, 1), (one, 2))));

        Map large = small;
        Map largeSwapped = swapped;
        for (int i = 0; i < 20; i++)
        {
            large = large.With((double)i, i);
            largeSwapped = largeSwapped.With((double)(19 - i), 19 - i);
        }

        Assert.That(large[other], Is.EqualTo(2));
        Assert.That(large, Is.EqualTo(largeSwapped));
        Assert.That(large.Without(one).ContainsKey(one), Is.False);
    }

    private static (long One, long Other) Collision()
    {
        Dictionary<int, long> seen = [];
        for (long candidate = 0; ; candidate++) // about 80,000 tries
            if (!seen.TryAdd(Term.Hash(candidate), candidate))
                return (seen[Term.Hash(candidate)], candidate);
    }
}
