namespace CloudScale.Runtime.Supervision;

/// <summary>The restarts of the last period.</summary>
internal sealed class RestartWindow
{
    private readonly Queue<long> _restarts = new();

    internal IEnumerable<long> Restarts => _restarts;

    /// <summary>Counts one more.</summary>
    /// <returns>Whether that many are borne.</returns>
    internal bool TryAdd(long nowMs, SupervisorFlags flags)
    {
        long threshold = nowMs - (long)flags.Period.TotalMilliseconds;
        while (_restarts.TryPeek(out long oldest) && oldest < threshold)
            _restarts.Dequeue();
        _restarts.Enqueue(nowMs);
#if EXPLORATION
        if (Mutations.Is(Mutation.BearsOneRestartMore))
            return _restarts.Count <= flags.Intensity + 1;
#endif
        return _restarts.Count <= flags.Intensity;
    }
}
