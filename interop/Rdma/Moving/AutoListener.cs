using System.Net;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Rdma;

/// <summary>Two listeners as one: TCP's connections, which may move; RDMA's; and those of RDMA to which others move.</summary>
internal sealed class AutoListener(AutoTransport auto, ITransportListener tcp, RdmaListener rdma) : ITransportListener
{
    private readonly Task<ITransportConnection?>?[] _pending = new Task<ITransportConnection?>?[2];
    private readonly CancellationTokenSource _ended = new();

    public EndPoint EndPoint => tcp.EndPoint;

    /// <remarks>The one that has not answered goes on waiting, and is asked by the next call.</remarks>
    public async ValueTask<ITransportConnection?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        _pending[0] ??= AcceptByRdmaAsync();
        _pending[1] ??= AcceptByTcpAsync();
        Task<ITransportConnection?> first = await Task.WhenAny(_pending!).WaitAsync(cancellationToken);
        _pending[Array.IndexOf(_pending, first)] = null;
        try
        {
            return await first;
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await rdma.DisposeAsync();
        await tcp.DisposeAsync();
        foreach (Task<ITransportConnection?> pending in _pending.OfType<Task<ITransportConnection?>>())
            await EndAsync(pending);
    }

    private async Task<ITransportConnection?> AcceptByTcpAsync() =>
        await tcp.AcceptAsync(_ended.Token) is { } connection ? new MovableConnection(auto, connection, (IPEndPoint)rdma.EndPoint) : null;

    private async Task<ITransportConnection?> AcceptByRdmaAsync()
    {
        while (await rdma.AcceptAsync(_ended.Token) is RdmaConnection connection)
        {
            if (connection.Token == 0)
                return connection;
            _ = auto.HandOverAsync(connection);
        }

        return null;
    }

    /// <summary>A connection that nobody has asked for any more.</summary>
    private static async ValueTask EndAsync(Task<ITransportConnection?> pending)
    {
        try
        {
            if (await pending is { } connection)
                await connection.DisposeAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or TransportException)
        {
            // There is none.
        }
    }
}
