using CloudScale.Scheduling;
using CloudScale.Testing;

namespace CloudScale.Scheduler.Tests;

/// <summary>What something allocates that a process does many times.</summary>
internal static class ProcessAllocations
{
    private const int Times = 10_000;

    /// <summary>Bytes each time, of all threads: those it talks to may run on others, and its scheduler go on with another one and come back.</summary>
    internal static async Task<long> EachAsync(ProcessSystem system, Func<Self, ProcessTask> once) =>
        await AllocatedBytes.LeastAsync(() => RunAsync(system, once), rounds: 60) / Times;

    private static Task RunAsync(ProcessSystem system, Func<Self, ProcessTask> once)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        system.Spawn(async self =>
        {
            for (int i = 0; i < Times; i++)
                await once(self);
            done.SetResult();
        });
        return done.Task;
    }
}
