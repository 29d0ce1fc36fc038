namespace CloudScale.Soak.Roles;

/// <summary>Few names that many want: one holder at a time, and a name is free once its holder is reported gone.</summary>
internal sealed class Names : Role
{
    private static readonly Atom[] s_names = [.. Enumerable.Range(0, 5).Select(index => Atom.Of($"soak_name_{index}"))];
    private static readonly int[] s_holders = new int[s_names.Length];

    protected override async ProcessTask Episode(Self self, World world, Random random)
    {
        int index = random.Next(s_names.Length);
        Atom name = s_names[index];
        (int how, Pid driver) = (random.Next(4), self.Pid);
        Pid holder = self.SpawnMonitor(other => Hold(other, world, index, how, driver), out Reference monitor);

        object first = await self.Receive<object>(Patience);
        if (first is Atom) // it holds the name
        {
            Pid found = self.WhereIs(name);
            world.Check(found == holder, $"{Name}: {name} leads to {found} while {holder} holds it");
            Interlocked.Decrement(ref s_holders[index]); // from here on it may be freed
            self.Send(holder, Go);
            if (how == 3)
                self.Exit(holder, Atoms.Kill);
            first = await self.Receive<object>(Patience);
        }

        world.Check(first is Down down && down.Reference == monitor, $"{Name}: {first} came in place of the holder's DOWN");
        world.Check(self.WhereIs(name) != holder, $"{Name}: {name} still leads to {holder}, which is gone");
        try
        {
            self.Send(name, 1L); // whoever holds it now takes no notice
        }
        catch (ArgumentException)
        {
            await self.Yield(); // nobody
        }
    }

    private static async ProcessTask Hold(Self self, World world, int index, int how, Pid driver)
    {
        try
        {
            self.Register(s_names[index], self.Pid);
        }
        catch (ArgumentException)
        {
            return; // taken
        }

        world.Check(Interlocked.Increment(ref s_holders[index]) == 1, $"two processes hold {s_names[index]}");
        self.Send(driver, Go);
        await self.Receive<Atom>();
        switch (how)
        {
            case 0:
                world.Check(self.System.Unregister(s_names[index]), $"{s_names[index]} was free while it was held");
                break;
            case 1:
                self.Exit(Boom);
                break;
            case 3:
                await self.Receive<Down>(); // until it is killed
                break;
        }
    }
}
