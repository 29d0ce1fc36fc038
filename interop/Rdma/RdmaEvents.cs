using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace CloudScale.Interop.Rdma;

/// <summary>Who is told of connection events.</summary>
internal interface IConnectionEventTarget
{
    /// <summary>Called on the thread of the events, which goes on when it returns.</summary>
    void OnEvent(in ConnectionEvent connectionEvent);
}

/// <summary>The connection events of a transport, and the thread that waits for them.</summary>
/// <remarks>Lives while somebody holds it: each listener and connection does. Threads: any, unless said otherwise.</remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "The thread, which uses them to the last, disposes them.")]
internal sealed unsafe class RdmaEvents
{
    private readonly ConnectionEventsHandle _handle;
    private readonly WakerHandle _waker;
    private readonly ConcurrentDictionary<ulong, IConnectionEventTarget> _targets = new();
    private ulong _lastTag;
    private int _holders;
    private volatile bool _mustEnd;

    /// <exception cref="IOException">There is no RDMA.</exception>
    internal RdmaEvents()
    {
        Verbs.Check(Verbs.csn_cm_create(out nint value), "use RDMA connections");
        _handle = new ConnectionEventsHandle(value);
        _waker = WakerHandle.Create();
        new Thread(Run) { IsBackground = true, Name = "RDMA connections" }.Start();
    }

    /// <summary>Under the lock of the transport, as <see cref="Release"/> is.</summary>
    internal void Hold() => _holders++;

    /// <returns>Whether that was the last one: then it is over.</returns>
    internal bool Release()
    {
        if (--_holders > 0)
            return false;
        _mustEnd = true;
        _waker.Signal();
        return true;
    }

    /// <summary>Makes an id whose events go to a target, from now on.</summary>
    internal ConnectionIdHandle CreateId(IConnectionEventTarget target, out ulong tag)
    {
        tag = Add(target);
        int result = Verbs.csn_id_create(_handle, tag, out nint value);
        if (result >= 0)
            return new ConnectionIdHandle(value, _handle);
        Forget(tag);
        throw Verbs.Failure(result, "make an RDMA connection");
    }

    /// <summary>Makes an id that listens.</summary>
    /// <returns>The id, and where it listens.</returns>
    /// <exception cref="IOException">The address cannot be had.</exception>
    internal (ConnectionIdHandle Id, System.Net.IPEndPoint EndPoint) Listen(
        IConnectionEventTarget target,
        System.Net.IPEndPoint endPoint,
        int backlog,
        out ulong tag
    )
    {
        ConnectionIdHandle id = CreateId(target, out tag);
        try
        {
            Verbs.Check(Verbs.csn_id_bind(id, RdmaAddress.Of(endPoint)), "bind an RDMA address");
            Verbs.Check(Verbs.csn_id_listen(id, backlog), "listen for RDMA connections");
            Verbs.Check(Verbs.csn_id_address(id, out RdmaAddress local, out _), "ask for an RDMA address");
            return (id, local.ToEndPoint() ?? endPoint);
        }
        catch
        {
            Forget(tag);
            id.Dispose();
            throw;
        }
    }

    /// <summary>Takes an id that came with a request. Owner: the caller.</summary>
    internal ConnectionIdHandle Adopt(nint value) => new(value, _handle);

    /// <summary>Its events go to a target, from now on.</summary>
    internal ulong Redirect(ConnectionIdHandle id, IConnectionEventTarget target)
    {
        ulong tag = Add(target);
        Verbs.csn_id_tag(id, tag);
        return tag;
    }

    internal void Forget(ulong tag) => _targets.TryRemove(tag, out _);

    private ulong Add(IConnectionEventTarget target)
    {
        ulong tag = Interlocked.Increment(ref _lastTag);
        _targets[tag] = target;
        return tag;
    }

    private void Run()
    {
        int* descriptors = stackalloc int[2];
        descriptors[0] = Verbs.csn_cm_descriptor(_handle);
        descriptors[1] = _waker.Descriptor;
        while (!_mustEnd)
        {
            while (Verbs.csn_cm_take(_handle, out ConnectionEvent taken) > 0)
                Dispatch(taken);
            _ = Verbs.csn_wait(descriptors, 2, -1);
            _waker.Clear();
        }

        _handle.Dispose();
        _waker.Dispose();
    }

    private void Dispatch(in ConnectionEvent taken)
    {
        if (_targets.TryGetValue(taken.Tag, out IConnectionEventTarget? target))
            target.OnEvent(taken);
        else if (taken.Kind == ConnectionEventKind.Request)
            Adopt(taken.Id).Dispose(); // its listener has just gone
    }
}
