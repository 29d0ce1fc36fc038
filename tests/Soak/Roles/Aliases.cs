namespace CloudScale.Soak.Roles;

/// <summary>Replies by alias: the first comes and no other, and after an alias has ended nothing comes by it.</summary>
internal sealed class Aliases : Role
{
    protected override async ProcessTask Episode(Self self, World world, Random random)
    {
        int replies = random.Next(1, 4);
        bool dies = random.Next(4) == 0;
        Pid server = self.Spawn(other => Serve(other, replies, dies));
        for (int left = 20; left > 0; left--)
        {
            Reference monitor = self.Monitor(server, new MonitorOptions { Alias = AliasMode.ReplyDemonitor });
            self.Send(server, new Crowd.Asked(self.Pid, monitor));
            Received<object> answer = await self.TryReceive<object>(
                message => message is Reference reference && reference == monitor || message is Down down && down.Reference == monitor,
                Patience
            );
            world.Check(answer.HasValue, $"{Name}: neither a reply nor a DOWN came");
            world.Check(!self.Unalias(monitor), $"{Name}: an alias outlived its reply");
        }

        Reference alias = self.Alias();
        self.Send(server, new Crowd.Asked(self.Pid, alias));
        if (random.Next(2) == 0)
            await self.Yield();
        world.Check(self.Unalias(alias), $"{Name}: an explicit alias ended by itself");
        // What came before the end is there; what comes after is not.
        while (await self.TryReceive<Reference>(reference => reference == alias, TimeSpan.Zero) is { HasValue: true }) { }
        Reference last = self.Monitor(server);
        self.Exit(server, Atoms.Kill);
        await TakeDowns(self, world, new() { [last] = server });
    }

    private static async ProcessTask Serve(Self self, int replies, bool dies)
    {
        for (int turn = 0; !dies || turn < 10; turn++)
            if (await self.Receive() is Crowd.Asked(_, var alias))
                for (int more = replies; more > 0; more--)
                    self.Send(alias, alias);
    }
}
