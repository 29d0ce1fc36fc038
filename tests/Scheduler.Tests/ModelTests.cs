using CloudScale.Scheduling;

namespace CloudScale.Scheduler.Tests;

/// <summary>Each building block beside a simple twin: random operations, printed seed.</summary>
public sealed partial class ModelTests
{
    private static Random Seeded(out int seed)
    {
        seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        return new Random(seed);
    }

    [Test]
    [Repeat(20)]
    public void Mailbox_RandomOperations_MatchesAQueue()
    {
        Random random = Seeded(out int seed);
        Mailbox mailbox = new();
        Queue<long> arrived = new(); // in the chain
        List<long> queue = []; // in the private queue
        bool owned = true;
        long next = 0;
        for (int step = 0; step < 5_000; step++)
        {
            string where = $"seed {seed}, step {step}";
            switch (random.Next(7))
            {
                case 6:
                    next++;
                    bool wasOwned = owned;
                    Assert.That(mailbox.PostSignal(new NumberedSignal(-next)), Is.EqualTo(wasOwned ? Posted.Queued : Posted.Wake), where);
                    arrived.Enqueue(-next);
                    owned = true;
                    break;
                case 0 or 1:
                    Posted posted = mailbox.PostMessage(new Envelope(next));
                    Assert.That(posted, Is.EqualTo(owned ? Posted.Queued : Posted.Wake), where);
                    if (owned)
                        arrived.Enqueue(next);
                    else
                        queue.Add(next);
                    next++;
                    owned = true;
                    break;
                case 2 when owned:
                    bool signals = arrived.Any(number => number < 0);
                    Envelope? envelope = mailbox.TakeArrivals();
                    Assert.That(envelope is not null, Is.EqualTo(signals), where);
                    while (envelope is not null)
                    {
                        Envelope? following = envelope.Next;
                        long number = arrived.Dequeue();
                        Assert.That(envelope.Bits, Is.EqualTo(number), where);
                        Assert.That(envelope.IsMessage, Is.EqualTo(number >= 0), where);
                        if (envelope.IsMessage)
                        {
                            queue.Add(number);
                            mailbox.Append(envelope);
                        }

                        envelope = following;
                    }

                    queue.AddRange(arrived);
                    arrived.Clear();
                    break;
                case 3 when owned:
                    Envelope? oldest = mailbox.Dequeue();
                    Assert.That(oldest?.Bits, Is.EqualTo(queue.Count > 0 ? queue[0] : null), where);
                    Assert.That(oldest is null || mailbox.IsConsumed(oldest), where);
                    if (queue.Count > 0)
                        queue.RemoveAt(0);
                    break;
                case 4 when owned && queue.Count > 0:
                    int at = random.Next(queue.Count);
                    Envelope? previous = null;
                    Envelope victim = mailbox.Head!;
                    for (int i = 0; i < at; i++)
                        (previous, victim) = (victim, victim.Next!);
                    mailbox.Unlink(previous, victim);
                    Assert.That(victim.Bits, Is.EqualTo(queue[at]), where);
                    queue.RemoveAt(at);
                    break;
                case 5 when owned:
                    bool parked = mailbox.TryPark();
                    Assert.That(parked, Is.EqualTo(arrived.Count == 0), where);
                    owned = !parked;
                    break;
            }

            if (owned)
                Assert.That(mailbox.Count, Is.EqualTo(queue.Count), where);
            Assert.That(mailbox.CountArrivals(int.MaxValue), Is.EqualTo(arrived.Count), where);
            Assert.That(mailbox.Tail?.Bits, Is.EqualTo(queue.Count > 0 ? queue[^1] : null), where);
        }

        mailbox.Close();
        Assert.That(mailbox.PostMessage(new Envelope(1L)), Is.EqualTo(Posted.Dead));
    }

