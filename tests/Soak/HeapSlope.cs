using CloudScale.Perf.Pressure;

namespace CloudScale.Soak;

/// <summary>Whether the heap grows: the slope through what was left after collections, robust against single high and low ones.</summary>
internal sealed class HeapSlope
{
    private readonly List<(double Seconds, double Bytes)> _points = [];

    public double LastBytes => _points.Count == 0 ? 0 : _points[^1].Bytes;

    public void Take(double seconds) => _points.Add((seconds, AfterCollection()));

    /// <summary>Adds the slope and checks that all the growth it stands for is small.</summary>
    public void Report(Findings findings, double warmUpSeconds)
    {
        List<(double Seconds, double Bytes)> points = [.. _points.Where(point => point.Seconds >= warmUpSeconds)];
        if (points.Count < 4)
            return;
        // Theil and Sen: the median of the slopes through every two points.
        var slopes = new List<double>();
        for (int left = 0; left < points.Count; left++)
        for (int right = left + 1; right < points.Count; right++)
            slopes.Add((points[right].Bytes - points[left].Bytes) / (points[right].Seconds - points[left].Seconds));
        slopes.Sort();
        double slope = slopes[slopes.Count / 2];
        double typical = points.Select(point => point.Bytes).Order().ElementAt(points.Count / 2);
        double growth = slope * (points[^1].Seconds - points[0].Seconds);
        findings.Add("heap", typical / 1e6, "MB");
        findings.Add("heap growth after the warm-up", growth / 1e6, "MB");
        // What lives changes from moment to moment by about a megabyte.
        findings.Check(growth < (0.10 * typical) + (2 << 20), $"the heap grew by {growth / 1e6:0.0} MB, from about {typical / 1e6:0.0}");
    }

    // What the collection found alive: the processes go on allocating, so the count of a moment later says nothing.
    private static double AfterCollection()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        GCMemoryInfo info = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        return info.HeapSizeBytes - info.FragmentedBytes;
    }
}
