using System.Globalization;

namespace CloudScale.Perf.Pressure;

/// <summary>What this program holds: by the collector's count and by the operating system's.</summary>
internal readonly record struct MemoryUse(long Heap, long Resident)
{
    /// <summary>After full collections that give unused pages back; the second takes what the first made unreachable.</summary>
    public static MemoryUse AfterCollection()
    {
        for (int round = 0; round < 2; round++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return Now();
    }

    /// <summary>As it is.</summary>
    public static MemoryUse Now()
    {
        string pages = File.ReadAllText("/proc/self/statm").Split(' ')[1];
        return new(
            GC.GetTotalMemory(forceFullCollection: false),
            long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize
        );
    }
}
