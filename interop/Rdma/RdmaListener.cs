using System.Net;
using System.Threading.Channels;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Rdma;

/// <summary>Takes requests for connections. A request costs nothing but its id until it is accepted; one whose token nobody expects is refused at once.</summary>
internal sealed class RdmaListener : ITransportListener, IConnectionEventTarget
{
    private readonly RdmaTransport _transport;
    private readonly RdmaEvents _events;
    private readonly ConnectionIdHandle _id;
    private readonly ulong _tag;
    private readonly Func<UInt128, bool>? _expects;
    private readonly Channel<(nint Id, RdmaHello Hello)> _requests;
    private int _disposed;

    /// <exception cref="IOException">The address cannot be had.</exception>
    internal RdmaListener(RdmaTransport transport, RdmaEvents events, IPEndPoint endPoint, Func<UInt128, bool>? expects)
    {
        _transport = transport;
        _events = events;
        _expects = expects;
        _requests = System.Threading.Channels.Channel.CreateBounded<(nint, RdmaHello)>(transport.Options.Backlog);
        (_id, EndPoint) = events.Listen(this, endPoint, transport.Options.Backlog, out _tag);
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
        if (RdmaHello.TryRead(taken.Data, out RdmaHello hello) && IsExpected(hello.Token) && _requests.Writer.TryWrite((taken.Id, hello)))
            return;
        _events.Adopt(taken.Id).Dispose(); // who asks for an id that is gone is told that it was rejected
    }

    private bool IsExpected(UInt128 token) => token == 0 || (_expects is not null && _expects(token));
}
