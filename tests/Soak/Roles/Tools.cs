namespace CloudScale.Soak.Roles;

/// <summary>Suspension and hibernation: who is held does not run until it is let go, and nothing it was sent is lost.</summary>
internal sealed class Tools : Role
{
    protected override async ProcessTask Episode(Self self, World world, Random random)
    {
        Pid echo = self.SpawnMonitor(Echo, out Reference monitor);
        for (int left = random.Next(1, 10); left > 0; left--)
        {
            world.Check(await self.Suspend(echo), $"{Name}: a living process could not be held");
            self.Send(echo, self.Pid);
            Received<Atom> early = await self.TryReceive<Atom>(TimeSpan.FromMilliseconds(random.Next(3)));
            world.Check(!early.HasValue, $"{Name}: a process ran that was held");
            self.Resume(echo);
            Received<Atom> answer = await self.TryReceive<Atom>(Patience);
            world.Check(answer.HasValue, $"{Name}: a process that was let go does not answer");
        }

        self.Exit(echo, Boom);
        await TakeDowns(self, world, new() { [monitor] = echo });
    }

    // After each answer it drops its frames and begins anew with the next question.
    private static async ProcessTask Echo(Self self)
    {
        Pid asker = await self.Receive<Pid>();
        self.Send(asker, Go);
        await self.Hibernate(Echo);
    }
}
