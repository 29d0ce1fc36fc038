using System.Collections.Concurrent;
using System.Net;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Rdma;

/// <summary>Offers memory of this node to processes of others: regions by name, to whoever has a key.</summary>
/// <remarks>
/// By RDMA, who calls shows a key's secret and is given a queue pair in a protection domain that holds nothing but that region with those rights, so a key that was guessed, a wrong address or a right that was not granted reach nothing: the device sees to
/// it, and ends that caller's queue pair. By any other transport this side's processors do the same, more slowly, and end that caller's connection. Threads: any. Owner: whoever started it disposes it, which revokes all there is.
/// </remarks>
public sealed class RegionServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<ulong, OfferedRegion> _regions = new();
    private readonly ConcurrentDictionary<string, OfferedRegion> _names = new(StringComparer.Ordinal);
    private IRegionDoorkeeper _doorkeeper = null!; // set once, before anybody has the server
    private ulong _lastRegion;
    private int _disposed;

    private RegionServer() { }

    /// <summary>Where others reach it.</summary>
    public IPEndPoint EndPoint => _doorkeeper.EndPoint;

    /// <summary>Begins to listen by RDMA; regions are offered afterwards.</summary>
    /// <param name="transport">Whose devices and threads are used.</param>
    /// <param name="endPoint">An address of an RDMA device, and a port; 0 takes one that is free.</param>
    /// <exception cref="TransportException">There is no RDMA, or the address cannot be had.</exception>
    public static RegionServer Start(RdmaTransport transport, IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(endPoint);
        RdmaTransport.ThrowIfOff();
        RdmaEvents? events = null;
        try
        {
            events = transport.HoldEvents();
            RegionServer server = new();
            server._doorkeeper = new RegionDoorkeeper(server, transport, events, endPoint);
            return server;
        }
        catch (IOException e)
        {
            if (events is not null)
                transport.Release(null, events);
            throw new TransportException($"Cannot offer memory at {endPoint}: {e.Message}", e);
        }
    }

    /// <summary>Begins to listen, by RDMA or any other transport; regions are offered afterwards.</summary>
    /// <param name="transport">By which others call, with the same kind of their own: TCP where there is no RDMA, TLS where others could listen.</param>
    /// <param name="endPoint">An address and a port; 0 takes one that is free.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TransportException">The address cannot be had.</exception>
    public static async Task<RegionServer> StartAsync(
        ITransport transport,
        IPEndPoint endPoint,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(transport);
        if (transport is RdmaTransport rdma)
            return Start(rdma, endPoint);
        RegionServer server = new();
        server._doorkeeper = new RegionService(server, await transport.ListenAsync(endPoint, cancellationToken));
        return server;
    }

    /// <summary>Makes memory, zeroed, that others may be let in to by <see cref="OfferedRegion.Grant"/>.</summary>
    /// <param name="name">One of 1 to 255 bytes that is not in use here.</param>
    /// <param name="lengthBytes">At least 8; it is pinned once somebody has come.</param>
    /// <exception cref="ArgumentException">The name is in use, or too long, or the length is.</exception>
    public OfferedRegion Offer(string name, int lengthBytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(lengthBytes, 8);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        if (System.Text.Encoding.UTF8.GetByteCount(name) > byte.MaxValue)
            throw new ArgumentException("The name of a region has at most 255 bytes.", nameof(name));
        OfferedRegion region = new(this, Interlocked.Increment(ref _lastRegion), name, lengthBytes);
        if (!_names.TryAdd(name, region))
        {
            region.Dispose();
            throw new ArgumentException($"A region '{name}' is offered already.", nameof(name));
        }

        _regions[region.Id] = region;
        return region;
    }

    /// <summary>The region of that name, or null.</summary>
    public OfferedRegion? Find(string name) => _names.GetValueOrDefault(name);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        Task ending = _doorkeeper.DisposeAsync().AsTask(); // lets nobody in from here on
        foreach (OfferedRegion region in _regions.Values)
            region.Dispose();
        await ending;
    }

    internal void Forget(OfferedRegion region)
    {
        _regions.TryRemove(region.Id, out _);
        _names.TryRemove(new KeyValuePair<string, OfferedRegion>(region.Name, region));
    }

    /// <summary>The region that a request has a key for, or null.</summary>
    internal OfferedRegion? Find(in RegionRequest request) =>
        _regions.TryGetValue(request.Id, out OfferedRegion? region) && region.Knows(request.Rights, request.Secret) ? region : null;
}
