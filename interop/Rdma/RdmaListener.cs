using System.Net;
using System.Threading.Channels;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Rdma;

/// <summary>Takes requests for connections. A request costs nothing but its id until it is accepted.</summary>
internal sealed class RdmaListener : ITransportListener, IConnectionEventTarget
{
    private readonly RdmaTransport _transport;
    private readonly RdmaEvents _events;
    private readonly ConnectionIdHandle _id;
    private readonly ulong _tag;
    private readonly Channel<(nint Id, RdmaHello Hello)> _requests;
    private int _disposed;

    /// <exception cref="IOException">The address cannot be had.</exception>
    internal RdmaListener(RdmaTransport transport, RdmaEvents events, IPEndPoint endPoint)
    {
        _transport = transport;
        _events = events;
        _requests = System.Threading.Channels.Channel.CreateBounded<(nint, RdmaHello)>(transport.Options.Backlog);
        _id = events.CreateId(this, out _tag);
        try
        {
            Verbs.Check(Verbs.csn_id_bind(_id, RdmaAddress.Of(endPoint)), "bind an RDMA address");
            Verbs.Check(Verbs.csn_id_listen(_id, transport.Options.Backlog), "listen for RDMA connections");
            Verbs.Check(Verbs.csn_id_address(_id, out RdmaAddress local, out _), "ask for an RDMA address");
            EndPoint = local.ToEndPoint() ?? endPoint;
        }
        catch
        {
            events.Forget(_tag);
            _id.Dispose();
            throw;
        }
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ITransportConnection?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _requests.Reader.WaitToReadAsync(cancellationToken))
        {
            if (!_requests.Reader.TryRead(out (nint Id, RdmaHello Hello) request))
                continue;
            try
            {
                RdmaEvents events = _transport.HoldEvents();
                if (await RdmaConnection.AcceptAsync(_transport, events, request.Id, request.Hello) is { } connection)
                    return connection;
            }
            catch (IOException e)
            {
                throw new TransportException($"Cannot accept a connection at {EndPoint}: {e.Message}", e);
            }
        }

        return null;
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return ValueTask.CompletedTask;
        _requests.Writer.TryComplete();
        _events.Forget(_tag);
        _id.Dispose();
        while (_requests.Reader.TryRead(out (nint Id, RdmaHello) request))
            _events.Adopt(request.Id).Dispose();
        _transport.Release(null, _events);
        return ValueTask.CompletedTask;
    }

    void IConnectionEventTarget.OnEvent(in ConnectionEvent taken)
    {
        if (taken.Kind != ConnectionEventKind.Request)
            return;
        if (RdmaHello.TryRead(taken.Data, out RdmaHello hello) && _requests.Writer.TryWrite((taken.Id, hello)))
            return;
        _events.Adopt(taken.Id).Dispose(); // who asks for an id that is gone is told that it was rejected
    }
}
