using System.Diagnostics;
using System.Globalization;

namespace CloudScale.Samples.Agents;

/// <summary>What the operating system says of this .NET process.</summary>
internal static class Measurements
{
    /// <summary>Resident bytes.</summary>
    internal static long ResidentBytes()
    {
        if (!OperatingSystem.IsLinux())
            return Environment.WorkingSet;
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
                return long.Parse(line.AsSpan(6, line.Length - 8).Trim(), NumberStyles.Integer, CultureInfo.InvariantCulture) * 1024; // in kB
        }

        return Environment.WorkingSet;
    }

    /// <summary>Processor time used so far.</summary>
    internal static TimeSpan ProcessorTime()
    {
        using Process self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    /// <summary>Collects garbage and gives free memory back, so that resident bytes are those in use.</summary>
    internal static void Settle()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
    }
}
