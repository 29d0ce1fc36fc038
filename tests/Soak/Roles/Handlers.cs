namespace CloudScale.Soak.Roles;

/// <summary>Processes in the lean form: what they were told adds up, and they can wait in the midst of a message.</summary>
internal sealed class Handlers : Role
{
    protected override async ProcessTask Episode(Self self, World world, Random random)
    {
        int count = random.Next(1, 300);
        Pid adder = self.SpawnMonitor(new Adder(), out Reference monitor);
        long sum = 0;
        for (int index = 0; index < count; index++)
        {
            long number = random.Next(1_000);
            sum += number;
            self.Send(adder, number);
            if (random.Next(50) == 0)
                await self.Yield();
        }

        self.Send(adder, self.Pid);
        Received<long> answer = await self.TryReceive<long>(Patience);
        world.Check(
            answer.HasValue && answer.Value == sum,
            $"{Name}: {count} numbers add up to {sum}, not to {(answer.HasValue ? answer.Value : -1)}"
        );
        await TakeDowns(self, world, new() { [monitor] = adder });
    }

    private sealed class Adder : ProcessHandler
    {
        private long _sum;

        protected override ProcessTask OnMessage(Self self, Message message)
        {
            if (message.TryGet(out long number))
            {
                _sum += number;
                return number % 100 == 0 ? Pause(self) : default;
            }

            if (message.TryGet(out Pid asker))
                self.Send(asker, _sum);
            self.Exit(Atoms.Normal);
            return default;
        }

        private static async ProcessTask Pause(Self self)
        {
            await self.Yield();
            await self.Sleep(TimeSpan.FromMilliseconds(1));
        }
    }
}
