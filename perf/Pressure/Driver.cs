using System.Diagnostics;
using CloudScale.Scheduling;

namespace CloudScale.Perf.Pressure;

/// <summary>Runs a body as a process for a host that waits for what it returns.</summary>
internal static class Driver
{
    public static Task<T> Run<T>(this ProcessSystem system, Func<Self, ProcessTask<T>> body)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.Spawn(self => Complete(self, body, result));
        return result.Task;
    }

    /// <summary>Runs a body and tells how many seconds it took.</summary>
    public static Task<double> Time(this ProcessSystem system, Func<Self, ProcessTask> body) =>
        system.Run(async self =>
        {
            long start = Stopwatch.GetTimestamp();
            await body(self);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        });

    /// <summary>Waits until no more than so many processes are left.</summary>
    public static async ProcessTask UntilLeft(this Self self, long count)
    {
        while (self.System.ProcessCount > count)
            await self.Yield();
    }

    private static async ProcessTask Complete<T>(Self self, Func<Self, ProcessTask<T>> body, TaskCompletionSource<T> result)
    {
        try
        {
            result.SetResult(await body(self));
        }
        catch (Exception problem)
        {
            result.TrySetException(problem);
            throw;
        }
    }
}
