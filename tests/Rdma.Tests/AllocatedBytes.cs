namespace CloudScale.Rdma.Tests;

/// <summary>What work allocates that several threads do.</summary>
internal static class AllocatedBytes
{
    private const int Rounds = 5;

    /// <summary>
    /// Of all threads, in the round that allocated the least. What the work allocates is in every one; the runtime allocates some 40 KB besides, once, when it likes.
    /// </summary>
    internal static async Task<long> LeastAsync(Func<Task> work)
    {
        await work(); // warm, and all buffers there
        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await work();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least;
    }
}
