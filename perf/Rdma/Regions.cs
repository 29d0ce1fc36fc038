using System.Diagnostics;
using System.Net;
using CloudScale.Interop.Rdma;

namespace CloudScale.Perf.Rdma;

/// <summary>Memory of another node: one operation after the other, as perftest's <c>ib_read_lat</c> and <c>ib_atomic_lat</c> do.</summary>
internal static class Regions
{
    /// <summary>The times of single operations, in ticks of the stopwatch.</summary>
    internal static async Task<long[]> TimesAsync(
        RdmaTransport transport,
        IPEndPoint anywhere,
        int rounds,
        Func<RemoteRegion, ValueTask> operation
    )
    {
        await using RegionServer server = RegionServer.Start(transport, anywhere);
        OfferedRegion region = server.Offer("measured", 4096);
        await using RemoteRegion remote = await RemoteRegion.OpenAsync(transport, region.Grant(RegionRights.All));
        long[] times = new long[rounds];
        Warming warming = new();
        while (warming.GoesOn)
        {
            for (int i = 0; i < Warming.Rounds; i++)
                await operation(remote);
            while (warming.IsCompiling)
                await Task.Delay(Warming.Pause);
        }

        for (int i = -Warming.RoundsToSettle; i < rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await operation(remote);
            if (i >= 0)
                times[i] = Stopwatch.GetTimestamp() - start;
        }

        return times;
    }
}
