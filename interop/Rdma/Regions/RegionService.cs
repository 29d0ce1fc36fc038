using System.Net;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Rdma;

/// <summary>Lets callers in by any other transport: what devices do with RDMA is done here by a processor, one request after the other for each caller.</summary>
/// <remarks>A stranger costs a connection until his time is over, and there are at most <see cref="MaxStrangers"/> of them. Threads: any.</remarks>
internal sealed class RegionService : IRegionDoorkeeper
{
    private const int MaxStrangers = 64;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_acceptPause = TimeSpan.FromMilliseconds(100);

    private readonly RegionServer _server;
    private readonly ITransportListener _listener;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _accepting;
    private int _strangers;

    internal RegionService(RegionServer server, ITransportListener listener)
    {
        _server = server;
        _listener = listener;
        EndPoint = (IPEndPoint)listener.EndPoint;
        _accepting = Task.Run(AcceptAsync);
    }

    public IPEndPoint EndPoint { get; }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _listener.DisposeAsync();
        await _accepting;
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> visits = [];
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                if (await _listener.AcceptAsync(_ended.Token) is not { } connection)
                    break;
                visits.RemoveAll(visit => visit.IsCompleted);
                visits.Add(Task.Run(() => VisitAsync(connection)));
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (TransportException)
            {
                await Task.Delay(s_acceptPause, CancellationToken.None); // no room for a connection at the moment
            }
        }

        await Task.WhenAll(visits); // those with a key end with their regions
    }

    private async Task VisitAsync(ITransportConnection connection)
    {
        RegionVisitor? visitor = null;
        try
        {
            if (Interlocked.Increment(ref _strangers) <= MaxStrangers)
                visitor = await LetInAsync(connection);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Gone, or too slow.
        }
        finally
        {
            Interlocked.Decrement(ref _strangers);
        }

        if (visitor is not null)
            await visitor.ServeAsync();
        await connection.DisposeAsync();
    }

    private async Task<RegionVisitor?> LetInAsync(ITransportConnection connection)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        limit.CancelAfter(s_patience);
        await connection.OpenAsync(limit.Token);
        byte[] bytes = new byte[RegionRequest.LengthBytes];
        if (!await RegionFrames.TryReadAsync(connection.Input, bytes, limit.Token))
            return null;
        return Welcome(connection, bytes) is { } visitor && await visitor.GreetAsync() ? visitor : null;
    }

    private RegionVisitor? Welcome(ITransportConnection connection, byte[] bytes)
    {
        if (!RegionRequest.TryRead(bytes, out RegionRequest request) || _server.Find(request) is not { } region)
            return null;
        RegionVisitor visitor = new(connection, region, request.Rights, request.Secret.ToArray());
        return region.TryEnter(visitor) ? visitor : null;
    }
}
