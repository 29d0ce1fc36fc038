namespace CloudScale.Interop.Rdma;

/// <summary>What a transport's connections that have ended, and its pollers, have cost: for measurements.</summary>
/// <param name="WorkRequests">Posted: data, credits, ends.</param>
/// <param name="Doorbells">Calls that hand requests to a device, up to 16 each, or receives, up to 32 each.</param>
/// <param name="Sleeps">How often a poller has armed its queue and gone to sleep.</param>
/// <param name="RingBytes">Written into the rings of others.</param>
internal readonly record struct RdmaStatistics(long WorkRequests, long Doorbells, long Sleeps, long RingBytes)
{
    public static RdmaStatistics operator +(RdmaStatistics one, RdmaStatistics other) =>
        new(
            one.WorkRequests + other.WorkRequests,
            one.Doorbells + other.Doorbells,
            one.Sleeps + other.Sleeps,
            one.RingBytes + other.RingBytes
        );

    public static RdmaStatistics operator -(RdmaStatistics one, RdmaStatistics other) =>
        new(
            one.WorkRequests - other.WorkRequests,
            one.Doorbells - other.Doorbells,
            one.Sleeps - other.Sleeps,
            one.RingBytes - other.RingBytes
        );
}
