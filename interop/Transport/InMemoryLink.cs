namespace CloudScale.Interop.Transport;

/// <summary>The state of the way between two hosts of an <see cref="InMemoryNetwork"/>.</summary>
internal sealed class InMemoryLink
{
    private readonly Lock _gate = new();
    private readonly HashSet<InMemoryConnection> _connections = [];
    private TaskCompletionSource? _stalled;
    private bool _cut;
    private long _delayTicks;

    public TimeSpan Delay
    {
        get => new(Interlocked.Read(ref _delayTicks));
        set => Interlocked.Exchange(ref _delayTicks, value.Ticks);
    }

    /// <summary>Completes when bytes may pass.</summary>
    public Task Open
    {
        get
        {
            lock (_gate)
                return _stalled?.Task ?? Task.CompletedTask;
        }
    }

    public bool TryAttach(InMemoryConnection connection)
    {
        lock (_gate)
            return !_cut && _connections.Add(connection);
    }

    public void Detach(InMemoryConnection connection)
    {
        lock (_gate)
            _connections.Remove(connection);
    }

    public void Cut()
    {
        InMemoryConnection[] broken;
        lock (_gate)
        {
            _cut = true;
            broken = [.. _connections];
        }

        foreach (InMemoryConnection connection in broken)
            connection.Abort();
    }

    public void Stall()
    {
        lock (_gate)
            _stalled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Heal()
    {
        TaskCompletionSource? stalled;
        lock (_gate)
        {
            _cut = false;
            stalled = _stalled;
            _stalled = null;
        }

        stalled?.SetResult();
    }
}
