namespace CloudScale.Interop.Rdma;

/// <summary>A device in use: its protection domain, its memory, its pollers.</summary>
/// <remarks>Lives while a connection holds it; the transport, whose lock guards the count, opens it anew when the next one comes.</remarks>
internal sealed unsafe class RdmaDevice
{
    private const int QueueCapacity = 16 * 1024;

    private readonly DeviceHandle _handle;
    private readonly List<RdmaPoller> _pollers = [];
    private readonly Lock _gate = new();
    private readonly TimeSpan _pollFor;
    private readonly int _queueCapacity;
    private int _holders;
    private int _running;

    internal RdmaDevice(DeviceHandle handle, DeviceInfo info, TimeSpan pollFor)
    {
        _handle = handle;
        _pollFor = pollFor;
        Info = info;
        _queueCapacity = Math.Min(QueueCapacity, info.MaxCompletionQueueCapacity);
        Verbs.Check(Verbs.csn_pd_create(handle, out nint value), "make an RDMA protection domain");
        Domain = new ProtectionDomainHandle(value, handle);
        Pool = new RegisteredMemoryPool(Domain);
    }

    internal DeviceInfo Info { get; }

    internal ulong Guid => Info.Guid;

    internal ProtectionDomainHandle Domain { get; }

    internal RegisteredMemoryPool Pool { get; }

    /// <summary>Under the lock of the transport, as <see cref="Release"/> is.</summary>
    internal void Hold() => _holders++;

    /// <returns>Whether that was the last one: then it is over.</returns>
    internal bool Release()
    {
        if (--_holders > 0)
            return false;
        lock (_gate)
        {
            _running = _pollers.Count;
            foreach (RdmaPoller poller in _pollers)
                poller.End();
        }

        if (_pollers.Count == 0)
            End();
        return true;
    }

    /// <summary>Finds a completion queue with room for a connection, or makes one.</summary>
    internal RdmaPoller Add(RdmaConnection connection, int completions, out ulong idBase)
    {
        lock (_gate)
        {
            foreach (RdmaPoller poller in _pollers)
                if (poller.TryAdd(connection, completions, out idBase))
                    return poller;
            RdmaPoller added = new(_handle, _queueCapacity, _pollFor, OnPollerEnded);
            _pollers.Add(added);
            return added.TryAdd(connection, completions, out idBase)
                ? added
                : throw new IOException(
                    $"This RDMA device's completion queues have {_queueCapacity} entries; a connection needs {completions}."
                );
        }
    }

    private void OnPollerEnded()
    {
        if (Interlocked.Decrement(ref _running) == 0)
            End();
    }

    private void End()
    {
        Pool.Dispose();
        Domain.Dispose();
        _handle.Dispose();
    }
}
