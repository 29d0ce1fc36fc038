namespace CloudScale.Soak.Roles;

/// <summary>Numbers from several senders, some killed on the way: those of each come in order, all that were sent come, and the DOWN comes after them.</summary>
internal sealed class Streams : Role
{
    protected override async ProcessTask Episode(Self self, World world, Random random)
    {
        int senders = random.Next(1, 12);
        var sent = new int[senders]; // written by the sender after each send; nothing can end it between the two
        var last = new int[senders];
        var due = new Dictionary<Reference, int>();
        Pid me = self.Pid;
        for (int index = 0; index < senders; index++)
        {
            (int number, Random own) = (index, new Random(random.Next()));
            Pid sender = self.SpawnMonitor(other => Send(other, me, number, sent, own), out Reference monitor);
            due.Add(monitor, index);
            if (random.Next(3) == 0)
                self.System.SendAfter(TimeSpan.FromMilliseconds(random.Next(10)), self.Spawn(killer => Kill(killer, sender)), Go);
        }

        while (due.Count > 0)
        {
            // Now the odd ones past the others, now in the order of arrival, now with a time-out that may be over at once.
            Received<long> odd = random.Next(4) == 0 ? await self.TryReceive<long>(value => (value & 1) == 1, TimeSpan.Zero) : default;
            Received<object> received = odd.HasValue
                ? default
                : await self.TryReceive(random.Next(8) == 0 ? TimeSpan.FromMilliseconds(random.Next(3)) : Patience);
            if (odd.HasValue)
                Take(odd.Value);
            else if (received is { HasValue: true, Value: long value })
                Take(value);
            else if (received is { HasValue: true, Value: Down down })
                Complete(down);
        }

        // A number is the sender's, and twice how many before it, and the parity of the sender: so a selective receive takes all of a sender or none.
        void Take(long value)
        {
            (int sender, int number) = ((int)(value >> 32), (int)(uint)value >> 1);
            world.Check(number == ++last[sender], $"{Name}: number {number} of a sender came after {last[sender] - 1}");
            last[sender] = number;
        }

        void Complete(Down down)
        {
            bool known = due.Remove(down.Reference, out int sender);
            world.Check(known, $"{Name}: a sender was reported twice: {down}");
            world.Check(
                !known || Volatile.Read(ref sent[sender]) == last[sender],
                $"{Name}: {sent[sender]} were sent and {last[sender]} came before {down}"
            );
        }
    }

    private static async ProcessTask Send(Self self, Pid to, int number, int[] sent, Random random)
    {
        for (int next = 1; next <= 200; next++)
        {
            self.Send(to, ((long)number << 32) | (uint)((next << 1) | (number & 1)));
            Volatile.Write(ref sent[number], next);
            if (random.Next(10) == 0)
                await self.Yield();
            else if (random.Next(40) == 0)
                await self.Sleep(TimeSpan.FromMilliseconds(random.Next(3)));
        }
    }

    private static async ProcessTask Kill(Self self, Pid sender)
    {
        await self.Receive<Atom>();
        self.Exit(sender, Atoms.Kill);
    }
}
