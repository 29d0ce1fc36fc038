namespace CloudScale.Soak.Roles;

/// <summary>Calls to a server that may die on the way: an answer or a DOWN, never both and never neither; and questions to strangers.</summary>
internal sealed class Calls : Role
{
    protected override async ProcessTask Episode(Self self, World world, Random random)
    {
        Random own = new(random.Next());
        Pid server = self.Spawn(other => Serve(other, own));
        for (int left = 50; left > 0; left--)
        {
            bool toStranger = random.Next(10) == 0;
            Pid target = toStranger ? world.Stranger(random) : server;
            ReceiveMark mark = self.Mark();
            Reference monitor = self.Monitor(target);
            self.Send(target, new Crowd.Asked(self.Pid, monitor));
            Received<object> answer = await self.TryReceive<object>(
                message =>
                    message switch
                    {
                        Reference reference => reference == monitor,
                        Down down => down.Reference == monitor,
                        _ => false,
                    },
                Patience,
                mark
            );
            world.Check(answer.HasValue, $"{Name}: neither an answer nor a DOWN came");
            if (answer is { HasValue: true, Value: Reference })
                self.Demonitor(monitor, flush: true);
        }

        // Its exit is the last that is heard of it.
        Reference last = self.Monitor(server);
        self.Exit(server, Atoms.Kill);
        await TakeDowns(self, world, new() { [last] = server });
    }

    private static async ProcessTask Serve(Self self, Random random)
    {
        while (random.Next(200) > 0)
            if (await self.Receive() is Crowd.Asked(var from, var reference))
                self.Send(from, reference);
    }
}
