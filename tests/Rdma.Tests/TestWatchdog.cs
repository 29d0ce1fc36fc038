using CloudScale.Interop.Rdma;

namespace CloudScale.Rdma.Tests;

/// <summary>Ends the whole run when one test takes too long, and says which, and where its threads are: in the guest nobody else can look.</summary>
/// <remarks>A test that waits for what never comes cannot be ended by itself, and the tests after it would find its leftovers.</remarks>
internal sealed class TestWatchdog : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly Timer _timer;
    private volatile string _test = "none";

    internal TestWatchdog(TimeSpan limit)
    {
        _limit = limit;
        _timer = new Timer(_ => Bark());
    }

    internal void Begin(string test)
    {
        _test = test;
        _timer.Change(_limit, Timeout.InfiniteTimeSpan);
    }

    internal void End() => _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Dispose() => _timer.Dispose();

    private void Bark()
    {
        Verbs.csn_rdma_live(out RdmaObjects live);
        Console.WriteLine($"Hangs: {_test} is not over after {_limit.TotalSeconds} s");
        Console.WriteLine(
            $"  {live.Ids} ids, {live.QueuePairs} queue pairs, {live.MemoryRegions} regions, {live.CompletionQueues} completion queues, {live.Devices} devices; {ThreadPool.PendingWorkItemCount} work items wait, {ThreadPool.ThreadCount} threads of the pool"
        );
        foreach (string thread in Directory.EnumerateDirectories("/proc/self/task"))
            Console.WriteLine($"  {Read(thread, "comm")}: {Read(thread, "wchan")}");
        Console.Out.Flush();
        Environment.FailFast("A test hangs.");
    }

    private static string Read(string thread, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, file)).Trim();
        }
        catch (IOException)
        {
            return "?"; // it has just ended
        }
    }
}
