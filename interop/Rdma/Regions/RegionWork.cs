using System.Threading.Tasks.Sources;

namespace CloudScale.Interop.Rdma;

/// <summary>One operation at a time, and its piece of registered memory.</summary>
/// <remarks>
/// Who has posted it looks for its end for a moment, and needs nobody then. Who has to await it goes on in the pool, to which this goes by itself, since what he does then may take its time and the poller has none. Nothing is allocated for it. Threads: one that has it;
/// <see cref="Complete"/> any, one at a time.
/// </remarks>
internal sealed unsafe class RegionWork(int index, byte* pointer) : IValueTaskSource, IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int LookedFor = 1;
    private const int Awaited = 2;
    private const int Done = 3;

    private ManualResetValueTaskSourceCore<bool> _done;
    private IOException? _failure;
    private RdmaPoller? _awaitedOf; // who is to look for it, since its owner does not
    private int _state;

    internal int Index => index;

    internal byte* Pointer => pointer;

    internal Span<byte> Bytes => new(pointer, RemoteRegion.PartBytes);

    /// <summary>While it is looked for: whether it is over.</summary>
    internal bool IsDone => Volatile.Read(ref _state) == Done;

    /// <summary>Before it is posted.</summary>
    internal void Begin()
    {
        _done.Reset();
        _failure = null;
        Volatile.Write(ref _state, LookedFor);
    }

    /// <summary>It was not posted after all.</summary>
    internal void Abandon() => Volatile.Write(ref _state, Idle);

    /// <summary>It is not looked for any more: what there is to await.</summary>
    internal ValueTask End(RdmaPoller poller)
    {
        if (!IsDone)
        {
            _awaitedOf = poller;
            poller.BeginAwaiting();
            if (Interlocked.CompareExchange(ref _state, Awaited, LookedFor) == LookedFor)
                return new ValueTask(this, _done.Version);
            poller.EndAwaiting();
        }

        Volatile.Write(ref _state, Idle);
        return _failure is { } failure ? ValueTask.FromException(failure) : ValueTask.CompletedTask;
    }

    /// <summary>It is over, if it was under way.</summary>
    internal void Complete(IOException? failure)
    {
        if (Volatile.Read(ref _state) is not (LookedFor or Awaited))
            return;
        _failure = failure;
        if (Interlocked.CompareExchange(ref _state, Done, LookedFor) == LookedFor)
            return;
        _awaitedOf!.EndAwaiting();
        Volatile.Write(ref _state, Idle);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_failure is { } failure)
            _done.SetException(failure);
        else
            _done.SetResult(true);
    }

    void IValueTaskSource.GetResult(short token) => _done.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _done.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _done.OnCompleted(continuation, state, token, flags);
}
