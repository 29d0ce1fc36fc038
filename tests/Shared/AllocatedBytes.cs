namespace CloudScale.Testing;

/// <summary>What work allocates, in bytes: the least of several rounds, for what the work itself allocates is in every one of them.</summary>
public static class AllocatedBytes
{
    private const int Rounds = 5;

    /// <summary>
    /// Of this thread. A background collection counts what a thread has left of its room, up to 8 KB, as allocated when its marking ends.
    /// </summary>
    public static long Least(Action work)
    {
        work(); // warm, and all buffers there
        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    /// <summary>
    /// Of all threads, for work that several do. Rounds go on until one is below what is expected, at the longest twenty seconds: code allocates more
    /// until it is compiled at its best, and the runtime decides when that is, by time; and it allocates some 40 KB besides, once, when it likes.
    /// </summary>
    /// <param name="work">What is counted.</param>
    /// <param name="below">The first round that allocates less is the last one.</param>
    public static async Task<long> LeastAsync(Func<Task> work, long below)
    {
        await work();
        long least = long.MaxValue;
        long end = Environment.TickCount64 + 20_000;
        while (least >= below && Environment.TickCount64 < end)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await work();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least;
    }
}
