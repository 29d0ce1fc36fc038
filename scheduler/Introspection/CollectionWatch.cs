namespace CloudScale.Scheduling;

/// <summary>Calls back after each collection of the .NET heap, by way of an object that is never reachable and asks for its finalizer again.</summary>
/// <remarks>Threads: the callback runs on the finalizer's thread, soon after the collection; two collections in quick succession may be told as one.</remarks>
internal sealed class CollectionWatch : IDisposable
{
    private readonly Action<int, TimeSpan> _onCollected;
    private volatile bool _ended;

    private CollectionWatch(Action<int, TimeSpan> onCollected) => _onCollected = onCollected;

    internal static CollectionWatch Start(Action<int, TimeSpan> onCollected)
    {
        CollectionWatch watch = new(onCollected);
        _ = new Sentinel(watch);
        return watch;
    }

    public void Dispose() => _ended = true;

    private void OnCollected()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo(GCKind.Any);
        _onCollected(info.Generation, info.PauseDurations.Length > 0 ? info.PauseDurations[0] : TimeSpan.Zero);
    }

    private sealed class Sentinel(CollectionWatch watch)
    {
        ~Sentinel()
        {
            if (watch._ended)
                return;
            watch.OnCollected();
            _ = new Sentinel(watch); // a young one, so that the next young collection finds it too
        }
    }
}