    [Test]
    public void Mailbox_ManySenders_OwnershipIsNeverSharedAndNothingIsLost()
    {
        const int senders = 4;
        const int each = 200_000;
        Box box = new();
        Assert.That(box.Mailbox.TryPark());
        int owners = 0;
        long[] last = new long[senders];
        long received = 0;

        void Own()
        {
            while (true)
            {
                Assert.That(Interlocked.Increment(ref owners), Is.EqualTo(1), "one owner at a time");
                Assert.That(box.Mailbox.TakeArrivals(), Is.Null, "all are messages");

                while (box.Mailbox.Dequeue() is { } envelope)
                {
                    long sender = envelope.Bits >> 32;
                    long number = envelope.Bits & uint.MaxValue;
                    Assert.That(number, Is.EqualTo(++last[sender]), "in the order sent");
                    received++;
                }

                Interlocked.Decrement(ref owners);
                if (box.Mailbox.TryPark())
                    return;
            }
        }

        Thread[] threads =
        [
            .. Enumerable
                .Range(0, senders)
                .Select(sender => new Thread(() =>
                {
                    for (long i = 1; i <= each; i++)
                    {
                        if (box.Mailbox.PostMessage(new Envelope(((long)sender << 32) | i)) == Posted.Wake)
                            Own();
                    }
                })),
        ];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.That(received, Is.EqualTo((long)senders * each));
    }

    [Test]
    [Repeat(20)]
    public void RunQueue_RandomOperations_MatchesAQueue()
    {
        Random random = Seeded(out int seed);
        using ProcessSystem system = new(new ProcessSystemOptions { Stepped = true, Schedulers = 1 });
        RunQueue queue = new();
        Queue<Process> model = new();
        ulong next = 1;
        for (int step = 0; step < 3_000; step++)
        {
            string where = $"seed {seed}, step {step}";
            int action = random.Next(10);
            if (action < 5)
            {
                Process process = new(system, next++, new object(), 0);
                bool pushed = queue.TryPush(process);
                Assert.That(pushed, Is.EqualTo(model.Count < RunQueue.Capacity), where);
                if (pushed)
                    model.Enqueue(process);
            }
            else if (action < 9)
            {
                object? process = queue.TryPop();
                Assert.That(process, Is.SameAs(model.TryDequeue(out Process? expected) ? expected : null), where);
            }
            else
            {
                RunQueue thief = new();
                int before = model.Count;
                object? first = queue.StealInto(thief);
                Assert.That(first, Is.SameAs(model.TryDequeue(out Process? expected) ? expected : null), where);
                int taken = before - (before / 2);
                for (int i = 1; i < taken; i++)
                    Assert.That(thief.TryPop(), Is.SameAs(model.Dequeue()), where);
                Assert.That(thief.IsEmpty, where);
            }

            Assert.That(queue.Count, Is.EqualTo(model.Count), where);
        }
    }

    [Test]
    public void RunQueue_OwnerAndThieves_EachProcessComesOutOnce()
    {
        const int total = 300_000;
        using ProcessSystem system = new(new ProcessSystemOptions { Stepped = true, Schedulers = 1 });
        RunQueue queue = new();
        int[] seen = new int[total + 1];
        bool done = false;

        void Take(object? runnable)
        {
            if (runnable is Process process)
                Interlocked.Increment(ref seen[process.Number]);
        }

        Thread[] thieves =
        [
            .. Enumerable
                .Range(0, 3)
                .Select(_ => new Thread(() =>
                {
                    RunQueue own = new();
                    while (!Volatile.Read(ref done) || !queue.IsEmpty)
                    {
                        Take(queue.StealInto(own));
                        while (own.TryPop() is { } process)
                            Take(process);
                    }
                })),
        ];
        foreach (Thread thief in thieves)
            thief.Start();
        for (ulong i = 1; i <= total; i++)
        {
            Process process = new(system, i, new object(), 0);
            while (!queue.TryPush(process))
                Take(queue.TryPop());
        }

        Volatile.Write(ref done, true);
        foreach (Thread thief in thieves)
            thief.Join();
        Take(queue.TryPop());
        Assert.That(seen.Skip(1), Has.All.EqualTo(1));
    }

