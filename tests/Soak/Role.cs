using CloudScale.Perf.Pressure;

namespace CloudScale.Soak;

/// <summary>A part of the mix: a process that lives through one episode after another, each with an account that must be even at its end.</summary>
internal abstract class Role
{
    /// <summary>How long anything may take that must come: far above what a loaded machine needs, so that it means lost.</summary>
    protected static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    protected static Atom Go { get; } = Atom.Of("go");

    protected static Atom Boom { get; } = Atom.Of("boom");

    /// <summary>What the tables call it.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>How many processes live this role.</summary>
    public virtual int Instances => 4;

    /// <summary>One turn of the role.</summary>
    /// <remarks>It leaves nothing behind: neither process nor name nor timer, and no message in the mailbox.</remarks>
    protected abstract ProcessTask Episode(Self self, World world, Random random);

    /// <summary>The life of an instance.</summary>
    public async ProcessTask Live(Self self, World world, Random random)
    {
        while (!world.Stopping)
        {
            await Episode(self, world, random);
            Received<object> stray = await self.TryReceive(TimeSpan.Zero);
            world.Check(
                !stray.HasValue,
                $"{Name}: a message is left after everything was accounted for: {(stray.HasValue ? stray.Value : "")}"
            );
            world.CountEpisode(this);
        }
    }

    /// <summary>Takes a <see cref="Down"/> for each monitor that is due: each once, and no other.</summary>
    protected async ProcessTask TakeDowns(Self self, World world, Dictionary<Reference, Pid> due)
    {
        while (due.Count > 0)
        {
            Received<Down> down = await self.TryReceive<Down>(Patience);
            if (!down.HasValue)
            {
                world.Check(false, $"{Name}: {due.Count} monitors never fired, one of them on {due.Values.First()}");
                return;
            }

            world.Check(
                due.Remove(down.Value.Reference, out Pid target) && down.Value.Object is Pid reported && reported == target,
                $"{Name}: a monitor fired twice, or after it was taken back: {down.Value}"
            );
        }
    }

    /// <summary>A body that waits to be told or killed.</summary>
    protected static async ProcessTask Wait(Self self) => await self.Receive<Atom>();
}
