using CloudScale.Scheduling;
using CloudScale.Testing;

namespace CloudScale.Scheduler.Tests;

/// <summary>What something allocates that a process does many times.</summary>
internal static class ProcessAllocations
{
    private const int Times = 10_000;

    /// <summary>That it is so many bytes each time, of all threads: those it talks to may run on others, and its scheduler go on with another one and come back.</summary>
    internal static async Task AssertEachAsync(ProcessSystem system, long bytes, Func<Self, ProcessTask> once) =>
        Assert.That(await AllocatedBytes.LeastAsync(() => RunAsync(system, once), below: (bytes + 1) * Times) / Times, Is.EqualTo(bytes));

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
