namespace CloudScale.Perf.Macro.Scenarios;

/// <summary>Processes that end at once, each monitored by its maker, which waits for the DOWN. Twin: <c>spawn_monitor.erl</c>.</summary>
internal sealed class SpawnMonitor : Scenario
{
    // An operation is one process made with its monitor, ended, and reported.
    public override async ProcessTask<long> Round(Self self, int width, int count)
    {
        for (int left = count; left > 0; left--)
        {
            self.SpawnMonitor(static _ => ProcessTask.Completed, out Reference monitor);
            Down down = await self.Receive<Down>();
            if (down.Reference != monitor)
                throw new InvalidOperationException($"a DOWN of another process came: {down}");
        }

        return count;
    }
}
