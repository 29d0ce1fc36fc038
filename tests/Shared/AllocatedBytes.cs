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

    /// <summary>Of all threads, for work that several do. The runtime allocates some 40 KB besides, once, when it likes.</summary>
    /// <param name="work">What is counted.</param>
    /// <param name="rounds">More where it takes many until all of it is compiled at its best.</param>
    public static async Task<long> LeastAsync(Func<Task> work, int rounds = Rounds)
    {
        await work();
        long least = long.MaxValue;
        for (int round = 0; round < rounds; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await work();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least;
    }
}
