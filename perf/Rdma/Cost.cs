using System.Runtime.InteropServices;
using CloudScale.Interop.Rdma;
using CloudScale.Interop.Transport;

namespace CloudScale.Perf.Rdma;

/// <summary>What something has cost this .NET process, which is both ends.</summary>
internal readonly record struct Cost(Interval Interval, RdmaStatistics Rdma)
{
    /// <param name="transports">Of both ends.</param>
    /// <param name="run">Gives what is counted as the measured part: seconds, processor seconds, managed bytes.</param>
    internal static async Task<Cost> OfAsync(ITransport[] transports, Func<Task<Interval>> run)
    {
        RdmaStatistics before = Of(transports);
        Interval interval = await run();
        return new Cost(interval, Of(transports) - before);
    }

    private static RdmaStatistics Of(ITransport[] transports)
    {
        RdmaStatistics sum = default;
        foreach (RdmaTransport rdma in transports.OfType<RdmaTransport>())
            sum += rdma.Statistics;
        return sum;
    }
}

/// <summary>Between two points of time.</summary>
/// <param name="Seconds">How long.</param>
/// <param name="CpuSeconds">Of the processors.</param>
/// <param name="AllocatedBytes">Managed.</param>
/// <param name="Waits">How often a thread has given its processor away because it had to wait (<c>ru_nvcsw</c>).</param>
internal readonly partial record struct Interval(double Seconds, double CpuSeconds, long AllocatedBytes, long Waits)
{
    private const int Fields = 18; // of struct rusage: two times of two words each, and fourteen counts
    private const int VoluntarySwitches = 16;

    internal static unsafe Interval Now
    {
        get
        {
            long* usage = stackalloc long[Fields];
            _ = GetUsage(0, usage);
            return new Interval(
                System.Diagnostics.Stopwatch.GetTimestamp() / (double)System.Diagnostics.Stopwatch.Frequency,
                Environment.CpuUsage.TotalTime.TotalSeconds,
                GC.GetTotalAllocatedBytes(),
                usage[VoluntarySwitches]
            );
        }
    }

    /// <summary>From then to now.</summary>
    internal static Interval Since(Interval start)
    {
        Interval now = Now;
        return new Interval(
            now.Seconds - start.Seconds,
            now.CpuSeconds - start.CpuSeconds,
            now.AllocatedBytes - start.AllocatedBytes,
            now.Waits - start.Waits
        );
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static unsafe partial int GetUsage(int who, long* usage);
}
