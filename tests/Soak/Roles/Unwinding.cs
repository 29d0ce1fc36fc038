namespace CloudScale.Soak.Roles;

/// <summary>Exit signals to bodies inside nested calls: each <c>finally</c> has run when the exit is reported.</summary>
internal sealed class Unwinding : Role
{
    protected override async ProcessTask Episode(Self self, World world, Random random)
    {
        int children = random.Next(1, 20);
        var entered = new int[children];
        var left = new int[children];
        var due = new Dictionary<Reference, int>();
        for (int index = 0; index < children; index++)
        {
            (int number, int depth) = (index, random.Next(1, 8));
            Pid child = self.SpawnMonitor(other => Descend(other, depth, number, entered, left), out Reference monitor);
            due.Add(monitor, index);
            if (random.Next(2) == 0)
                await self.Yield();
            self.Exit(child, Boom);
        }

        while (due.Count > 0)
        {
            Received<Down> down = await self.TryReceive<Down>(Patience);
            world.Check(down.HasValue, $"{Name}: {due.Count} bodies were told to exit and did not");
            if (!down.HasValue)
                return;
            bool known = due.Remove(down.Value.Reference, out int number);
            world.Check(known && ReferenceEquals(down.Value.Reason, Boom), $"{Name}: {down.Value} is not what was asked for");
            world.Check(
                !known || Volatile.Read(ref entered[number]) == Volatile.Read(ref left[number]),
                $"{Name}: {entered[number]} blocks were entered and {left[number]} left"
            );
        }
    }

    private static async ProcessTask Descend(Self self, int depth, int number, int[] entered, int[] left)
    {
        Volatile.Write(ref entered[number], entered[number] + 1);
        try
        {
            if (depth > 0)
                await Descend(self, depth - 1, number, entered, left);
            else
                await Wait(self);
        }
        finally
        {
            Volatile.Write(ref left[number], left[number] + 1);
        }
    }
}
