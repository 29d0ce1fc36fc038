namespace CloudScale.Soak.Roles;

/// <summary>Bodies that await tasks and own things, killed at any moment: who finishes has the right result, and what was owned is given back.</summary>
internal sealed class Foreign : Role
{
    protected override async ProcessTask Episode(Self self, World world, Random random)
    {
        var due = new Dictionary<Reference, Pid>();
        Pid me = self.Pid;
        for (int left = random.Next(1, 10); left > 0; left--)
        {
            Random own = new(random.Next());
            Pid child = self.SpawnMonitor(other => Work(other, world, own, me), out Reference monitor);
            due.Add(monitor, child);
            if (random.Next(2) == 0)
                await self.Sleep(TimeSpan.FromMilliseconds(random.Next(4)));
            if (random.Next(3) == 0)
                self.Exit(child, random.Next(2) == 0 ? Atoms.Kill : Boom);
        }

        await TakeDowns(self, world, due);
        while (await self.TryReceive<long>(TimeSpan.Zero) is { HasValue: true } result)
            world.Check(result.Value == 42, $"{Name}: a task gave {result.Value}");
    }

    private static async ProcessTask Work(Self self, World world, Random random, Pid parent)
    {
        IDisposable resource = world.NewResource();
        self.Own(resource);
        CancellationToken token = self.ExitToken;
        for (int left = random.Next(1, 5); left > 0; left--)
        {
            switch (random.Next(3))
            {
                case 0:
                    await Task.Delay(random.Next(4), token);
                    break;
                case 1:
                    self.Send(parent, await Task.Run(static () => 42L, token));
                    break;
                default:
                    await Nested(self);
                    break;
            }
        }

        if (random.Next(2) == 0)
        {
            world.Check(self.Disown(resource), "what was owned could not be taken back");
            resource.Dispose();
        }
    }

    private static async ProcessTask Nested(Self self)
    {
        await Task.Yield();
        await self.Yield();
    }
}
