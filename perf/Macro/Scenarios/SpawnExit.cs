namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>Processes that end at once. Twin: <c>spawn_exit.erl</c>.</summary>
internal sealed class SpawnExit : Scenario
{
    // An operation is one process: made, run, ended. Bursts of width; the driver goes on when all of a burst are gone, which it sees from
    // the number of processes alive: a message from each would be measured with it.
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        long alive = self.System.ProcessCount;
        int bursts = Math.Max(count / width, 1);
        for (int burst = 0; burst < bursts; burst++)
        {
            for (int left = width; left > 0; left--)
                self.Spawn(static _ => ProcessTask.Completed);
            while (self.System.ProcessCount > alive)
                await self.Yield();
        }

        return (long)bursts * width;
    }
}
