namespace CloudScale.Interop.Rdma;

/// <summary>A device in use: its protection domain, its memory, its pollers.</summary>
/// <remarks>Lives while a connection holds it; the transport, whose lock guards the count, opens it anew when the next one comes.</remarks>
internal sealed unsafe class RdmaDevice
{
    private const int QueueCapacity = 16 * 1024;

    private readonly DeviceHandle _handle;
    private readonly List<RdmaPoller> _pollers = [];
    private readonly List<RdmaPoller> _ownersPollers = []; // at which whoever owns an end looks, too; of those above
    private readonly Lock _gate = new();
    private readonly RdmaTransport _transport;
    private readonly int _queueCapacity;
    private int _holders;
    private int _running;

    internal RdmaDevice(DeviceHandle handle, DeviceInfo info, RdmaTransport transport)
    {
        _handle = handle;
        _transport = transport;
        Info = info;
        _queueCapacity = Math.Min(QueueCapacity, info.MaxCompletionQueueCapacity);
        Domain = CreateDomain();
        Pool = new RegisteredMemoryPool(Domain);
    }

    internal DeviceInfo Info { get; }

    internal ulong Guid => Info.Guid;

    /// <summary>Whether it answers. One that was taken away does not, even when there is another in its place.</summary>
    internal bool IsThere => Verbs.csn_device_query(_handle, out _) >= 0;

    internal ProtectionDomainHandle Domain { get; }

    internal RegisteredMemoryPool Pool { get; }

    /// <summary>A domain of its own, for memory that queue pairs of others must not reach. Owner: the caller.</summary>
    internal ProtectionDomainHandle CreateDomain()
    {
        Verbs.Check(Verbs.csn_pd_create(_handle, out nint value), "make an RDMA protection domain");
        return new ProtectionDomainHandle(value, _handle);
    }

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

    /// <summary>Finds a completion queue with room for an end, or makes one.</summary>
    /// <param name="end">Whose.</param>
    /// <param name="completions">Most at a time.</param>
    /// <param name="ownerLooks">For a queue that has only ends of this kind, whose completions anybody may deal with: what they mean takes no time.</param>
    /// <param name="idBase">What its work requests are to be known by.</param>
    internal RdmaPoller Add(RdmaEnd end, int completions, bool ownerLooks, out ulong idBase)
    {
        RdmaPoller added;
        bool hasRoom;
        lock (_gate)
        {
            foreach (RdmaPoller poller in _pollers)
                if (_ownersPollers.Contains(poller) == ownerLooks && poller.TryAdd(end, completions, out idBase))
                    return poller;
            added = new RdmaPoller(_handle, _queueCapacity, _transport.Options.PollFor, OnPollerEnded);
            _pollers.Add(added);
            if (ownerLooks)
                _ownersPollers.Add(added);
            hasRoom = added.TryAdd(end, completions, out idBase);
        }

        _transport.Hold(this); // who sleeps on its descriptor does so until he says that he looks no more
        if (!added.Start(_transport.PollBy, () => _transport.Release(this)))
            _transport.Release(this);
        return hasRoom
            ? added
            : throw new IOException(
                $"This RDMA device's completion queues have {_queueCapacity} entries; an end of a connection needs {completions}."
            );
    }

    private void OnPollerEnded(RdmaPoller poller)
    {
        _transport.Count(new RdmaStatistics(0, 0, poller.Sleeps, 0));
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
