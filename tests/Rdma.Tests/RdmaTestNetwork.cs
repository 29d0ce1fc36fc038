using System.Net;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Rdma;
using CloudScale.Interop.Tests.Connections;
using CloudScale.Interop.Transport;

namespace CloudScale.Rdma.Tests;

/// <summary>Hosts whose bytes travel by RDMA, and links between them that a test breaks and holds.</summary>
/// <remarks>Both directions of a connection pass a gate on the side that has called, which knows both hosts. Bytes are held on their way to the device and from it: a device that is silent for long breaks its queue pair.</remarks>
internal sealed class RdmaTestNetwork(IPAddress address, Func<IPolledInput, bool>? pollBy = null) : TestNetwork
{
    private readonly RdmaTransport _rdma = new() { PollBy = pollBy };
    private readonly Lock _gate = new();
    private readonly Dictionary<EndPoint, string> _hosts = [];
    private readonly Dictionary<(string, string), FaultyLink> _links = [];

    internal override DistributionOptions Join(string host, DistributionOptions options) =>
        options with
        {
            Transport = new HostTransport(this, host),
            ListenAddress = address,
        };

    internal override void Cut(string one, string other) => Link(one, other).Cut();

    internal override void Stall(string one, string other) => Link(one, other).Stall();

    internal override void Heal(string one, string other) => Link(one, other).Heal();

    private FaultyLink Link(string one, string other)
    {
        (string, string) key = string.CompareOrdinal(one, other) <= 0 ? (one, other) : (other, one);
        lock (_gate)
            return _links.TryGetValue(key, out FaultyLink? link) ? link : _links[key] = new FaultyLink();
    }

    private sealed class HostTransport(RdmaTestNetwork network, string host) : ITransport
    {
        public async ValueTask<ITransportListener> ListenAsync(EndPoint endPoint, CancellationToken cancellationToken = default)
        {
            ITransportListener listener = await network._rdma.ListenAsync(endPoint, cancellationToken);
            lock (network._gate)
                network._hosts[listener.EndPoint] = host;
            return listener;
        }

        public async ValueTask<ITransportConnection> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken = default)
        {
            string? other;
            lock (network._gate)
                network._hosts.TryGetValue(endPoint, out other);
            ITransportConnection connection = await network._rdma.ConnectAsync(endPoint, cancellationToken);
            FaultyConnection faulty = new(connection, network.Link(host, other ?? "nobody"));
            if (faulty.Link.TryAdd(faulty))
                return faulty;
            await connection.DisposeAsync();
            throw new TransportException($"Cannot connect to {endPoint}: the link is cut.");
        }
    }
}

/// <summary>What a test does to the connections between two hosts.</summary>
internal sealed class FaultyLink
{
    private readonly Lock _gate = new();
    private readonly List<FaultyConnection> _connections = [];
    private TaskCompletionSource? _held;
    private bool _isCut;

    /// <summary>Completes when bytes may pass.</summary>
    internal Task Open
    {
        get
        {
            lock (_gate)
                return _held?.Task ?? Task.CompletedTask;
        }
    }

    internal bool TryAdd(FaultyConnection connection)
    {
        lock (_gate)
        {
            if (!_isCut)
                _connections.Add(connection);
            return !_isCut;
        }
    }

    internal void Remove(FaultyConnection connection)
    {
        lock (_gate)
            _connections.Remove(connection);
    }

    internal void Cut()
    {
        FaultyConnection[] broken;
        lock (_gate)
        {
            _isCut = true;
            broken = [.. _connections];
            _connections.Clear();
        }

        foreach (FaultyConnection connection in broken)
            connection.Abort();
    }

    internal void Stall()
    {
        lock (_gate)
            _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal void Heal()
    {
        TaskCompletionSource? held;
        lock (_gate)
        {
            _isCut = false;
            held = _held;
            _held = null;
        }

        held?.TrySetResult();
    }
}
