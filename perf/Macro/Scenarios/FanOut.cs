using System.Diagnostics;

namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>One process exits and many are told. Measured is the telling: from the word that ends the one until the last of the many has said, or shown, that it knows.</summary>
internal abstract class FanOut : PartScenario
{
    private static readonly Atom s_stop = Atom.Of("stop");
    private static readonly Atom s_boom = Atom.Of("boom");

    // An operation is one process told; width of them at a time, count in all.
    public sealed override async ProcessTask<(long Operations, TimeSpan Elapsed)> Timed(Self self, int width, int count)
    {
        int times = Math.Max(count / width, 1);
        TimeSpan elapsed = TimeSpan.Zero;
        for (int left = times; left > 0; left--)
        {
            Pid driver = self.Pid;
            long alive = self.System.ProcessCount;
            Pid target = self.Spawn(Target);
            for (int more = width; more > 0; more--)
                self.Spawn(member => Member(member, target, driver));
            for (int more = width; more > 0; more--)
                await self.Receive<Atom>();

            long start = Stopwatch.GetTimestamp();
            self.Send(target, s_stop);
            await AllKnow(self, width, alive);
            elapsed += Stopwatch.GetElapsedTime(start);
            while (self.System.ProcessCount > alive)
                await self.Yield();
        }

        return ((long)times * width, elapsed);
    }

    protected abstract ProcessTask Member(Self self, Pid target, Pid driver);

    protected abstract ProcessTask AllKnow(Self self, int width, long alive);

    private static async ProcessTask Target(Self self)
    {
        await self.Receive<Atom>();
        self.Exit(s_boom);
    }
}

/// <summary>The many have a monitor each, and answer its DOWN. Twin: <c>down_fan_out.erl</c>.</summary>
internal sealed class DownFanOut : FanOut
{
    protected override async ProcessTask Member(Self self, Pid target, Pid driver)
    {
        self.Monitor(target);
        self.Send(driver, Done);
        await self.Receive<Down>();
        self.Send(driver, Done);
    }

    protected override async ProcessTask AllKnow(Self self, int width, long alive)
    {
        for (int left = width; left > 0; left--)
            await self.Receive<Atom>();
    }
}

/// <summary>The many are linked to the one, and exit with it. Twin: <c>exit_fan_out.erl</c>.</summary>
internal sealed class ExitFanOut : FanOut
{
    protected override async ProcessTask Member(Self self, Pid target, Pid driver)
    {
        self.Link(target);
        self.Send(driver, Done);
        await self.Receive<Down>(); // which never comes
    }

    protected override async ProcessTask AllKnow(Self self, int width, long alive)
    {
        while (self.System.ProcessCount > alive)
            await self.Yield();
    }
}
