namespace CloudScale.Soak.Roles;

/// <summary>Bodies that hold their thread, told or not: the others go on, and the results are right.</summary>
internal sealed class Blocking : Role
{
    public override int Instances => 2;

    protected override async ProcessTask Episode(Self self, World world, Random random)
    {
        Pid me = self.Pid;
        int children = random.Next(1, 6);
        for (int index = 0; index < children; index++)
        {
            (int ms, bool told) = (random.Next(1, 12), random.Next(3) > 0);
            self.Spawn(other => Hold(other, ms, told, me));
        }

        for (int left = children; left > 0; left--)
        {
            Received<long> result = await self.TryReceive<long>(Patience);
            world.Check(result is { HasValue: true, Value: 7 }, $"{Name}: a blocking body never came back");
        }

        await self.Sleep(TimeSpan.FromMilliseconds(random.Next(40)));
    }

    private static async ProcessTask Hold(Self self, int ms, bool told, Pid parent)
    {
        long result = 7;
        if (told)
            result = self.Blocking(() => Held(ms));
        else
            Held(ms); // the watchdog finds out by itself
        await self.Yield();
        self.Send(parent, result);
    }

    private static long Held(int ms)
    {
        Thread.Sleep(ms);
        return 7;
    }
}
