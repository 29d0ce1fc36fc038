using System.Globalization;
using System.Runtime.InteropServices;

namespace CloudScale.Perf.Pressure;

/// <summary>What this program holds: by the collector's count and by the operating system's.</summary>
internal readonly partial record struct MemoryUse(long Heap, long Resident)
{
    private static readonly TimeSpan s_unwound = TimeSpan.FromMilliseconds(200);

    /// <summary>After full collections that give unused pages back; the second takes what the first made unreachable. The compiler's memory is the C library's: it gives back, too.</summary>
    /// <remarks>A moment later and on a stack of its own: the frames of an asynchronous method that has just ended would keep what it held.</remarks>
    public static async Task<MemoryUse> AfterCollection()
    {
        await Task.Delay(s_unwound);
        for (int round = 0; round < 2; round++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        _ = Trim(0);
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

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);
}
