using System.Net;
using System.Threading.Channels;

namespace CloudScale.Interop.Rdma;

/// <summary>Where a server's regions are reached.</summary>
internal interface IRegionDoorkeeper : IAsyncDisposable
{
    /// <summary>Where others call.</summary>
    IPEndPoint EndPoint { get; }
}

/// <summary>Somebody who was let in.</summary>
internal interface IRegionGuest
{
    /// <summary>Of the key he came by.</summary>
    byte[] Secret { get; }

    /// <summary>Shows him out: when it returns he reaches nothing any more. Any thread, any number of times.</summary>
    void End();
}

/// <summary>Lets callers in by RDMA: each is given a queue pair, and the devices do the rest.</summary>
internal sealed class RegionDoorkeeper : IRegionDoorkeeper, IConnectionEventTarget
{
    private readonly RegionServer _server;
    private readonly RdmaTransport _transport;
    private readonly RdmaEvents _events;
    private readonly ConnectionIdHandle _id;
    private readonly ulong _tag;
    private readonly Channel<(nint Id, byte[] Request)> _requests;
    private readonly Task _accepting;
    private volatile bool _isEnding;

    /// <param name="server">Whose regions they are.</param>
    /// <param name="transport">Whose devices are used.</param>
    /// <param name="events">Held for this.</param>
    /// <param name="endPoint">Where.</param>
    /// <exception cref="IOException">The address cannot be had.</exception>
    internal RegionDoorkeeper(RegionServer server, RdmaTransport transport, RdmaEvents events, IPEndPoint endPoint)
    {
        _server = server;
        _transport = transport;
        _events = events;
        _requests = System.Threading.Channels.Channel.CreateBounded<(nint, byte[])>(transport.Options.Backlog);
        (_id, EndPoint) = events.Listen(this, endPoint, transport.Options.Backlog, out _tag);
        _accepting = Task.Run(AcceptAsync);
    }

    public IPEndPoint EndPoint { get; }

    public async ValueTask DisposeAsync()
    {
        _isEnding = true;
        _requests.Writer.TryComplete();
        _events.Forget(_tag);
        _id.Dispose();
        await _accepting;
        _transport.Release(null, _events);
    }

    void IConnectionEventTarget.OnEvent(in ConnectionEvent taken)
    {
        if (taken.Kind != ConnectionEventKind.Request)
            return;
        if (!RegionRequest.TryRead(taken.Data, out _) || !_requests.Writer.TryWrite((taken.Id, taken.Data.ToArray())))
            _events.Adopt(taken.Id).Dispose(); // who asks for an id that is gone is told that it was rejected
    }

    private async Task AcceptAsync()
    {
        await foreach ((nint id, byte[] request) in _requests.Reader.ReadAllAsync())
            if (_isEnding || !TryLetIn(id, request))
                _events.Adopt(id).Dispose();
    }

    /// <returns>False if the id is still the caller's to end.</returns>
    private bool TryLetIn(nint id, byte[] bytes)
    {
        if (!RegionRequest.TryRead(bytes, out RegionRequest request) || _server.Find(request) is not { } region)
            return false;
        RegionGuest? guest = null;
        try
        {
            guest = new RegionGuest(_transport, _transport.HoldEvents(), id, region, request.Secret.ToArray());
            guest.Accept(request.Rights);
        }
        catch (IOException)
        {
            guest?.End(); // it is told that it was rejected, or finds nobody; there is nobody here to tell
        }

        return true;
    }
}