    [Test]
    [Repeat(20)]
    public void Wheel_RandomTimers_FireInTheirTickAndNeverEarly()
    {
        Random random = Seeded(out int seed);
        long now = random.NextInt64(1, 1L << 40);
        TimerWheel wheel = new(null!, now);
        Dictionary<Probe, long> model = [];
        List<(Probe Probe, long At)> fired = [];
        for (int step = 0; step < 4_000; step++)
        {
            string where = $"seed {seed}, step {step}";
            int action = random.Next(10);
            if (action < 5)
            {
                Probe probe = new(fired);
                long delay = random.NextInt64(1, 1L << random.Next(1, 36)); // beyond the top level too
                if (random.Next(3) > 0)
                    wheel.Add(probe, now + delay);
                else
                    wheel.PostAdd(probe, now + delay);
                model.Add(probe, now + delay);
                for (int others = step % 2_000 == 1_000 ? 600 : 0; others > 0; others--) // a crowd, which moves down in lots
                {
                    probe = new(fired);
                    wheel.Add(probe, now + delay + others);
                    model.Add(probe, now + delay + others);
                }
            }
            else if (action < 6 && model.Count > 0)
            {
                Probe probe = model.Keys.ElementAt(random.Next(model.Count));
                probe.Wanted = false;
                if (random.Next(2) == 0)
                    wheel.Remove(probe);
                else
                    wheel.PostRemove(probe);
                wheel.Remove(probe); // the second time it is nothing
                Assert.That(probe.Slot, Is.Zero, where);
                model.Remove(probe);
            }
            else
            {
                Assert.That(wheel.NextDue, Is.LessThanOrEqualTo(model.Count == 0 ? long.MaxValue : model.Values.Min()), where);
                now += random.NextInt64(0, 1L << random.Next(1, 34));
                fired.Clear();
                wheel.Advance(now);
                List<Probe> due = [.. model.Where(entry => entry.Value <= now).Select(entry => entry.Key)];
                Assert.That(fired.Select(entry => entry.Probe), Is.EquivalentTo(due), where);
                foreach (Probe probe in due)
                    model.Remove(probe);
            }

            if (action >= 6)
                Assert.That(wheel.Count, Is.EqualTo(model.Count), where);
        }
    }

    [Test]
    [Repeat(20)]
    public void SmallMap_RandomOperations_MatchesADictionary()
    {
        Random random = Seeded(out int seed);
        SmallMap<Pid, int> map = new();
        Dictionary<Pid, int> model = [];
        NodeIdentity node = new("n@h", 1);
        for (int step = 0; step < 3_000; step++)
        {
            string where = $"seed {seed}, step {step}";
            int keys = step / 500 % 2 == 0 ? 4 : 30; // shrinks and grows through all three forms
            Pid key = new(node, (ulong)random.Next(keys));
            if (random.Next(2) == 0)
            {
                map.Set(key, step);
                model[key] = step;
            }
            else
            {
                Assert.That(map.Remove(key, out int removed), Is.EqualTo(model.Remove(key, out int expected)), where);
                Assert.That(removed, Is.EqualTo(expected), where);
            }

            Pid other = new(node, (ulong)random.Next(keys));
            Assert.That(map.TryGet(other, out int value), Is.EqualTo(model.TryGetValue(other, out int wanted)), where);
            Assert.That(value, Is.EqualTo(wanted), where);
            Assert.That(map.Count, Is.EqualTo(model.Count), where);
            if (step % 50 == 0)
                Assert.That(map.ToArray(), Is.EquivalentTo(model), where);
        }
    }

    private sealed class NumberedSignal : Signal
    {
        internal NumberedSignal(long number) => Bits = number;

        internal override void Deliver(Process receiver) { }
    }

    private sealed class Box
    {
        internal Mailbox Mailbox;
    }

    private sealed class Probe(List<(Probe Probe, long At)> fired) : TimerEntry
    {
        internal bool Wanted = true;

        internal override bool IsWanted => Wanted;

        internal override long Fire(long now)
        {
            fired.Add((this, now));
            return 0;
        }

        internal override void Deliver(Process receiver) => throw new InvalidOperationException("it is in no mailbox");
    }
}
